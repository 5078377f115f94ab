"""Lists in pages: an opaque token that says where the last page ended.

A token is bound to its list and its query, so that one of another list is refused.
"""

import base64
import binascii
import hashlib
import heapq
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from podium.ecs.errors import InvalidParameter

T = TypeVar("T")


def page(
    found: Sequence[T],
    request: Mapping[str, Any],
    key: Callable[[T], Any],
    *,
    descending: bool = False,
    default: int = 100,
    most: int = 100,
    itself: bool = False,
) -> tuple[list[T], str | None]:
    """The rows after the request's `nextToken`, at most `maxResults`, and the token for what follows.

    `found` may come in any order and is shown in that of `key`, whose values are JSON and tell rows apart; every list
    has a key function of its own, by which tokens know it. `itself`: the key is the row, so nothing need be asked
    of each of a hundred thousand. Raises InvalidParameter.
    """
    size = request.get("maxResults", default)
    if not 1 <= size <= most:
        raise InvalidParameter(f"maxResults must be between 1 and {most}")
    query = _query(request, f"{key.__module__}.{key.__qualname__}")
    token = request.get("nextToken")
    if token:
        after = _decoded(token, query)
        follows = operator.lt if descending else operator.gt
        try:
            found = [row for row in found if follows(row if itself else _plain(key(row)), after)]  # type: ignore[arg-type]
        except TypeError as error:
            raise InvalidParameter("Invalid token") from error
    first = heapq.nlargest if descending else heapq.nsmallest  # all the rest need not be put in order
    rows = first(size, found, key=None if itself else key)  # type: ignore[arg-type]
    more = len(found) > size
    return rows, _encoded(_plain(key(rows[-1])), query) if more else None


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _query(request: Mapping[str, Any], of: str) -> str:
    asked = {k: v for k, v in request.items() if k not in ("nextToken", "maxResults")}
    return hashlib.sha256(json.dumps([of, asked], sort_keys=True, default=str).encode()).hexdigest()[:12]


def _encoded(after: Any, query: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([query, after]).encode()).decode()


def _decoded(token: str, query: str) -> Any:
    try:
        of, after = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidParameter("Invalid token") from error
    if of != query:
        raise InvalidParameter("Invalid token")
    return after
