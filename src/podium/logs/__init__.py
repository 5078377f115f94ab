"""CloudWatch Logs: groups and streams, and what is settled for them. No event is kept in them yet."""
