"""The proxies' link: what is to be carried goes out, what became of it comes in.

One proxy carries all traffic: the last one that linked up is told.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from podium import elbv2, servicediscovery
from podium.elbv2 import traffic
from podium.journals.kept import NotWritten
from podium.journals.metrics import Sample
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.kernel.principal import Principal, PrincipalKind
from podium.kernel.sealing import Sealer
from podium.runtime.core import NotSaved
from podium.runtime.thread import CoreThread
from podium.server.journals import ServerJournals
from podium.server.sockets import Socket
from podium.store.session import Change, Transaction
from podium_protocol import proxy
from podium_protocol.envelope import Malformed, decode

AT_ONCE = 20  # load balancers that are read in one turn of the core
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


class Proxies:
    def __init__(
        self, core: CoreThread, clock: Clock, sealer: Sealer, journals: ServerJournals, vpc: str | None, eager: bool
    ) -> None:
        """`vpc` is the network whose resolver the proxy is to be. `eager`: new targets are looked at more often."""
        self._core, self._clock, self._sealer, self._journals = core, clock, sealer, journals
        self._vpc, self._eager = vpc, eager
        self._loop = asyncio.get_running_loop()
        self._socket: Socket | None = None
        self._dirty, self._woken = _Dirty(), asyncio.Event()
        self._revision = 0
        self.state = State()
        core.core.watchers.append(self._changed)

    def admit(self, principal: Principal) -> None:
        """Raises NotAProxy."""
        if principal.kind is not PrincipalKind.PROXY and not principal.is_root:
            raise NotAProxy(principal.arn)

    async def serve(self, socket: Socket) -> None:
        """Until it closes, or another proxy takes its place."""
        before, self._socket = self._socket, socket
        if before is not None:
            await before.close(1000, "Replaced")
        self.state.linked = True
        log.info("proxy linked")
        telling = asyncio.create_task(self._tell(socket))
        try:
            async for text in socket.texts():
                await self._heard(text)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            if self._socket is socket:
                self._socket, self.state = None, State()
            log.info("proxy left")

    def close_all(self) -> None:
        if self._socket is not None:
            asyncio.ensure_future(self._socket.close(1001, "GoingAway"))  # noqa: RUF006  (the loop ends soon)

    async def _tell(self, socket: Socket) -> None:
        """All there is, and then what changes, as fast as it can be sent."""
        self._dirty, self._woken = _Dirty(), asyncio.Event()
        due, whole = await self._core.read(_everything), True
        while True:
            await socket.send(proxy.frame(proxy.CONFIGURATION, await self._news(due, whole)))
            while not self._dirty:
                await self._woken.wait()
                self._woken.clear()
            due, self._dirty, whole = self._dirty, _Dirty(), False

    async def _news(self, due: _Dirty, whole: bool) -> proxy.Configuration:
        """Some load balancers are read at a time: the core has others to serve. What changes meanwhile is due next."""
        documents: dict[str, proxy.LoadBalancer | None] = {}
        for some in _batches(await self._core.read(lambda tx: traffic.by_age(tx, due.balancers))):
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
        return {arn: traffic.document(tx, self._sealer, arn, self._eager) for arn in arns}

    def _changed(self, changes: Sequence[Change]) -> None:
        """In the core's thread, after the commit."""
        if self._socket is None:
            return
        news = _dirtied(self._core.core.store.reading(), changes)
        if news:
            self._loop.call_soon_threadsafe(self._wake, news)

    def _wake(self, news: _Dirty) -> None:
        self._dirty.add(news)
        self._woken.set()

    async def _heard(self, text: str) -> None:
        try:
            message = decode(text)
        except Malformed as error:
            log.warning("message not understood reason=%s", error)
            return
        try:
            await self._take(message.type, message.body)
        except NotSaved as error:  # said again when the link opens anew
            log.warning("what a proxy said is not saved reason=%s", error)
            raise

    async def _take(self, kind: str, body: Mapping[str, Any]) -> None:
        now = self._clock.now()
        if kind == proxy.HEALTH:
            await self._core.call(lambda tx: elbv2.reported(tx, body["targets"], now))
        elif kind == proxy.DRAINED:
            await self._core.call(lambda tx: elbv2.drained(tx, body["targets"], now))
        elif kind == proxy.APPLIED:
            self._refused(body.get("refused") or {})
        elif kind == proxy.ADDRESSES:
            self.state.doors, self.state.trouble = body.get("doors") or (), body.get("trouble")
            self.state.resolver = body.get("resolver")
        elif kind == proxy.SAMPLES:
            await self._measured(elbv2.measured(body["samples"]))

    async def _measured(self, samples: Sequence[Sample]) -> None:
        """A minute that cannot be written down is not worth the link."""
        try:
            await self._journals.append(samples)
        except NotWritten as error:
            log.warning("what load balancers carried is not saved reason=%s", error)

    def _refused(self, refused: Mapping[str, str]) -> None:
        for arn, reason in refused.items():
            if self.state.refused.get(arn) != reason:
                log.warning("load balancer not taken arn=%s reason=%s", arn, reason)
        self.state.refused = refused


def _everything(tx: Transaction) -> _Dirty:
    services = {service.arn for service in tx.list(servicediscovery.Service)}
    return _Dirty(set(traffic.all_arns(tx)), services)


def _batches(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    return (arns[first : first + AT_ONCE] for first in range(0, len(arns), AT_ONCE))


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
