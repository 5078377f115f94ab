"""Schedules and their groups by name and ARN."""

from podium.kernel.call import Call
from podium.scheduler.errors import GroupNotFound, ScheduleNotFound
from podium.scheduler.records import Schedule, ScheduleGroup
from podium.store.session import Transaction

DEFAULT = "default"


def group_arn(call: Call, name: str) -> str:
    return call.arn("scheduler", f"schedule-group/{name}")


def schedule_arn(call: Call, group: str, name: str) -> str:
    return call.arn("scheduler", f"schedule/{group}/{name}")


def group(call: Call, tx: Transaction, name: str | None) -> ScheduleGroup:
    """`default` unless it is named. Raises GroupNotFound."""
    wanted = name or DEFAULT
    return _group(call, tx, group_arn(call, wanted), wanted)


def group_of_arn(call: Call, tx: Transaction, arn: str) -> ScheduleGroup:
    """Raises GroupNotFound, also for one of another account or region."""
    return _group(call, tx, arn, arn.rpartition("/")[2])


def _group(call: Call, tx: Transaction, arn: str, name: str) -> ScheduleGroup:
    found = tx.get(ScheduleGroup, arn) if arn == group_arn(call, name) else None
    if found is not None:
        return found
    if arn != group_arn(call, DEFAULT):
        raise GroupNotFound(name)
    return ScheduleGroup(arn=arn, home=call.home, name=DEFAULT)


def schedule(call: Call, tx: Transaction, group_name: str | None, name: str) -> Schedule:
    """Raises GroupNotFound, ScheduleNotFound."""
    held = group(call, tx, group_name)
    found = tx.get(Schedule, schedule_arn(call, held.name, name))
    if found is None:
        raise ScheduleNotFound(name)
    return found
