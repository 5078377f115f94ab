"""What may go wrong with a journal."""


class NotWritten(Exception):
    """What was appended is not durable. The sentence says why."""


class Unusable(Exception):
    """The file cannot be a journal. The sentence says what to do."""
