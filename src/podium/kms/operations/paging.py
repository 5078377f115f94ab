"""Lists in pages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.kernel.pages import Paging
from podium.kms.errors import InvalidMarker

R = TypeVar("R")
_PAGING = Paging(usual=100, refused=InvalidMarker, size="Limit", asked="Marker", told="NextMarker")


def page(rows: Iterable[R], key: Callable[[R], str], request: Mapping[str, Any]) -> tuple[list[R], dict[str, Any]]:
    """The page that the request asks for, and what the answer says of the next one."""
    shown, more = _PAGING.page(rows, key, request)
    return shown, {**more, "Truncated": bool(more)}
