"""A program's log: one event, one line of JSON, on standard error."""

import json
import sys
from datetime import UTC, datetime
from typing import Any


class Log:
    """Carries what every line of its owner says, such as the container instance."""

    def __init__(self, **always: Any) -> None:
        self._always = always

    def __call__(self, text: str, **fields: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "event": text, **self._always, **fields}
        print(json.dumps(line, default=str), file=sys.stderr, flush=True)  # noqa: T201

    def bound(self, **always: Any) -> "Log":
        return Log(**{**self._always, **always})
