"""The proxy's log: one event, one line of JSON, on standard error."""

import json
import sys
from datetime import UTC, datetime
from typing import Any


class Log:
    def __call__(self, text: str, **fields: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        print(json.dumps({"at": at, "event": text, **fields}, default=str), file=sys.stderr, flush=True)  # noqa: T201
