"""What is kept on disk: the last configuration, and what was found of targets."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from podium_proxy.checks.checker import Checker
from podium_proxy.checks.states import Standing
from podium_proxy.documents import Documents
from podium_proxy.health import Key
from podium_proxy.store import Store

CONFIGURATION, HEALTH = "configuration", "health"
_REST_FACTOR = 10


class Keeping:
    def __init__(self, store: Store, documents: Documents, checker: Checker) -> None:
        self._store, self._documents, self._checker = store, documents, checker
        self._balancers, self._names, self._standings = Texts(), Texts(), Texts()
        self._dirty: set[str] = set()
        self._soiled = asyncio.Event()

    def soil(self, name: str) -> None:
        self._dirty.add(name)
        self._soiled.set()

    async def run(self) -> None:
        """At once, and then not again for many times as long as it took."""
        loop = asyncio.get_running_loop()
        while True:
            await self._soiled.wait()
            self._soiled.clear()
            began = loop.time()
            for write in self._due():
                await asyncio.to_thread(write)
            await asyncio.sleep(_REST_FACTOR * (loop.time() - began))

    def write(self) -> None:
        for write in self._due():
            write()

    def configuration(self) -> dict[str, Any] | None:
        """As an earlier process was told."""
        found = self._store.read(CONFIGURATION)
        if found is None:
            return None
        return {**found, "load_balancers": dict(found["load_balancers"]), "names": dict(found["names"])}

    def standings(self) -> dict[Key, Standing]:
        """As an earlier process left them."""
        found = self._store.read(HEALTH) or []
        return {(k[0], k[1], k[2], k[3]): Standing(**standing) for k, standing in found}

    def _due(self) -> list[Callable[[], None]]:
        """What there is now is looked at now, and written wherever these are called."""
        dirty, self._dirty = self._dirty, set()
        found: list[Callable[[], None]] = []
        if CONFIGURATION in dirty:
            whole = self._documents.whole()
            found.append(lambda: self._store.write(CONFIGURATION, self._configuration(whole)))
        if HEALTH in dirty:
            standings = self._checker.standings()
            found.append(lambda: self._store.write(HEALTH, self._standings.pairs(standings, vars)))
        return found

    def _configuration(self, whole: dict[str, Any]) -> str:
        large = {"load_balancers": self._balancers, "names": self._names}
        members = [f'"{name}":{texts.pairs(whole[name])}' for name, texts in large.items()]
        members += [f'"{name}":{_json(value)}' for name, value in whole.items() if name not in large]
        return f"{{{','.join(members)}}}"


class Texts:
    """A mapping as JSON, of which only values that are others than the last time are written anew.

    The whole in one call of json would stop all other threads for as long as it takes.
    """

    def __init__(self) -> None:
        self._known: dict[Any, tuple[Any, str]] = {}

    def pairs(self, values: Mapping[Any, Any], plain: Callable[[Any], Any] = lambda value: value) -> str:
        """A list of pairs of key and value. Values are told apart by what they are, not by what they hold."""
        before, self._known = self._known, {}
        for key, value in values.items():
            known = before.get(key)
            same = known is not None and known[0] is value
            self._known[key] = known if known is not None and same else (value, _json([key, plain(value)]))
        return f"[{','.join(text for _, text in self._known.values())}]"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
