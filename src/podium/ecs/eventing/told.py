"""What an event says of what, before it is put in an envelope; and times as events write them."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec


class Told(msgspec.Struct, frozen=True):
    detail_type: str
    resource: str
    detail: dict[str, Any]


@lru_cache(maxsize=4096)
def iso(moment: datetime) -> str:
    """To the millisecond, as in `2019-11-19T19:27:22.695Z`. Every time on a record is UTC.

    Remembered, since events of one transaction, and those of one task, have times in common.
    """
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"
