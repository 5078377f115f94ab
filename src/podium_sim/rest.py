"""How an episode ends: users put in order what they left behind, all comes to rest, and then nothing moves."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from podium.ecs.histories import ENDED
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import (
    CapacityProvider,
    ContainerInstance,
    InstanceStatus,
    Rollout,
    Service,
    ServiceDeployment,
    ServiceStatus,
    Stranger,
    Task,
    TaskProtection,
    TaskSet,
    TaskStatus,
)
from podium.ecs.records.clusters import FARGATE_POOL
from podium_sim import shapes
from podium_sim.checkers import Broken
from podium_sim.checks.placing import AZ, needed
from podium_sim.checks.sight import short
from podium_sim.shapes import BY_NAME, SHAPES

if TYPE_CHECKING:
    from podium_sim.week import Week

WALKS, LEAPS = 12, 240  # half minutes in which all has to come to rest
LATE = timedelta(minutes=6)  # more than the time between two full looks
STILL = timedelta(minutes=20)
BLUE = 4  # hosts
ENDLESS = ("family:served", "family:web")  # groups of tasks that run until somebody stops them


def comes(week: "Week") -> None:
    """All comes to rest, or Broken says what does not."""
    heal(week)
    tidy(week)
    why, looked = restless(week), False
    for n in range(WALKS + LEAPS):
        if why is None and looked:
            break
        looked = why is None
        if looked:  # what nothing woke anybody for is found within five minutes; here at once
            week.world.plane.look_everywhere()
        if n == WALKS:
            _make_room(week)
        week.world.time.leaps = n >= WALKS
        week.world.run(30.0)
        why = restless(week)
    week.world.time.leaps = False
    if why is not None:
        raise Broken(f"it does not come to rest: {why}")
    week.world.run(5.0)
    week.story.say("at rest")
    for sentence in _left(week):
        raise Broken(sentence)
    week.world.checkers.at_rest()
    _nothing_moves(week)


def heal(week: "Week") -> None:
    """Nothing goes wrong from here on."""
    world = week.world
    world.network.heal()
    world.disk.is_full = False
    if not world.plane.is_up:
        world.restart_plane()
    left = {i.arn for i in week.records(ContainerInstance) if i.status is InstanceStatus.INACTIVE}
    for host in world.agents:
        host.disk_is_full = False
        if host.arn in left and host.is_alive:
            host.kill()
        if not host.is_alive:
            host.start()
    world.run(5.0)


def tidy(week: "Week") -> None:
    """Users put back what works: instances ACTIVE, counts that fit, definitions that start."""
    world = week.world
    world.until(lambda: all(host.is_connected for host in world.agents), seconds=300)
    draining = [i.arn for i in week.records(ContainerInstance) if i.status is InstanceStatus.DRAINING]
    if draining:
        week.call("UpdateContainerInstancesState", cluster="demo", containerInstances=draining[:10], status="ACTIVE")
    colors(week)
    set_alarm(week, "OK")
    alive = [t.arn for t in week.records(Task) if t.group in ENDLESS and t.last_status is not TaskStatus.STOPPED]
    for arn in (*alive, *(s.arn for s in week.records(Stranger) if not s.stop_asked)):
        week.call("StopTask", cluster="demo", task=arn)
    for service in week.records(Service):
        if service.status is ServiceStatus.ACTIVE:
            _put_right(week, service)


def _make_room(week: "Week") -> None:
    """Users add a host where a service may not get on: no task falls back on another capacity provider's instances, and
    none is balanced into a zone that is full.

    Whether a provider's instances or a zone's are full is not asked of Podium.
    """
    hosts = [i for i in week.records(ContainerInstance) if i.status is InstanceStatus.ACTIVE]
    cramped = [s for s in week.records(Service) if s.status is ServiceStatus.ACTIVE and not s.steady]
    for workload in [each for service in cramped for each in _workloads(week, service)]:
        definition = week.shadow.definition(workload.task_definition_arn)
        assert definition is not None, f"{workload.arn} runs a definition that is on no record"
        asked = {item["capacityProvider"] for item in workload.capacity_provider_strategy}
        for group in [p.group_name for p in week.records(CapacityProvider) if p.name in asked]:
            here = [i for i in hosts if i.attributes.get("podium.auto-scaling-group") == group]
            if here and max(_memory_left(week, i) for i in here) < needed(definition)[1]:
                week.new_host(str(here[0].attributes[AZ]), group)
    by_zone: dict[str, list[ContainerInstance]] = {}
    for host in hosts:
        if short(host.cluster_arn) != FARGATE_POOL:
            by_zone.setdefault(str(host.attributes[AZ]), []).append(host)
    for service in [s for s in week.records(Service) if s.rebalance_again_at is not None and s.runs_on == "EC2"]:
        definition = week.shadow.definition(service.task_definition_arn)
        assert definition is not None, f"{service.arn} runs a definition that is on no record"
        had = Counter(t.availability_zone for t in week.shadow.wanted(service.arn))
        zone = min(sorted(by_zone), key=had.__getitem__)
        if max(_memory_left(week, i) for i in by_zone[zone]) < needed(definition)[1]:
            week.new_host(zone, "left-group")


def _workloads(week: "Week", service: Service) -> list[Service | TaskSet]:
    """What says which tasks there are to be: a service itself, or each of its task sets."""
    if service.controller == "ECS":
        return [service]
    return [each for each in week.records(TaskSet) if each.service_arn == service.arn]


def _memory_left(week: "Week", instance: ContainerInstance) -> int:
    return instance.memory_mib - sum(task.memory_mib for task in week.shadow.holding(instance.arn))


def colors(week: "Week") -> None:
    """The first hosts are blue."""
    mine = [h.arn for h in week.world.agents if h.cluster != FARGATE_POOL]
    blue = [{"name": "stack", "value": "blue", "targetId": arn} for arn in mine[:BLUE]]
    week.call("PutAttributes", cluster="demo", attributes=blue)


def set_alarm(week: "Week", state: str) -> None:
    week.call("cloudwatch:SetAlarmState", AlarmName=shapes.ALARM, StateValue=state, StateReason="Users say so")


def _put_right(week: "Week", service: Service) -> None:
    shape = BY_NAME.get(service.name, SHAPES[0])
    asked: dict[str, Any] = {}
    if service.controller == "ECS":
        asked["taskDefinition"] = week.good[shape.name]
        asked["deploymentConfiguration"] = shapes.deployment_configuration(shape)
        if service.primary.rollout is Rollout.FAILED:
            asked["forceNewDeployment"] = True
    if not shape.is_daemon:
        asked["desiredCount"] = shape.count
    if asked.get("taskDefinition") and len(service.deployments) >= 5:
        del asked["taskDefinition"]
        asked.pop("forceNewDeployment", None)
    week.call("UpdateService", cluster="demo", service=service.name, **asked)


def restless(week: "Week") -> str | None:
    """What is still under way; None when nothing is."""
    return next(_under_way(week), None)


def _under_way(week: "Week") -> Iterator[str]:
    for host in week.world.agents:
        if not host.is_connected or not host.is_idle():
            yield f"{host.name} has not told all"
    if week.world.plane.unacknowledged:
        yield "an agent has not acknowledged what it was told"
    for task in week.records(Task):
        if task.last_status is TaskStatus.STOPPED:
            continue
        if task.last_status is not TaskStatus.RUNNING or task.desired_status is TaskStatus.STOPPED:
            yield f"{short(task.arn)} of {task.group} is {task.last_status}, to be {task.desired_status}"
        if task.service_arn is None:
            yield f"{short(task.arn)} of {task.group} runs by itself"
    for service in week.records(Service):
        yield from _of_service(service)
    for history in week.records(ServiceDeployment):
        if history.status not in ENDED:
            yield f"the deployment {short(history.arn)} of {short(history.service_arn)} is {history.status}"
    for task_set in week.records(TaskSet):
        if not task_set.steady:
            yield f"{task_set.id} of {short(task_set.service_arn)} is not steady"
    for instance in week.records(ContainerInstance):
        if instance.lost_at is not None:
            yield f"{short(instance.arn)} is lost"
    if strangers := week.records(Stranger):
        yield f"{short(strangers[0].arn)} is a stranger"
    if protected := week.records(TaskProtection):
        yield f"{short(protected[0].arn)} is protected"


def _of_service(service: Service) -> Iterator[str]:
    if service.status is ServiceStatus.DRAINING:
        yield f"{service.name} is DRAINING"
    if service.status is not ServiceStatus.ACTIVE or service.controller != "ECS":
        return
    if len(service.deployments) != 1 or service.primary.rollout is not Rollout.COMPLETED:
        states = ", ".join(str(d.rollout) for d in service.deployments)
        yield f"{service.name} has deployments {states}; the last problem told: {service.problem}"
    elif service.moves or service.rebalancing or service.rebalance_again_at is not None:
        yield f"{service.name} is being balanced; the last problem told: {service.problem}"
    elif not service.steady:
        yield f"{service.name} is not steady; the last problem told: {service.problem}"


def _left(week: "Week") -> Iterator[str]:
    """What should not be, at rest."""
    for said in week.unanswered():
        yield f"it was never answered: {said}"
    if week.world.plane.core.bugs:
        yield "a controller raised an error"
    yield from _overdue(week)
    yield from _uneven(week)
    for service in week.records(Service):
        if service.status is not ServiceStatus.ACTIVE or service.controller != "ECS":
            continue
        tasks = [t for t in week.shadow.tasks_of(service.arn) if t.last_status in HOLDING]
        if len(tasks) != service.desired_count:
            yield f"{service.name} has {len(tasks)} tasks, and {service.desired_count} are desired"
        if any(t.task_definition_arn != service.task_definition_arn for t in tasks):
            yield f"{service.name} runs tasks of another definition than its own"


def _uneven(week: "Week") -> Iterator[str]:
    """A service that is free to be in any zone is in all of them, as evenly as can be."""
    instances = week.records(ContainerInstance)
    zones = {
        i.attributes.get(AZ) for i in instances if i.status is InstanceStatus.ACTIVE and i.cluster_arn.endswith("/demo")
    }
    for service in week.records(Service):
        free = not service.placement_constraints and not service.placement_strategy
        if service.name not in ("web", "inner") or not free:
            continue
        counts = dict.fromkeys(zones, 0)
        for task in week.shadow.wanted(service.arn):
            counts[task.availability_zone] = counts.get(task.availability_zone, 0) + 1
        if max(counts.values()) - min(counts.values()) > 1:
            yield f"{service.name} is uneven: {counts}"


def _overdue(week: "Week") -> Iterator[str]:
    """Deadlines that went by and were not met."""
    timing, late = week.world.timing, week.world.plane_clock.now() - LATE
    for task in week.records(Task):
        if task.stopped_at is not None and task.stopped_at + timing.stopped_kept < late:
            yield f"{short(task.arn)} stopped at {task.stopped_at} and is not forgotten yet"
    for service in week.records(Service):
        if service.stopped_at is not None and service.stopped_at + timing.inactive_kept < late:
            yield f"{service.name} was deleted at {service.stopped_at} and is not forgotten yet"
    for history in week.records(ServiceDeployment):
        if history.finished_at is not None and history.finished_at + timing.deployments_kept < late:
            yield f"{short(history.arn)} ended at {history.finished_at} and is not forgotten yet"


def _nothing_moves(week: "Week") -> None:
    """A full look finds nothing to do, and time brings nothing but forgetting."""
    before = _standing(week)
    week.world.plane.look_everywhere()
    week.leap(STILL)
    after = _standing(week)
    if before != after:
        moved = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        raise Broken(f"at rest something moved: {sorted(moved)[0]}")


def _standing(week: "Week") -> dict[str, Any]:
    tasks = {t.arn: (t.last_status, t.version) for t in week.records(Task) if t.last_status in HOLDING}
    services = {
        s.arn: (s.status, s.desired_count, s.deployments) for s in week.records(Service) if s.status == "ACTIVE"
    }
    instances = {i.arn: i.version for i in week.records(ContainerInstance)}
    return {**tasks, **services, **instances}


def promised(week: "Week", operation: str, answer: dict[str, Any]) -> Iterator[str]:
    """What was answered is on disk."""
    if operation in ("RunTask", "StartTask"):
        for told in answer["tasks"]:
            if week.shadow.task(told["taskArn"]) is None:
                yield f"{short(told['taskArn'])} was answered, and is on no record"
    made = answer.get("service") if operation.endswith("Service") else None
    if made is not None and week.shadow.service(made["serviceArn"]) is None:
        yield f"{made['serviceName']} was answered, and is on no record"
