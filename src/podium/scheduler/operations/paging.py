"""Lists in pages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.kernel import pages
from podium.scheduler.errors import Invalid

R = TypeVar("R")
DEFAULT_PAGE = 100


def page(rows: Iterable[R], key: Callable[[R], str], request: Mapping[str, Any]) -> tuple[list[R], dict[str, str]]:
    """Raises Invalid."""
    try:
        shown, token = pages.cut(rows, key, request.get("NextToken"), request.get("MaxResults") or DEFAULT_PAGE)
    except pages.NotAToken as error:
        raise Invalid("Invalid NextToken.") from error
    return shown, {"NextToken": token} if token else {}
