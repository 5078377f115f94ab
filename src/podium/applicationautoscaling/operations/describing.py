"""What all describing operations have in common: which rows are asked for, a page at a time."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.applicationautoscaling import names
from podium.applicationautoscaling.errors import Invalid, InvalidNextToken
from podium.kernel.pages import Paging

R = TypeVar("R")
MOST = 50
PAGING = Paging(usual=MOST, refused=InvalidNextToken)


def page(
    rows: Iterable[R],
    request: Mapping[str, Any],
    key: Callable[[R], str] = lambda row: row.arn,  # type: ignore[attr-defined]
) -> tuple[list[R], dict[str, str]]:
    """Those of the page that are of the resource that is asked for, if one is. Raises Invalid, InvalidNextToken."""
    if request.get("ScalableDimension") and not (request.get("ResourceId") or request.get("ResourceIds")):
        raise Invalid("ResourceId must be specified together with ScalableDimension.")
    size = request.get("MaxResults")
    if size is not None and not 0 < size <= MOST:
        raise Invalid(f"MaxResults must be between 1 and {MOST}.")
    wanted = request.get("ResourceIds") or ([request["ResourceId"]] if request.get("ResourceId") else None)
    kept = [row for row in rows if wanted is None or row.resource_id in wanted]  # type: ignore[attr-defined]
    return PAGING.page(kept if names.is_ours(request) else [], key, request)
