"""Log events in SQLite, behind a writer."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future

from podium.journals.eventfile import Batch, SqliteEvents
from podium.journals.events import OVERHEAD, Arrival, Event, Range, Span, Stream
from podium.journals.writing import Writer

MOST_AT_ONCE = 8 * 2**20  # bytes in one commit


class WrittenEvents:
    """`close` writes what was handed in, and ends it."""

    def __init__(self, kept: SqliteEvents) -> None:
        self._kept = kept
        self._writer: Writer[Batch, int] = Writer("log events", kept.write, _size, MOST_AT_ONCE)
        self.start = self._writer.start

    def append(self, stream: Stream, lines: Sequence[tuple[int, str]], ingested: int) -> "Future[int]":
        return self._writer.append(Batch(stream, [(at, message.encode()) for at, message in lines], ingested))

    def read(self, within: Range, *, newest_first: bool = False) -> Iterator[Event]:
        return self._kept.read(within, newest_first=newest_first)

    def newest(self) -> int:
        return self._kept.newest()

    def arrived(self, groups: Collection[str], after: int, until: int) -> Iterator[Arrival]:
        return self._kept.arrived(groups, after, until)

    def spans(self, group: str, streams: Collection[str] | None = None) -> Mapping[str, Span]:
        return self._kept.spans(group, streams)

    def stored(self, group: str) -> int:
        return self._kept.stored(group)

    def held(self) -> Sequence[Stream]:
        return self._kept.held()

    def forget(self, group: str, before: int) -> "Future[None]":
        return self._writer.forget(self._kept.forgetting(group, before))

    def forget_streams(self, streams: Collection[str]) -> "Future[None]":
        return self._writer.forget(self._kept.forgetting_streams(streams))

    def close(self) -> None:
        self._writer.close()
        self._kept.close()


def _size(batch: Batch) -> int:
    return sum(len(message) + OVERHEAD for _, message in batch.lines)
