"""Emptying a running Podium between two test suites.

The records go in one transaction, so the API is empty with the answer. Containers take longer: their agents
are told to stop them, and whatever would start new ones waits until the old ones are gone.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from podium.ecs import names
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Cluster, ContainerInstance, InstanceStatus, Stranger, Task
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.runtime.running import RunningCore
from podium.server.journals import ServerJournals
from podium.server.pages.page import Page, Visit, answer, as_root, enter
from podium.store.records import replace
from podium.store.session import Change, Transaction
from podium.wire.message import Response

STARTING = ("CreateCluster", "CreateService", "CreateTaskSet", "RunTask", "StartTask")
CLEARING_SECONDS = 60.0  # longer than the usual stopTimeout; then whatever still runs is left to its agent
STOP_SECONDS = 1  # between SIGTERM and SIGKILL, whatever the containers' own patience
log = logging.getLogger("podium.reset")


class ResetNotAllowed(ClientError):
    code = "AccessDeniedException"
    status = 403

    def __init__(self) -> None:
        super().__init__("This Podium was not started with --allow-reset.")


class ResetPages:
    """`kinds` are the kinds of records that there are, `allowed` whether the operator agreed at the start."""

    def __init__(
        self, core: RunningCore, clock: Clock, journals: ServerJournals, kinds: Iterable[type[Any]], allowed: bool
    ) -> None:
        self._core, self._clock, self._journals = core, clock, journals
        self._kinds, self._allowed = tuple(kinds), allowed
        self._clearing: set[str] = set()  # ARNs of tasks whose containers are still to go
        self._cleared = asyncio.Event()
        core.core.watchers.append(self._changed)

    def pages(self) -> Mapping[tuple[str, str], Page]:
        return {("POST", "/_podium/reset"): self._reset}

    async def before(self, call: Call, request: Mapping[str, Any]) -> None:
        """Hold a call that starts something until the containers of before are gone."""
        if not self._clearing:
            return
        try:
            async with asyncio.timeout(CLEARING_SECONDS):
                while self._clearing:
                    await self._cleared.wait()
        except TimeoutError:
            log.warning("containers are left from before the reset tasks=%d", len(self._clearing))
            self._note(list(self._clearing))  # whoever else waits need not

    async def _reset(self, visit: Visit) -> Response:
        as_root(visit, "reset Podium")
        if not self._allowed:
            raise ResetNotAllowed
        now = self._clock.now()
        stopping = await self._core.call(lambda tx: self._emptied(tx, visit, now))
        await self._journals.forget_all()
        self._clearing |= set(stopping)
        log.info("reset stopping=%d", len(stopping))
        return answer({"stopping": len(stopping)})

    def _emptied(self, tx: Transaction, visit: Visit, now: datetime) -> list[str]:
        enter(tx, visit)
        return emptied(tx, self._kinds, now)

    def _changed(self, changes: Iterable[Change]) -> None:
        """After a commit."""
        gone = [change.key for change in changes if change.kind is Stranger and change.after is None]
        if gone:
            self._note(gone)

    def _note(self, gone: Iterable[str]) -> None:
        self._clearing.difference_update(gone)
        if not self._clearing:
            self._cleared.set()
            self._cleared = asyncio.Event()


def emptied(tx: Transaction, kinds: Iterable[type[Any]], now: datetime) -> list[str]:
    """Delete every record; hosts stay as on the day they joined. Returns the tasks that agents have to stop."""
    placed = {task.arn: task for task in tx.list(Task) if task.last_status in HOLDING and task.container_instance_arn}
    defaults = [cluster for cluster in tx.list(Cluster, name="default") if _is_followed(tx, cluster)]
    for kind in kinds:
        for record in tx.list(kind):
            if kind is ContainerInstance and record.status is not InstanceStatus.INACTIVE:
                tx.put(_as_new(record))
            elif kind is not Stranger:
                tx.delete(record)
    for task in placed.values():
        tx.put(_to_stop(task, now))
    for default in defaults:
        tx.put(Cluster(arn=default.arn, home=default.home, name=default.name, created_at=now))
    return [task.arn for task in placed.values() if _is_connected(tx, task)]


def _is_followed(tx: Transaction, cluster: Cluster) -> bool:
    """Whether an agent that follows every cluster is in this one: it would make the default cluster again."""
    return any(instance.follows_clusters for instance in tx.list(ContainerInstance, cluster_arn=cluster.arn))


def _is_connected(tx: Transaction, task: Task) -> bool:
    instance = tx.get(ContainerInstance, task.container_instance_arn or "")
    return instance is not None and instance.agent_connected


def _as_new(instance: ContainerInstance) -> ContainerInstance:
    return replace(instance, status=InstanceStatus.ACTIVE, custom_attributes={}, tags={}, version=instance.version + 1)


def _to_stop(task: Task, now: datetime) -> Stranger:
    family, _, version = names.family_and_revision(task.task_definition_arn)
    return Stranger(
        arn=task.arn,
        cluster_arn=task.cluster_arn,
        container_instance_arn=task.container_instance_arn or "",
        family=family,
        version=version,
        group=task.group,
        stop_asked=True,
        stop_timeout=STOP_SECONDS,
        seen_at=now,
    )
