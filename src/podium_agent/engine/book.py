"""The tasks an engine knows, and which of them changed in this turn."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from podium_agent.engine.records import Container, Key, Status, Task


class Book:
    """Every change is stamped with the turn it came in, so that older news can be told from newer."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.turn = 0
        self._by_docker_id: dict[str, Key] = {}
        self._changed: dict[str, None] = {}

    def put(self, task: Task) -> None:
        before = self.tasks.get(task.arn)
        if before is task:
            return
        known = {c.name: c for c in before.containers} if before is not None else {}
        containers = tuple(self._stamped(c, known.get(c.name)) for c in task.containers)
        self.tasks[task.arn] = replace(task, containers=containers)
        for c in containers:
            if c.docker_id is not None:
                self._by_docker_id[c.docker_id] = Key(task.arn, c.name)
        self._changed[task.arn] = None

    def drop(self, arn: str) -> None:
        self.tasks.pop(arn)
        self._changed.pop(arn, None)
        self._by_docker_id = {i: key for i, key in self._by_docker_id.items() if key.task_arn != arn}

    def look_up(self, key: Key) -> tuple[Task, Container] | None:
        """The task and container of `key`, if the task is known and has not been cleaned up."""
        task = self.tasks.get(key.task_arn)
        container = None if task is None else task.find(key.name)
        return None if task is None or container is None else (task, container)

    def by_docker_id(self, docker_id: str) -> Key | None:
        return self._by_docker_id.get(docker_id)

    def changed(self) -> list[Task]:
        """The tasks that changed since this was last asked, in the order in which they first did."""
        arns, self._changed = self._changed, {}
        return [self.tasks[arn] for arn in arns]

    def have_changed(self, arns: Iterable[str]) -> None:
        """Have these tasks thought over again in this turn."""
        self._changed.update(dict.fromkeys(arns))

    def active(self) -> Iterator[Task]:
        return (t for t in self.tasks.values() if t.status is not Status.STOPPED)

    def taken_ports(self) -> set[tuple[int, str]]:
        """Host ports of containers that have not ended."""
        containers = (c for t in self.active() for c in t.containers if c.status is not Status.STOPPED)
        return {port for c in containers for b in c.bindings for port in b.taken}

    def _stamped(self, container: Container, before: Container | None) -> Container:
        return container if _place(container) == _place(before) else replace(container, touched=self.turn)


def _place(container: Container | None) -> object:
    """What a listing of Docker's containers might contradict."""
    return container and (
        container.status,
        container.docker_id,
        container.docker_name,
        container.step,
        container.restarting,
        container.restarts,
    )
