"""Lists in pages, IAM's way: `Marker` in and out, `MaxItems` at most, `IsTruncated`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.iam.errors import Invalid
from podium.kernel import pages

T = TypeVar("T")
USUAL = 100


def page(
    member: str, rows: Iterable[T], request: Mapping[str, Any], key: Callable[[T], str], view: Callable[[T], Any]
) -> dict[str, Any]:
    """The answer with the rows after the request's `Marker`, sorted by `key`, under `member`."""
    try:
        shown, after = pages.cut(rows, key, request.get("Marker"), request.get("MaxItems") or USUAL)
    except pages.NotAToken as error:
        raise Invalid("Invalid Marker.") from error
    answer: dict[str, Any] = {member: [view(row) for row in shown], "IsTruncated": after is not None}
    return {**answer, "Marker": after} if after else answer


def under(rows: Iterable[Any], request: Mapping[str, Any]) -> list[Any]:
    """Those whose path begins with the request's `PathPrefix`."""
    prefix = request.get("PathPrefix") or "/"
    return [row for row in rows if row.path.startswith(prefix)]
