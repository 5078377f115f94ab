"""Starting, looking at and ending a Podium in a container."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from podium.launch import identity, running
from podium.launch.client import get_json
from podium.launch.engine import Engine
from podium.launch.errors import Trouble
from podium.launch.in_docker import box as boxes
from podium.launch.in_docker import container, keeper
from podium.launch.in_docker.box import INNER_DATA_DIR, Box
from podium.launch.paths import DataDir, write_whole
from podium.launch.settings import Settings
from podium.launch.start import check, is_loopback
from podium.launch.waiting import wait_until

READY_SECONDS = 60.0


def start(settings: Settings, words: list[str], variables: Mapping[str, str], *, image: str, docker_socket: str) -> Box:
    """A container that answers behind its door; one that runs already gets a new door.

    `words` are the options of `podium up` in the container. Raises Trouble when it never will answer.
    """
    paths = settings.paths
    if not is_loopback(settings.host):
        raise Trouble(
            f"--host {settings.host} does not go with --in-docker: Podium sees no caller's address through the door, "
            "so that it listens on loopback alone."
        )
    last = boxes.read(paths)
    if last is None and paths.database.exists():
        raise Trouble(
            f"{paths.root} has the records of a Podium outside a container. "
            "Give the one in a container a folder of its own with --data-dir."
        )
    if last is not None and last.docker_host != settings.docker_host:
        raise Trouble(
            f"The records of {paths.root} are in volume {last.name} of the engine at {last.docker_host}. "
            "Name that one with --docker-host, or another folder with --data-dir."
        )
    if last is not None and (found := running.look(paths)):
        raise Trouble(f"Podium is already running in container {last.name}: {found.url}. `podium down` ends it.")
    keeper.close_door(paths)
    check(settings)
    name = last.name if last else boxes.new_name()
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    box = Box(
        name=name,
        docker_host=settings.docker_host,
        docker_socket=docker_socket or _socket(settings.docker_host),
        image=image,
        url=last.url if last else "",
        started_at=at,
        ephemeral=settings.ephemeral,
    )
    identity.keep(paths, identity.Identity(account_id=settings.account_id, region=settings.region))
    _have_container(paths, box, last, words, variables)
    try:
        return _behind_a_door(settings, box)
    except BaseException:
        keeper.close_door(paths)
        raise


def _have_container(paths: DataDir, box: Box, last: Box | None, words: list[str], variables: Mapping[str, str]) -> None:
    """One that runs stays as it is. Its name is kept before it is made, and not when it cannot be."""
    state = container.state(box)
    boxes.keep(paths, box)
    if state is not None and state.running:
        return
    command = ["up", "--data-dir", INNER_DATA_DIR, "--port", "0", "--docker-host", _inside(), *words]
    try:
        container.start(box, command, variables)
    except Trouble:
        boxes.forget(paths) if last is None else boxes.keep(paths, last)
        raise


def _inside() -> str:
    return "unix:///var/run/docker.sock"


def _socket(docker_host: str) -> str:
    """As the engine's machine has it: a rootless engine runs on this machine, and has it where we do."""
    rootless = any("rootless" in option for option in Engine(docker_host).get("/info").get("SecurityOptions") or [])
    return docker_host.removeprefix("unix://") if rootless else "/var/run/docker.sock"


def _behind_a_door(settings: Settings, box: Box) -> Box:
    paths = settings.paths
    url = keeper.open_door(paths, box, settings.host, settings.port)
    if not wait_until(lambda: get_json(url, "/_podium/health") or _ended(box), READY_SECONDS, every=0.05) or _ended(
        box
    ):
        raise Trouble(f"Podium in container {box.name} did not start: {_last_line(box)}")
    write_whole(paths.credentials, container.file(box, paths.credentials.name).decode())
    answering = replace(box, url=url)
    boxes.keep(paths, answering)
    return answering


def _ended(box: Box) -> bool:
    state = container.state(box)
    return state is None or not state.running


def _last_line(box: Box) -> str:
    pieces = b"".join(container.said(box)).decode(errors="replace")
    lines = ["".join(filter(str.isprintable, line)).strip() for line in pieces.splitlines()]
    return next((line for line in reversed(lines) if line), "it said nothing")


def down(paths: DataDir, box: Box, *, leave_tasks: bool, hear: Callable[[Iterator[bytes]], None]) -> int:
    """What `podium down` in the container ended with. Nothing of the container or the door is left when that is 0."""
    words = ["down", "--data-dir", INNER_DATA_DIR, "--docker-host", _inside()]
    code = container.run(box, [*words, *(["--leave-tasks"] if leave_tasks else [])], hear)
    keeper.close_door(paths)
    if code == 0:
        _forget(paths, box)
    return code


def leave(paths: DataDir, box: Box) -> None:
    """End Podium and leave its tasks running."""
    container.stop(box)
    keeper.close_door(paths)
    _forget(paths, box)


def _forget(paths: DataDir, box: Box) -> None:
    container.remove(box)
    if box.ephemeral:
        container.remove_volume(box)
    boxes.keep(paths, replace(box, started_at=""))
