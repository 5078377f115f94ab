"""Making what is known agree with what Docker shows."""

from collections.abc import Callable, Iterable

from podium_agent.engine import lives
from podium_agent.engine.events import Found
from podium_agent.engine.records import Container, Exit, Status, Task

HEALTH = {"starting": "UNKNOWN", "healthy": "HEALTHY", "unhealthy": "UNHEALTHY"}
"""Docker's words for the health of a container, and ECS's."""


class Listing:
    """All containers that Docker showed, to be found by id, or by name when the id was never learned."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._all = tuple(found)
        self._by_id = {f.docker_id: f for f in self._all}
        self._by_name = {f.docker_name: f for f in self._all}

    def of(self, container: Container) -> Found | None:
        if container.docker_id is not None:
            return self._by_id.get(container.docker_id)
        return self._by_name.get(container.docker_name)

    def besides(self, containers: Iterable[Container]) -> list[Found]:
        """Those that are none of `containers`."""
        ours = {f.docker_id for c in containers if (f := self.of(c)) is not None}
        return [f for f in self._all if f.docker_id not in ours]


def adopt(task: Task, container: Container, found: Found | None, now: float) -> Task:
    """The task once `container` is what Docker shows. Nothing ever moves back.

    A container that was named but is not there was never created, unless its id is known:
    then somebody removed it.
    """
    if found is None:
        unborn = container.docker_id is None or container.status is Status.STOPPED
        return task if unborn else lives.vanished(task, container)
    if container.docker_id is None:
        task = task.with_container(container.name, docker_id=found.docker_id)
    return _BY_STATE.get(found.state, _as_running)(task, task.container(container.name), found, now)


def is_alive(found: Found) -> bool:
    return found.state in ("running", "paused", "restarting")


def _as_created(task: Task, container: Container, found: Found, now: float) -> Task:
    return task if container.status >= Status.CREATED else lives.created(task, container, found.docker_id)


def _as_running(task: Task, container: Container, found: Found, now: float) -> Task:
    if container.status < Status.RUNNING or container.restarting:
        task = lives.started(task, container, found.started_at or now)
        container = task.container(container.name)
    health = HEALTH.get(found.health)
    if health is None or health == container.health or container.status is Status.STOPPED:
        return task
    return task.with_container(container.name, health=health, health_since=now)


def _as_ended(task: Task, container: Container, found: Found, now: float) -> Task:
    if container.status < Status.RUNNING:
        task = lives.started(task, container, found.started_at or now)
    return lives.ended(task, task.container(container.name), found.exit or Exit(code=None, at=now), now)


_BY_STATE: dict[str, Callable[[Task, Container, Found, float], Task]] = {
    "created": _as_created,
    "exited": _as_ended,
    "dead": _as_ended,
    "removing": _as_ended,
}
