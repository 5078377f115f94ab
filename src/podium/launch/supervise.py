"""The supervisor: starts the server, then the proxy and the agents, and keeps all of them running until told to end.

One thread and one loop. It makes no decision about tasks: ended by SIGTERM, it ends the processes and leaves the
containers alone. Stopping the tasks first is `podium down`'s business.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podium.launch import commands, listeners, logs, running
from podium.launch.client import get_json
from podium.launch.errors import Trouble
from podium.launch.lock import Lock, Taken
from podium.launch.paths import write_whole
from podium.launch.processes import CONFIGURATION_ERROR, Part
from podium.launch.settings import Settings, shares
from podium.launch.signals import Signals
from podium.launch.waiting import wait_until

ENDING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
GRACE_SECONDS = 15.0
TRIES_BEFORE_READY = 3
LOOK_AGAIN_SECONDS = 0.01
ROUND_SECONDS = 5.0

Tell = Callable[[dict[str, Any]], None]


class Supervisor:
    """`tell` hears one thing once: {"url": …} when the server answers, or {"error": …} when it never will."""

    def __init__(self, settings: Settings, secrets: Mapping[str, str], tell: Tell) -> None:
        self._settings = settings
        self._paths = settings.paths
        self._tell = tell
        self._url: str | None = None
        self._started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._signals = Signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
        command = commands.server(settings, self._port())
        self._server = Part("server", command, self._paths.log("server"), extra=secrets)
        self._proxy: list[Part] = []
        self._agents: list[Part] = []
        self._asked_to_end = False

    def run(self) -> None:
        """Returns when it was asked to end and all has ended. Raises Trouble when it cannot go on."""
        try:
            with Lock(self._paths.supervisor_lock):
                self._live()
        except Taken as taken:
            raise already_running(self._settings, taken.pid) from None

    def _live(self) -> None:
        try:
            self._server.start()
            while not self._asked_to_end:
                self._turn()
        finally:
            self._end()

    def _turn(self) -> None:
        arrived = self._signals.wait(self._patience())
        if arrived & ENDING:
            self._asked_to_end = True
            return
        changed = [self._noticed(part) for part in self._parts()] + [self._restarted(part) for part in self._parts()]
        self._look_for_server()
        if any(changed):
            self._publish()
        for part in self._parts():
            logs.rotate(part.log)

    def _parts(self) -> list[Part]:
        return [self._server, *self._proxy, *self._agents]

    def _patience(self) -> float:
        """Seconds until something may have to be done, unless a signal comes first."""
        if self._url is None:
            return LOOK_AGAIN_SECONDS
        return min([ROUND_SECONDS, *(part.due_in() for part in self._parts())])

    def _noticed(self, part: Part) -> bool:
        """Whether the part was just found dead."""
        code = part.reap()
        if code is None:
            return False
        logs.say("part-died", part=part.name, exit_code=code, deaths=part.deaths, said=part.last_words())
        if part is self._server and code == CONFIGURATION_ERROR:
            raise Trouble(part.reason or part.last_words())
        if part is self._server and self._url is None and part.deaths >= TRIES_BEFORE_READY:
            raise Trouble(f"The server does not start: {part.last_words()} (its log: {part.log})")
        return True

    def _restarted(self, part: Part) -> bool:
        if not part.restart_if_due():
            return False
        logs.say("part-restarted", part=part.name, pid=part.pid, restarts=part.restarts)
        return True

    def _look_for_server(self) -> None:
        """Once the server answers for the first time: keep to its port, start the agents, tell."""
        found = running.listening(self._paths) if self._url is None else None
        if not found or found[1] != self._server.pid or not get_json(found[0], "/_podium/health"):
            return
        self._url = found[0]
        port = int(self._url.rpartition(":")[2])
        self._server.command = commands.server(self._settings, port)
        if self._settings.port == 0:
            _keep(self._paths.port_file, f"{port}\n")
        logs.say("server-ready", url=self._url, pid=self._server.pid)
        self._start_proxy(self._url)
        self._start_agents(self._url)
        self._publish()
        self._tell({"url": self._url})

    def _start_proxy(self, url: str) -> None:
        if not self._settings.proxy:
            return
        self._paths.proxy.mkdir(mode=0o700, exist_ok=True)
        self._proxy.append(Part("proxy", commands.proxy(self._settings, url), self._paths.log("proxy")))
        self._proxy[-1].start()
        logs.say("proxy-started", pid=self._proxy[-1].pid)

    def _start_agents(self, url: str) -> None:
        for share in shares(self._settings):
            command = commands.agent(self._settings, share, url)
            self._paths.agent(share.number).mkdir(mode=0o700, exist_ok=True)
            self._agents.append(Part(share.name, command, self._paths.log(share.name)))
            self._agents[-1].start()
            logs.say("agent-started", part=share.name, pid=self._agents[-1].pid, zone=share.zone)

    def _publish(self) -> None:
        told = {
            "pid": os.getpid(),
            "startedAt": self._started_at,
            "url": self._url,
            "settings": json.loads(self._settings.to_json()),
            "parts": [part.told() for part in self._parts()],
        }
        _keep(self._paths.supervisor_file, json.dumps(told, indent=2) + "\n")

    def _port(self) -> int:
        """The asked one; for 0 the one of last time, if it is still free."""
        if self._settings.port:
            return self._settings.port
        try:
            remembered = int(self._paths.port_file.read_text())
        except (OSError, ValueError):
            return 0
        return remembered if listeners.is_free(self._settings.host, remembered) else 0

    def _end(self) -> None:
        """The agents and the proxy first, so that none of them sees its control plane go; then the server."""
        for parts in ([*self._agents, *self._proxy], [self._server]):
            for part in parts:
                part.end()
            self._wait_or_kill(parts)
        logs.say("ended")
        self._paths.supervisor_file.unlink(missing_ok=True)
        if self._settings.ephemeral:
            _remove_everything(self._settings)

    def _wait_or_kill(self, parts: list[Part]) -> None:
        if not wait_until(lambda: all(part.gone() for part in parts), GRACE_SECONDS):
            for part in parts:
                part.end(signal.SIGKILL)
            wait_until(lambda: all(part.gone() for part in parts), GRACE_SECONDS)


def _keep(path: Path, text: str) -> None:
    """Write for others to read. They can do without it where the disk is full; the parts cannot do without us."""
    try:
        write_whole(path, text)
    except OSError as error:
        logs.say("not-written", file=str(path), reason=str(error))


def _remove_everything(settings: Settings) -> None:
    """What is left of an ephemeral Podium: its containers, then its folder."""
    if settings.paths.proxy.exists():
        subprocess.run(commands.sweep_proxy(settings), check=False, stdin=subprocess.DEVNULL, timeout=120)
    for share in shares(settings):
        if settings.paths.agent(share.number).exists():
            subprocess.run(commands.sweep(settings, share.number), check=False, stdin=subprocess.DEVNULL, timeout=120)
    shutil.rmtree(settings.data_dir, ignore_errors=True)


def already_running(settings: Settings, pid: int | None) -> Trouble:
    found = running.look(settings.paths)
    return Trouble(
        f"Podium is already running on {settings.data_dir}{f': {found.url}' if found else ''} (pid {pid}). "
        "`podium status` shows it, `podium down` ends it."
    )
