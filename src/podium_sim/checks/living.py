"""Lives move forward along their arcs, and network interfaces are somebody's, one each."""

from collections.abc import Iterator

from podium import ec2
from podium.ecs.records import Stranger, Task, TaskStatus
from podium_sim import lives
from podium_sim.checks.sight import Check, Sight, short

ORDER = {status: n for n, status in enumerate(TaskStatus)}


def lives_move_forward(sight: Sight) -> Iterator[str]:
    """A task's last status never goes back, nor does its desired status, nor is a reason to stop changed."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Task) or not isinstance(after, Task):
        return
    if ORDER[after.last_status] < ORDER[before.last_status]:
        yield f"{short(after.arn)} went back from {before.last_status} to {after.last_status}"
    if before.stop_code is not None and (before.stop_code, before.stopped_reason) != (
        after.stop_code,
        after.stopped_reason,
    ):
        yield f"{short(after.arn)} stopped for {before.stopped_reason}, and now for {after.stopped_reason}"
    if after.last_status is TaskStatus.STOPPED and (after.stop_code is None or after.stopped_at is None):
        yield f"{short(after.arn)} has stopped, and nobody says why and when"


def arcs_are_known(sight: Sight) -> Iterator[str]:
    """Every life goes along its arcs."""
    for life, (before, after) in lives.gone(sight.change):
        if (before, after) not in life.arcs:
            yield f"a {life.name}, {short(sight.change.key)}, went from {before} to {after}"


def addresses_are_apart(sight: Sight) -> Iterator[str]:
    """No two interfaces have one address of a subnet."""
    made = sight.change.after
    if sight.change.kind is not ec2.NetworkInterface or made is None or sight.change.before is not None:
        return
    for other in sight.shadow.all(ec2.NetworkInterface).values():
        if (other.subnet_arn, other.address) == (made.subnet_arn, made.address):
            yield f"{made.id} was given the address {made.address} of {other.id}"


def interfaces_are_somebodys(sight: Sight) -> Iterator[str]:
    """An interface goes when its task is over, and not before; a task is not over before its interface is gone."""
    before, after = sight.change.before, sight.change.after
    if isinstance(after, Task) and after.interface_id is not None:
        if after.last_status is TaskStatus.STOPPED:
            yield f"{short(after.arn)} has stopped and still has {after.interface_id}"
        for other in sight.shadow.all(Task).values() if _is_new(before, after) else ():
            if other.interface_id == after.interface_id and other.arn != after.arn:
                yield f"{after.interface_id} is that of {short(after.arn)} and of {short(other.arn)}"
    lacks = isinstance(after, Task) and after.network and after.interface_id is None
    if lacks and after.last_status in (TaskStatus.PENDING, TaskStatus.ACTIVATING, TaskStatus.RUNNING):
        yield f"{short(after.arn)} is {after.last_status} without its interface"


def _is_new(before: object, after: Task) -> bool:
    return not isinstance(before, Task) or before.interface_id != after.interface_id


def interfaces_go_with_their_tasks(sight: Sight) -> Iterator[str]:
    """What was an interface's address is given back only when nothing of its task runs."""
    before = sight.change.before
    if sight.change.kind is not ec2.NetworkInterface or sight.change.after is not None:
        return
    for task in sight.shadow.all(Task).values():
        alive = task.last_status in (TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.STOPPING)
        if task.interface_id == before.id and alive:
            yield f"{before.id} was released while {short(task.arn)} was {task.last_status}"


def strangers_are_known(sight: Sight) -> Iterator[str]:
    """A stranger is never a task on record, unless that was given up with its host."""
    after = sight.change.after
    if isinstance(after, Stranger) and not after.lost and sight.shadow.task(after.arn) is not None:
        yield f"{short(after.arn)} is a task and a stranger"


CHECKS: tuple[Check, ...] = (
    lives_move_forward,
    arcs_are_known,
    addresses_are_apart,
    interfaces_are_somebodys,
    interfaces_go_with_their_tasks,
    strangers_are_known,
)
