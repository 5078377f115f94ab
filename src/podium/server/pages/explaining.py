"""Why a service or a task is as it is: `podium explain`."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from podium.ecs.explaining import answers
from podium.ecs.records import Service
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.runtime.running import RunningCore
from podium.server import finding
from podium.server.pages.page import NotUnderstood, Page, Visit, answer, as_root
from podium.server.usage import Usage
from podium.store.session import Transaction
from podium.wire.message import Response


class ExplainPages:
    def __init__(self, core: RunningCore, clock: Clock, usage: Usage) -> None:
        self._core, self._clock, self._usage = core, clock, usage

    def pages(self) -> Mapping[tuple[str, str], Page]:
        return {("GET", "/_podium/explain"): self._explain}

    async def _explain(self, visit: Visit) -> Response:
        """`of` is a service's name, a task's id or its beginning, or an ARN. Without `cluster` all are searched."""
        as_root(visit, "ask for an explanation")
        asked = {name: values[0] for name, values in parse_qs(visit.request.query).items()}
        wanted, cluster = asked.get("of", ""), asked.get("cluster")
        if not wanted:
            raise NotUnderstood("of names the service or the task: its name, its id or its ARN.")
        now = self._clock.now()

        def look(tx: Transaction) -> answers.Told:
            return explained(tx, visit.call, wanted, cluster, self._usage.samples(), now)

        told = await self._core.call(look)  # where the fleets are at hand, not made anew
        return answer(await asyncio.to_thread(told))


def explained(
    tx: Transaction,
    call: Call,
    wanted: str,
    cluster: str | None,
    samples: dict[str, dict[str, Any]],
    now: datetime,
) -> answers.Told:
    found = finding.service_or_task(tx, call, wanted, cluster)
    if isinstance(found, Service):
        return answers.of_service(tx, found, samples, now)
    return answers.of_task(tx, found, samples)
