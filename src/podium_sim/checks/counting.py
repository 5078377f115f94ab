"""How many tasks a service has: never under its floor by Podium's own hand, never over its ceiling."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import (
    CapacityProvider,
    InstanceStatus,
    Service,
    ServiceStatus,
    Task,
    TaskSet,
    TaskStatus,
)
from podium.ecs.timing import Timing
from podium_sim.checks.sight import (
    UNHEALTHY,
    Check,
    Sight,
    ceil_percent,
    is_healthy,
    is_ill,
    made_by_podium,
    placed_by_podium,
    short,
    stopped_by_podium,
)


def floor_holds(sight: Sight) -> Iterator[str]:
    """A healthy task is asked to stop only while the others that are healthy are enough.

    Enough is the minimum healthy percent of the desired count, rounded up; of a DAEMON service, of the instances
    that have one.
    """
    task = stopped_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    if task is None or service is None or service.status is not ServiceStatus.ACTIVE or service.controller != "ECS":
        return
    at = task.stopping_at or sight.now
    if not is_healthy(sight.change.before, at, sight.timing) or _is_stray(sight, service, task):
        return
    others = [t for t in sight.shadow.wanted(service.arn) if t.arn != task.arn and _counts(t, at, sight.timing)]
    count = service.desired_count
    if service.scheduling_strategy == "DAEMON":
        count = min(s.desired_count for s in sight.services(service.arn))
    floor = ceil_percent(count, service.minimum_healthy_percent)
    if len(others) < floor:
        yield (
            f"{service.name}: {short(task.arn)} was asked to stop ({task.stopped_reason}) while {len(others)} others "
            f"were healthy; {service.minimum_healthy_percent} % of {count} are {floor}"
        )


def running_ones_make_up_the_floor(sight: Sight) -> Iterator[str]:
    """A running task of a REPLICA service that is not known to be ill, proved or not, is asked to stop only while the
    others that are not known to be ill make up the floor.
    """
    task = stopped_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    if task is None or service is None or service.status is not ServiceStatus.ACTIVE or not _is_replica(service):
        return
    at = task.stopping_at or sight.now
    if not _stands(sight.change.before, service, at):
        return
    others = [t for t in sight.shadow.wanted(service.arn) if t.arn != task.arn and _stands(t, service, at)]
    floor = ceil_percent(service.desired_count, service.minimum_healthy_percent)
    if len(others) < floor:
        yield (
            f"{service.name}: {short(task.arn)} was asked to stop ({task.stopped_reason}) while {len(others)} others "
            f"ran; {service.minimum_healthy_percent} % of {service.desired_count} are {floor}"
        )


def _stands(task: Task, service: Service, at: datetime) -> bool:
    grace = timedelta(seconds=service.health_check_grace_seconds)
    patient = task.started_at is not None and task.started_at + grace > at
    return task.last_status is TaskStatus.RUNNING and (patient or not is_ill(task))


def _counts(task: Task, at: datetime, timing: Timing) -> bool:
    """Healthy; or RUNNING since a moment that is yet to come, since the clock was set back: nobody knows how long."""
    ahead = task.started_at is not None and task.started_at > at and not any(c.checked for c in task.containers)
    return is_healthy(task, at, timing) or (task.last_status is TaskStatus.RUNNING and ahead)


def _is_stray(sight: Sight, service: Service, task: Task) -> bool:
    """A daemon on an instance that drains or no longer fits goes at once; so does one of two on one instance."""
    if service.scheduling_strategy != "DAEMON":
        return False
    instance = sight.shadow.instance(task.container_instance_arn)
    if instance is None or instance.status is not InstanceStatus.ACTIVE:
        return True
    doubled = [t for t in sight.shadow.wanted(service.arn) if t.container_instance_arn == task.container_instance_arn]
    return len(doubled) > 1 or bool(service.placement_constraints)


def ceiling_holds(sight: Sight) -> Iterator[str]:
    """A REPLICA service starts no task that makes more than its maximum percent, rounded down."""
    task = placed_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    if task is None or service is None or not _is_replica(service):
        return
    wanted = [t for t in sight.shadow.wanted(service.arn) if t.arn != task.arn]
    ceiling = service.desired_count * service.maximum_percent // 100
    if len(wanted) + 1 > ceiling:
        yield (
            f"{service.name}: {short(task.arn)} was started beside {len(wanted)} others; {service.maximum_percent} % "
            f"of {service.desired_count} are {ceiling}"
        )


def no_more_than_desired(sight: Sight) -> Iterator[str]:
    """Of its newest deployment a service starts no more than the desired count, but to replace what goes.

    What balances zones replaces one each: the two count as one until one of them goes. One that waited for its place is
    judged by what was when it began to wait.
    """
    task = made_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    if task is None or service is None or not _is_replica(service) or sight.moves(task):
        return
    ours = [t for t in sight.shadow.wanted(service.arn) if t.started_by == task.started_by and t.arn != task.arn]
    staying = {t.arn for t in ours if not is_ill(t) and not _drains(sight, t)}
    pairs = {(m["from"], m["to"]) for s in sight.services(service.arn) for m in s.moves}
    beside = sum(one in staying and other in staying for one, other in pairs)
    if len(staying) - beside + 1 > service.desired_count:
        yield f"{service.name}: {short(task.arn)} is one more than the {service.desired_count} that are desired"


def _is_replica(service: Service) -> bool:
    return service.controller == "ECS" and service.scheduling_strategy == "REPLICA"


def _drains(sight: Sight, task: Task) -> bool:
    instance = sight.shadow.instance(task.container_instance_arn)
    return instance is not None and instance.status is InstanceStatus.DRAINING


def belongs_to_the_newest(sight: Sight) -> Iterator[str]:
    """A service starts tasks of its primary deployment, or of a task set that it has, and of that definition."""
    task = placed_by_podium(sight.change)
    services = sight.services(task.service_arn) if task else []
    if task is None or not services:
        return
    service = services[0]
    if not any(s.status is ServiceStatus.ACTIVE for s in services):
        yield f"{service.name} is {service.status} and starts {short(task.arn)}"
    if service.controller == "ECS":
        primaries = [(d.id, d.task_definition_arn) for s in services for d in s.deployments[:1]]
        if (task.started_by, task.task_definition_arn) not in primaries:
            yield f"{service.name} starts {short(task.arn)} of {task.started_by}, which is not its primary deployment"
        return
    sets = [s for s in sight.shadow.all(TaskSet).values() if s.service_arn == service.arn and s.id == task.started_by]
    if not sets or sets[0].status == "DRAINING" or sets[0].task_definition_arn != task.task_definition_arn:
        yield f"{service.name} starts {short(task.arn)} of {task.started_by}, which is no task set of it"


def task_sets_have_their_share(sight: Sight) -> Iterator[str]:
    """A task set starts no more than its scale's share of the desired count, rounded up."""
    task = placed_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    if task is None or service is None or service.controller == "ECS":
        return
    for task_set in sight.shadow.all(TaskSet).values():
        if task_set.service_arn == service.arn and task_set.id == task.started_by:
            ours = [t for t in sight.shadow.wanted(service.arn) if t.started_by == task_set.id and t.arn != task.arn]
            staying = [t for t in ours if not is_ill(t) and not _drains(sight, t)]
            if len(staying) + 1 > ceil_percent(service.desired_count, task_set.scale):
                yield f"{service.name}: {short(task.arn)} is more than {task_set.scale} % of {service.desired_count}"


def one_daemon_each(sight: Sight) -> Iterator[str]:
    """A DAEMON service starts one task on an instance, and none beside another that has not ended there."""
    task = placed_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    if task is None or service is None or service.scheduling_strategy != "DAEMON":
        return
    there = [t for t in sight.shadow.holding(task.container_instance_arn) if t.service_arn == service.arn]
    if others := [t for t in there if t.arn != task.arn]:
        yield f"{service.name}: {short(task.arn)} was started beside {short(others[0].arn)} on one instance"


def protection_is_honored(sight: Sight) -> Iterator[str]:
    """Neither a scale-in nor a deployment nor a drain stops a task under protection; ill health may."""
    task = stopped_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    if task is None or service is None or service.status is not ServiceStatus.ACTIVE:
        return
    if task.stopped_reason == UNHEALTHY or service.scheduling_strategy == "DAEMON":
        return
    if service.controller != "ECS" and not _has_its_set(sight, task):
        return
    held = sight.shadow.protection(task.arn)
    if held is not None and held.expires_at > (task.stopping_at or sight.now):
        yield f"{service.name}: {short(task.arn)} was asked to stop, and is protected until {held.expires_at}"


def _has_its_set(sight: Sight, task: Task) -> bool:
    """A task set that is deleted takes its tasks with it, as a service does."""
    sets = sight.shadow.all(TaskSet).values()
    return any(s.id == task.started_by and s.status != "DRAINING" for s in sets)


def shares_are_kept(sight: Sight) -> Iterator[str]:
    """No capacity provider gets more of a service than its base and, of the rest, its weight's share rounded up.

    One that waits for its place is judged by what was when it began to wait.
    """
    task = made_by_podium(sight.change)
    services = sight.services(task.service_arn) if task else []
    if task is None or not services or task.capacity_provider is None:
        return
    told = [sentence for service in services for sentence in _over_its_share(sight, service, task)]
    yield from told[:1] if len(told) >= len(services) else ()


def _over_its_share(sight: Sight, service: Service, task: Task) -> Iterator[str]:
    strategy = {i["capacityProvider"]: i for i in service.capacity_provider_strategy}
    item = strategy.get(task.capacity_provider or "")
    if item is None:
        yield f"{short(task.arn)} was given to {task.capacity_provider}, of which {service.name} says nothing"
        return
    ours = [t for t in sight.shadow.wanted(service.arn) if t.started_by == task.started_by and t.arn != task.arn]
    going = {move["from"] for s in sight.services(service.arn) for move in s.moves}
    ours = [t for t in ours if t.arn not in going and not is_ill(t) and not _drains(sight, t)]
    held = sum(t.capacity_provider == task.capacity_provider for t in ours) + 1
    rest = max(0, max(service.desired_count, len(ours) + 1) - sum(i["base"] for i in strategy.values()))
    weights = sum(i["weight"] for i in strategy.values())
    most = item["base"] + (-(-rest * item["weight"] // weights) if weights else 0)
    if held > most:
        yield f"{service.name}: {task.capacity_provider} has {held} of {service.desired_count}; its share is {most}"


def provider_has_the_instance(sight: Sight) -> Iterator[str]:
    """A task of a capacity provider is on an instance of that provider's group."""
    task = placed_by_podium(sight.change)
    instance = sight.shadow.instance(task.container_instance_arn) if task else None
    if task is None or instance is None or task.capacity_provider in (None, "FARGATE", "FARGATE_SPOT"):
        return
    group = instance.attributes.get("podium.auto-scaling-group")
    names = [p.name for p in sight.shadow.all(CapacityProvider).values() if p.group_name == group]
    if task.capacity_provider not in names:
        yield f"{short(task.arn)} of {task.capacity_provider} is on an instance of {names}"


def ends_before_another_begins(sight: Sight) -> Iterator[str]:
    """A task that ended never holds anything again."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Task) or not isinstance(after, Task) or before.last_status is not TaskStatus.STOPPED:
        return
    if after.last_status in HOLDING or after.container_instance_arn != before.container_instance_arn:
        yield f"{short(after.arn)} had stopped, and is {after.last_status} again"


CHECKS: tuple[Check, ...] = (
    floor_holds,
    running_ones_make_up_the_floor,
    ceiling_holds,
    no_more_than_desired,
    belongs_to_the_newest,
    task_sets_have_their_share,
    one_daemon_each,
    protection_is_honored,
    shares_are_kept,
    provider_has_the_instance,
    ends_before_another_begins,
)
