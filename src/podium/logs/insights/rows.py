"""A row on its way through a query: an event with the fields that are found in it, or what was counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from podium.journals.events import Event
from podium.logs import places

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(int):
    """Milliseconds since 1970, that are shown as a date."""


class Row:
    """`values` were made by the query. Fields of a message that is JSON are found by their path, `a.b.0`."""

    __slots__ = ("_found", "_held", "event", "values")

    def __init__(self, values: dict[str, Any], event: Event | None = None, found: dict[str, Any] | None = None) -> None:
        self.values, self.event, self._found = values, event, found or {}
        self._held: Any = None

    def get(self, name: str) -> Any:
        """None when there is no such field."""
        if name in self.values:
            return self.values[name]
        if name in self._found or self.event is None or name.startswith("@"):
            return self._found.get(name)
        return self._discovered(name)

    def with_values(self, values: dict[str, Any]) -> "Row":
        row = Row({**self.values, **values}, self.event, self._found)
        row._held = self._held
        return row

    def _discovered(self, name: str) -> Any:
        if self._held is None:
            self._held = _decoded(self.event.message if self.event else "")
        value: Any = self._held
        if name in value:
            return value[name]
        for step in name.split("."):
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step[:9]) < len(value):
                value = value[int(step[:9])]
            else:
                return None
        return value


def of_event(event: Event, stream: str, log: str) -> Row:
    found = {
        "@message": event.message,
        "@timestamp": Moment(event.place.at),
        "@ingestionTime": Moment(event.ingested),
        "@logStream": stream,
        "@log": log,
        "@ptr": places.digits(event.place),
    }
    return Row({}, event, found)


def number(value: Any) -> float | None:
    """Of a number, or of a text that is one."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) < 1e300 else None


def text(value: Any) -> str | None:
    """As a result shows it: at most four places after the point. None for what is not there."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Moment):
        return _date(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return f"{value:d}" if abs(value) < 1e300 else None
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return msgspec.json.encode(value).decode()


def _date(moment: int) -> str:
    try:
        return (EPOCH + timedelta(milliseconds=moment)).strftime("%Y-%m-%d %H:%M:%S.") + f"{moment % 1000:03}"
    except OverflowError:
        return str(int(moment))


def _decoded(message: str) -> dict[str, Any]:
    """The first JSON object in the message, where it is one or the message begins with one."""
    if not message.lstrip().startswith("{"):
        return {}
    try:
        held = msgspec.json.decode(message)
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
