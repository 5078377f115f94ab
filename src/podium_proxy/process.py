"""The proxy as one process: what it hears becomes what Envoy does, and what it finds is told."""

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, cast

from podium_protocol import Message
from podium_protocol.proxy import (
    ADDRESSES,
    APPLIED,
    CONFIGURATION,
    DRAINED,
    HEALTH,
    SAMPLES,
    Configuration,
    Door,
    LoadBalancer,
    Sample,
    TargetGroup,
    TargetHealth,
    frame,
)
from podium_protocol.signing import Signer
from podium_proxy import resolving
from podium_proxy.addresses import Addresses
from podium_proxy.ads.server import Server
from podium_proxy.ads.snapshot import Name, Snapshot
from podium_proxy.checks.checker import Charge, Checker, charges
from podium_proxy.checks.states import Standing, passed
from podium_proxy.config import Config, ConfigError
from podium_proxy.documents import Documents
from podium_proxy.doors import Doors
from podium_proxy.envoy import clusters
from podium_proxy.health import Key, key
from podium_proxy.link import Link
from podium_proxy.log import Log
from podium_proxy.metrics.meter import Meter
from podium_proxy.places import LOOPBACK, Place
from podium_proxy.store import Store
from podium_proxy.supervision import admin, found
from podium_proxy.supervision.bootstrap import ADS
from podium_proxy.supervision.watch import Watch
from podium_proxy.traffic import Traffic

_CONFIGURATION, _HEALTH = "configuration", "health"
_TRY_DOORS_SECONDS = 3.0
_REST_FACTOR = 10
_NEWS_SECONDS = 2.0
_GATHER_SECONDS = 1.0


def lock(data_dir: Path) -> IO[str]:
    """Held as long as the file is open. Raises ConfigError when another proxy holds it."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = (data_dir / "lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise ConfigError(f"Another proxy is using {data_dir}; give this one a --data-dir of its own.") from error
    return held


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
        self._store = Store(config.data_dir / "state")
        self._documents = Documents()
        self._snapshot = Snapshot()
        self._checker = Checker(self._found, self._turned)
        self._traffic = Traffic(self._documents.load_balancers, self._snapshot, self._checker)
        self._server = Server(self._snapshot, self._settled, log)
        self._watch = Watch(config.data_dir, config.concurrency, self._in_trouble, log)
        self._addresses = Addresses(config.data_dir, log)
        self._doors = Doors()
        signer = Signer(credentials=config.credentials, region=config.region)
        self._link = Link(config.endpoint, signer, self._opened, self._heard, log)
        documents = self._documents.load_balancers
        period = float(os.environ.get("PODIUM_PROXY_METRICS_SECONDS", "60"))
        self._meter = Meter(config.data_dir, documents, self._checker.state, self._measured, period)
        self._resolving = resolving.Resolving(config.data_dir, config.host_dns, log)
        self._changed: set[str] = set()
        self._turned_groups: set[str] = set()
        self._news: list[TargetHealth] = []
        self._stirred = asyncio.Event()
        self._dirty: set[str] = set()
        self._soiled = asyncio.Event()
        self._sends: set[tuple[str, str, int]] = set()  # to whom an Envoy that was found running sends
        self._caught_up = asyncio.Event()  # with the control plane, for the first time
        self._revisions: list[tuple[int, int]] = []  # generations that hold revisions, both rising
        self._revision = 0
        self._leaving: list[tuple[int, list[Key]]] = []
        self._told_drained: set[Key] = set()
        self._trouble: str | None = None
        self._told_addresses: Any = None
        self._told_doors: list[Door] = []
        self._charged: dict[str, dict[Key, Charge]] = {}
        self._later: set[int] = set()
        self._stands: dict[str, Any] = {}
        self._doors_changed = True

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
                    group.create_task(self._save())
                    group.create_task(self._watch.run())
                    group.create_task(self._link.run())
                    group.create_task(self._meter.run())
                    group.create_task(self._try_doors())
            finally:
                self._checker.close()
                await self._resolving.close()
                self._write_down(self._unwritten())
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
        """A link knows nothing of what an earlier one was told."""
        self._revisions.clear()
        self._leaving.clear()
        self._told_drained.clear()
        self._told_addresses = None
        self._news = []
        self._link.send(frame(HEALTH, {"targets": self._checker.healths()}))
        self._stirred.set()

    def _heard(self, message: Message) -> None:
        if message.type != CONFIGURATION:
            return
        told = cast(Configuration, message.body)
        self._changed |= self._documents.apply(told)
        self._resolving.heard(told)
        self._revision = told["revision"]
        self._revisions.append((-1, self._revision))
        self._soil(_CONFIGURATION)
        self._stirred.set()

    def _found(self, health: TargetHealth) -> None:
        self._news.append(health)
        self._soil(_HEALTH)
        self._stirred.set()

    def _turned(self, group: str) -> None:
        self._turned_groups.add(group)
        self._stirred.set()

    def _in_trouble(self, sentence: str | None) -> None:
        if sentence != self._trouble:
            self._trouble = sentence
            self._stirred.set()

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
        await self._hold_addresses()
        if changed:
            await self._take_in(changed)
        turned, self._turned_groups = self._turned_groups, set()
        for balancer, group in self._groups() if turned else ():
            if group["arn"] in turned and balancer["arn"] not in changed:
                self._traffic.turn(balancer, group)
        self._mark()
        self._server.stir()
        self._tell()
        if heard:
            self._caught_up.set()

    async def _hold_addresses(self) -> None:
        """Those of load balancers, and the resolver's."""
        balancers, vpc = self._documents.load_balancers.values(), self._documents.vpc
        wanted = {a["private"] for balancer in balancers for a in balancer["addresses"]}
        resolver = resolving.wanted(vpc)
        await self._addresses.hold(wanted | ({resolver} if resolver else set()))
        await self._resolving.serve(vpc)

    async def _take_in(self, changed: set[str]) -> None:
        balancers = self._documents.load_balancers
        self._traffic.here = self._addresses.here
        if not self._caught_up.is_set():
            self._believe()
        moved = any(self._stands_elsewhere(arn, balancers.get(arn)) for arn in changed)
        for arn in changed:
            found = self._charges(balancers[arn]) if arn in balancers else {}
            self._checker.update(self._charged.get(arn, {}), found)
            self._charged[arn] = found
        self._render(changed, self._open() if moved else set())
        self._watch.want(bool(balancers))

    def _stands_elsewhere(self, arn: str, balancer: LoadBalancer | None) -> bool:
        """Whether its listeners or addresses are others than they were."""
        stand: Any = None
        if balancer is not None:
            listeners = [(each["arn"], each["port"], each["protocol"]) for each in balancer["listeners"]]
            stand = (balancer["dns_name"], balancer["addresses"], listeners)
        before, self._stands[arn] = self._stands.get(arn), stand
        return bool(before != stand)

    def _open(self) -> set[Place]:
        """Opens what is wanted. The places that are open, or not, otherwise than before."""
        before = self._traffic.openings
        after = self._traffic.openings = self._doors.hold(self._traffic.wanted())
        self._doors_changed = True
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
        for port in ports:
            if self._traffic.is_crowded(port) and not any(self._traffic.is_urgent(arn) for arn in changed):
                self._share_later(port)
            else:
                self._traffic.share(port)

    def _share_later(self, port: int) -> None:
        """All routes of a port are one resource: where they are very many, changes are gathered for a moment."""
        if port not in self._later:
            self._later.add(port)
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._share_now, port)

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

    def _groups(self) -> list[tuple[LoadBalancer, TargetGroup]]:
        return [(b, group) for b in self._documents.load_balancers.values() for group in b["target_groups"]]

    # What is told.

    def _mark(self) -> None:
        """From this generation on Envoy has what was heard so far, and no target that leaves."""
        generation = self._snapshot.generation
        self._revisions = [(generation if g < 0 else g, revision) for g, revision in self._revisions]
        leaving = [
            (group["arn"], target["id"], target["port"], target["since"])
            for _, group in self._groups()
            for target in group["targets"]
            if target["draining"]
        ]
        fresh = [key for key in leaving if key not in self._told_drained]
        self._told_drained = set(leaving)
        if fresh:
            self._leaving.append((generation, fresh))
        if not self._documents.load_balancers:
            self._settled(generation, {})  # Envoy is ended, and has nothing to say
        elif (reached := self._server.settled) is not None and generation <= reached[0]:
            self._settled(*reached)

    def _settled(self, generation: int, refused: dict[Name, str]) -> None:
        reached = [revision for g, revision in self._revisions if 0 <= g <= generation]
        if reached:
            self._revisions = [(g, revision) for g, revision in self._revisions if not 0 <= g <= generation]
            self._link.send(frame(APPLIED, {"revision": max(reached), "refused": self._refusals(refused)}))
        drained = [key for g, keys in self._leaving if g <= generation for key in keys]
        self._leaving = [(g, keys) for g, keys in self._leaving if g > generation]
        if drained:
            self._link.send(frame(DRAINED, {"targets": drained}))
        self._tell_addresses()

    def _refusals(self, refused: dict[Name, str]) -> dict[str, str]:
        found = dict(self._traffic.refused)
        for name, text in refused.items():
            for owner in self._snapshot.owners(name):
                if owner in self._documents.load_balancers:
                    found[owner] = f"{found[owner]} {text}" if owner in found else text
        return found

    def _tell(self) -> None:
        news, self._news = self._news, []
        if news:
            self._link.send(frame(HEALTH, {"targets": news}))
        self._tell_addresses()

    def _tell_addresses(self) -> None:
        """Not before Envoy has them, or is known to be in trouble."""
        reached = self._server.settled
        behind = bool(self._documents.load_balancers) and (reached is None or self._snapshot.generation > reached[0])
        if behind and self._trouble is None:
            return
        if self._doors_changed:
            self._doors_changed, self._told_doors = False, self._traffic.doors()
        addresses = {
            "doors": self._told_doors,
            "resolver": self._resolving.address,
            "trouble": self._trouble or self._resolving.trouble,
        }
        if addresses != self._told_addresses:
            self._told_addresses = addresses
            self._link.send(frame(ADDRESSES, addresses))

    def _measured(self, samples: list[Sample]) -> None:
        self._link.send(frame(SAMPLES, {"samples": samples}))

    # What is kept.

    def _soil(self, name: str) -> None:
        self._dirty.add(name)
        self._soiled.set()

    async def _save(self) -> None:
        """At once, and then not again for many times as long as it took."""
        loop = asyncio.get_running_loop()
        while True:
            await self._soiled.wait()
            self._soiled.clear()
            began = loop.time()
            await asyncio.to_thread(self._write_down, self._unwritten())
            await asyncio.sleep(_REST_FACTOR * (loop.time() - began))

    def _write_down(self, contents: list[tuple[str, Any]]) -> None:
        for name, content in contents:
            self._store.write(name, content)

    def _unwritten(self) -> list[tuple[str, Any]]:
        dirty, self._dirty = self._dirty, set()
        found: list[tuple[str, Any]] = []
        if _CONFIGURATION in dirty:
            found.append((_CONFIGURATION, self._documents.whole()))
        if _HEALTH in dirty:
            standings = [[list(key), asdict(standing)] for key, standing in self._checker.standings().items()]
            found.append((_HEALTH, standings))
        return found

    def _believe(self) -> None:
        """A target that Envoy sends to was healthy a moment ago, whatever there was no time to write down."""
        for _, group in self._groups():
            for target in group["targets"]:
                name = key(group, target)
                if (
                    self._checker.state(name) == "initial"
                    and (name[0], target["address"], target["port"]) in self._sends
                ):
                    self._checker.remembered({name: passed(time.time())})

    def _remember(self) -> None:
        """What an earlier process was told and found, so that traffic goes on without the control plane."""
        found = self._store.read(_HEALTH) or []
        self._checker.remembered({(k[0], k[1], k[2], k[3]): Standing(**standing) for k, standing in found})
        whole = self._store.read(_CONFIGURATION)
        if whole is not None:
            self._changed |= self._documents.apply(whole)
            self._resolving.heard(whole)
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
