"""Views: what is worked out from many records and kept, because working it out anew would take too long.

A view holds what the next writing transaction sees: all that is durable, all that is on its way there, and what the
transaction itself has done so far. Nothing of it is saved; it can always be made again from the records.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from podium.store.session import Change, Transaction


class View(Protocol):
    """Made without arguments, of no records at all. `kinds` are the records that it is worked out from.

    `change` must be exact both ways: told of a change and then of its opposite, the view is as it was.
    """

    kinds: tuple[type[Any], ...]

    def change(self, before: Any, after: Any) -> None:
        """A record was `before` and is `after`; None where there is none."""


V = TypeVar("V", bound=View)


class Views:
    """The views of a store, brought forward by one transaction at a time."""

    def __init__(self, kinds: Iterable[type[View]]) -> None:
        self._views: dict[type[View], View] = {kind: kind() for kind in kinds}
        self._of_kind: dict[type[Any], list[View]] = {}
        for view in self._views.values():
            for kind in view.kinds:
                self._of_kind.setdefault(kind, []).append(view)
        self._ahead: Transaction | None = None  # whose changes the views show, though it has not ended
        self._shown = 0  # how many of them

    def load(self, record: Any) -> None:
        for view in self._of_kind.get(type(record), ()):
            view.change(None, record)

    def show(self, kind: type[V], to: "Transaction") -> V:
        """The view as the transaction sees it at this moment; good until its next change."""
        view = self._views.get(kind)
        if view is None or not to.writable:
            return _made(kind, to)
        self._follow(to)
        return view  # type: ignore[return-value]

    def end(self, transaction: "Transaction") -> None:
        """The transaction's changes have come to stay."""
        self._follow(transaction)
        self._ahead, self._shown = None, 0

    def take_back(self, changes: Sequence["Change"]) -> None:
        """These, the newest of all, never happened."""
        self._drop_what_is_ahead()
        self._undo(changes)

    def _follow(self, transaction: "Transaction") -> None:
        if self._ahead is not transaction:
            self._drop_what_is_ahead()
            self._ahead = transaction
        for change in transaction.changes[self._shown :]:
            for view in self._of_kind.get(change.kind, ()):
                view.change(change.before, change.after)
        self._shown = len(transaction.changes)

    def _drop_what_is_ahead(self) -> None:
        """Whoever was ahead was given up: a transaction that raised is never ended."""
        if self._ahead is not None:
            self._undo(self._ahead.changes[: self._shown])
        self._ahead, self._shown = None, 0

    def _undo(self, changes: Sequence["Change"]) -> None:
        for change in reversed(changes):
            for view in self._of_kind.get(change.kind, ()):
                view.change(change.after, change.before)


def _made(kind: type[V], transaction: "Transaction") -> V:
    view = kind()
    for each in kind.kinds:
        for record in transaction.list(each):
            view.change(None, record)
    return view
