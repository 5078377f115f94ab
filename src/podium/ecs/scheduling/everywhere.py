"""The DAEMON strategy: one task on every instance that meets its requirements. No I/O.

Source: Amazon ECS Developer Guide, "Amazon ECS services", daemon scheduling strategy.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import (
    ContainerInstance,
    DaemonServiceReservation,
    Held,
    InstanceStatus,
    Rollout,
    Service,
    Task,
    TaskStatus,
)
from podium.ecs.scheduling.placement import Miss, Requirements, Room, short, unfit, unsuited

Verdict = Callable[[Task], bool]
_NOTHING = Held()


@dataclass(frozen=True, kw_only=True, slots=True)
class Homes:
    """`eligible` are the instances that are to have a task of the service: their number is its desired count. `suited`
    are those that may have one at some time, if not now; `taken`, by their ARNs, those that have one.
    """

    eligible: tuple[Room, ...]
    suited: tuple[Room, ...]
    taken: frozenset[str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`misses` are the eligible instances that have no room at the moment.

    `misplaced` are those to `stop` whose instance is there and does not meet the constraints any more.
    `waits` says that tasks stay on instances that drain, until the last task of another kind has left.
    """

    start: tuple[Room, ...] = ()
    stop: tuple[Task, ...] = ()
    unhealthy: tuple[Task, ...] = ()
    misses: tuple[Miss, ...] = ()
    misplaced: tuple[Task, ...] = ()
    waits: bool = False


def homes(tasks: Sequence[Task], rooms: Sequence[Room], needs: Requirements) -> Homes:
    """Where tasks that need this may be. `tasks` are those of the service."""
    taken = frozenset(t.container_instance_arn for t in tasks if t.last_status in HOLDING)
    suited = tuple(room for room in rooms if unsuited(needs, room) is None)
    suit = {room.instance.arn for room in suited}
    eligible = tuple(room for room in rooms if _eligible(room.instance, suit, taken))
    return Homes(eligible=eligible, suited=suited, taken=taken)


def plan(
    service: Service,
    tasks: Sequence[Task],
    rooms: Sequence[Room],
    found: Homes,
    needs: Requirements,
    is_healthy: Verdict,
    is_ill: Verdict,
    daemons: Collection[str] = (),
) -> Plan:
    """What to start and stop now. `daemons` are the groups of all DAEMON services of the cluster.

    A task on an instance that no longer meets the constraints goes, and one where an instance drains goes last. One of
    an older deployment goes as far as the minimum healthy percent allows, which running ones that are not known to be
    ill make up as in `rolling`; its successor starts when nothing of the service is left there.
    A deployment that failed starts nothing and sends nothing away.
    """
    failed = service.primary.rollout is Rollout.FAILED
    wanted = [t for t in tasks if t.desired_status is TaskStatus.RUNNING]
    eligible = {room.instance.arn for room in found.eligible}
    last_to_go = {needs.group, *daemons}
    busy = {room.instance.arn for room in rooms if _drains_others(room, last_to_go)}
    places = eligible | busy
    stray = [t for t in wanted if t.container_instance_arn not in places]
    active = {room.instance.arn for room in rooms if room.instance.status is InstanceStatus.ACTIVE}
    settled = [t for t in wanted if t.container_instance_arn in eligible]
    well = {t.arn for t in settled if is_healthy(t)}
    ill = {t.arn: t for t in settled if is_ill(t)}
    outdated = [t for t in settled if t.started_by != service.primary.id and t.arn not in ill]
    floor = -(-len(eligible) * service.minimum_healthy_percent // 100)
    spare = len(well) - floor
    unproven = [t for t in outdated if t.arn not in well and t.last_status is TaskStatus.RUNNING]
    old = [t for t in outdated if t.last_status is not TaskStatus.RUNNING]
    old += unproven[: max(0, len(unproven) + min(0, spare))]
    old += [t for t in outdated if t.arn in well][: max(0, spare)]
    old = [] if failed else old
    going = {t.arn for t in old}
    doubles = _doubles([t for t in settled if t.arn not in going])
    empty = [room for room in found.eligible if room.instance.arn not in found.taken]
    free = [(room, unfit(needs, room.for_daemons)) for room in empty]
    return Plan(
        start=() if failed else tuple(room for room, reason in free if reason is None),
        stop=(*stray, *old, *doubles),
        unhealthy=tuple(ill.values()),
        misses=tuple(Miss(instance_arn=room.instance.arn, reason=reason) for room, reason in free if reason),
        misplaced=tuple(t for t in stray if t.container_instance_arn in active),
        waits=any(t.container_instance_arn in busy for t in wanted),
    )


def reservations(
    service: Service, tasks: Sequence[Task], suited: Sequence[Room], needs: Requirements
) -> dict[str, DaemonServiceReservation]:
    """By its ARN, what each of the `suited` instances is to keep for the service. An instance keeps it before its agent
    connects, while it drains and after a deployment that failed, since another may follow; but not where a task of the
    service would not fit if it were alone.
    """
    held: dict[str | None, tuple[int, int]] = {}
    for task in tasks:
        if task.last_status in HOLDING:
            cpu, memory_mib = held.get(task.container_instance_arn, (0, 0))
            held[task.container_instance_arn] = (cpu + task.cpu, memory_mib + task.memory_mib)
    ports, ports_udp = tuple(sorted(needs.ports)), tuple(sorted(needs.ports_udp))
    found = {}
    for room in suited:
        arn = room.instance.arn
        if short(needs, Room(room.instance, _NOTHING)) is not None:
            continue
        cpu, memory_mib = held.get(arn, (needs.cpu, needs.memory_mib))
        one = DaemonServiceReservation(
            arn=f"{service.arn}/{arn.rpartition('/')[2]}",
            service_arn=service.arn,
            container_instance_arn=arn,
            group=needs.group,
            cpu=needs.cpu,
            memory_mib=needs.memory_mib,
            ports=ports,
            ports_udp=ports_udp,
            more_cpu=max(0, needs.cpu - cpu),
            more_memory_mib=max(0, needs.memory_mib - memory_mib),
        )
        found[one.arn] = one
    return found


def _drains_others(room: Room, daemons: Collection[str]) -> bool:
    """Whether the instance drains, and still has tasks that are no daemons."""
    return room.instance.status is InstanceStatus.DRAINING and any(group not in daemons for group in room.held.groups)


def _eligible(instance: ContainerInstance, suit: Collection[str], inhabited: Collection[str | None]) -> bool:
    """`inhabited` are the instances that have a task of the service, be it one that is to stop.

    Room is not asked for here: what an instance lacks of it may be what the task itself has taken. An instance whose
    agent is away, or that is only just back, keeps the task that it has.
    """
    if instance.status is not InstanceStatus.ACTIVE:
        return False
    return instance.arn in (suit if instance.takes_tasks else inhabited)


def _doubles(staying: Sequence[Task]) -> list[Task]:
    """Every task but the newest on an instance that has several."""
    seen: set[str | None] = set()
    found = []
    for task in sorted(staying, key=lambda t: t.created_at, reverse=True):
        if task.container_instance_arn in seen:
            found.append(task)
        seen.add(task.container_instance_arn)
    return found
