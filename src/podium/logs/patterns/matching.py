"""What every kind of pattern can be asked."""

from collections.abc import Mapping
from typing import Protocol

from podium.logs.errors import Invalid


class Matcher(Protocol):
    def matches(self, message: str) -> bool: ...

    def extracted(self, message: str) -> Mapping[str, str]:
        """What the pattern names in a message that matches it."""


class InvalidPattern(Invalid):
    def __init__(self, because: str = "") -> None:
        super().__init__(f"Invalid filter pattern{because and ': '}{because}")
