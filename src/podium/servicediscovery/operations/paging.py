"""Lists in pages."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from podium.kernel import pages
from podium.servicediscovery.errors import InvalidInput

R = TypeVar("R")
DEFAULT_PAGE = 100


def page(rows: Iterable[R], request: Mapping[str, Any]) -> tuple[list[R], dict[str, str]]:
    """The rows of the page that is asked for, by key, and NextToken while there are more. Raises InvalidInput."""
    size = request.get("MaxResults") or DEFAULT_PAGE
    try:
        shown, token = pages.cut(rows, lambda row: str(row.arn), request.get("NextToken"), size)  # type: ignore[attr-defined]
    except pages.NotAToken as error:
        raise InvalidInput("Invalid NextToken.") from error
    return shown, {"NextToken": token} if token else {}
