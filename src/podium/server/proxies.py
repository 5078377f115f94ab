"""The proxies' link: what is to be carried goes out, what became of it comes in.

One proxy carries all traffic: the last one that linked up is told.
"""

import asyncio
import base64
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from podium import elbv2, servicediscovery
from podium.elbv2 import traffic
from podium.journals.errors import NotWritten
from podium.journals.metrics import Sample
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.kernel.principal import Principal, PrincipalKind
from podium.kernel.sealing import Sealer
from podium.runtime.running import RunningCore
from podium.server.journals import ServerJournals
from podium.server.sockets import Socket
from podium.store.session import Change, Transaction
from podium_protocol import proxy
from podium_protocol.envelope import Malformed, decode

T = TypeVar("T")
AT_ONCE, TARGETS_AT_ONCE = 4, 200  # load balancers that are read, and targets that are written, in one turn of the core
CLOSING_SECONDS = 5.0
log = logging.getLogger("podium.proxies")


class NotAProxy(ClientError):
    code = "AccessDeniedException"
    status = 403

    def __init__(self, arn: str) -> None:
        super().__init__(f"{arn} may not carry traffic: only the proxy's own key, and root's, may.")


@dataclass(slots=True)
class _Dirty:
    """What a link has still to be told of: by ARN, or by name where there is nothing with that ARN any more."""

    balancers: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    zones: bool = False

    def __bool__(self) -> bool:
        return bool(self.balancers or self.services or self.gone or self.zones)

    def add(self, other: "_Dirty") -> None:
        self.balancers |= other.balancers
        self.services |= other.services
        self.gone |= other.gone
        self.zones |= other.zones


@dataclass(slots=True)
class State:
    """What the proxy said last: its doors, and what Envoy did not take."""

    linked: bool = False
    doors: Sequence[proxy.Door] = ()
    resolver: str | None = None
    trouble: str | None = None
    refused: Mapping[str, str] = field(default_factory=dict)


class _Link:
    """One proxy's socket, what it has still to be told of, and what it said."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.dirty, self.woken = _Dirty(), asyncio.Event()
        self.state = State(linked=True)

    def wake(self, news: _Dirty) -> None:
        self.dirty.add(news)
        self.woken.set()

    async def due(self) -> _Dirty:
        """What there is to tell, once there is anything."""
        while not self.dirty:
            await self.woken.wait()
            self.woken.clear()
        due, self.dirty = self.dirty, _Dirty()
        return due


class Proxies:
    def __init__(
        self, core: RunningCore, clock: Clock, sealer: Sealer, journals: ServerJournals, vpc: str | None, eager: bool
    ) -> None:
        """`vpc` is the network whose resolver the proxy is to be. `eager`: new targets are looked at more often."""
        self._core, self._clock, self._sealer, self._journals = core, clock, sealer, journals
        self._vpc, self._eager = vpc, eager
        self._link: _Link | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._revision = 0
        core.core.watchers.append(self._changed)

    @property
    def state(self) -> State:
        return self._link.state if self._link is not None else State()

    def admit(self, principal: Principal) -> None:
        """Raises NotAProxy."""
        if principal.kind is not PrincipalKind.PROXY and not principal.is_root:
            raise NotAProxy(principal.arn)

    async def serve(self, socket: Socket) -> None:
        """Until it closes, or another proxy takes its place. Raises NotSaved."""
        link = _Link(socket)
        before, self._link = self._link, link
        if before is not None:
            self._close(before, 1000, proxy.REPLACED)
        log.info("proxy linked")
        both = [asyncio.create_task(self._tell(link)), asyncio.create_task(self._hear(link))]
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            self._link = None if self._link is link else self._link
            log.info("proxy left")

    def close_all(self) -> None:
        if self._link is not None:
            self._close(self._link, 1001, "GoingAway")

    def _close(self, link: _Link, code: int, reason: str) -> None:
        """Beside everything else: whoever does not listen any more holds nobody up."""

        async def close() -> None:
            with suppress(Exception):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await link.socket.close(code, reason)

        closing = asyncio.create_task(close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _tell(self, link: _Link) -> None:
        """All there is, and then what changes, as fast as it can be sent."""
        due, whole = await self._core.read(_everything), True
        while True:
            told = await self._news(due, whole)
            frame = await asyncio.to_thread(proxy.frame, proxy.CONFIGURATION, told)  # large ones take long
            await link.socket.send(frame)
            due, whole = await link.due(), False

    async def _news(self, due: _Dirty, whole: bool) -> proxy.Configuration:
        """Some load balancers are read at a time: the core has others to serve. What changes meanwhile is due next."""
        documents: dict[str, proxy.LoadBalancer | None] = {}
        for some in _batches(await self._core.read(lambda tx: traffic.by_age(tx, due.balancers)), AT_ONCE):
            documents |= await self._core.read(lambda tx, some=some: self._documents(tx, some))  # type: ignore[misc]
        names, zones = await self._core.read(lambda tx: (_names(tx, due), servicediscovery.zones(tx)))
        self._revision += 1
        return proxy.Configuration(
            revision=self._revision,
            whole=whole,
            load_balancers={arn: found for arn, found in documents.items() if found is not None or not whole},
            names=names,
            zones=zones,
            vpc=self._vpc,
        )

    def _documents(self, tx: Transaction, arns: Sequence[str]) -> dict[str, proxy.LoadBalancer | None]:
        """One that cannot be told of keeps no other from being told of."""
        found: dict[str, proxy.LoadBalancer | None] = {}
        for arn in arns:
            try:
                found[arn] = traffic.document(tx, self._sealer, arn, self._eager)
            except Exception:
                log.exception("load balancer cannot be told of arn=%s", arn)
        return found

    def _changed(self, changes: Sequence[Change]) -> None:
        """After the commit."""
        link = self._link
        if link is None:
            return
        news = _dirtied(self._core.core.store.reading(), changes)
        if news:
            link.wake(news)

    async def _hear(self, link: _Link) -> None:
        async for text in link.socket.texts():
            if self._link is not link:
                return  # another one carries traffic now
            try:
                message = decode(text)
            except Malformed as error:
                log.warning("message not understood reason=%s", error)
                continue
            if message.type == proxy.ACCESS_LOG:
                await self._keep(link, message.body)
            else:
                await self._take(link.state, message.type, message.body)

    async def _keep(self, link: _Link, told: Mapping[str, Any]) -> None:
        """What cannot be written down is not answered, and told again."""
        try:
            await self._put(told)
        except NotWritten as error:
            log.warning("access log is not saved load_balancer=%s reason=%s", told["load_balancer"], error)
        else:
            await link.socket.send(proxy.frame(proxy.KEPT, {"id": told["id"]}))

    async def _put(self, told: Mapping[str, Any]) -> None:
        """What a bucket does not let in any more is lost, as on AWS. Raises NotWritten."""

        def find(tx: Transaction) -> elbv2.access_logs.Place | None:
            balancer = tx.get(elbv2.LoadBalancer, told["load_balancer"])
            if balancer is None or not elbv2.access_logs.are_wanted(balancer):
                return None
            return elbv2.access_logs.place(tx, balancer, told["ended"], told["id"])

        try:
            where = await self._core.read(find)
        except elbv2.LogBucketDenied as error:
            log.warning("access log is lost load_balancer=%s reason=%s", told["load_balancer"], error)
            return
        if where is not None:
            content, now = base64.b64decode(told["content"]), self._clock.now().timestamp()
            headers = {"ContentType": "application/octet-stream"}
            await self._journals.call(lambda kept: kept.objects.put(where.bucket, where.key, content, now, headers))

    async def _take(self, state: State, kind: str, body: Mapping[str, Any]) -> None:
        """Raises NotSaved: what was said is said again when the link opens anew."""
        if kind == proxy.HEALTH:
            await self._in_slices(elbv2.reported, body["targets"])
        elif kind == proxy.DRAINED:
            await self._in_slices(elbv2.drained, body["targets"])
        elif kind == proxy.APPLIED:
            _note_refused(state, body.get("refused") or {})
        elif kind == proxy.ADDRESSES:
            state.doors, state.trouble = body.get("doors") or (), body.get("trouble")
            state.resolver = body.get("resolver")
        elif kind == proxy.SAMPLES:
            await self._measured(elbv2.measured(body["samples"]))

    async def _in_slices(self, write: Callable[[Transaction, Any, datetime], None], targets: Sequence[Any]) -> None:
        now = self._clock.now()
        for some in _batches(targets, TARGETS_AT_ONCE):
            await self._core.call(lambda tx, some=some: write(tx, some, now))  # type: ignore[misc]

    async def _measured(self, samples: Sequence[Sample]) -> None:
        """A minute that cannot be written down is not worth the link."""
        try:
            await self._journals.append(samples)
        except NotWritten as error:
            log.warning("what load balancers carried is not saved reason=%s", error)


def _note_refused(state: State, refused: Mapping[str, str]) -> None:
    for arn, reason in refused.items():
        if state.refused.get(arn) != reason:
            log.warning("load balancer not taken arn=%s reason=%s", arn, reason)
    state.refused = refused


def _everything(tx: Transaction) -> _Dirty:
    services = {service.arn for service in tx.list(servicediscovery.Service)}
    return _Dirty(set(traffic.all_arns(tx)), services)


def _batches(many: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (many[first : first + size] for first in range(0, len(many), size))


def _dirtied(tx: Transaction, changes: Sequence[Change]) -> _Dirty:
    found = (servicediscovery.service_of_change(change) for change in changes)
    deleted = (c.before for c in changes if c.kind is servicediscovery.Service and c.after is None)
    return _Dirty(
        balancers=traffic.changed(tx, changes),
        services={arn for arn in found if arn is not None},
        gone={service.dns_name for service in deleted if service is not None and service.dns_name is not None},
        zones=any(change.kind is servicediscovery.Namespace for change in changes),
    )


def _names(tx: Transaction, due: _Dirty) -> dict[str, proxy.Name | None]:
    """One that was deleted and made anew in the meantime is there."""
    services = (tx.get(servicediscovery.Service, arn) for arn in sorted(due.services))
    there = [name for s in services if s is not None and (name := servicediscovery.name_of(tx, s)) is not None]
    return {**dict.fromkeys(sorted(due.gone)), **{name["name"]: name for name in there}}
