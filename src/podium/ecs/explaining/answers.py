"""Looks a service or a task up, and puts together what is to be said of it, as JSON.

Looking takes a transaction and is quick. What it returns does the rest, which thousands of instances make long, and
which nobody else need wait for.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from podium import elbv2
from podium.ecs import names, queueing, starting, targets, workloads
from podium.ecs.explaining import ends, room, services, tasks, traffic, usage
from podium.ecs.explaining.findings import Finding
from podium.ecs.lifecycle import HOLDING, UNHEALTHY
from podium.ecs.names import cluster_name, task_id
from podium.ecs.records import (
    CapacityProvider,
    ContainerInstance,
    QueuedTask,
    Service,
    ServiceEvent,
    Task,
    TaskDefinition,
    TaskSet,
    TaskStatus,
)
from podium.ecs.rules import effects
from podium.ecs.scheduling import launching, task_sets
from podium.store.session import Transaction

Json = dict[str, Any]
Told = Callable[[], Json]
EVENTS, FAILURES = 5, 10


def of_service(tx: Transaction, service: Service, samples: usage.Samples, now: datetime) -> Told:
    every = tx.list(Task, service_arn=service.arn)
    wanted = [t for t in every if t.desired_status is TaskStatus.RUNNING]
    workload, lacking = _shortest(tx, service, wanted)
    definition = tx.get(TaskDefinition, workload.task_definition_arn)
    launch = workloads.launch(tx, service, workload, "") if definition else None
    of_daemon = service.scheduling_strategy == "DAEMON"
    strategy = workload.capacity_provider_strategy
    survey = _survey(tx, launch, strategy, of_daemon=of_daemon) if launch and lacking else _nothing
    refusal = workloads.refusal(tx, launch) if launch else None
    behind = _behind(tx, service)
    events = sorted(tx.list(ServiceEvent, service_arn=service.arn), key=lambda event: -event.number)

    def told() -> Json:
        stopped = sorted((t for t in every if _ended(t)), key=lambda t: t.created_at, reverse=True)
        facts = services.Facts(
            service=service,
            runs_on=workload.runs_on,
            lacking=lacking,
            document=definition.document if definition else {"containerDefinitions": []},
            tasks=wanted,
            stopping=sum(t.desired_status is TaskStatus.STOPPED and t.last_status in HOLDING for t in every),
            stopped=stopped[:FAILURES],
            survey=survey(),
            missing=effects.of_service(service) if workload is service else effects.of_workload(workload),
            refusal=refusal or "",
            behind=behind,
            samples=samples,
            now=now,
        )
        return _service(facts, every, events)

    return told


def _shortest(tx: Transaction, service: Service, tasks: Sequence[Task]) -> tuple[Service | TaskSet, int]:
    """The service, or of its task sets the one that lacks most, and how many of its tasks have no place yet."""
    placed = [t for t in tasks if not queueing.is_waiting(t)]
    sets = tx.list(TaskSet, service_arn=service.arn) if service.controller != "ECS" else []
    if not sets:
        return service, max(0, service.desired_count - len(placed))
    had = Counter(t.started_by for t in placed)
    lacks = {one.arn: task_sets.desired(service, one) - had[one.id] for one in sets}
    shortest = max(sets, key=lambda one: (lacks[one.arn], one.status == "PRIMARY"))
    return shortest, max(0, lacks[shortest.arn])


def _behind(tx: Transaction, service: Service) -> list[traffic.Behind]:
    """Its target groups, and those of their targets that it registered."""
    named = dict.fromkeys(entry.get("targetGroupArn") or "" for entry in service.load_balancers)
    groups = (elbv2.find_target_group(tx, service.home, arn) for arn in named if arn)
    return [
        traffic.Behind(group, [t for t in elbv2.targets_of(tx, group.arn) if targets.service_of(t) == service.arn])
        for group in groups
        if group is not None
    ]


def _service(facts: services.Facts, every: Sequence[Task], events: Sequence[ServiceEvent]) -> Json:
    service = facts.service
    return {
        "kind": "service",
        "arn": service.arn,
        "name": service.name,
        "cluster": cluster_name(service.cluster_arn),
        "status": service.status.value,
        "taskDefinition": task_id(service.task_definition_arn),
        "desired": service.desired_count,
        "running": sum(t.last_status is TaskStatus.RUNNING for t in every),
        "wanted": len(facts.tasks),
        "rollout": service.primary.rollout_reason if service.deployments else None,
        "placement": asdict(facts.survey) if facts.survey else None,
        "findings": _shown(services.findings(facts)),
        "failures": _failures(facts.stopped),
        "events": [{"at": e.created_at.isoformat(), "message": e.message} for e in events[:EVENTS]],
    }


def of_task(tx: Transaction, task: Task, samples: usage.Samples) -> Told:
    definition = tx.get(TaskDefinition, task.task_definition_arn)
    instance = tx.get(ContainerInstance, task.container_instance_arn or "")
    waits = task.last_status is TaskStatus.PROVISIONING and task.container_instance_arn is None
    queued = tx.get(QueuedTask, task.arn)
    wish = queueing.wish(tx, [task], queued) if waits and queued is not None else None
    survey = _survey(tx, wish.launch, wish.providers) if wish is not None else _nothing

    def told() -> Json:
        facts = tasks.Facts(
            task=task,
            document=definition.document if definition else None,
            status=instance.status if instance else None,
            connected=instance.agent_connected if instance else True,
            survey=survey(),
            samples=samples,
        )
        return _task(facts)

    return told


def _task(facts: tasks.Facts) -> Json:
    task, samples = facts.task, facts.samples
    return {
        "kind": "task",
        "arn": task.arn,
        "id": task_id(task.arn),
        "cluster": cluster_name(task.cluster_arn),
        "group": task.group,
        "taskDefinition": task_id(task.task_definition_arn),
        "launchType": task.launch_type,
        "lastStatus": task.last_status.value,
        "desiredStatus": task.desired_status.value,
        "health": task.health.value,
        "containerInstance": task_id(task.container_instance_arn) if task.container_instance_arn else None,
        "availabilityZone": task.availability_zone,
        "where": tasks.where(facts),
        "stopCode": task.stop_code.value if task.stop_code else None,
        "stoppedReason": task.stopped_reason,
        "plainly": ends.plainly(task) or None,
        "containers": [_container(c, samples.get(task.arn, {}).get(c.name)) for c in task.containers],
        "placement": asdict(facts.survey) if facts.survey else None,
        "findings": _shown(tasks.findings(facts)),
    }


def _nothing() -> room.Survey | None:
    """Nobody waits for room."""
    return None


def _survey(
    tx: Transaction, launch: launching.Launch, strategy: Sequence[Mapping[str, Any]], *, of_daemon: bool = False
) -> Callable[[], room.Survey | None]:
    """A daemon may have the room that others find kept, and has none to find where it is already."""
    if launch.launch_type in effects.CAPACITY:
        return _nothing
    rooms = starting.rooms_for(tx, launch)
    if of_daemon:
        rooms = [one.for_daemons for one in rooms if launch.needs.group not in one.held.groups]
        if not rooms:
            return _nothing
    named = [names.provider_arn(launch.definition.home, item["capacityProvider"]) for item in strategy]
    found = filter(None, (tx.get(CapacityProvider, arn) for arn in named))
    groups = {provider.group_name: provider.name for provider in found}
    return lambda: room.survey(launch.needs, rooms, groups)


def _ended(task: Task) -> bool:
    """By itself or for a fault: those that a scale-in or somebody stopped tell nothing."""
    if task.last_status is not TaskStatus.STOPPED:
        return False
    return task.stopped_reason == UNHEALTHY or task.stop_code in ends.FAULTS


def _failures(stopped: Sequence[Task]) -> list[Json]:
    counts = Counter(
        (t.stop_code.value if t.stop_code else "", t.stopped_reason or "", ends.plainly(t)) for t in stopped
    )
    return [
        {"count": count, "stopCode": code, "stoppedReason": reason, "plainly": plain}
        for (code, reason, plain), count in counts.most_common()
    ]


def _container(container: Any, sample: usage.Sample | None) -> Json:
    return {
        "name": container.name,
        "image": container.image,
        "lastStatus": container.last_status,
        "health": container.health.value,
        "exitCode": container.exit_code,
        "plainly": ends.exit_in_words(container.exit_code) if container.exit_code is not None else None,
        "reason": container.reason,
        "memoryMiB": container.memory_mib or container.memory_reservation_mib,
        "usedMiB": round(sample.memory_mib) if sample else None,
        "cpuPercent": round(sample.cpu_percent, 1) if sample else None,
    }


def _shown(found: Sequence[Finding]) -> list[Json]:
    return [asdict(finding) for finding in found]
