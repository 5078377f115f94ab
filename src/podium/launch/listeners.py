"""Who listens on a port."""

import errno
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podium.launch.client import NoAnswer, exchange
from podium.launch.engine import Engine, EngineUnavailable

LISTENING = "0A"

# Each emulator's own path, and a word of its answer, lower case. LocalStack comes last: others imitate its path.
EMULATORS = (
    ("another Podium", "/_podium/health", '"version"'),
    ("MiniStack", "/_ministack/health", "{"),
    ("Floci", "/_floci/health", "{"),
    ("fakecloud", "/_fakecloud/health", "{"),
    ("Floci", "/_localstack/health", "floci"),
    ("MiniStack", "/_localstack/health", "ministack"),
    ("LocalStack", "/_localstack/health", '"services"'),
    ("moto", "/moto-api/", "moto"),
)
IMAGE_WORDS = {"localstack": "LocalStack", "ministack": "MiniStack", "floci": "Floci", "moto": "moto"}


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process that listens. Without a name when it belongs to another user."""

    pid: int | None = None
    command: str | None = None

    def __str__(self) -> str:
        return f"{self.command} (pid {self.pid})" if self.command else "a program of another user"


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. Port 0 always is."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error.errno not in (errno.EADDRINUSE,)
    return True


def who_has(port: int, engine: Engine | None = None) -> str:
    """The program on a taken port, in words: the emulator's name where we know it, and the process."""
    emulator = emulator_at(f"http://127.0.0.1:{port}")
    container = _publishing_container(engine, port) if engine else None
    name = emulator or _emulator_of_image(container)
    if container and (not emulator or emulator != "another Podium"):
        return f"{name or 'a program'} in {container}"
    program = str(holder(port) or Holder())
    return f"{name}: {program}" if name else program


def emulator_at(url: str) -> str | None:
    """The name of the AWS emulator that answers there; None for anything else."""
    heard: dict[str, str] = {}
    try:
        for name, path, word in EMULATORS:
            if path not in heard:
                heard[path] = _page(url, path)
            if word in heard[path]:
                return name
    except NoAnswer:
        return None
    return None


def _page(url: str, path: str) -> str:
    status, answer = exchange(url, "GET", path, timeout=1.0)
    return answer[:20000].decode(errors="replace").lower() if status == 200 else ""


def _publishing_container(engine: Engine, port: int) -> str | None:
    try:
        found = engine.containers({"publish": [str(port)]})
    except EngineUnavailable:
        return None
    running = [one for one in found if one.get("State") == "running"]
    return f"container {running[0]['Names'][0].lstrip('/')} of image {running[0]['Image']}" if running else None


def _emulator_of_image(container: str | None) -> str | None:
    return next((name for word, name in IMAGE_WORDS.items() if container and word in container), None)


def holder(port: int) -> Holder | None:
    """The process that listens on a TCP port; None when nobody does.

    Source: proc(5), /proc/net/tcp: the local address, the state, and the socket's inode.
    """
    inodes = set(_listening_inodes(port))
    if not inodes:
        return None
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _holds(process, inodes):
            return Holder(pid=int(process.name), command=_command(process))
    return Holder()


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if words[3] == LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                yield words[9]


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:
        return False
    return any(_link(descriptor) in {f"socket:[{inode}]" for inode in inodes} for descriptor in descriptors)


def _link(descriptor: Path) -> str:
    """Where it points; nowhere when it was closed since."""
    try:
        return os.readlink(descriptor)
    except OSError:
        return ""


def _command(process: Path) -> str:
    try:
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        return " ".join(words).strip()[:200] or (process / "comm").read_text().strip()
    except OSError:
        return "a program"
