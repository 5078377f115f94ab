"""The container: made, started, asked and removed through the engine's API."""

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from podium.launch.engine import Engine, EngineRefused
from podium.launch.errors import Trouble
from podium.launch.in_docker.box import INNER_DATA_DIR, Box, body

# Longer than a SIGTERM of `podium up` takes to end its processes.
STOPPING_SECONDS = 30
_SLOW_SECONDS = 60.0
NOT_FOUND = 404
CONFLICT = 409


@dataclass(frozen=True, kw_only=True)
class State:
    running: bool
    exit_code: int


def _engine(box: Box) -> Engine:
    return Engine(box.docker_host, _SLOW_SECONDS)


def state(box: Box) -> State | None:
    """None when there is no such container."""
    try:
        told = _engine(box).get(f"/containers/{box.name}/json")["State"]
    except EngineRefused as refused:
        if refused.status == NOT_FOUND:
            return None
        raise
    return State(running=bool(told["Running"]), exit_code=int(told["ExitCode"]))


def start(box: Box, words: list[str], variables: Mapping[str, str]) -> None:
    """A new container instead of whatever is left of the last one. The volume is made when it is missing."""
    remove(box)
    _begin(box, box.name, words, variables)


def _begin(box: Box, name: str, words: list[str], variables: Mapping[str, str]) -> None:
    """A virtual machine may refuse its own folders: then tasks are not bounded as a whole, and its agents are alone."""
    for shares in (True, False):
        try:
            _create(box, name, body(box, words, variables, shares=shares))
            _engine(box).ask("POST", f"/containers/{name}/start")
            return
        except EngineRefused as refused:
            if refused.status == CONFLICT:
                raise
            _remove(box, name)
            if not shares:
                raise


def _create(box: Box, name: str, asked: dict[str, Any]) -> None:
    try:
        _engine(box).ask("POST", "/containers/create", asked, name=name)
    except EngineRefused as refused:
        if refused.status == NOT_FOUND:
            raise _no_image(box) from refused
        raise


def _no_image(box: Box) -> Trouble:
    return Trouble(
        f"The engine at {box.docker_host} has no image {box.image}. `make image` in a checkout of Podium makes it "
        "there; elsewhere, `docker save` and `docker load` bring it."
    )


def stop(box: Box) -> None:
    """SIGTERM: Podium ends, its tasks run on."""
    _engine(box).ask("POST", f"/containers/{box.name}/stop", t=str(STOPPING_SECONDS))


def wait(name: str, box: Box) -> int:
    """Its exit code, once it has ended."""
    return int(_engine(box).ask("POST", f"/containers/{name}/wait", forever=True)["StatusCode"])


def remove(box: Box) -> None:
    _remove(box, box.name)


def _remove(box: Box, name: str) -> None:
    _gone(lambda: _engine(box).ask("DELETE", f"/containers/{name}", force="true"))


def remove_volume(box: Box) -> None:
    _gone(lambda: _engine(box).ask("DELETE", f"/volumes/{box.name}"))


def _gone(removal: Callable[[], None]) -> None:
    try:
        removal()
    except EngineRefused as refused:
        if refused.status != NOT_FOUND:
            raise


def run(box: Box, words: list[str], hear: Callable[[Iterator[bytes]], None]) -> int:
    """`podium WORDS` in a container of its own, beside the other one or without it; its exit code.

    `hear` gets what it writes, as the engine frames it.
    """
    name = f"{box.name}-{words[0]}"
    _remove(box, name)
    _begin(box, name, words, {})
    try:
        hear(_engine(box).logs(name, follow=True))
        return wait(name, box)
    finally:
        _remove(box, name)


def file(box: Box, name: str) -> bytes:
    """A file of the inner data dir."""
    packed = _engine(box).download(f"/containers/{box.name}/archive", {"path": f"{INNER_DATA_DIR}/{name}"})
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        content = archive.extractfile(archive.next() or "")
        assert content is not None, f"{name} is no file"
        return content.read()


def said(box: Box) -> Iterator[bytes]:
    return _engine(box).logs(box.name, follow=False)
