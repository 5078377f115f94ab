"""The one thread that writes a journal of log events. Who waits meanwhile shares the next commit."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread

from podium.journals.errors import NotWritten
from podium.journals.eventfile import Batch, SqliteEvents
from podium.journals.events import OVERHEAD, Event, Range, Span, Stream

MOST_AT_ONCE = 8 * 2**20  # bytes in one commit
log = logging.getLogger("podium.journals")


@dataclass(frozen=True, slots=True)
class _Append:
    batch: Batch
    done: "Future[int]" = field(default_factory=Future)

    @property
    def size(self) -> int:
        return sum(len(message) + OVERHEAD for _, message in self.batch.lines)


@dataclass(frozen=True, slots=True)
class _Forget:
    """Each step of `steps` forgets a few events."""

    steps: Iterator[None]
    begun: bool = False
    done: "Future[None]" = field(default_factory=Future)


class WrittenEvents:
    """Log events in SQLite, behind a writer. `close` writes what was handed in, and ends it."""

    def __init__(self, kept: SqliteEvents) -> None:
        self._kept = kept
        self._inbox: SimpleQueue[_Append | _Forget | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="log events")

    def start(self) -> None:
        self._thread.start()

    def append(self, stream: Stream, lines: Sequence[tuple[int, str]], ingested: int) -> "Future[int]":
        batch = Batch(stream, [(at, message.encode()) for at, message in lines], ingested)
        self._inbox.put(asked := _Append(batch))
        return asked.done

    def read(self, within: Range, *, newest_first: bool = False) -> Iterator[Event]:
        return self._kept.read(within, newest_first=newest_first)

    def spans(self, group: str, streams: Collection[str] | None = None) -> Mapping[str, Span]:
        return self._kept.spans(group, streams)

    def stored(self, group: str) -> int:
        return self._kept.stored(group)

    def held(self) -> Sequence[Stream]:
        return self._kept.held()

    def forget(self, group: str, before: int) -> "Future[None]":
        return self._forget(self._kept.forgetting(group, before))

    def forget_streams(self, streams: Collection[str]) -> "Future[None]":
        return self._forget(self._kept.forgetting_streams(streams))

    def close(self) -> None:
        self._inbox.put(None)
        self._thread.join()
        self._kept.close()

    def _forget(self, steps: Iterator[None]) -> "Future[None]":
        self._inbox.put(asked := _Forget(steps))
        return asked.done

    def _run(self) -> None:
        over = False
        while not over:
            asked = self._waiting()
            over = None in asked
            if appends := [one for one in asked if isinstance(one, _Append)]:
                self._write(appends)
            for forget in (one for one in asked if isinstance(one, _Forget)):
                self._forget_some(forget)

    def _waiting(self) -> Sequence[_Append | _Forget | None]:
        """All that wait, as far as one commit should hold it; at least one."""
        asked, size = [self._inbox.get()], 0
        while asked[-1] is not None:
            size += asked[-1].size if isinstance(asked[-1], _Append) else 0
            if size >= MOST_AT_ONCE:
                break
            try:
                asked.append(self._inbox.get_nowait())
            except Empty:
                break
        return asked

    def _write(self, appends: Sequence[_Append]) -> None:
        """Who does not wait any more is not told; what they handed in is kept all the same."""
        waiting = [(n, one.done) for n, one in enumerate(appends) if one.done.set_running_or_notify_cancel()]
        try:
            numbers = self._kept.write([one.batch for one in appends])
        except NotWritten as error:
            log.error("log events not saved reason=%s", error)
            for _, done in waiting:
                done.set_exception(error)
        else:
            for n, done in waiting:
                done.set_result(numbers[n])

    def _forget_some(self, asked: _Forget) -> None:
        """A few events; the rest comes after what has been appended meanwhile."""
        if not asked.begun and not asked.done.set_running_or_notify_cancel():
            return
        try:
            next(asked.steps)
        except StopIteration:
            asked.done.set_result(None)
        except NotWritten as error:
            asked.done.set_exception(error)
        else:
            self._inbox.put(_Forget(asked.steps, True, asked.done))
