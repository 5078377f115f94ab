"""Lists in pages."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from podium.elbv2.errors import Invalid
from podium.kernel import pages

R = TypeVar("R")
LARGEST = 400


def page(
    rows: Iterable[R], key: Callable[[R], str], request: dict[str, Any], size: int = LARGEST
) -> tuple[list[R], dict[str, str]]:
    """The page that the request asks for, and what the answer says of the next one. Raises Invalid."""
    try:
        shown, marker = pages.cut(rows, key, request.get("Marker"), request.get("PageSize") or size)
    except pages.NotAToken as error:
        raise Invalid("The specified marker is not valid") from error
    return shown, {"NextMarker": marker} if marker else {}


def age(record: Any) -> str:
    """Sorts the oldest first."""
    return f"{record.created_at.isoformat()} {record.arn}"
