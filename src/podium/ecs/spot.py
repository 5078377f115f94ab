"""Fargate Spot: AWS takes its spare capacity back when it likes; here the operator says when.

The notice and SIGTERM come together, SIGKILL after the containers' stopTimeout: on Fargate two minutes at most.
Source: Amazon ECS Developer Guide, "Fargate Spot termination notices".
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from podium.ecs import lifecycle
from podium.ecs.records import StopCode, Task, TaskStatus
from podium.store.session import Transaction

PROVIDER = "FARGATE_SPOT"
REASON = "Your Spot Task was interrupted."


def interruptible(tx: Transaction) -> list[Task]:
    """Tasks on Spot capacity that nobody has asked to stop, in a fixed order."""
    found = (t for t in tx.list(Task, desired_status=TaskStatus.RUNNING) if is_spot(t))
    return sorted(found, key=lambda t: t.arn)


def is_spot(task: Task) -> bool:
    return task.capacity_provider == PROVIDER and task.container_instance_arn is not None


def some(tasks: Iterable[Task], percent: int, below: Callable[[int], int]) -> list[Task]:
    """That share of the tasks, rounded up, by chance."""
    left, chosen = list(tasks), list[Task]()
    for _ in range(-(-len(left) * percent // 100)):
        chosen.append(left.pop(below(len(left))))
    return chosen


def interrupt(tx: Transaction, tasks: Iterable[Task], now: datetime) -> list[str]:
    """Their ARNs. A service starts others; protection from scale-in does not count here."""
    stopped = [tx.put(lifecycle.asked_to_stop(task, StopCode.SPOT_INTERRUPTION, REASON, now)) for task in tasks]
    return [task.arn for task in stopped]
