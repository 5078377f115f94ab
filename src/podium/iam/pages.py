"""Lists in pages, IAM's way: `Marker` in and out, `MaxItems` at most, `IsTruncated`."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.iam.errors import Invalid

T = TypeVar("T")
USUAL = 100


def page(
    member: str, rows: Iterable[T], request: Mapping[str, Any], key: Callable[[T], str], view: Callable[[T], Any]
) -> dict[str, Any]:
    """The answer with the rows after the request's `Marker`, sorted by `key`, under `member`."""
    ordered = sorted(rows, key=key)
    marker = request.get("Marker")
    if marker is not None:
        after = _read(marker)
        ordered = [row for row in ordered if key(row) > after]
    size = request.get("MaxItems") or USUAL
    shown, more = ordered[:size], len(ordered) > size
    answer: dict[str, Any] = {member: [view(row) for row in shown], "IsTruncated": more}
    if more:
        answer["Marker"] = base64.urlsafe_b64encode(key(shown[-1]).encode()).decode()
    return answer


def _read(marker: str) -> str:
    try:
        return base64.b64decode(marker.encode(), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise Invalid("Invalid Marker.") from error


def under(rows: Iterable[Any], request: Mapping[str, Any]) -> list[Any]:
    """Those whose path begins with the request's `PathPrefix`."""
    prefix = request.get("PathPrefix") or "/"
    return [row for row in rows if row.path.startswith(prefix)]
