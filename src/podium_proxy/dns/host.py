"""The host itself finds the names, by plain getaddrinfo, for as long as `podium up --dns` runs.

Where systemd-resolved runs it is told to ask us for our domains and no others, by a file of its own folder. Elsewhere
ours becomes the first name server of /etc/resolv.conf: the line is marked, the file is written in place (it may be a
link, or mounted alone), and the original is kept beside it until the line is gone. Should we be killed, who asks is
refused at once and asks the next server, and with systemd-resolved our domains alone are not found; `undo` restores
what was.

Source: resolv.conf(5), resolved.conf(5), systemd-resolved.service(8).
"""

import asyncio
import contextlib
import logging
import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from podium_protocol import proxy
from podium_proxy.dns import resolvconf
from podium_proxy.dns.resolver import PORT, Resolver, of_the_host
from podium_proxy.dns.upstream import Server

ADDRESS = "127.0.63.53"
"""Outside of what load balancers get, and of what systemd-resolved has."""

STUBS = {"127.0.0.53", "127.0.0.54"}
"""Where systemd-resolved listens."""

LOOK_EVERY = 5.0  # seconds: who renews the host's address lease writes the file anew
GATHER = 3.0  # seconds: systemd gives up a service that is started five times in ten
log = logging.getLogger("podium.proxy.dns.host")


def _systemctl(*words: str) -> bool:
    try:
        done = subprocess.run(["systemctl", "--quiet", *words], timeout=20, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("systemctl %s: %s", " ".join(words), error)
        return False
    return done.returncode == 0


@dataclass(frozen=True, kw_only=True)
class Host:
    """Where the host keeps whom it asks. `systemctl` says whether it did as it was told; what did not is logged."""

    resolv_conf: Path = Path(resolvconf.PATH)
    resolved: Path = Path("/run/systemd/resolve/resolv.conf")
    drop_in: Path = Path("/etc/systemd/resolved.conf.d/podium.conf")
    systemctl: Callable[..., bool] = field(default=_systemctl)

    @property
    def kept(self) -> Path:
        return self.resolv_conf.with_name(self.resolv_conf.name + ".podium")

    def has_resolved(self) -> bool:
        """Whether this host asks systemd-resolved, and not merely whether it runs."""
        asked = {address for address, _ in of_the_host(self.resolv_conf)}
        return self.resolved.exists() and bool(asked & STUBS)

    def upstreams(self) -> Sequence[Server]:
        """systemd-resolved would only ask us again: its own sources are asked instead."""
        path = self.resolved if self.drop_in.exists() else self.resolv_conf
        return [server for server in of_the_host(path) if server[0] != ADDRESS]


def do(host: Host, address: str = ADDRESS, domains: Iterable[str] = ()) -> None:
    """Done twice it is done once. Raises OSError where we may not."""
    if host.has_resolved():
        _tell_resolved(host, address, sorted(domains))
        return
    text = _read(host.resolv_conf)
    wanted = resolvconf.done(text, address)
    if text != wanted:
        _write(host.kept, resolvconf.undone(text))
        _write(host.resolv_conf, wanted)
        log.info("this host finds the names by us address=%s file=%s", address, host.resolv_conf)


def _tell_resolved(host: Host, address: str, domains: Sequence[str]) -> None:
    routed = " ".join(f"~{domain}" for domain in domains)
    wanted = f"{resolvconf.BEGIN}[Resolve]\nDNS={address}\nDomains={routed}\n{resolvconf.END}" if domains else ""
    if _read(host.drop_in) == wanted:
        return
    if wanted:
        host.drop_in.parent.mkdir(parents=True, exist_ok=True)
        _write(host.drop_in, wanted)
    else:
        host.drop_in.unlink()
    host.systemctl("reload-or-restart", "systemd-resolved")


def undo(host: Host) -> bool:
    """Whether there was anything to undo. Raises OSError where we may not."""
    if host.drop_in.exists():
        host.drop_in.unlink()
        host.systemctl("reload-or-restart", "systemd-resolved")
        return True
    text = _read(host.resolv_conf)
    before = resolvconf.undone(text)
    if before == text and host.kept.exists() and _half_written(text):
        before = _read(host.kept)
    if before != text:
        _write(host.resolv_conf, before)
    known = host.kept.exists()
    host.kept.unlink(missing_ok=True)
    return known or before != text


def _half_written(text: str) -> bool:
    """What a power cut between two writes may leave: nothing, or the start of what we would have written."""
    return not text.strip() or text.startswith(resolvconf.BEGIN[: len(text)]) or resolvconf.BEGIN in text


def _read(path: Path) -> str:
    """Bytes that are no UTF-8 survive, and so do the ends of lines."""
    try:
        return path.read_bytes().decode(errors="surrogateescape")
    except FileNotFoundError:
        return ""


def _write(path: Path, text: str) -> None:
    """In place, and on disk before this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with open(descriptor, "wb") as file:
        file.write(text.encode(errors="surrogateescape"))
        file.flush()
        os.fsync(file.fileno())


class HostResolver:
    """A resolver of its own for the host, on an address of the loopback interface."""

    def __init__(self, host: Host | None = None, address: str = ADDRESS, port: int = PORT) -> None:
        self._host, self._address, self._port = host or Host(), address, port
        self.resolver = Resolver(public=True, upstreams=self._host.upstreams)
        self._looking: asyncio.Task[None] | None = None
        self._writing, self._news = asyncio.Lock(), asyncio.Event()

    async def start(self) -> None:
        """What an earlier one left behind is undone first. Raises OSError where we may not, having changed nothing."""
        await asyncio.to_thread(undo, self._host)
        await self.resolver.start(self._address, self._port)
        try:
            await asyncio.to_thread(do, self._host, self._address)
        except OSError:
            await self.resolver.close()
            raise
        self._looking = asyncio.ensure_future(self._look())

    def update(self, configuration: proxy.Configuration) -> None:
        before = self.resolver.domains
        self.resolver.update(configuration)
        if self.resolver.domains != before:
            self._news.set()

    async def _look(self) -> None:
        """Whoever else writes the file is not fought: it is written once more, with theirs below ours."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._news.wait()
            self._news.clear()
            try:
                async with self._writing:
                    await asyncio.to_thread(do, self._host, self._address, self.resolver.domains)
            except OSError as error:
                log.warning("this host does not find the names any more: %s", error)
            await asyncio.sleep(GATHER)

    async def close(self) -> None:
        """Raises OSError where the host's file could not be restored."""
        if self._looking is not None:
            async with self._writing:  # what is being done in a thread would outlive the task
                self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
        try:
            await asyncio.to_thread(undo, self._host)
        finally:
            await self.resolver.close()
