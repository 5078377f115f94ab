"""The proxy as one process: what it hears becomes what Envoy does, and what it finds is told."""

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path
from typing import cast

from podium_program.log import Log
from podium_protocol import Message
from podium_protocol.proxy import (
    CONFIGURATION,
    KEPT,
    SAMPLES,
    Configuration,
    LoadBalancer,
    Sample,
    TargetHealth,
    frame,
)
from podium_protocol.signing import Signer
from podium_proxy import keeping, resolving
from podium_proxy.access_logs.shipping import Shipping
from podium_proxy.addresses import Addresses
from podium_proxy.ads.server import Server
from podium_proxy.ads.snapshot import Name, Snapshot
from podium_proxy.checks.checker import Charge, Checker, charges
from podium_proxy.checks.states import passed
from podium_proxy.config import Config
from podium_proxy.documents import Documents
from podium_proxy.doors import Doors
from podium_proxy.envoy import clusters
from podium_proxy.health import Key, key
from podium_proxy.keeping import Keeping
from podium_proxy.link import Link
from podium_proxy.metrics.meter import Meter
from podium_proxy.places import LOOPBACK, Place
from podium_proxy.reports import Reports
from podium_proxy.stands import Stands
from podium_proxy.store import Store
from podium_proxy.supervision import admin, found
from podium_proxy.supervision.bootstrap import ADS
from podium_proxy.supervision.watch import Watch
from podium_proxy.traffic import Traffic

_TRY_DOORS_SECONDS = 3.0
_NEWS_SECONDS = 2.0
_GATHER_SECONDS = 1.0
_GATHER_SECONDS_EACH = 0.03
"""Envoy builds the routes of a shared port anew in about 0.3 ms a load balancer, and does nothing else meanwhile: that
is to be one percent of its time."""


async def run(config: Config, log: Log) -> None:
    """Until SIGTERM or SIGINT. Envoy runs on."""
    proxy = Proxy(config, log)
    work = asyncio.create_task(proxy.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        log("ends; Envoy runs on")


class Proxy:
    """Holds what the rooms share, and the order in which things are done."""

    def __init__(self, config: Config, log: Log) -> None:
        self._config, self._log = config, log
        self._documents = Documents()
        self._snapshot = Snapshot()
        self._checker = Checker(self._found, self._turned)
        self._traffic = Traffic(self._documents.load_balancers, self._snapshot, self._checker)
        self._keeping = Keeping(Store(config.data_dir / "state"), self._documents, self._checker)
        self._server = Server(self._snapshot, self._settled, log)
        self._watch = Watch(config.data_dir, config.concurrency, self._in_trouble, log)
        self._addresses = Addresses(config.data_dir, log)
        self._doors = Doors()
        signer = Signer(credentials=config.credentials, region=config.region)
        self._link = Link(config.endpoint, signer, self._opened, self._heard, log)
        self._reports = Reports(self._documents, self._snapshot, self._traffic, self._link.send)
        documents = self._documents.load_balancers
        period = float(os.environ.get("PODIUM_PROXY_METRICS_SECONDS", "60"))
        self._meter = Meter(config.data_dir, documents, self._checker.state, self._measured, period)
        self._shipping = Shipping(config.data_dir, documents, self._link.send, config.access_logs_every, log)
        self._resolving = resolving.Resolving(config.data_dir, config.host_dns, log)
        self._changed: set[str] = set()
        self._turned_groups: set[str] = set()
        self._stirred = asyncio.Event()
        self._sends: set[tuple[str, str, int]] = set()  # to whom an Envoy that was found running sends
        self._caught_up = asyncio.Event()  # with the control plane, for the first time
        self._revision = 0
        self._charged: dict[str, dict[Key, Charge]] = {}
        self._later: set[int] = set()
        self._stands = Stands()

    async def run(self) -> None:
        """For as long as it is not cancelled."""
        self._remember()
        self._sends = await admin.endpoints(self._config.data_dir)
        self._doors.adopt(await admin.listening(self._config.data_dir))
        with admin.short_path(self._config.data_dir, ADS) as socket:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._work())
                    group.create_task(self._serve(Path(socket)))
                    group.create_task(self._keeping.run())
                    group.create_task(self._watch.run())
                    group.create_task(self._link.run())
                    group.create_task(self._meter.run())
                    group.create_task(self._shipping.run())
                    group.create_task(self._try_doors())
            finally:
                self._checker.close()
                await self._resolving.close()
                self._keeping.write()
                await self._server.close()

    async def _serve(self, socket: Path) -> None:
        """An Envoy that runs must not hear of less than it has. The disk may be behind: news is waited for a little."""
        if found.running(self._config.data_dir) is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_NEWS_SECONDS):
                    await self._caught_up.wait()
        await self._server.start(socket)

    # What is heard.

    def _opened(self) -> None:
        self._reports.opened(self._checker.healths())
        self._stirred.set()

    def _heard(self, message: Message) -> None:
        if message.type == KEPT:
            self._shipping.answered(str(message.body.get("id")))
        if message.type != CONFIGURATION:
            return
        told = cast(Configuration, message.body)
        self._changed |= self._documents.apply(told)
        self._resolving.heard(told)
        self._revision = told["revision"]
        self._reports.heard(self._revision)
        self._keeping.soil(keeping.CONFIGURATION)
        self._stirred.set()

    def _found(self, health: TargetHealth) -> None:
        self._reports.found(health)
        self._keeping.soil(keeping.HEALTH)
        self._stirred.set()

    def _turned(self, group: str) -> None:
        self._turned_groups.add(group)
        self._stirred.set()

    def _in_trouble(self, sentence: str | None) -> None:
        if sentence != self._reports.trouble:
            self._reports.trouble = sentence
            self._stirred.set()

    def _settled(self, generation: int, refused: dict[Name, str]) -> None:
        self._reports.settled(generation, refused)
        self._tell_addresses()

    # What is done.

    async def _work(self) -> None:
        """One change after the other: what was heard meanwhile is done in one go."""
        while True:
            await self._stirred.wait()
            await self._turn()

    async def _turn(self) -> None:
        self._stirred.clear()
        heard = self._revision
        changed, self._changed = self._changed, set()
        self._reports.taken()
        moved = self._stands.changed({arn: self._documents.load_balancers.get(arn) for arn in changed})
        await self._hold_addresses()
        if changed:
            await self._take_in(changed, moved)
        turned, self._turned_groups = self._turned_groups, set()
        for arn in turned:
            self._traffic.turned(arn)
        self._mark(changed)
        self._server.stir()
        self._tell_addresses()
        if heard:
            self._caught_up.set()

    async def _hold_addresses(self) -> None:
        """Those of load balancers, and the resolver's."""
        resolver = resolving.wanted(self._documents.vpc)
        await self._addresses.hold(self._stands.hosts() | ({resolver} if resolver else set()))
        await self._resolving.serve(self._documents.vpc)

    async def _take_in(self, changed: set[str], moved: bool) -> None:
        balancers = self._documents.load_balancers
        self._traffic.here = self._addresses.here
        if not self._caught_up.is_set():
            self._believe()
        for arn in changed:
            found = self._charges(balancers[arn]) if arn in balancers else {}
            self._checker.update(self._charged.get(arn, {}), found)
            self._charged[arn] = found
            if not found:
                del self._charged[arn]
        self._render(changed, self._open() if moved else set())
        self._watch.want(bool(balancers))

    def _open(self) -> set[Place]:
        """Opens what is wanted. The places that are open, or not, otherwise than before."""
        before = self._traffic.openings
        after = self._traffic.openings = self._doors.hold(self._traffic.wanted())
        self._reports.moved()
        return {place for place, opening in after.items() if before.get(place) != opening}

    def _render(self, changed: set[str], moved: set[Place]) -> None:
        """Those that changed, and whoever has other doors now."""
        hosts = {place.host for place in moved if place.host != LOOPBACK}
        for arn, balancer in self._documents.load_balancers.items() if hosts else ():
            if any(a.get("public") in hosts or a["private"] in hosts for a in balancer["addresses"]):
                self._traffic.forget(arn)
                changed = changed | {arn}
        ports = {place.port for place in moved}
        for arn in changed:
            ports |= self._traffic.render(arn)
        urgent = any(self._traffic.is_urgent(arn) for arn in changed)
        for port in ports if urgent else ports - self._later:
            if urgent or not (crowd := self._traffic.crowd(port)):
                self._traffic.share(port)
            else:
                self._share_later(port, crowd)

    def _share_later(self, port: int, crowd: int) -> None:
        """All routes of a port are one resource: where they are very many, changes are gathered for a while."""
        self._later.add(port)
        seconds = max(_GATHER_SECONDS, crowd * _GATHER_SECONDS_EACH)
        asyncio.get_running_loop().call_later(seconds, self._share_now, port)

    def _share_now(self, port: int) -> None:
        self._later.discard(port)
        self._traffic.share(port)
        self._stirred.set()

    async def _try_doors(self) -> None:
        """A place that another program had may be free by now."""
        while True:
            await asyncio.sleep(_TRY_DOORS_SECONDS)
            if any(opening.trouble for opening in self._traffic.openings.values()):
                self._render(set(), self._open())
                self._stirred.set()

    def _charges(self, balancer: LoadBalancer) -> dict[Key, Charge]:
        found: dict[Key, Charge] = {}
        for group in balancer["target_groups"]:
            found.update(charges(group, clusters.source(balancer, group, self._addresses.here)))
        return found

    # What is told.

    def _mark(self, changed: set[str]) -> None:
        self._reports.mark(changed)
        generation = self._snapshot.generation
        if not self._documents.load_balancers:
            self._settled(generation, {})  # Envoy is ended, and has nothing to say
        elif (reached := self._server.settled) is not None and generation <= reached[0]:
            self._settled(*reached)

    def _tell_addresses(self) -> None:
        self._reports.addresses(self._server.settled, self._resolving.address, self._resolving.trouble)

    def _measured(self, samples: list[Sample]) -> None:
        self._link.send(frame(SAMPLES, {"samples": samples}))

    # What is remembered.

    def _believe(self) -> None:
        """A target that Envoy sends to was healthy a moment ago, whatever there was no time to write down."""
        groups = [group for balancer in self._documents.load_balancers.values() for group in balancer["target_groups"]]
        for group in groups if self._sends else ():
            for target in group["targets"]:
                name = key(group, target)
                sends = (name[0], target["address"], target["port"]) in self._sends
                if sends and self._checker.state(name) == "initial":
                    self._checker.remembered({name: passed(time.time())})

    def _remember(self) -> None:
        """What an earlier process was told and found, so that traffic goes on without the control plane."""
        self._checker.remembered(self._keeping.standings())
        whole = self._keeping.configuration()
        if whole is not None:
            self._changed |= self._documents.apply(cast(Configuration, whole))
            self._resolving.heard(cast(Configuration, whole))
            self._stirred.set()


async def sweep(data_dir: Path, log: Log) -> None:
    """Ends Envoy and takes off the addresses."""
    from podium_proxy.supervision.watch import end

    await end(data_dir)
    await Addresses(data_dir, log).clear()
    resolving.sweep(data_dir)
    for path in [*(data_dir / "state").glob("*"), data_dir / "bootstrap.json"]:
        path.unlink(missing_ok=True)


def threads() -> int:
    return max(1, min(2, os.cpu_count() or 1))
