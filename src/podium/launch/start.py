"""Starting a Podium, and knowing that it runs."""

import ipaddress
import json
import os
import select
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from podium.launch import addresses, identity, listeners, running
from podium.launch.commands import PYTHON
from podium.launch.engine import Engine
from podium.launch.errors import Trouble
from podium.launch.lock import holder, is_held
from podium.launch.logs import last_line, open_log, size
from podium.launch.paths import DataDir
from podium.launch.settings import DEFAULT_PORT, Settings, shares
from podium.launch.supervise import already_running
from podium.launch.waiting import wait_until
from podium_program.parent import PARENT_VARIABLE

READY_SECONDS = 60.0
PREDECESSOR_SECONDS = 20.0
DYING_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Started:
    """A Podium that answers. `supervisor` is our child process, until it is left alone."""

    url: str
    supervisor: subprocess.Popen[bytes]


def start(settings: Settings, secrets: Mapping[str, str], *, attached: bool) -> Started:
    """Start a supervisor and return when its server answers. Raises Trouble when it never will.

    An attached supervisor ends when this process ends, however that happens; a detached one stays.
    """
    check(settings)
    identity.keep(settings.paths, identity.Identity(account_id=settings.account_id, region=settings.region))
    vpc = addresses.claimed(settings.paths)
    settings = replace(settings, default_vpc=vpc, public_addresses=settings.public_addresses or addresses.public(vpc))
    since = size(settings.paths.log("podium"))
    reading, writing = os.pipe()
    supervisor = _spawn(settings, secrets, writing, attached)
    os.close(writing)
    try:
        told = _hear(reading)
        if "url" not in told:
            raise Trouble(told.get("error") or _silence(settings.paths, since))
    except BaseException:
        supervisor.terminate()
        supervisor.wait()
        raise
    finally:
        os.close(reading)
    return Started(url=told["url"], supervisor=supervisor)


def check(settings: Settings) -> None:
    """Refuse what cannot work before anything is started."""
    shares(settings)
    _refuse_open_door(settings)
    settings.paths.prepare()
    _refuse_second_start(settings)
    _refuse_taken_port(settings)


def _refuse_open_door(settings: Settings) -> None:
    if settings.insecure or is_loopback(settings.host):
        return
    raise Trouble(
        f"--host {settings.host} would offer the API to the network over plain HTTP. "
        "Stay on 127.0.0.1, or say --insecure if that network is yours alone."
    )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_second_start(settings: Settings) -> None:
    """A supervisor being killed, and then its server, need a moment to end; a server of its own never will."""
    paths = settings.paths
    if not wait_until(lambda: not is_held(paths.supervisor_lock), DYING_SECONDS):
        raise already_running(settings, holder(paths.supervisor_lock))
    if wait_until(lambda: not is_held(paths.server_lock), PREDECESSOR_SECONDS if _orphaned(paths) else 0.0):
        return
    found = running.listening(paths)
    raise Trouble(
        f"A Podium server already uses {paths.root}{f' (pid {found[1]})' if found else ''}. "
        "`podium down` ends it; or give this one another folder with --data-dir."
    )


def _orphaned(paths: DataDir) -> bool:
    """Whether a supervisor was here and left no word of ending."""
    return paths.supervisor_file.exists()


def _refuse_taken_port(settings: Settings) -> None:
    if settings.port == 0 or listeners.is_free(settings.host, settings.port):
        return
    other = settings.port + 1 if settings.port == DEFAULT_PORT else DEFAULT_PORT
    raise Trouble(
        f"Port {settings.port} is taken by {listeners.who_has(settings.port, Engine(settings.docker_host, 1.0))}. "
        f"End that program, or start Podium elsewhere: `podium up --port {other}` (0 picks a free port)."
    )


def _spawn(settings: Settings, secrets: Mapping[str, str], descriptor: int, attached: bool) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **secrets}
    environment.pop(PARENT_VARIABLE, None)
    if attached:
        environment[PARENT_VARIABLE] = str(os.getpid())
    with open_log(settings.paths.log("podium")) as log:
        return subprocess.Popen(
            [*PYTHON, "-m", "podium.launch", settings.to_json(), str(descriptor)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            pass_fds=(descriptor,),
            start_new_session=True,
        )


def _hear(descriptor: int) -> dict[str, str]:
    """What the supervisor says; nothing when it ends or takes too long without a word."""
    until = time.monotonic() + READY_SECONDS
    heard = b""
    while select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(descriptor, 65536)
        if not piece:
            break
        heard += piece
    return json.loads(heard) if heard else {}


def _silence(paths: DataDir, since: int) -> str:
    said = last_line(paths.log("podium"), since) or last_line(paths.log("server"))
    return f"Podium did not start: {said or 'it said nothing'} (its logs: {paths.logs}; `podium doctor` may know more)"
