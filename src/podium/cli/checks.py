"""What is looked at to know whether and how Podium can run here."""

import errno
import grp
import os
import platform
import pwd
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path

from podium import __version__
from podium.cli import environment
from podium.launch import listeners, machine, running
from podium.launch.engine import Engine, EngineUnavailable
from podium.launch.in_docker import box
from podium.launch.paths import DataDir
from podium.launch.settings import Settings

OLDEST_ENGINE = (20, 10)
LOW_DISK_MIB = 1024
NETWORK_PROGRAMS = ("ip", "nft", "nsenter", "flock")
BESIDE = "`podium up --in-docker` runs Podium as a container beside the engine."


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`says` is a fact; `remedy` what to do about it; `means` which features that leaves."""

    check: str
    level: Level
    says: str
    remedy: str = ""
    means: str = ""

    def __str__(self) -> str:
        more = " ".join(sentence for sentence in (self.means, self.remedy) if sentence)
        return f"{self.level.value:<4}  {self.check}: {self.says}{' ' + more if more else ''}"

    def told(self) -> dict[str, str]:
        return {
            "check": self.check,
            "level": self.level.value,
            "says": self.says,
            "remedy": self.remedy,
            "means": self.means,
        }


@dataclass(frozen=True, kw_only=True)
class Situation:
    paths: DataDir
    port: int
    docker_host: str


def every(situation: Situation) -> list[Finding]:
    return [check(situation) for check in CHECKS if sys.platform == "linux" or check not in ABOUT_LINUX]


def at_start(settings: Settings) -> list[Finding]:
    """The quick ones, after Podium took its port; only what is wrong is worth a line."""
    situation = Situation(paths=settings.paths, port=settings.port, docker_host=settings.docker_host)
    return [finding for check in QUICK_CHECKS if (finding := check(situation)).level is not Level.OK]


def is_elsewhere(settings: Settings) -> bool:
    """Whether Docker Engine is in a network that this machine cannot reach."""
    situation = Situation(paths=settings.paths, port=settings.port, docker_host=settings.docker_host)
    return _network(situation).level is not Level.OK


def _podium(situation: Situation) -> Finding:
    told = f"Podium {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    if sys.platform != "linux":
        return _finding("podium", Level.WARN, told, means="Podium itself runs on Linux.", remedy=BESIDE)
    return _finding("podium", Level.OK, told)


def _user(situation: Situation) -> Finding:
    groups = sorted({_group_name(number) for number in (os.getegid(), *os.getgroups())})
    told = f"{_user_name()} (uid {os.geteuid()}), groups {', '.join(groups)}."
    if os.geteuid() == 0:
        return _finding("user", Level.OK, told, means="Every feature is open to root.")
    return _finding("user", Level.OK, told, means="Bridge, host and none networking work without root.")


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return "a user without a name"


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _engine(situation: Situation) -> Finding:
    try:
        told = Engine(situation.docker_host).version()
    except EngineUnavailable as unavailable:
        means = "The API works; no task can run until Docker answers, and then they start by themselves."
        return _finding("docker", Level.FAIL, str(unavailable), means=means)
    version = str(told.get("Version", ""))
    says = f"Docker Engine {version} (API {told.get('ApiVersion')}) at {situation.docker_host}"
    if _numbers(version) < OLDEST_ENGINE:
        return _finding("docker", Level.WARN, says, remedy="Podium is tried with 20.10 and newer; upgrade Docker.")
    return _finding("docker", Level.OK, says)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(word) for word in version.split(".")[:2] if word.isdigit())


def _socket(situation: Situation) -> Finding:
    path = Path(situation.docker_host.removeprefix("unix://"))
    if not situation.docker_host.startswith("unix://"):
        return _finding("docker.sock", Level.OK, f"not used: {situation.docker_host}")
    if not path.exists():
        return _finding("docker.sock", Level.WARN, f"{path} does not exist.", remedy="Start Docker Engine.")
    if not os.access(path, os.R_OK | os.W_OK):
        remedy = f"Run `sudo usermod -aG docker {_user_name()}` and log in again."
        return _finding("docker.sock", Level.FAIL, f"{path} is not yours to use.", remedy=remedy)
    return _finding("docker.sock", Level.OK, f"{path} is open to this user, which is as good as root on this machine.")


def _network(situation: Situation) -> Finding:
    """Whether Docker's own address is one of this machine's: without it no network of a task is in reach."""
    try:
        config = (Engine(situation.docker_host).get("/networks/bridge").get("IPAM") or {}).get("Config") or [{}]
    except EngineUnavailable:
        return _finding("network", Level.OK, "not known while Docker does not answer.")
    subnet, gateway = config[0].get("Subnet"), config[0].get("Gateway")
    address = gateway or (str(next(ip_network(subnet).hosts())) if subnet else "")
    if not address or _is_own(address):
        return _finding("network", Level.OK, "Docker Engine is in this machine's own network.")
    if box.read(situation.paths):
        return _finding("network", Level.OK, "Docker Engine is in another network, and Podium beside it.")
    says = f"Docker Engine is in another network than this machine, which lacks its address {address}."
    means = "Networks of tasks (awsvpc, FARGATE), their metadata and their roles do not work from here."
    return _finding("network", Level.WARN, says, means=means, remedy=BESIDE)


def _task_networks(situation: Situation) -> Finding:
    if box.read(situation.paths):
        return _finding("task networks", Level.OK, "Podium beside the engine makes them (awsvpc, FARGATE).")
    lacking = lacks_for_networks()
    if not lacking:
        return _finding("task networks", Level.OK, "ip, nft, nsenter and flock are there for awsvpc and FARGATE.")
    means = "awsvpc and FARGATE tasks are not placed here; bridge, host and none networking work."
    return _finding("task networks", Level.OK, f"not made by this user: {lacking}.", means=means)


def lacks_for_networks() -> str:
    """What an agent of this user lacks to give tasks network interfaces of their own; empty for nothing."""
    if os.geteuid() != 0:
        return "that takes root"
    missing = [program for program in NETWORK_PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"{' and '.join(missing)} not found (Debian: apt-get install iproute2 nftables util-linux)"
    return ""


def _is_own(address: str) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            return error.errno != errno.EADDRNOTAVAIL
    return True


def _cgroups(situation: Situation) -> Finding:
    version = 2 if Path("/sys/fs/cgroup/cgroup.controllers").exists() else 1
    controllers = _controllers(version)
    missing = {"memory", "cpu", "pids"} - controllers
    says = f"version {version}, with {', '.join(sorted(controllers)) or 'no controllers'}"
    if missing:
        means = f"Limits on {', '.join(sorted(missing))} will not hold."
        return _finding("cgroups", Level.WARN, says, means=means, remedy="Turn them on at the kernel's command line.")
    return _finding("cgroups", Level.OK, says)


def _controllers(version: int) -> set[str]:
    """Source: cgroups(7): /proc/cgroups for version 1, the root's cgroup.controllers for version 2."""
    try:
        if version == 2:
            return set(Path("/sys/fs/cgroup/cgroup.controllers").read_text().split())
        rows = [line.split() for line in Path("/proc/cgroups").read_text().splitlines()[1:]]
    except OSError:
        return set()
    return {row[0] for row in rows if row[3] == "1"}


def _kernel(situation: Situation) -> Finding:
    offered = {"bridge": _has_module("bridge"), "veth": _has_module("veth"), "nf_tables or ip_tables": _has_filter()}
    missing = [name for name, there in offered.items() if not there]
    if missing:
        says = f"{', '.join(missing)} not seen in {platform.release()} (they may load on demand)."
        return _finding("kernel", Level.WARN, says, means="Host networking works; bridge networking may not.")
    return _finding("kernel", Level.OK, f"{platform.release()} has {', '.join(offered)}")


def _has_module(name: str) -> bool:
    """Loaded, built in, or there to be loaded."""
    if Path("/sys/module", name).exists() or Path("/sys/class/net/docker0").exists():
        return True
    listed = Path("/lib/modules", platform.release())
    files = [listed / "modules.dep", listed / "modules.builtin"]
    return any(f"/{name}.ko" in file.read_text() for file in files if file.exists())


def _has_filter() -> bool:
    tables = Path("/proc/net/ip_tables_names").exists() or _has_module("ip_tables")
    return tables or _has_module("nf_tables")


def _low_ports(situation: Situation) -> Finding:
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    except (OSError, ValueError):
        first = 1024
    if os.geteuid() == 0 or first == 0:
        return _finding("low ports", Level.OK, "Podium may listen on every port.")
    means = "Tasks are not affected: Docker opens their ports."
    return _finding("low ports", Level.OK, f"Podium itself may listen on {first} and above.", means=means)


def _port(situation: Situation) -> Finding:
    own = running.look(situation.paths)
    if own:
        return _finding("port", Level.OK, f"Podium is running here: {own.url} ({_whose(own)}).")
    if listeners.is_free("127.0.0.1", situation.port):
        return _finding("port", Level.OK, f"{situation.port} is free.")
    who = listeners.who_has(situation.port, Engine(situation.docker_host, 1.0))
    remedy = "End that program, or start Podium elsewhere: `podium up --port 0`."
    return _finding("port", Level.FAIL, f"{situation.port} is taken by {who}.", remedy=remedy)


def _whose(own: running.Running) -> str:
    return "in a container" if own.pid is None else f"pid {own.pid}"


def _aws(situation: Situation) -> Finding:
    version = environment.aws_version()
    if version is None:
        return _finding("aws CLI", Level.OK, "none on the path.", means="`podium aws …` brings its own.")
    if environment.reads_endpoint_variable(version):
        return _finding("aws CLI", Level.OK, f"{version} reads AWS_ENDPOINT_URL.")
    remedy = "Use `podium aws …`, or install aws CLI 1.29, 2.13 or newer."
    says = f"{version} ignores AWS_ENDPOINT_URL and would call the real AWS."
    return _finding("aws CLI", Level.WARN, says, remedy=remedy)


def _data_dir(situation: Situation) -> Finding:
    root = situation.paths.root
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return _finding("data dir", Level.OK, f"{root} can be written.")
    remedy = "Name a folder of your own with --data-dir."
    return _finding("data dir", Level.FAIL, f"{root} cannot be written by this user.", remedy=remedy)


def _disk(situation: Situation) -> Finding:
    root = situation.paths.root
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(there).free // 2**20
    says = f"{free} MiB free under {there}."
    if free < LOW_DISK_MIB:
        return _finding("disk", Level.WARN, says, remedy="Free some: records, logs and images need room.")
    return _finding("disk", Level.OK, says)


def _memory(situation: Situation) -> Finding:
    told = f"{machine.cpu_units()} CPU units and {machine.memory_mib()} MiB to promise to tasks."
    return _finding("machine", Level.OK, told)


def _finding(check: str, level: Level, says: str, remedy: str = "", means: str = "") -> Finding:
    return Finding(check=check, level=level, says=says, remedy=remedy, means=means)


Check = Callable[[Situation], Finding]

CHECKS: tuple[Check, ...] = (
    *(_podium, _user, _engine, _socket, _network, _task_networks, _cgroups, _kernel, _memory),
    *(_low_ports, _port, _aws, _data_dir, _disk),
)
# Docker itself is missing here: `podium up` says more about it than its absence.
QUICK_CHECKS: tuple[Check, ...] = (_podium, _network, _cgroups, _disk)
ABOUT_LINUX = (_task_networks, _cgroups, _kernel, _low_ports)
