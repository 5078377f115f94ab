"""Ending a Podium: its tasks, its processes, and whatever they left behind."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from podium.launch import commands, running
from podium.launch.client import ApiError, Client, NoAnswer
from podium.launch.engine import Engine
from podium.launch.errors import Trouble
from podium.launch.lock import holder, is_held
from podium.launch.paths import DataDir
from podium.launch.settings import Settings
from podium.launch.waiting import wait_until

# Longer than the server itself waits for tasks to stop.
STOPPING_SECONDS = 170.0
STOPPING_WITHOUT_ENGINE_SECONDS = 2.0
ENDING_SECONDS = 60.0
SWEEP_SECONDS = 180.0
PROGRESS_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What there was to end. `swept` counts the containers that had to be removed after all else had ended.

    `problems` are sentences about what may still be there.
    """

    ran: bool
    stopped_tasks: int = 0
    swept: int = 0
    problems: tuple[str, ...] = field(default=())


def down(settings: Settings, *, leave_tasks: bool, progress: Callable[[str], None]) -> Ended:
    """End every part of the Podium on a data dir, its tasks first unless told to leave them. Safe to repeat.

    Only `data_dir`, `docker_host` and `programs` of the settings matter.
    """
    paths = settings.paths
    ended = Ended(ran=is_held(paths.supervisor_lock) or is_held(paths.server_lock))
    if ended.ran and not leave_tasks:
        ended = stop_tasks(settings, ended, progress)
    _end_processes(paths)
    if leave_tasks:
        return ended
    return _sweep(settings, ended)


def stop_tasks(settings: Settings, ended: Ended, progress: Callable[[str], None]) -> Ended:
    """Ask the server to stop all tasks gently, and wait for it. What does not stop is left to the sweep."""
    found = running.look(settings.paths)
    if found is None:
        return _with_problem(ended, "The server did not answer, so its tasks were removed without a stop signal.")
    client = running.client(settings.paths, found)
    engine_answers = Engine(settings.docker_host).answers()
    patience = STOPPING_SECONDS if engine_answers else STOPPING_WITHOUT_ENGINE_SECONDS
    request = _Request(client, patience)
    told = 0
    while not request.done(PROGRESS_SECONDS):
        told = _tell(client, told, progress)
    if request.error and not engine_answers:
        return _with_problem(ended, "Docker does not answer: run `podium down` again once it does, for what it runs.")
    if request.error:
        return _with_problem(ended, f"Not every task was stopped gently: {request.error}")
    return replace(ended, stopped_tasks=request.stopped)


def _tell(client: Client, told: int, progress: Callable[[str], None]) -> int:
    """Say how many tasks are still stopping, when that is news."""
    try:
        left = _still_stopping(client)
    except (ApiError, NoAnswer):
        return told
    if left != told:
        progress(
            f"Tasks still to stop: {left}. One that ignores SIGTERM is killed after its stopTimeout, 30 s unless set."
        )
    return left


class _Request:
    """The one long call, on a thread of its own."""

    def __init__(self, client: Client, patience: float) -> None:
        self.stopped = 0
        self.error: Trouble | None = None
        self._client = client
        self._patience = patience
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            answer = self._client.podium("down", {"leaveTasks": False}, timeout=self._patience)
            self.stopped = int(answer.get("stopped", 0))
        except (ApiError, NoAnswer) as error:
            self.error = error

    def done(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()


def _still_stopping(client: Client) -> int:
    """How many tasks have been told to stop and have not yet; as many as one page has, in each cluster."""
    clusters = client.ecs("ListClusters").get("clusterArns", [])
    return sum(_still_stopping_in(client, cluster) for cluster in clusters)


def _still_stopping_in(client: Client, cluster: str) -> int:
    arns = client.ecs("ListTasks", {"cluster": cluster, "desiredStatus": "STOPPED"}).get("taskArns", [])
    if not arns:
        return 0
    tasks = client.ecs("DescribeTasks", {"cluster": cluster, "tasks": arns}).get("tasks", [])
    return sum(task["lastStatus"] != "STOPPED" for task in tasks)


def _end_processes(paths: DataDir) -> None:
    """The supervisor, which ends its parts; or the server, when it was started alone."""
    _end(paths, lambda: holder(paths.supervisor_lock), "supervisor")
    found = running.listening(paths)
    _end(paths, lambda: found[1] if found and is_held(paths.server_lock) else None, "server")
    if not wait_until(lambda: not is_held(paths.server_lock), ENDING_SECONDS):
        raise Trouble(f"The server on {paths.root} does not end. Its log: {paths.log('server')}")


def _end(paths: DataDir, pid_of: Callable[[], int | None], name: str) -> None:
    pid = pid_of()
    if pid is None:
        return
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise Trouble(
            f"The {name} on {paths.root} (pid {pid}) belongs to another user. Run this as that user, or with sudo."
        ) from error
    if not wait_until(lambda: pid_of() != pid, ENDING_SECONDS):
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: pid_of() != pid, ENDING_SECONDS)


def _sweep(settings: Settings, ended: Ended) -> Ended:
    """Have the agents' program remove every container of this data dir's instances, and the proxy's what it left."""
    for number in _agents_of(settings.paths):
        try:
            ended = replace(ended, swept=ended.swept + _swept_by(commands.sweep(settings, number)))
        except Trouble as trouble:
            ended = _with_problem(ended, f"Containers of agent {number} may be left: {trouble}")
    if settings.paths.proxy.exists():
        try:
            _swept_by(commands.sweep_proxy(settings))
        except Trouble as trouble:
            ended = _with_problem(ended, f"Envoy, or addresses that it had, may be left: {trouble}")
    return ended


def _swept_by(command: list[str]) -> int:
    """The number of containers that it says it removed."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SWEEP_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Trouble("Docker takes too long to remove them.") from error
    if result.returncode:
        raise Trouble((result.stderr.strip().splitlines() or ["no reason given"])[-1])
    words = result.stdout.split()
    return int(words[-1]) if words and words[-1].isdigit() else 0


def _agents_of(paths: DataDir) -> list[int]:
    if not paths.agents.is_dir():
        return []
    return sorted(int(folder.name) for folder in paths.agents.iterdir() if folder.name.isdigit())


def _with_problem(ended: Ended, sentence: str) -> Ended:
    return replace(ended, problems=(*ended.problems, sentence))
