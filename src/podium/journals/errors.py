"""What may go wrong with a journal."""


class NotWritten(Exception):
    """What was appended is not durable. The sentence says why."""


class Unusable(Exception):
    """The file cannot be a journal. The sentence says what to do."""


class NewerFormat(Unusable):
    """`what` the file holds is in nothing else."""

    def __init__(self, path: object, found: int, known: int, what: str) -> None:
        super().__init__(
            f"{path} was written by a newer Podium (format {found}; this one knows {known}). Start that one, or move "
            f"the file away: {what} are lost with it, and nothing else."
        )
