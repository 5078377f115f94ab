"""What is only ever appended, and forgotten when it is old. It stands outside the core, and knows no records."""
