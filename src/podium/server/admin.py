"""Podium's own pages: health, readiness, metrics, the clusters that agents follow, going down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from podium import __version__
from podium.ecs import lifecycle
from podium.ecs.controllers.services import ServiceController
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Cluster, ContainerInstance, InstanceStatus, StopCode, Stranger, Task
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.kernel.principal import PrincipalKind
from podium.runtime.core import NotSaved
from podium.runtime.running import RunningCore
from podium.server import metrics
from podium.server.config import Config
from podium.server.front import Front
from podium.server.pages import page
from podium.server.pages.page import Page, Visit
from podium.store.session import Change, Transaction
from podium.wire.message import Request, Response

LONG_POLL_SECONDS = 25.0
CAPACITY_SECONDS = 2.0  # how long CreateCluster waits for the machines that follow every cluster
GOING_DOWN_SECONDS = 150.0  # longer than any stopTimeout
GOING_DOWN = "Podium was taken down by its operator"
log = logging.getLogger("podium.admin")


class Admin:
    def __init__(
        self,
        config: Config,
        core: RunningCore,
        front: Front,
        services: ServiceController,
        clock: Clock,
        pages: Iterable[Mapping[tuple[str, str], Page]] = (),
    ) -> None:
        self._config, self._core, self._front, self._services, self._clock = config, core, front, services, clock
        self._moved = asyncio.Event()
        self._clusters_revision = 1
        self._closing = False
        self._open: dict[tuple[str, str], Callable[[], Awaitable[Response]]] = {
            ("GET", "/_podium/health"): self._health,
            ("GET", "/readyz"): self._health,
            ("GET", "/metrics"): self._metrics,
        }
        self._signed: dict[tuple[str, str], Page] = {
            ("GET", "/_podium/clusters"): self._clusters,
            ("GET", "/_podium/strangers"): self._strangers,
            ("POST", "/_podium/down"): self._down,
        }
        for more in pages:
            self._signed |= more
        core.core.watchers.append(self._changed)
        front.after["CreateCluster"] = self._until_capacity_joined

    async def answer(self, request: Request, endpoint: str, peer: str) -> Response | None:
        """None when the page is not one of these."""
        where = (request.method, request.path)
        try:
            if where in self._open:
                return await self._open[where]()
            if where not in self._signed:
                return None
            caller = await self._front.caller(request, endpoint, peer)
            return await self._answer(Visit(request, self._front.call(caller, endpoint)))
        except ClientError as error:
            return page.answer({"__type": error.code, "message": str(error)}, error.status)
        except NotSaved as error:
            return page.answer({"__type": "ServerException", "message": str(error)}, 500)
        except Exception:
            log.exception("page failed path=%s", request.path)
            return page.answer({"__type": "ServerException", "message": "The server failed; its log says why."}, 500)

    async def _answer(self, visit: Visit) -> Response:
        """What is posted would change something, so the journal has it even when it is refused."""
        try:
            return await self._signed[visit.request.method, visit.request.path](visit)
        except ClientError as error:
            code = error.code
            if visit.request.method == "POST":
                await self._core.call(lambda tx: page.enter(tx, visit, code))
            raise

    async def _health(self) -> Response:
        """200 while the core answers and can write; it is asked, not assumed."""
        if self._core.over is not None:
            return page.answer({"status": "over", "message": str(self._core.over)}, 503)
        instances = await self._core.read(lambda tx: tx.list(ContainerInstance))
        return page.answer(
            {
                "status": "ok",
                "version": __version__,
                "account": self._config.account,
                "region": self._config.region,
                "agentsConnected": sum(i.agent_connected for i in instances),
            }
        )

    async def _metrics(self) -> Response:
        counts = await self._core.read(lambda tx: metrics.counted(tx, self._core.core))
        text = metrics.rendered(self._core, counts, self._front.answered)
        return Response(200, {"content-type": "text/plain; version=0.0.4; charset=utf-8"}, text)

    async def _clusters(self, visit: Visit) -> Response:
        """The ACTIVE clusters of the caller's region, at once when any changed since `after`, else when they do."""
        _as_agent(visit)
        if self._closing:
            return page.answer({"message": "This server is going away."}, 503)
        after = _number(parse_qs(visit.request.query).get("after", ["0"])[0])
        try:
            async with asyncio.timeout(LONG_POLL_SECONDS):
                while after == self._clusters_revision and not self._closing:
                    await self._moved.wait()
        except TimeoutError:
            pass
        revision = self._clusters_revision
        clusters = await self._core.read(lambda tx: tx.list(Cluster, home=visit.call.home))
        return page.answer({"revision": revision, "clusters": sorted(c.name for c in clusters if c.status == "ACTIVE")})

    async def _strangers(self, visit: Visit) -> Response:
        """Tasks that agents run and no record knows: what a restored database has to be told about."""
        page.as_root(visit, "list strangers")
        found = await self._core.read(lambda tx: [s for s in tx.list(Stranger) if not s.is_left_over])
        shown = [
            {
                "taskArn": s.arn,
                "containerInstanceArn": s.container_instance_arn,
                "family": s.family,
                "version": s.version,
                "group": s.group,
                "seenAt": s.seen_at.isoformat(),
            }
            for s in found
        ]
        return page.answer({"strangers": shown})

    async def _down(self, visit: Visit) -> Response:
        """Stop every task that an agent can still stop, and start none again in this process's life."""
        page.as_root(visit, "take Podium down")
        now, before = self._clock.now(), self._services.holding
        try:
            if visit.members().get("leaveTasks"):
                await self._core.call(lambda tx: self._hold(tx, visit))
                return page.answer({"stopped": 0})
            stopped = await self._core.call(lambda tx: self._stop_everything(tx, visit, now))
        except NotSaved:
            self._services.holding = before  # nobody goes down who did not before
            raise
        log.info("going down stopping=%d", len(stopped))
        try:
            async with asyncio.timeout(GOING_DOWN_SECONDS):
                await self._until(lambda tx: not _still_stopping(tx, stopped))
        except TimeoutError:
            log.warning("going down gave up waiting seconds=%d", GOING_DOWN_SECONDS)
        return page.answer({"stopped": len(stopped)})

    def close(self) -> None:
        """Let go of everyone who waits for a change."""
        self._closing = True
        self._stir()

    def _hold(self, tx: Transaction, visit: Visit) -> None:
        page.enter(tx, visit)
        self._services.holding = True

    def _stop_everything(self, tx: Transaction, visit: Visit, now: Any) -> list[str]:
        self._hold(tx, visit)
        tasks = [t for t in tx.list(Task) if t.last_status in HOLDING]
        for task in tasks:
            tx.put(lifecycle.asked_to_stop(task, StopCode.USER_INITIATED, GOING_DOWN, now))
        self._core.core.look_everywhere(now)  # those that drain already are let go, too
        return [t.arn for t in tasks]

    async def _until_capacity_joined(self, call: Call, result: dict[str, Any]) -> None:
        """Hold CreateCluster's answer until this machine's instances are in the new cluster, as they are in others.

        So that the next call can place tasks. Bounded: without agents there is nothing to wait for.
        """
        arn = result["cluster"]["clusterArn"]
        try:
            async with asyncio.timeout(CAPACITY_SECONDS):
                await self._until(lambda tx: _has_its_share(tx, call.home, arn))
        except TimeoutError:
            log.warning("capacity did not follow cluster=%s seconds=%d", arn, CAPACITY_SECONDS)

    async def _until(self, true: Callable[[Transaction], bool]) -> None:
        """Look again after every change. The event is taken before the look, so that no change falls between."""
        while True:
            moved = self._moved
            if await self._core.read(true):
                return
            await moved.wait()

    def _changed(self, changes: Sequence[Change]) -> None:
        """After a commit: wake everyone who waits for a change, once."""
        self._clusters_revision += any(c.kind is Cluster for c in changes)
        self._stir()

    def _stir(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()


def _has_its_share(tx: Transaction, home: str, cluster_arn: str) -> bool:
    """Whether as many following instances are connected there as in the best served cluster of its region."""
    counts: dict[str, int] = {}
    for instance in tx.list(ContainerInstance, home=home):
        if instance.follows_clusters and instance.agent_connected and instance.status is InstanceStatus.ACTIVE:
            counts[instance.cluster_arn] = counts.get(instance.cluster_arn, 0) + 1
    return counts.get(cluster_arn, 0) >= max(counts.values(), default=0)


def _still_stopping(tx: Transaction, arns: Sequence[str]) -> bool:
    """Whether one of the tasks is not STOPPED and its agent is there to stop it."""
    for arn in arns:
        task = tx.get(Task, arn)
        if task is None or task.last_status not in HOLDING:
            continue
        instance = tx.get(ContainerInstance, task.container_instance_arn or "")
        if instance is not None and instance.agent_connected:
            return True
    return False


def _as_agent(visit: Visit) -> None:
    if visit.principal.kind not in (PrincipalKind.ROOT, PrincipalKind.AGENT):
        raise page.RootOnly("follow the clusters, except the key by which agents join")


def _number(text: str) -> int:
    """0 for what is none."""
    try:
        return int(text)
    except ValueError:
        return 0
