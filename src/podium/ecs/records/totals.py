"""What tasks come to together: on an instance, in a service, in a cluster."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from podium.ecs.records.statuses import COUNTED_PENDING, TaskStatus
from podium.store.records import part

if TYPE_CHECKING:
    from podium.ecs.records.tasks import Task

K = TypeVar("K")


@part
class Held:
    """What the tasks of one container instance hold together, until each is STOPPED.

    `ports`, `ports_udp`, `gpus` and `groups` count the tasks that hold the port or the GPU or belong to the group;
    `leaving`, of the latter, those that were asked to stop.
    """

    cpu: int = 0
    memory_mib: int = 0
    ports: Mapping[int, int] = {}
    ports_udp: Mapping[int, int] = {}
    gpus: Mapping[str, int] = {}
    groups: Mapping[str, int] = {}
    running: int = 0
    leaving: Mapping[str, int] = {}

    def staying(self, group: str) -> int:
        """How many tasks of the group nobody has asked to stop."""
        return self.groups.get(group, 0) - self.leaving.get(group, 0)

    def plus(self, task: "Task") -> "Held":
        return self._with(task, 1)

    def minus(self, task: "Task") -> "Held":
        return self._with(task, -1)

    def _with(self, task: "Task", sign: int) -> "Held":
        if task.last_status is TaskStatus.STOPPED:
            return self
        return self.changed(
            sign, task.cpu, task.memory_mib, task.ports, task.ports_udp, task.gpu_ids, task.group,
            task.last_status is TaskStatus.RUNNING, task.desired_status is TaskStatus.STOPPED,
        )  # fmt: skip

    def changed(
        self,
        sign: int,
        cpu: int,
        memory_mib: int,
        ports: Iterable[int],
        ports_udp: Iterable[int],
        gpu_ids: Iterable[str],
        group: str,
        running: bool = False,
        leaving: bool = False,
    ) -> "Held":
        """With one more task that holds these, when `sign` is 1; with one less, when it is -1."""
        return Held(
            cpu=self.cpu + sign * cpu,
            memory_mib=self.memory_mib + sign * memory_mib,
            ports=counted(self.ports, ports, sign),
            ports_udp=counted(self.ports_udp, ports_udp, sign),
            gpus=counted(self.gpus, gpu_ids, sign),
            groups=counted(self.groups, (group,), sign),
            running=self.running + sign * running,
            leaving=counted(self.leaving, (group,), sign) if leaving else self.leaving,
        )


def counted(held: Mapping[K, int], more: Iterable[K], sign: int) -> Mapping[K, int]:
    """`held` with one more, or one less, of each."""
    if not more:
        return held
    counts = dict(held)
    for one in more:
        counts[one] = counts.get(one, 0) + sign
        if not counts[one]:
            del counts[one]
    return counts


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many tasks are running and pending, by something that each of them has."""

    running: Mapping[str, int] = {}
    pending: Mapping[str, int] = {}

    def plus(self, task: "Task") -> Self:
        return self._with(task, 1)

    def minus(self, task: "Task") -> Self:
        return self._with(task, -1)

    def all_running(self) -> int:
        return sum(self.running.values())

    def all_pending(self) -> int:
        return sum(self.pending.values())

    @staticmethod
    def by(task: "Task") -> str:
        raise NotImplementedError

    def _with(self, task: "Task", sign: int) -> Self:
        running, pending = self.running, self.pending
        if task.last_status is TaskStatus.RUNNING:
            running = counted(running, (self.by(task),), sign)
        elif task.last_status in COUNTED_PENDING:
            pending = counted(pending, (self.by(task),), sign)
        else:
            return self
        return type(self)(running=running, pending=pending)


class CountedByDeployment(Counted, frozen=True, kw_only=True):
    """By the deployment, or task set, that started the task."""

    @staticmethod
    def by(task: "Task") -> str:
        return task.started_by or ""


class CountedByLaunchType(Counted, frozen=True, kw_only=True):
    @staticmethod
    def by(task: "Task") -> str:
        return task.launch_type
