"""Which container of a task may go ahead, and which must wait for another.

Links, volumesFrom, dependsOn and what a task shares are one graph of (container, condition) edges. A container
starts once every edge is met and stops only after everything that depends on it has.
"""

from collections.abc import Callable, Iterable

from podium_agent.engine import internal
from podium_agent.engine.records import Container, Status, Task
from podium_protocol import payload

SIGTERM_EXIT = 143
"""The exit code told for a container that could never start."""

Edge = tuple[str, str]
"""The name of the container depended on, and the condition."""


def edges(given: payload.Task, container: Container) -> list[Edge]:
    if container.internal:
        return []
    d = container.definition
    linked = [(link.split(":")[0], "START") for link in d.get("links") or []]
    mounted = [(source["sourceContainer"], "CREATE") for source in d.get("volumesFrom") or []]
    ordered = [(e["containerName"], e["condition"]) for e in d.get("dependsOn") or []]
    return internal.edges(given) + linked + mounted + ordered


def is_resolvable(given: payload.Task, containers: Iterable[Container]) -> bool:
    """Whether every container depended on exists and none depends on itself, directly or not."""
    waiting = {c.name: {name for name, _ in edges(given, c)} for c in containers}
    while free := [name for name, needs in waiting.items() if not needs & waiting.keys()]:
        for name in free:
            if waiting.pop(name) - {c.name for c in containers}:
                return False
    return not waiting


def may_create(task: Task, container: Container) -> bool:
    """Docker wants linked containers, the sources of volumes and those that share a namespace to be there first."""
    d = container.definition
    needed = [] if container.internal else [name for name, _ in internal.edges(task.payload)]
    needed += [link.split(":")[0] for link in d.get("links") or []]
    needed += [source["sourceContainer"] for source in d.get("volumesFrom") or []]
    return all(task.container(name).docker_id is not None for name in needed)


def may_start(task: Task, container: Container) -> bool:
    return all(_MET[condition](task.container(name)) for name, condition in edges(task.payload, container))


def may_stop(task: Task, container: Container) -> bool:
    dependents = (c for c in task.containers if container.name in {name for name, _ in edges(task.payload, c)})
    return all(c.status is Status.STOPPED for c in dependents)


def hopeless_edge(task: Task, container: Container, now: float) -> Edge | None:
    """An edge that will never be met, if there is one: the dependency ended otherwise, or took too long."""
    for name, condition in edges(task.payload, container):
        dependency = task.container(name)
        if _MET[condition](dependency):
            continue
        if dependency.status is Status.STOPPED or _overdue(dependency, condition, now):
            return name, condition
    return None


def start_deadline(task: Task, container: Container) -> float | None:
    """When `container` gives up waiting for the ends or the health of others; None for never."""
    unmet = [(n, c) for n, c in edges(task.payload, container) if not _MET[c](task.container(n))]
    waits = (_deadline(task.container(name), condition) for name, condition in unmet)
    return min((at for at in waits if at is not None), default=None)


def in_words(task: Task, container: Container, edge: Edge) -> str:
    """Why `container` cannot start, naming the dependency and the image of each."""
    name, condition = edge
    dependency = task.container(name)
    why = "ended first" if dependency.status is Status.STOPPED else "took longer than its startTimeout"
    target, source = (f"{c.name}({c.definition.get('image')})" for c in (container, dependency))
    return f"CannotStartContainerError: dependency graph: {target} waits for {condition} of {source}, which {why}."


def _deadline(dependency: Container, condition: str) -> float | None:
    timeout = dependency.definition.get("startTimeout") or 0
    if condition not in ("COMPLETE", "SUCCESS", "HEALTHY") or not timeout or dependency.started_at is None:
        return None
    return dependency.started_at + timeout


def _overdue(dependency: Container, condition: str, now: float) -> bool:
    deadline = _deadline(dependency, condition)
    return deadline is not None and deadline <= now


_MET: dict[str, Callable[[Container], bool]] = {
    "CREATE": lambda c: c.docker_id is not None,
    internal.PROVISIONED: lambda c: c.wired,
    "START": lambda c: c.status is Status.RUNNING or (c.status is Status.STOPPED and c.ran),
    "COMPLETE": lambda c: c.status is Status.STOPPED and c.ran,
    "SUCCESS": lambda c: c.status is Status.STOPPED and c.exit_code == 0,
    "HEALTHY": lambda c: c.status is Status.RUNNING and c.health == "HEALTHY",
}

CONDITIONS = frozenset(_MET) - {internal.PROVISIONED}
