"""The one thread that writes a journal of metrics. Who waits meanwhile shares the next commit."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread

from podium.journals.errors import NotWritten
from podium.journals.metrics import Metric, Sample, Wanted
from podium.journals.sqlite import SqliteMetrics

MOST_AT_ONCE = 20_000  # samples in one commit
METRICS_AT_ONCE = 200  # whose past is forgotten in one
log = logging.getLogger("podium.journals")


@dataclass(frozen=True, slots=True)
class _Append:
    samples: Sequence[Sample]
    done: "Future[None]" = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Forget:
    """The numbers of metrics up to `after` are done with."""

    before: int
    after: int = 0
    done: "Future[None]" = field(default_factory=Future)


class WrittenMetrics:
    """Metrics in SQLite, behind a writer. `close` writes what was handed in, and ends it."""

    def __init__(self, kept: SqliteMetrics) -> None:
        self._kept = kept
        self._inbox: SimpleQueue[_Append | _Forget | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="metrics")

    def start(self) -> None:
        self._thread.start()

    def append(self, samples: Sequence[Sample]) -> "Future[None]":
        self._inbox.put(asked := _Append(samples))
        return asked.done

    def read(self, metric: Metric, start: int, end: int) -> Iterator[Sample]:
        return self._kept.read(metric, start, end)

    def list(self, wanted: Wanted, after: Metric | None, limit: int) -> Sequence[Metric]:
        return self._kept.list(wanted, after, limit)

    def forget(self, before: int) -> "Future[None]":
        self._inbox.put(asked := _Forget(before))
        return asked.done

    def close(self) -> None:
        self._inbox.put(None)
        self._thread.join()
        self._kept.close()

    def _run(self) -> None:
        over = False
        while not over:
            asked = self._waiting()
            over = None in asked
            if appends := [one for one in asked if isinstance(one, _Append)]:
                self._write(appends)
            for forget in (one for one in asked if isinstance(one, _Forget)):
                self._forget(forget)

    def _waiting(self) -> Sequence[_Append | _Forget | None]:
        """All that wait, as far as one commit should hold it; at least one."""
        asked, samples = [self._inbox.get()], 0
        while asked[-1] is not None:
            samples += len(asked[-1].samples) if isinstance(asked[-1], _Append) else 0
            if samples >= MOST_AT_ONCE:
                break
            try:
                asked.append(self._inbox.get_nowait())
            except Empty:
                break
        return asked

    def _write(self, appends: Sequence[_Append]) -> None:
        """Who does not wait any more is not told; what they handed in is kept all the same."""
        waiting = [one.done for one in appends if one.done.set_running_or_notify_cancel()]
        try:
            self._kept.write(sample for one in appends for sample in one.samples)
        except NotWritten as error:
            log.error("metrics not saved reason=%s", error)
            for done in waiting:
                done.set_exception(error)
        else:
            for done in waiting:
                done.set_result(None)

    def _forget(self, asked: _Forget) -> None:
        """A handful of metrics; the rest comes after what has been appended meanwhile."""
        if not asked.after and not asked.done.set_running_or_notify_cancel():
            return
        try:
            last = self._kept.forget_some(asked.before, asked.after, METRICS_AT_ONCE)
        except NotWritten as error:
            asked.done.set_exception(error)
            return
        if last is None:
            asked.done.set_result(None)
        else:
            self._inbox.put(_Forget(asked.before, last, asked.done))
