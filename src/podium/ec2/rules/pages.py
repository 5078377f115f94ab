"""Lists in pages, EC2's way: `MaxResults` and `NextToken` in, `NextToken` out while there is more."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.ec2.errors import InvalidCombination, InvalidToken
from podium.kernel import pages

R = TypeVar("R")
LEAST, MOST = 5, 1000


def page(
    member: str, rows: Iterable[R], request: Mapping[str, Any], view: Callable[[R], Any], *, key: Callable[[R], str]
) -> dict[str, Any]:
    """The rows after the token, sorted by `key`, under `member`. Without `MaxResults`, all of them."""
    token, size = request.get("NextToken"), request.get("MaxResults")
    try:
        shown, after = pages.cut(rows, key, token, None if size is None else max(LEAST, min(size, MOST)))
    except pages.NotAToken as error:
        raise InvalidToken(f"The token '{token}' is invalid") from error
    answer: dict[str, Any] = {member: [view(row) for row in shown]}
    return {**answer, "NextToken": after} if after else answer


def one_or_the_other(request: Mapping[str, Any], ids: str) -> None:
    """What is named is not paged."""
    if request.get(ids) and request.get("MaxResults") is not None:
        named = ids[0].lower() + ids[1:]
        raise InvalidCombination(f"The parameter {named} cannot be used with the parameter maxResults")
