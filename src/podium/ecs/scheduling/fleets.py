"""The fleets of all clusters, following the records of container instances, tasks and reservations as they change."""

from collections.abc import Collection
from typing import Any, NamedTuple

from podium.ecs.records import ContainerInstance, DaemonServiceReservation, Held, InstanceStatus, Task, TaskStatus
from podium.ecs.scheduling.fitting import Fitting
from podium.ecs.scheduling.fleet import Fleet
from podium.ecs.scheduling.placement import Room, fleet_group

_NOTHING = Held()


class Fleets:
    """A view of the store: it is told of every change, in order, and of those that are taken back.

    Instances that are INACTIVE are in no fleet. A task holds its whole reservation until it is STOPPED.
    """

    kinds: tuple[type[Any], ...] = (ContainerInstance, Task, DaemonServiceReservation)

    def __init__(self) -> None:
        self._fleets: dict[str, Fitting] = {}
        self._cluster_of: dict[str, str] = {}  # of the instances that are in a fleet
        self._held: dict[str, Held] = {}  # by the instance's ARN, whether or not there is such an instance
        self._reserved: dict[str, dict[str, DaemonServiceReservation]] = {}  # likewise; in it by the reservation's ARN

    def of(self, cluster_arn: str) -> Fitting:
        known = self._fleets.get(cluster_arn)
        if known is None:
            known = self._fleets[cluster_arn] = Fitting(Fleet())
        return known

    def room(self, instance_arn: str) -> Room | None:
        """What the instance can still promise; None when it is in no fleet."""
        place = self._place(instance_arn)
        return None if place is None else place[0].at(place[1])

    def change(self, before: Any, after: Any) -> None:
        """A record of one of `kinds` was `before` and is `after`; None where there is none."""
        match before or after:
            case Task():
                self._task_changed(before, after)
            case ContainerInstance():
                self._instance_changed(before, after)
            case DaemonServiceReservation():
                self._reservation_changed(before, after)

    def _instance_changed(self, before: ContainerInstance | None, after: ContainerInstance | None) -> None:
        was = before if _is_in_a_fleet(before) else None
        now = after if _is_in_a_fleet(after) else None
        if was is not None and now is not None and was.cluster_arn == now.cluster_arn:
            self.of(now.cluster_arn).fleet.update(now)
            return
        if was is not None:
            self.of(was.cluster_arn).fleet.leave(was.arn)
            del self._cluster_of[was.arn]
        if now is not None:
            self._cluster_of[now.arn] = now.cluster_arn
            reserved = tuple(self._reserved.get(now.arn, {}).values())
            self.of(now.cluster_arn).fleet.join(now, self._held.get(now.arn, _NOTHING), reserved)

    def _task_changed(self, before: Task | None, after: Task | None) -> None:
        was, now = _stake(before), _stake(after)
        if was == now:
            return
        if was is not None and now is not None and was.instance_arn == now.instance_arn:
            held = now.added_to(was.taken_from(self._held[was.instance_arn]))
            self._hold(was.instance_arn, held, {was.group, now.group})
            return
        if was is not None:
            self._hold(was.instance_arn, was.taken_from(self._held[was.instance_arn]), (was.group,))
        if now is not None:
            self._hold(now.instance_arn, now.added_to(self._held.get(now.instance_arn, _NOTHING)), (now.group,))

    def _reservation_changed(
        self, before: DaemonServiceReservation | None, after: DaemonServiceReservation | None
    ) -> None:
        """A reservation never moves to another instance: its ARN has the instance's id."""
        one = after or before
        assert one is not None, "a change has a record"
        arn = one.container_instance_arn
        here = self._reserved.setdefault(arn, {})
        here.pop(one.arn, None)
        if after is not None:
            here[one.arn] = after
        if not here:
            del self._reserved[arn]
        if (place := self._place(arn)) is not None:
            fleet, row = place
            fleet.reserve(row, tuple(here.values()))

    def _hold(self, instance_arn: str, held: Held, groups: Collection[str]) -> None:
        self._held[instance_arn] = held
        if held == _NOTHING:
            del self._held[instance_arn]
        if (place := self._place(instance_arn)) is not None:
            fleet, row = place
            fleet.hold(row, held, groups)

    def _place(self, instance_arn: str) -> tuple[Fleet, int] | None:
        """Its fleet and its row there; None when it is in no fleet."""
        cluster_arn = self._cluster_of.get(instance_arn)
        if cluster_arn is None:
            return None
        fleet = self._fleets[cluster_arn].fleet
        row = fleet.row(instance_arn)
        assert row is not None, "an instance that has a cluster has a row there"
        return fleet, row


def _is_in_a_fleet(instance: ContainerInstance | None) -> bool:
    return instance is not None and instance.status is not InstanceStatus.INACTIVE


class Stake(NamedTuple):
    """Where a task holds something, and what. `group` is the fleet's word for its group."""

    instance_arn: str
    cpu: int
    memory_mib: int
    ports: tuple[int, ...]
    ports_udp: tuple[int, ...]
    gpu_ids: tuple[str, ...]
    group: str
    running: bool
    leaving: bool

    def added_to(self, held: Held) -> Held:
        return held.changed(1, *self[1:])

    def taken_from(self, held: Held) -> Held:
        return held.changed(-1, *self[1:])


def _stake(task: Task | None) -> Stake | None:
    """None when the task holds nothing anywhere."""
    if task is None or task.container_instance_arn is None or task.last_status is TaskStatus.STOPPED:
        return None
    return Stake(
        task.container_instance_arn,
        task.cpu,
        task.memory_mib,
        task.ports,
        task.ports_udp,
        task.gpu_ids,
        fleet_group(task.launch_type, task.cluster_arn, task.group),
        task.last_status is TaskStatus.RUNNING,
        task.desired_status is TaskStatus.STOPPED,
    )
