"""What a task that waits for a capacity provider lacks, and which tasks may be placed together. No I/O.

Source: Amazon ECS Developer Guide, "Amazon ECS capacity provider considerations", and the stopped reasons of tasks
that could not be placed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from podium.ecs.records import QueuedTask, Task
from podium.ecs.scheduling.misses import counted, hardest
from podium.ecs.scheduling.placement import Miss

EMPTY = "EMPTY CAPACITY PROVIDER"
NO_INSTANCES = "NO ACTIVE INSTANCES"
Waiting = tuple[Task, QueuedTask]


def lacks(misses: Sequence[Miss]) -> str:
    """In AWS's word, what keeps the task from the provider's instances: what the closest match lacks."""
    if not misses:
        return EMPTY
    reasons = counted(misses)
    if reasons.keys() == {"INACTIVE"}:
        return NO_INSTANCES
    return hardest(reasons).rstrip(".")


def batches(queue: Sequence[Waiting], most: int) -> Iterator[list[Waiting]]:
    """Neighbors in the queue that need the same, at most `most` together."""
    batch: list[Waiting] = []
    for waiting in queue:
        if batch and (len(batch) == most or _kind(batch[0]) != _kind(waiting)):
            yield batch
            batch = []
        batch.append(waiting)
    if batch:
        yield batch


def _kind(waiting: Waiting) -> tuple[Any, ...]:
    task, queued = waiting
    what = (task.task_definition_arn, task.group, task.launch_type, task.capacity_provider, task.network)
    return (*what, task.overrides, queued.strategy, queued.distinct, queued.member_of)
