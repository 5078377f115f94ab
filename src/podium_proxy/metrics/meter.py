"""Reads the counts at the end of each minute, and hands on what happened in it."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from podium_protocol.proxy import LoadBalancer, Sample
from podium_proxy.metrics.counts import Counts, read
from podium_proxy.metrics.samples import State, samples

_MINUTE = 60.0
_AT_ONCE = 1000


class Meter:
    """`on_samples` gets them in handfuls. `period` is a minute, except where a test has less patience."""

    def __init__(
        self,
        data_dir: Path,
        documents: Mapping[str, LoadBalancer],
        state: State,
        on_samples: Callable[[list[Sample]], None],
        period: float = _MINUTE,
    ) -> None:
        self._data_dir, self._documents, self._state = data_dir, documents, state
        self._on_samples, self._period = on_samples, period

    async def run(self) -> None:
        """For as long as it is not cancelled. What an Envoy counted before the first look is not told."""
        before = await read(self._data_dir) or Counts()
        while True:
            began = time.time() // self._period * self._period
            await asyncio.sleep(began + self._period - time.time())
            after = await read(self._data_dir)
            if after is None:
                before = Counts()
                continue
            found = [s for b in self._documents.values() for s in samples(b, before, after, self._state, began)]
            for first in range(0, len(found), _AT_ONCE):
                self._on_samples(found[first : first + _AT_ONCE])
            before = after
