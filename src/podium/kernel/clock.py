"""Time, as something handed in."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, in UTC."""


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)
