"""What may go wrong with a journal."""


class NotWritten(Exception):
    """What was appended is not durable. The sentence says why."""
