"""Looks at every target as often as its group says, and tells what changed."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from podium_protocol.proxy import Target, TargetGroup, TargetHealth
from podium_proxy.checks.probes import Question, ask
from podium_proxy.checks.states import Outcome, Standing, advance
from podium_proxy.envoy.clusters import is_loopback
from podium_proxy.health import Key, key

_EAGER_SECONDS = 0.1
_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A target to be looked at, and all that its check depends on."""

    group: TargetGroup
    target: Target
    source: str | None

    def question(self) -> Question:
        check = self.group["health_check"]
        port = self.target["port"] if check["port"] == "traffic-port" else int(check["port"])
        return Question(
            address=self.target["address"],
            port=port,
            check=check,
            version=self.group.get("protocol_version"),
            source=self.source,
        )

    @property
    def manner(self) -> tuple[Any, ...]:
        return (self.group["health_check"], self.group["eager"], self.target["address"], self.source)


class Checker:
    """`on_change` hears of a target whose health is told otherwise now; `on_turn` of a group whose targets in rotation
    may be others.
    """

    def __init__(self, on_change: Callable[[TargetHealth], None], on_turn: Callable[[str], None]) -> None:
        self._on_change, self._on_turn = on_change, on_turn
        self._standings: dict[Key, Standing] = {}
        self._charges: dict[Key, Charge] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def state(self, key: Key) -> str:
        standing = self._standings.get(key)
        return standing.state if standing is not None else "initial"

    def remembered(self, found: Mapping[Key, Standing]) -> None:
        """What an earlier process found out."""
        self._standings.update(found)

    def standings(self) -> dict[Key, Standing]:
        return {key: self._standings[key] for key in self._charges if key in self._standings}

    def update(self, before: Mapping[Key, Charge], charges: Mapping[Key, Charge]) -> None:
        """`charges` are to be looked at, where it was `before`."""
        for gone in before.keys() - charges.keys():
            self._drop(gone)
        for name, charge in charges.items():
            known = self._charges.get(name)
            self._charges[name] = charge
            if known is None or known.manner != charge.manner:
                self._begin(name)

    def healths(self) -> list[TargetHealth]:
        return [_health(name, standing) for name, standing in self.standings().items()]

    def close(self) -> None:
        for running in self._tasks.values():
            running.cancel()

    def _begin(self, name: Key) -> None:
        running = self._tasks.pop(name, None)
        if running is not None:
            running.cancel()
        if name not in self._standings:
            self._standings[name] = Standing(changed=time.time())
            self._on_change(_health(name, self._standings[name]))
        self._tasks[name] = asyncio.create_task(self._look(name))

    def _drop(self, name: Key) -> None:
        self._charges.pop(name, None)
        self._standings.pop(name, None)
        running = self._tasks.pop(name, None)
        if running is not None:
            running.cancel()

    async def _look(self, name: Key) -> None:
        """Looks for as long as it is not cancelled. A new target is looked at at once, others spread over time."""
        eager = _EAGER_SECONDS
        regular = asyncio.get_running_loop().time()
        if self._standings[name].state != "initial":
            regular += random.random() * self._charges[name].group["health_check"]["interval"]
            await asyncio.sleep(regular - asyncio.get_running_loop().time())
        while True:
            charge = self._charges[name]
            interval = charge.group["health_check"]["interval"]
            counts = asyncio.get_running_loop().time() >= regular
            if counts:
                regular += interval
            async with self._turns:
                outcome = await ask(charge.question())
            self._note(name, outcome, counts or outcome.passed)
            wait = max(0.0, regular - asyncio.get_running_loop().time())
            if charge.group["eager"] and self.state(name) == "initial":
                wait, eager = min(wait, eager), eager * 2
            await asyncio.sleep(wait)

    def _note(self, name: Key, outcome: Outcome, counts: bool) -> None:
        """A failure of an extra look does not count, but what came back is told."""
        before = self._standings[name]
        after = advance(before, outcome, self._charges[name].group["health_check"], time.time())
        if not counts:
            after = Standing(
                changed=before.changed, failures=before.failures, asked=outcome.asked, answered=outcome.answered
            )
        self._standings[name] = after
        if _told(before) != _told(after):
            self._on_change(_health(name, after))
        if before.state != after.state:
            self._on_turn(name[0])


def charges(group: TargetGroup, source: str | None) -> dict[Key, Charge]:
    """The targets of a group that are looked at: not those that leave, and none where checks are turned off.

    `source` is the load balancer's address, from which it asks those that are not on loopback.
    """
    if not group["health_check"]["enabled"]:
        return {}
    return {
        key(group, target): Charge(
            group=group, target=target, source=None if is_loopback(target["address"]) else source
        )
        for target in group["targets"]
        if target["usable"] and not target["draining"]
    }


def _told(standing: Standing) -> tuple[Any, ...]:
    return (standing.state, standing.reason, standing.description, standing.asked, standing.answered)


def _health(name: Key, standing: Standing) -> TargetHealth:
    return {
        "target_group": name[0],
        "id": name[1],
        "port": name[2],
        "since": name[3],
        "state": standing.state,  # type: ignore[typeddict-item]
        "reason": standing.reason,
        "description": standing.description,
        "asked": standing.asked,
        "answered": standing.answered,
        "changed": standing.changed,
    }
