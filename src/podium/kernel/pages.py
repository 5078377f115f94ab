"""Lists in pages. A token is the key of the last row shown, in base64."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

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


@dataclass(frozen=True, kw_only=True)
class Paging:
    """How one service speaks of pages: its members' names, its `usual` size, its error for what is no token."""

    usual: int
    refused: Callable[[], Exception]
    size: str = "MaxResults"
    asked: str = "NextToken"
    told: str = "NextToken"

    def page(
        self,
        rows: Iterable[R],
        key: Callable[[R], str],
        request: Mapping[str, Any],
        *,
        descending: bool = False,
    ) -> tuple[list[R], dict[str, str]]:
        """The page that the request asks for, and what the answer says of the next one. Raises what `refused` makes."""
        size = request.get(self.size) or self.usual
        try:
            shown, token = cut(rows, key, request.get(self.asked), size, descending=descending)
        except NotAToken as error:
            raise self.refused() from error
        return shown, {self.told: token} if token else {}


def token_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def read(token: str) -> str:
    """Raises NotAToken."""
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise NotAToken(token) from error
