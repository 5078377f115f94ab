"""Events of AWS services, read by time, type and resource; and followed, by asking for what came after the last."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs

from podium import events
from podium.events.journal import END
from podium.kernel.clock import Clock
from podium.runtime.running import RunningCore
from podium.server.pages.page import Page, Visit, answer, as_root, number
from podium.store.database import Database
from podium.store.session import Change
from podium.wire.message import Response

MOST = 1000
LONG_POLL_SECONDS = 25.0
Look = Callable[[str, Database], tuple[list[events.Event], str]]


class EventPages:
    """`kept` is how long events are kept; None: none are written, and those of before go."""

    def __init__(self, core: RunningCore, clock: Clock, kept: timedelta | None) -> None:
        self._core, self._clock, self._kept = core, clock, kept
        self._moved, self._waiting = asyncio.Event(), 0
        core.core.watchers.append(self._changed)

    def pages(self) -> Mapping[tuple[str, str], Page]:
        return {("GET", "/_podium/events"): self._events}

    async def _events(self, visit: Visit) -> Response:
        """Newest first. `since` is in seconds; `before` and `after` are keys, neither of which is shown again.

        With `wait` the answer is held back until there is something to tell, for a while. `last` is the newest key that
        was looked at, whether or not it matched: who asks for what comes after it has nothing looked at twice.
        """
        as_root(visit, "read events")
        asked = {name: values[0] for name, values in parse_qs(visit.request.query).items()}
        most = (self._kept or timedelta(0)).total_seconds()
        oldest = events.key(self._clock.now() - timedelta(seconds=min(most, number(asked, "since", most))))
        limit, end = int(min(MOST, number(asked, "limit", 100))), asked.get("before", END)
        wanted = {name: value for name, value in asked.items() if name in ("type", "resource")}
        seconds = LONG_POLL_SECONDS if "wait" in asked and "before" not in asked else 0.0

        def look(last: str, database: Database) -> tuple[list[events.Event], str]:
            start = f"{last}0"  # sorts between that key and every later one
            return events.page(database, start, end, wanted, limit), events.newest(database, start, end) or last

        found, last = await self._found(look, max(oldest, asked.get("after", "")), seconds)
        told = [{"key": event.arn, "event": events.envelope(event)} for event in found]
        return answer({"kept": self._kept is not None, "last": last, "events": told})

    async def _found(self, look: Look, last: str, seconds: float) -> tuple[list[events.Event], str]:
        """What came after the key `last`, and the newest key looked at.

        The flag is taken before the look, so that nothing falls between.
        """
        found: list[events.Event] = []
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds or None):
                while True:
                    moved = self._moved
                    found, last = await self._core.ask(partial(look, last))
                    if found or not seconds:
                        break
                    await moved.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1
        return found, last

    def _changed(self, changes: Sequence[Change]) -> None:
        """After a commit."""
        if self._waiting and any(change.kind is events.Event for change in changes):
            self._moved.set()
            self._moved = asyncio.Event()

    async def forget_old(self) -> int:
        before = events.key(self._clock.now() - (self._kept or timedelta(0)))
        return await self._core.ask(lambda database: database.forget(events.Event, before))
