"""Amazon ECR: repositories and what is settled for them. There is no registry behind them yet, and so no image."""
