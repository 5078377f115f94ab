"""Lists in pages, EC2's way: `MaxResults` and `NextToken` in, `NextToken` out while there is more."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from podium.ec2.errors import InvalidCombination, InvalidToken

R = TypeVar("R")
LEAST, MOST = 5, 1000


def page(
    member: str, rows: Iterable[R], request: Mapping[str, Any], view: Callable[[R], Any], *, key: Callable[[R], str]
) -> dict[str, Any]:
    """The rows after the token, sorted by `key`, under `member`. Without `MaxResults`, all of them."""
    ordered = sorted(rows, key=key)
    if request.get("NextToken"):
        after = _read(request["NextToken"])
        ordered = [row for row in ordered if key(row) > after]
    size = request.get("MaxResults")
    shown = ordered[: max(LEAST, min(size, MOST))] if size is not None else ordered
    answer: dict[str, Any] = {member: [view(row) for row in shown]}
    if len(shown) < len(ordered):
        answer["NextToken"] = base64.urlsafe_b64encode(key(shown[-1]).encode()).decode()
    return answer


def one_or_the_other(request: Mapping[str, Any], ids: str) -> None:
    """What is named is not paged."""
    if request.get(ids) and request.get("MaxResults") is not None:
        named = ids[0].lower() + ids[1:]
        raise InvalidCombination(f"The parameter {named} cannot be used with the parameter maxResults")


def _read(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise InvalidToken(f"The token '{token}' is invalid") from error
