"""Lists in pages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.kernel import pages
from podium.logs.errors import Invalid

R = TypeVar("R")
DEFAULT_PAGE = 50


def page(
    rows: Iterable[R], key: Callable[[R], str], request: Mapping[str, Any], *, descending: bool = False
) -> tuple[list[R], dict[str, str]]:
    """Raises Invalid."""
    size = request.get("limit") or DEFAULT_PAGE
    try:
        shown, token = pages.cut(rows, key, request.get("nextToken"), size, descending=descending)
    except pages.NotAToken as error:
        raise Invalid("The specified nextToken is invalid.") from error
    return shown, {"nextToken": token} if token else {}
