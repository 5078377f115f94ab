"""The host's part of the task endpoint: its address on the loopback interface, and the packet filter's rules.

Several agents share both. A lock, and the peers' sockets in one folder, say who was the first and who is the last.
"""

import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from podium_agent.endpoint import rules

_RUN = Path("/run/podium/endpoint")
_SECONDS = 10
_PATHS = "/usr/sbin:/sbin:/usr/bin:/bin"


class NoEndpoint(Exception):
    """The endpoint's address cannot be served here. The text says what is missing."""


def folder() -> Path:
    """Where the agents of this host find each other. A host in a network namespace of its own has its own."""
    return _RUN / str(os.stat("/proc/self/ns/net").st_ino)


def missing() -> str:
    """What keeps this process from setting the endpoint up; empty when nothing does."""
    if os.geteuid() != 0:
        return "the agent does not run as root"
    tools = [name for name in ("ip", "nft") if shutil.which(name, path=_PATHS) is None]
    return f"{' and '.join(tools)} cannot be found; on Debian: apt-get install iproute2 nftables" if tools else ""


def set_up(bridge: str) -> None:
    """Have the address and the rules, whoever made them. Raises NoEndpoint."""
    with _locked():
        _have(bridge)


def keep_up(bridge: str, own: Path) -> None:
    """The same again, in case somebody took them away; unless this agent has left, as its socket tells."""
    with _locked():
        if own.exists():
            _have(bridge)


def _have(bridge: str) -> None:
    # Of link scope, or the host would speak to tasks from this address, and their answers would be turned away.
    _run(["ip", "address", "replace", f"{rules.ADDRESS}/32", "dev", "lo", "scope", "link"])
    _run(["nft", "-f", "-"], rules.text([bridge]))


def take_down(own: Path) -> None:
    """Remove `own`, this agent's socket, and with the last agent's everything else. Raises NoEndpoint."""
    with _locked():
        own.unlink(missing_ok=True)
        if peers(own):
            return
        _run(["nft", "-f", "-"], rules.removal())
        if any(rules.ADDRESS in line for line in _run(["ip", "-o", "address", "show", "dev", "lo"]).splitlines()):
            _run(["ip", "address", "delete", f"{rules.ADDRESS}/32", "dev", "lo"])


def peers(own: Path) -> list[Path]:
    """The sockets of the other agents that live. Those of agents that were killed are removed."""
    return [path for path in sorted(own.parent.glob("*.sock")) if path != own and _is_alive(path)]


def _is_alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return False
        except OSError:
            return True  # it is slow to answer, which is not the same as gone
    return True


@contextmanager
def _locked() -> Iterator[None]:
    """Nobody else sets up or takes down meanwhile. The folder is made if need be, for root alone."""
    try:
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        held = os.open(folder() / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise NoEndpoint(f"{folder()} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _run(command: list[str], text: str = "") -> str:
    environment = {**os.environ, "PATH": _PATHS}
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=_SECONDS, env=environment, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", "") or str(error)
        raise NoEndpoint(f"{command[0]} failed: {told.strip()}") from error
    return done.stdout
