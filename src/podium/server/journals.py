"""The doors' way to the journals: off the event loop, in threads of their own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from podium.journals.errors import Unusable
from podium.journals.eventfile import SqliteEvents
from podium.journals.events import Stream
from podium.journals.eventwriter import WrittenEvents
from podium.journals.jobs import Jobs
from podium.journals.kept import Journals
from podium.journals.metrics import Sample
from podium.journals.objects import Objects
from podium.journals.sqlite import SqliteMetrics
from podium.journals.writer import WrittenMetrics
from podium.kernel.clock import Clock
from podium.server.config import ConfigError

T = TypeVar("T")
METRICS = "metrics.db"
EVENTS = "logs.db"
OBJECTS = "objects.db"
END_OF_TIME = 2**62


class JournalThreads(Protocol):
    async def call(self, work: Callable[[Journals], T]) -> T:
        """The result of `work`, for asyncio's side."""


class ServerJournals:
    """`metrics_kept` is for how long; None: this server keeps none, and a file of before stays as it is.

    Raises ConfigError for a file that cannot be used.
    """

    def __init__(self, data_dir: Path, clock: Clock, metrics_kept: timedelta | None) -> None:
        self._clock, self._kept = clock, metrics_kept
        try:
            self._events = WrittenEvents(SqliteEvents(data_dir / EVENTS))
            self._metrics = WrittenMetrics(SqliteMetrics(data_dir / METRICS)) if metrics_kept is not None else None
            self._objects = Objects(data_dir / OBJECTS)
        except Unusable as error:
            raise ConfigError(str(error)) from error
        self._queries = ThreadPoolExecutor(1, "queries")
        jobs = Jobs(self._queries.submit)
        self._journals = Journals(events=self._events, jobs=jobs, metrics=self._metrics, objects=self._objects)

    def start(self) -> None:
        self._events.start()
        if self._metrics is not None:
            self._metrics.start()

    async def call(self, work: Callable[[Journals], T]) -> T:
        return await asyncio.to_thread(work, self._journals)

    async def append(self, samples: Sequence[Sample]) -> None:
        """What Podium itself measured. Raises NotWritten."""
        if self._metrics is not None and samples:
            await asyncio.wrap_future(self._metrics.append(samples))

    async def write_lines(self, stream: Stream, lines: Sequence[tuple[int, str]]) -> None:
        """Log events that Podium itself has to tell: moments in milliseconds, and messages. Raises NotWritten.

        `podium.logs.lines` finds the stream.
        """
        if lines:
            now = self._clock.now().timestamp()
            await asyncio.wrap_future(self._events.append(stream, lines, int(now * 1000)))

    async def forget_old(self) -> None:
        """Metrics; when log events are old says their group. Raises NotWritten."""
        if self._kept is not None:
            await self._forget(int((self._clock.now() - self._kept).timestamp()))

    async def forget_all(self) -> None:
        """Raises NotWritten."""
        self._journals.jobs.stop_all()
        await self._forget(END_OF_TIME)
        held = await self.call(lambda journals: journals.events.held())
        await asyncio.wrap_future(self._events.forget_streams([stream.key for stream in held]))
        await self.call(lambda journals: journals.objects.forget_all())

    async def _forget(self, before: int) -> None:
        if self._metrics is not None:
            await asyncio.wrap_future(self._metrics.forget(before))

    def close(self) -> None:
        """Once what was handed in is written. Queries end as they are."""
        self._journals.jobs.stop_all()
        self._queries.shutdown()
        self._events.close()
        if self._metrics is not None:
            self._metrics.close()
        self._objects.close()
