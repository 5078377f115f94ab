"""What an operation that needs journals is handed in place of a transaction."""

from dataclasses import dataclass

from podium.journals.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Journals:
    """One that this server was told not to keep is None."""

    metrics: Metrics | None = None


class NotWritten(Exception):
    """What was appended is not durable. The sentence says why."""
