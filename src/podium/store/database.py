"""What a database must do for the store: load everything once, then append groups under an epoch."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from podium.store.session import Change

FORMAT = 1  # of the data directory as a whole; each kind of record carries its own


class StoreError(Exception):
    """The database said no. The sentence is for the operator."""


class NewerFormat(StoreError):
    """The data was written by a newer Podium than this one."""

    def __init__(self, what: str, found: int, known: int) -> None:
        super().__init__(
            f"{what} has format {found}, written by a newer Podium; this one knows up to {known}. "
            "Use the newer version, or restore a backup made by this one."
        )


class Deposed(StoreError):
    """Another control plane took this database over; this one may not write any more."""

    def __init__(self) -> None:
        super().__init__("Another Podium server has taken over this database. This one steps down.")


class OutcomeUnknown(StoreError):
    """The COMMIT itself failed, so nobody knows whether the group is durable."""


class Database(Protocol):
    """One writer at a time. Every method may be called from any one thread at a time."""

    def prepare(self, kinds: Iterable[type[Any]]) -> None:
        """Create what is missing. Raises NewerFormat."""

    def take_over(self, at_least: int = 0) -> int:
        """Raise the epoch, to `at_least` if that is more, and return it; every older writer is deposed."""

    def load(self, kind: type[Any]) -> Iterator[Any]:
        """Every record of the kind, decoded, in the order of its last change."""

    def commit(self, changes: Sequence[Change], epoch: int) -> int:
        """Make a group durable in one SQL transaction; return its revision.

        Raises Deposed when `epoch` is no longer the newest, OutcomeUnknown when the COMMIT failed,
        and StoreError when nothing was written (a full disk, say).
        """

    def page(self, kind: type[Any], start: str, end: str, limit: int) -> list[Any]:
        """Records of a cold kind whose keys lie from `start` to before `end`, the newest first, at most `limit`."""

    def forget(self, kind: type[Any], before: str) -> int:
        """Drop the records of a cold kind whose keys are less than `before`; how many there were."""

    def close(self) -> None: ...


def last_word(changes: Sequence[Change]) -> dict[type[Any], dict[str, Any]]:
    """What a group leaves behind: kind -> key -> the last record, or None."""
    left: dict[type[Any], dict[str, Any]] = {}
    for change in changes:
        left.setdefault(change.kind, {})[change.key] = change.after
    return left
