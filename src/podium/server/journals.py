"""The doors' way to the journals: off the event loop, in threads of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from podium.journals.errors import NotWritten
from podium.journals.kept import Journals
from podium.journals.metrics import Sample
from podium.journals.objects import Objects
from podium.journals.sqlite import SqliteMetrics, Unusable
from podium.journals.writer import WrittenMetrics
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.s3.errors import BucketNotEmpty
from podium.server.config import ConfigError

T = TypeVar("T")
FILE, OBJECTS = "metrics.db", "objects.db"
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
        self._metrics = _opened(data_dir / FILE) if metrics_kept is not None else None
        self._objects = _opened_objects(data_dir / OBJECTS)
        self._journals = Journals(metrics=self._metrics, objects=self._objects)

    def start(self) -> None:
        if self._metrics is not None:
            self._metrics.start()

    async def call(self, work: Callable[[Journals], T]) -> T:
        return await asyncio.to_thread(work, self._journals)

    async def append(self, samples: Sequence[Sample]) -> None:
        """What Podium itself measured. Raises NotWritten."""
        if self._metrics is not None and samples:
            await asyncio.wrap_future(self._metrics.append(samples))

    async def forget_old(self) -> None:
        """Raises NotWritten."""
        if self._kept is not None:
            await self._forget(int((self._clock.now() - self._kept).timestamp()))

    async def forget_all(self) -> None:
        """Raises NotWritten."""
        await self._forget(END_OF_TIME)

    async def _forget(self, before: int) -> None:
        if self._metrics is not None:
            await asyncio.wrap_future(self._metrics.forget(before))

    def close(self) -> None:
        """Once what was handed in is written."""
        if self._metrics is not None:
            self._metrics.close()
        self._objects.close()


def _opened_objects(path: Path) -> Objects:
    try:
        return Objects(path)
    except (OSError, NotWritten) as error:
        raise ConfigError(f"{path} cannot be opened for objects: {error}.") from error


def _opened(path: Path) -> WrittenMetrics:
    try:
        return WrittenMetrics(SqliteMetrics(path))
    except Unusable as error:
        raise ConfigError(str(error)) from error


def emptied(journals: JournalThreads) -> Callable[[Call, dict[str, Any]], Awaitable[None]]:
    """What is looked at before a bucket is deleted, whose record does not know of objects."""

    async def before(call: Call, request: dict[str, Any]) -> None:
        """Raises BucketNotEmpty."""

        def look(kept: Journals) -> None:
            if kept.objects is not None and not kept.objects.is_empty(request["Bucket"]):
                raise BucketNotEmpty

        await journals.call(look)

    return before
