"""Tasks that wait PROVISIONING until their capacity provider has room: put in the queue, and taken from it.

Source: Amazon ECS Developer Guide, "Amazon ECS cluster auto scaling" and "Amazon ECS service quotas".
"""

from collections.abc import Sequence
from datetime import datetime

from podium.ecs import names, networking, starting
from podium.ecs.records import CapacityProvider, QueuedTask, Task, TaskDefinition, TaskStatus
from podium.ecs.rules import effects
from podium.ecs.rules.capacity_providers import FARGATE
from podium.ecs.scheduling import launching, provisioning
from podium.ecs.scheduling.launching import Launch
from podium.ecs.scheduling.provisioning import Waiting
from podium.kernel.ids import Ids
from podium.store.session import Transaction

FULL = "The tasks provisioning capacity limit was exceeded."
NO_INSTANCES = "No Container Instances were found in your capacity provider."


def queued(
    tx: Transaction, wish: starting.Wish, providers: Sequence[str | None], most: int, ids: Ids, now: datetime
) -> tuple[list[Task], int]:
    """A waiting task for each of `providers`, not yet put, with its place in the queue, which is; how many had none.

    No more than `most` wait in a cluster.
    """
    if not providers:
        return [], 0
    launch = wish.launch
    room = max(0, most - len(there(tx, cluster_arn=launch.cluster_arn)))
    made = [_waiting(launch, provider or "", ids, now) for provider in providers[:room]]
    for task in made:
        tx.put(
            QueuedTask(
                arn=task.arn,
                cluster_arn=launch.cluster_arn,
                hosts_arn=starting.hosts_arn(launch),
                provider=task.capacity_provider or "",
                since=now,
                strategy=tuple(dict(item) for item in wish.strategy),
                distinct=launch.distinct,
                member_of=tuple(launch.member_of),
            )
        )
    return made, len(providers) - len(made)


def there(tx: Transaction, **where: str) -> list[Waiting]:
    """Those in the queue that do wait. Places of tasks that wait no more are given up."""
    found: list[Waiting] = []
    for place in tx.list(QueuedTask, **where):
        task = tx.get(Task, place.arn)
        if task is not None and is_waiting(task):
            found.append((task, place))
        else:
            tx.delete(place)
    return found


def _waiting(launch: Launch, provider: str, ids: Ids, now: datetime) -> Task:
    why = (effects.FULL_FARGATE if provider in FARGATE else effects.EMPTY_PROVIDER).format(provider)
    return launching.waiting(launch, why, ids, now, provider, provisioning.EMPTY)


def is_managed(tx: Transaction, home: str, provider: str) -> bool:
    """Whether ECS scales the provider's Auto Scaling group, so that tasks may wait for instances."""
    found = tx.get(CapacityProvider, names.provider_arn(home, provider))
    scaling = (found.auto_scaling_group or {}).get("managedScaling") if found is not None else None
    return (scaling or {}).get("status") == "ENABLED"


def is_waiting(task: Task | None) -> bool:
    return (
        task is not None
        and task.desired_status is TaskStatus.RUNNING
        and task.last_status is TaskStatus.PROVISIONING
        and task.container_instance_arn is None
    )


def wish(tx: Transaction, tasks: Sequence[Task], place: QueuedTask) -> starting.Wish | None:
    """For tasks that need the same; None when their definition is gone."""
    task = tasks[0]
    definition = tx.get(TaskDefinition, task.task_definition_arn)
    if definition is None:
        return None
    launch = Launch(
        cluster_arn=task.cluster_arn,
        definition=definition,
        group=task.group,
        launch_type=task.launch_type,
        network=task.network,
        zones=networking.zones(tx, task.home, task.network),
        overrides=task.overrides,
        distinct=place.distinct,
        member_of=place.member_of,
    )
    providers = ({"capacityProvider": place.provider, "base": 0, "weight": 1},)
    return starting.Wish(launch=launch, count=len(tasks), providers=providers, strategy=place.strategy)
