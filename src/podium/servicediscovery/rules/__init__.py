"""What a request may ask for, and the sentences that refuse it."""
