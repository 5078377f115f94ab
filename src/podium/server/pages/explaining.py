"""Why a service or a task is as it is: `podium explain`."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs

from podium.ecs import names
from podium.ecs.errors import InvalidParameter
from podium.ecs.explaining import answers
from podium.ecs.records import Cluster, Service, ServiceStatus, Task
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.runtime.thread import CoreThread
from podium.server.pages.page import NotUnderstood, Page, Visit, answer, as_root
from podium.server.usage import Usage
from podium.store.session import Transaction
from podium.wire.message import Response

K = TypeVar("K", Service, Task)


class NothingOfThatName(ClientError):
    code = "ResourceNotFoundException"
    status = 404

    def __init__(self, wanted: str, cluster: str | None) -> None:
        where = f" in the cluster {cluster}" if cluster else ""
        super().__init__(f"There is no service and no task {wanted}{where}.")


class SeveralOfThatName(ClientError):
    code = "InvalidParameterException"

    def __init__(self, wanted: str, arns: list[str]) -> None:
        super().__init__(f"{wanted} may be any of {', '.join(sorted(arns))}: say which by --cluster or by its ARN.")


class ExplainPages:
    def __init__(self, core: CoreThread, clock: Clock, usage: Usage) -> None:
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

        told = await self._core.read(look)
        return answer(await asyncio.to_thread(told))


def explained(
    tx: Transaction,
    call: Call,
    wanted: str,
    cluster: str | None,
    samples: dict[str, dict[str, Any]],
    now: datetime,
) -> answers.Told:
    found = _found(tx, call, wanted, names.cluster(call, tx, cluster) if cluster else None)
    if isinstance(found, Service):
        return answers.of_service(tx, found, samples, now)
    return answers.of_task(tx, found, samples)


def _found(tx: Transaction, call: Call, wanted: str, within: Cluster | None) -> Service | Task:
    """Raises NothingOfThatName or SeveralOfThatName."""
    if wanted.startswith("arn:"):
        known = tx.get(Service, wanted) or tx.get(Task, wanted)
        if known is None or not wanted.startswith(call.arn("ecs", "")):
            raise NothingOfThatName(wanted, None)
        return known
    clusters = [within] if within else [c for c in tx.list(Cluster, home=call.home) if c.status == "ACTIVE"]
    services = _each(clusters, lambda c: tx.get(Service, _arn(call, c, wanted)))
    active = [s for s in services if s.status is not ServiceStatus.INACTIVE] or services
    if active:
        return _only(wanted, active)
    tasks = [t for c in clusters for t in tx.list(Task, cluster_arn=c.arn) if _is_id(wanted, t)]
    if not tasks:
        raise NothingOfThatName(wanted, within.name if within else None)
    return _only(wanted, tasks)


def _each(clusters: list[Cluster], look: Callable[[Cluster], Service | None]) -> list[Service]:
    return [found for cluster in clusters if (found := look(cluster)) is not None]


def _arn(call: Call, cluster: Cluster, name: str) -> str:
    try:
        return names.service_arn(call, cluster, name)
    except InvalidParameter:
        return ""


def _is_id(wanted: str, task: Task) -> bool:
    """As much of it as `podium status` shows is enough."""
    own = names.task_id(task.arn)
    return own == wanted or (len(wanted) >= 6 and own.startswith(wanted))


def _only(wanted: str, found: list[K]) -> K:
    if len(found) > 1:
        raise SeveralOfThatName(wanted, [one.arn for one in found])
    return found[0]
