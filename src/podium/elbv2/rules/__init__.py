"""What requests may ask for, and the sentences that refuse the rest. Nothing here reads a record."""
