"""What an operation that needs journals is handed in place of a transaction."""

from dataclasses import dataclass

from podium.journals.metrics import Metrics
from podium.journals.objects import Objects


@dataclass(frozen=True, slots=True)
class Journals:
    """One that this server was told not to keep is None."""

    metrics: Metrics | None = None
    objects: Objects | None = None
