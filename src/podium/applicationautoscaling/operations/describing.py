"""What all describing operations have in common: which rows are asked for, a page at a time."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.applicationautoscaling import names
from podium.applicationautoscaling.errors import Invalid, InvalidNextToken
from podium.kernel import pages

R = TypeVar("R")
DEFAULT_PAGE = 50


def page(
    rows: Iterable[R],
    request: Mapping[str, Any],
    key: Callable[[R], str] = lambda row: row.arn,  # type: ignore[attr-defined]
) -> tuple[list[R], dict[str, str]]:
    """Those of the page that are of the resource that is asked for, if one is. Raises Invalid, InvalidNextToken."""
    if request.get("ScalableDimension") and not (request.get("ResourceId") or request.get("ResourceIds")):
        raise Invalid("ResourceId must be specified together with ScalableDimension.")
    size = request.get("MaxResults")
    if size is not None and not 0 < size <= DEFAULT_PAGE:
        raise Invalid(f"MaxResults must be between 1 and {DEFAULT_PAGE}.")
    wanted = request.get("ResourceIds") or ([request["ResourceId"]] if request.get("ResourceId") else None)
    kept = [row for row in rows if wanted is None or row.resource_id in wanted]  # type: ignore[attr-defined]
    try:
        shown, token = pages.cut(
            kept if names.is_ours(request) else [], key, request.get("NextToken"), size or DEFAULT_PAGE
        )
    except pages.NotAToken as error:
        raise InvalidNextToken from error
    return shown, {"NextToken": token} if token else {}
