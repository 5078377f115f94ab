"""Lists in pages. A token is the key of the last row shown, in base64."""

import base64
from collections.abc import Callable, Iterable
from typing import TypeVar

R = TypeVar("R")


class NotAToken(Exception):
    pass


def cut(
    rows: Iterable[R], key: Callable[[R], str], token: str | None, size: int | None, *, descending: bool = False
) -> tuple[list[R], str | None]:
    """The rows after `token`, sorted by `key`, at most `size`; and the next page's token while there is more.

    Raises NotAToken.
    """
    after = read(token) if token else ""
    left = [row for row in rows if not after or (key(row) < after if descending else key(row) > after)]
    left.sort(key=key, reverse=descending)
    shown = left[:size]
    return shown, token_of(key(shown[-1])) if len(shown) < len(left) else None


def token_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def read(token: str) -> str:
    """Raises NotAToken."""
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise NotAToken(token) from error
