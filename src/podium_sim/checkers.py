"""What must hold after every step, whatever goes wrong. Each raises Broken with a sentence."""

from collections import Counter
from typing import TYPE_CHECKING

from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import ContainerInstance, Task, TaskStatus
from podium.store.session import Transaction
from podium_sim.docker import SimContainer

if TYPE_CHECKING:
    from podium_sim.world import World

ORDER = list(TaskStatus)


class Broken(AssertionError):
    """A law of the world was broken."""


class Checkers:
    """`told_to_stop` are the tasks that anyone ever rightly asked to stop, by the durable records."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._seen: dict[str, TaskStatus] = {}
        self.told_to_stop: set[str] = set()

    def look(self) -> None:
        if not self._world.plane.is_up:
            return
        tx = self._world.plane.read()
        tasks = tx.list(Task)
        self.told_to_stop.update(t.arn for t in tasks if t.desired_status is TaskStatus.STOPPED)
        self._lives_move_forward(tasks)
        _nothing_is_overcommitted(tx, tasks)
        self._one_container_each()

    def at_rest(self) -> None:
        """Once nothing goes wrong any more: no exit code is lost, no task and no container is forgotten."""
        tasks = {t.arn: t for t in self._world.plane.read().list(Task)}
        for (arn, name), code in self._world.docker.exits.items():
            told = {c.name: c.exit_code for c in tasks[arn].containers} if arn in tasks else {}
            if told.get(name, code) != code:
                raise Broken(f"{name} of {arn} ended with {code}, and on record is {told[name]}")
        alive = {c.task_arn for c in self._world.docker.running()}
        wanted = {arn for arn, task in tasks.items() if task.last_status in HOLDING}
        if alive != wanted:
            raise Broken(f"running and on no record: {sorted(alive - wanted)}; the reverse: {sorted(wanted - alive)}")

    def forget_records(self) -> None:
        """The database was emptied or went back in time; what it says next is no step backwards."""
        self._seen.clear()

    def on_kill(self, container: SimContainer) -> None:
        """Somebody stops a running container: its task must have been asked to stop, or have lost an essential one."""
        arn = container.task_arn
        self.look()
        if arn in self.told_to_stop or self._has_ended_sibling(container):
            return
        raise Broken(f"{container.name} of {arn} was stopped, and nobody had asked for that")

    def _has_ended_sibling(self, container: SimContainer) -> bool:
        return any(
            c.state == "exited" for c in self._world.docker.containers.values() if c.task_arn == container.task_arn
        )

    def _lives_move_forward(self, tasks: list[Task]) -> None:
        for task in tasks:
            before = self._seen.get(task.arn, TaskStatus.PROVISIONING)
            if ORDER.index(task.last_status) < ORDER.index(before):
                raise Broken(f"{task.arn} went back from {before} to {task.last_status}")
            self._seen[task.arn] = task.last_status

    def _one_container_each(self) -> None:
        running = Counter((c.task_arn, c.container_name) for c in self._world.docker.running())
        twice = [who for who, number in running.items() if number > 1]
        if twice:
            raise Broken(f"{twice[0]} runs more than once")


def _nothing_is_overcommitted(tx: Transaction, tasks: list[Task]) -> None:
    held: Counter[str] = Counter()
    for task in tasks:
        if task.last_status in HOLDING and task.container_instance_arn:
            held[task.container_instance_arn] += task.memory_mib
    for arn, memory_mib in held.items():
        instance = tx.get(ContainerInstance, arn)
        if instance is not None and memory_mib > instance.memory_mib:
            raise Broken(f"{arn} promises {memory_mib} MiB of {instance.memory_mib}")
