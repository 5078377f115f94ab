"""The DAEMON strategy: one task on every instance that meets its requirements. No I/O.

Source: Amazon ECS Developer Guide, "Amazon ECS services", daemon scheduling strategy.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import DaemonReservation, InstanceStatus, Rollout, Service, Task, TaskStatus
from podium.ecs.scheduling.placement import Miss, Requirements, Room, unfit, unsuited

Verdict = Callable[[Task], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`desired` is the number of eligible instances. `misses` are those that have no room at the moment.

    `waits` says that tasks stay on instances that drain, until the last task of another kind has left.
    """

    desired: int
    start: tuple[Room, ...] = ()
    stop: tuple[Task, ...] = ()
    unhealthy: tuple[Task, ...] = ()
    misses: tuple[Miss, ...] = ()
    waits: bool = False


def plan(
    service: Service,
    tasks: Sequence[Task],
    rooms: Sequence[Room],
    needs: Requirements,
    is_healthy: Verdict,
    is_ill: Verdict,
    daemons: Collection[str] = (),
) -> Plan:
    """What to start and stop now. `daemons` are the groups of all DAEMON services of the cluster.

    A task on an instance that no longer meets the constraints goes, and one where an instance drains goes last. One of
    an older deployment goes as far as the minimum healthy percent allows; its successor starts when nothing of the
    service is left there.
    A deployment that failed starts nothing and sends nothing away.
    """
    failed = service.primary.rollout is Rollout.FAILED
    wanted = [t for t in tasks if t.desired_status is TaskStatus.RUNNING]
    taken = {t.container_instance_arn for t in tasks if t.last_status in HOLDING}
    eligible = [room for room in rooms if _eligible(room, needs, taken)]
    homes = {room.instance.arn for room in eligible}
    busy = {room.instance.arn for room in rooms if _drains_others(room, {needs.group, *daemons})}
    stray = [t for t in wanted if t.container_instance_arn not in homes | busy]
    settled = [t for t in wanted if t.container_instance_arn in homes]
    well = {t.arn for t in settled if is_healthy(t)}
    ill = {t.arn: t for t in settled if is_ill(t)}
    outdated = [t for t in settled if t.started_by != service.primary.id and t.arn not in ill]
    floor = -(-len(eligible) * service.minimum_healthy_percent // 100)
    old = [t for t in outdated if t.arn not in well]
    old += [t for t in outdated if t.arn in well][: max(0, len(well) - floor)]
    old = [] if failed else old
    going = {t.arn for t in old}
    doubles = _doubles([t for t in settled if t.arn not in going])
    free = [(room, unfit(needs, room)) for room in eligible if room.instance.arn not in taken]
    return Plan(
        desired=len(eligible),
        start=() if failed else tuple(room for room, reason in free if reason is None),
        stop=(*stray, *old, *doubles),
        unhealthy=tuple(ill.values()),
        misses=tuple(Miss(instance_arn=room.instance.arn, reason=reason) for room, reason in free if reason),
        waits=any(t.container_instance_arn in busy for t in wanted),
    )


def reservations(
    service: Service, tasks: Sequence[Task], rooms: Sequence[Room], needs: Requirements
) -> dict[str, DaemonReservation]:
    """By its ARN, what each instance that is to have a task of the service keeps for it: also after a deployment that
    failed, since another follows, but not where the instance is too small.
    """
    there: dict[str | None, list[Task]] = {}
    for task in tasks:
        if task.last_status in HOLDING:
            there.setdefault(task.container_instance_arn, []).append(task)
    found = [_reservation(service, room, needs, there.get(room.instance.arn, ())) for room in rooms]
    return {one.arn: one for one in found if one is not None}


def _reservation(service: Service, room: Room, needs: Requirements, there: Sequence[Task]) -> DaemonReservation | None:
    instance = room.instance
    if instance.status is not InstanceStatus.ACTIVE or unsuited(needs, room) is not None:
        return None
    if needs.cpu > instance.cpu or needs.memory_mib > instance.memory_mib:
        return None
    return DaemonReservation(
        arn=f"{service.arn}/{instance.arn.rpartition('/')[2]}",
        service_arn=service.arn,
        container_instance_arn=instance.arn,
        group=needs.group,
        cpu=needs.cpu,
        memory_mib=needs.memory_mib,
        ports=tuple(sorted(needs.ports)),
        ports_udp=tuple(sorted(needs.ports_udp)),
        more_cpu=max(0, needs.cpu - sum(task.cpu for task in there)) if there else 0,
        more_memory_mib=max(0, needs.memory_mib - sum(task.memory_mib for task in there)) if there else 0,
    )


def _drains_others(room: Room, daemons: Collection[str]) -> bool:
    """Whether the instance drains, and still has tasks that are no daemons."""
    return room.instance.status is InstanceStatus.DRAINING and any(group not in daemons for group in room.held.groups)


def _eligible(room: Room, needs: Requirements, inhabited: Collection[str | None]) -> bool:
    """`inhabited` are the instances that have a task of the service, be it one that is to stop.

    Room is not asked for here: what an instance lacks of it may be what the task itself has taken. An instance whose
    agent is away, or that is only just back, keeps the task that it has.
    """
    if room.instance.status is not InstanceStatus.ACTIVE:
        return False
    if not room.instance.takes_tasks:
        return room.instance.arn in inhabited
    return unsuited(needs, room) is None


def _doubles(staying: Sequence[Task]) -> list[Task]:
    """Every task but the newest on an instance that has several."""
    seen: set[str | None] = set()
    found = []
    for task in sorted(staying, key=lambda t: t.created_at, reverse=True):
        if task.container_instance_arn in seen:
            found.append(task)
        seen.add(task.container_instance_arn)
    return found
