"""Whether a data dir's Podium runs, where it listens, and with which keys."""

import json
from dataclasses import dataclass
from typing import Any

from podium.launch.client import Client, get_json
from podium.launch.errors import Trouble
from podium.launch.in_docker import box
from podium.launch.lock import is_held
from podium.launch.paths import DataDir
from podium.launch.settings import DEFAULT_REGION
from podium_protocol.signing import Credentials

UNSPECIFIED = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that answered just now. `pid` is None for one in a container."""

    url: str
    pid: int | None
    started_at: str
    version: str
    account: str
    region: str


def listening(paths: DataDir) -> tuple[str, int, str] | None:
    """Url, process id and start of the server, by its own word, while it holds the data dir's lock."""
    written = read_json(paths.server_file) if is_held(paths.server_lock) else None
    if not written or "url" not in written:
        return None
    return _reachable(str(written["url"])), int(written["pid"]), str(written.get("startedAt", ""))


def look(paths: DataDir, timeout: float = 2.0) -> Running | None:
    """The running server of this data dir; None when there is none that answers."""
    found = listening(paths) or _behind_a_door(paths)
    health = get_json(found[0], "/_podium/health", timeout) if found else None
    if not found or not health:
        return None
    return Running(
        url=found[0],
        pid=found[1],
        started_at=found[2],
        version=str(health.get("version", "")),
        account=str(health.get("account", "")),
        region=str(health.get("region") or DEFAULT_REGION),
    )


def _behind_a_door(paths: DataDir) -> tuple[str, int | None, str] | None:
    """Where a Podium in a container is reached, while its door stands. Its process ids are of another machine."""
    known = box.read(paths) if is_held(paths.door_lock) else None
    return (known.url, None, known.started_at) if known else None


def docker_host(paths: DataDir) -> str | None:
    """The engine that this data dir's Podium uses, where it is known."""
    if known := box.read(paths):
        return known.docker_host
    told = (supervised(paths) or {}).get("settings", {}).get("docker_host")
    return str(told) if told else None


def need(paths: DataDir) -> Running:
    """Raises Trouble when nothing runs."""
    if found := look(paths):
        return found
    raise Trouble(
        f"Podium is not running on {paths.root}. "
        f"Start it with `podium {start_words(paths)}`, or name another data dir with --data-dir."
    )


def start_words(paths: DataDir) -> str:
    """The command that starts this data dir's Podium."""
    return f"up{' --in-docker' if box.read(paths) else ''} --detach"


def key(paths: DataDir, profile: str = "root") -> Credentials:
    try:
        written = json.loads(paths.credentials.read_text())[profile]
        return Credentials(access_key_id=written["accessKeyId"], secret_access_key=written["secretAccessKey"])
    except (OSError, ValueError, KeyError) as error:
        raise Trouble(
            f"No access key of {profile!r} in {paths.credentials} ({error}). "
            "Podium writes that file on its first start; run this as the user who started it."
        ) from error


def client(paths: DataDir, running: Running) -> Client:
    return Client(running.url, key(paths), running.region)


def supervised(paths: DataDir) -> dict[str, Any] | None:
    """What the supervisor says of itself and its parts, while it lives."""
    return read_json(paths.supervisor_file) if is_held(paths.supervisor_lock) else None


def read_json(path: Any) -> dict[str, Any] | None:
    try:
        members = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return members if isinstance(members, dict) else None


def _reachable(url: str) -> str:
    """An address to connect to, where the server listens on all of them."""
    for every, one in UNSPECIFIED.items():
        url = url.replace(f"//{every}:", f"//{one}:")
    return url
