"""Systems Manager, as far as it is Parameter Store: names for values, with their versions."""
