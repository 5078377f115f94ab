"""What a task may use as a whole: the parent control group that its containers share.

Source: Amazon ECS Developer Guide, "Task size"; the open-source agent for the names.
"""

from podium_agent.engine.instructions import Cgroup
from podium_agent.engine.records import Task
from podium_agent.engine.settings import Settings
from podium_protocol import payload

_MIB = 1024 * 1024
CPU_PERIOD = 100_000  # microseconds
_CPU_SHARES = (2, 262144)


def cpu_shares(definition: payload.Container) -> int:
    """CPU units as Docker's shares, within what the kernel takes."""
    least, most = _CPU_SHARES
    return min(max(definition.get("cpu") or 0, least), most)


def cgroup(task: Task, settings: Settings) -> Cgroup | None:
    """None where this host lets nobody make one. A task without CPU of its own has its containers' shares in sum."""
    if settings.cgroup_naming is None:
        return None
    cpu = task.payload.get("cpu") or 0
    return Cgroup(
        name=settings.cgroup_naming.format(task.arn.rpartition("/")[2]),
        cpu_quota=int(cpu * CPU_PERIOD),
        cpu_shares=0 if cpu else min(sum(cpu_shares(c.definition) for c in task.containers), _CPU_SHARES[1]),
        memory_bytes=(task.payload.get("memory") or 0) * _MIB,
        pids=settings.task_pids_limit,
    )
