"""A database that lives in the world: durable over crashes, copied for backups, emptied by accident."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from podium.store import codec
from podium.store.database import Deposed, StoreError, last_word
from podium.store.session import Change

Rows = dict[type[Any], dict[str, bytes]]


class Disk:
    """Records are kept encoded, so that what comes back went through the codec."""

    def __init__(self, rows: Rows | None = None, epoch: int = 0) -> None:
        self._rows: Rows = {kind: dict(held) for kind, held in (rows or {}).items()}
        self._epoch = epoch
        self.is_full = False
        self.watcher: Callable[[Sequence[Change]], None] = lambda changes: None

    def prepare(self, kinds: Iterable[type[Any]]) -> None:
        for kind in kinds:
            self._rows.setdefault(kind, {})

    def take_over(self, at_least: int = 0) -> int:
        self._epoch = max(at_least, self._epoch + 1)
        return self._epoch

    def load(self, kind: type[Any]) -> Iterator[Any]:
        for body in list(self._rows[kind].values()):
            yield codec.decode(kind, body)

    def commit(self, changes: Sequence[Change], epoch: int) -> int:
        if epoch != self._epoch:
            raise Deposed
        if self.is_full:
            raise StoreError("Nothing was saved: the disk is full.")
        for kind, rows in last_word(changes).items():
            for key, record in rows.items():
                if record is None:
                    self._rows[kind].pop(key, None)
                else:
                    self._rows[kind][key] = codec.encode(record)
        self.watcher(changes)
        return 0

    def page(self, kind: type[Any], start: str, end: str, limit: int) -> list[Any]:
        keys = sorted((key for key in self._rows[kind] if start <= key < end), reverse=True)
        return [codec.decode(kind, self._rows[kind][key]) for key in keys[:limit]]

    def forget(self, kind: type[Any], before: str) -> int:
        old = [key for key in self._rows[kind] if key < before]
        for key in old:
            del self._rows[kind][key]
        return len(old)

    def close(self) -> None:
        """Nothing is held open."""

    def backup(self) -> "Disk":
        return Disk(self._rows, self._epoch)
