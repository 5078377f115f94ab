"""This host's part in the networks of tasks: links, routes and rules, as they should be by what the engine says."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise
from pathlib import Path

from podium_agent.engine.interfaces import LINK_PREFIX, Interface
from podium_agent.network import firewall, links
from podium_program.log import Log
from podium_program.shell import ShellError, run, script
from podium_protocol.acs import SecurityGroup

_PROGRAMS = ("ip", "nft", "nsenter", "flock")
_LOOK_SECONDS = 0.002
_PATIENCE_SECONDS = 5.0


def why_not(bridge_address: str) -> str | None:
    """Why awsvpc tasks cannot run here, in a sentence; None when they can.

    `bridge_address` is Docker's own on its bridge: where this process does not have it, Docker's network is elsewhere.
    """
    if os.geteuid() != 0:
        return "networks of tasks are made by root"
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"{' and '.join(missing)} not found (Debian: apt-get install iproute2 nftables util-linux)"
    if not _is_local(bridge_address):
        return "Docker Engine runs in another network than this agent"
    return None


def owner(data_dir: Path, cluster: str) -> str:
    """By what a HostNetwork is found again. `cluster` is its name."""
    return f"{data_dir.resolve()} {cluster}"


def _is_local(address: str) -> bool:
    """The kernel's table of its own addresses, each on a line above the word that says so."""
    lines = Path("/proc/net/fib_trie").read_text().splitlines()
    own = {before.split()[-1] for before, line in pairwise(lines) if "host LOCAL" in line}
    return address in own


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Where the last rules are kept, so that an agent that starts anew enforces them before it is told again."""

    read: Callable[[], list[SecurityGroup]] = list
    write: Callable[[list[SecurityGroup]], None] = lambda groups: None


class HostNetwork:
    """`owner` tells the links and rules of one agent in one cluster from all others on the host, and outlives it.

    Rules are in force before a task is wired: an address whose groups are not known yet speaks to nobody.
    """

    def __init__(self, owner: str, log: Log, rules: Rules | None = None) -> None:
        self._prefix = links.owner_prefix(owner)
        self._log = log
        self._interfaces: tuple[Interface, ...] = ()
        self._rules = rules or Rules()
        self._groups = {group["groupId"]: group for group in self._rules.read()}
        self._ranges_known: dict[str, bool] = {}
        self._in_force: str | None = None
        self._there: set[str] | None = None  # links of ours that there may be; after a start nobody knows
        self._asked = self._settled = 0
        self._turn = asyncio.Lock()

    def link_of(self, interface: Interface) -> str:
        return links.link_name(self._prefix, interface.id)

    async def keep(self, interfaces: Sequence[Interface]) -> None:
        """These are all there are: links of others of ours go."""
        self._interfaces = tuple(interfaces)
        await self._settle()

    async def enforce(self, groups: Sequence[SecurityGroup]) -> None:
        """A group that is in use and not among these keeps the rules it had: the records may have been lost."""
        used = {group for interface in self._interfaces for group in interface.groups}
        kept = {name: group for name, group in self._groups.items() if name in used}
        self._groups = kept | {group["groupId"]: group for group in groups}
        self._rules.write(list(self._groups.values()))
        await self._settle()

    async def wire(self, pid: int, interface: Interface, sysctls: Mapping[str, str]) -> None:
        """Give the task whose pause process is `pid` its interface. Raises ShellError."""
        await _has_its_own_network(pid)
        async with self._turn:
            await self._apply()
        prepare = links.preparing(interface.gateway, await self._ranges(interface))
        link = self.link_of(interface)
        try:
            await script(f"{prepare}\n{links.wiring(link, interface, pid, sysctls)}")
        finally:
            if self._there is not None:
                self._there.add(link)

    async def clear(self) -> None:
        """Nothing of ours is left on the host, and of nobody's when we are the last. Raises ShellError."""
        await script(links.unwiring(await _links(self._prefix)))
        await run("nft", "-f", "-", given=firewall.absent(self._prefix))
        await script(links.leaving())

    async def _settle(self) -> None:
        """Best effort: what fails is tried again with the next change, and before any task is wired.

        Changes that come while one is being seen to are seen to together.
        """
        self._asked += 1
        asked = self._asked
        async with self._turn:
            if self._settled >= asked:
                return
            self._settled = self._asked
            try:
                await self._apply()
                await self._remove_others()
            except ShellError as error:
                self._log("could not settle the networks of tasks", reason=str(error))

    async def _apply(self) -> None:
        wanted = firewall.ruleset(self._prefix, self._interfaces, self._groups, self.link_of)
        if not self._interfaces:
            wanted = firewall.absent(self._prefix)
        if wanted != self._in_force:
            await run("nft", "-f", "-", given=wanted)
            self._in_force = wanted

    async def _remove_others(self) -> None:
        """Nothing is looked for while all links that there may be are kept."""
        kept = {self.link_of(interface) for interface in self._interfaces}
        if self._there is not None and self._there <= kept:
            return
        if others := [link for link in await _links(self._prefix) if link not in kept]:
            await script(links.unwiring(others))
        self._there = kept

    async def _ranges(self, interface: Interface) -> list[str]:
        """The VPC's ranges in which the host has no addresses of its own; looked up once."""
        for network in interface.networks:
            if network not in self._ranges_known:
                overlaps = any(address in IPv4Network(network) for address in await _addresses())
                self._ranges_known[network] = not overlaps
                if overlaps:
                    self._log("this host has addresses of its own in a VPC's range", range=network)
        return [network for network in interface.networks if self._ranges_known[network]]


async def _links(prefix: str) -> list[str]:
    told = json.loads(await run("ip", "-json", "link", "show") or "[]")
    return [link["ifname"] for link in told if link["ifname"].startswith(prefix)]


async def _addresses() -> list[IPv4Address]:
    """The host's own, apart from those that agents gave it."""
    told = json.loads(await run("ip", "-4", "-json", "address", "show") or "[]")
    real = [link for link in told if link["ifname"] != "lo" and not link["ifname"].startswith(LINK_PREFIX)]
    return [IPv4Address(info["local"]) for link in real for info in link["addr_info"]]


async def _has_its_own_network(pid: int) -> None:
    """The pause process makes its namespace in its first moments. Raises ShellError when it does not."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE_SECONDS
    ours = Path("/proc/self/ns/net").readlink()
    while True:
        try:
            if Path(f"/proc/{pid}/ns/net").readlink() != ours:
                return
        except OSError as error:
            raise ShellError(f"the task's first process ended ({error.strerror})") from error
        if loop.time() > end:
            raise ShellError("the task's first process did not make its network namespace")
        await asyncio.sleep(_LOOK_SECONDS)
