"""How many records there are that are not yet over."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Living:
    """Those of any status but INACTIVE and POOLED, which is nobody's."""

    number: int = 0

    def plus(self, record: Any) -> "Living":
        return replace(self, number=self.number + 1) if _lives(record) else self

    def minus(self, record: Any) -> "Living":
        return replace(self, number=self.number - 1) if _lives(record) else self


def _lives(record: Any) -> bool:
    return record.status not in ("INACTIVE", "POOLED")
