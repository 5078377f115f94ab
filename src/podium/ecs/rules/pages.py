"""Lists in pages: an opaque token that says where the last page ended.

A token is bound to its list and its query, so that one of another list is refused.
"""

import base64
import binascii
import hashlib
import heapq
import json
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
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
) -> tuple[list[T], str | None]:
    """The rows after the request's `nextToken`, at most `maxResults`, and the token for what follows.

    `found` may come in any order and is shown in that of `key`, whose values are JSON and tell rows apart; every list
    has a key function of its own, by which tokens know it. Raises InvalidParameter.
    """
    size = _size(request, default, most)
    query = _query(request, f"{key.__module__}.{key.__qualname__}")
    token = request.get("nextToken")
    if token:
        after = _decoded(token, query)
        follows = operator.lt if descending else operator.gt
        try:
            found = [row for row in found if follows(_plain(key(row)), after)]
        except TypeError as error:
            raise InvalidParameter("Invalid token") from error
    first = heapq.nlargest if descending else heapq.nsmallest  # all the rest need not be put in order
    rows = first(size, found, key=key)
    more = len(found) > size
    return rows, _encoded(_plain(key(rows[-1])), query) if more else None


def walked(walk: Callable[[str], Iterator[str]], request: Mapping[str, Any]) -> tuple[list[str], str | None]:
    """The same for rows that are their own keys and come in order: `walk` gives those after one, and is asked for as
    many as are shown and one more. Raises InvalidParameter.
    """
    size = _size(request)
    query = _query(request, f"{walk.__module__}.{walk.__qualname__}")
    token = request.get("nextToken")
    after = _decoded(token, query) if token else ""
    if not isinstance(after, str):
        raise InvalidParameter("Invalid token")
    rows = list(islice(walk(after), size + 1))
    shown = rows[:size]
    return shown, _encoded(shown[-1], query) if len(rows) > size else None


def _size(request: Mapping[str, Any], default: int = 100, most: int = 100) -> int:
    size = request.get("maxResults", default)
    if not 1 <= size <= most:
        raise InvalidParameter(f"maxResults must be between 1 and {most}")
    return int(size)


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
