"""What users do, as a table: API calls, of things that are there, at random."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from podium.ecs.records import (
    ContainerInstance,
    InstanceStatus,
    Service,
    ServiceDeployment,
    Task,
    TaskDefinition,
    TaskSet,
    TaskStatus,
)
from podium.ecs.records.clusters import FARGATE_POOL
from podium_sim import shapes
from podium_sim.checks.sight import BY_HAND, short
from podium_sim.shapes import SHAPES, Shape

if TYPE_CHECKING:
    from podium_sim.week import Week

MOST_HOSTS = 9


@dataclass(frozen=True, kw_only=True)
class Act:
    name: str
    weight: int
    do: Callable[["Week"], None]


def deploy(week: "Week") -> None:
    """A new revision, of whatever quality, and the service moved to it."""
    shape = week.user.choice([s for s in SHAPES if not s.is_external])
    week.deploy(shape, week.user.choice(shape.images))


def deploy_again(week: "Week") -> None:
    """Several in a row, before any of them is through."""
    shape = week.user.choice([s for s in SHAPES if not s.is_external])
    for _ in range(week.user.randrange(2, 4)):
        week.deploy(shape, week.user.choice(shape.images))


def deploy_over_a_bake(week: "Week") -> None:
    """One that cannot start, while the one before it bakes."""
    inner, soon = shapes.BY_NAME["inner"], week.user.uniform(10.0, 40.0)
    week.deploy(inner, shapes.GOOD)
    week.world.time.after(soon, lambda: week.deploy(inner, shapes.MISSING))


def force(week: "Week") -> None:
    shape = _a_shape(week)
    if not shape.is_external:
        week.ask("UpdateService", cluster="demo", service=shape.name, forceNewDeployment=True)


def scale(week: "Week") -> None:
    shape = week.user.choice([s for s in SHAPES if not s.is_daemon])
    week.ask("UpdateService", cluster="demo", service=shape.name, desiredCount=week.user.randrange(0, shape.most + 1))


def tune(week: "Week") -> None:
    """Other percentages, another breaker, another bake time."""
    shape = week.user.choice([s for s in SHAPES if not s.is_daemon and not s.is_external])
    least = week.user.choice((0, 33, 50, 66, 90, 100))
    asked: dict[str, Any] = {"minimumHealthyPercent": least, "maximumPercent": week.user.choice((100, 125, 150, 200))}
    if week.user.random() < 0.3:
        asked |= {"strategy": "ROLLING", "bakeTimeInMinutes": week.user.choice((0, 1, 2))}
    if week.user.random() < 0.3:
        asked |= week.user.choice((shapes.BREAKS, shapes.COUNTS, shapes.STALLS))
    week.ask("UpdateService", cluster="demo", service=shape.name, deploymentConfiguration=asked)


def change_capacity(week: "Week") -> None:
    weights = week.user.choice(((1, 3), (1, 1), (2, 1), (0, 1), (1, 0)))
    strategy = [
        {"capacityProvider": "left", "base": week.user.choice((0, 1, 2)), "weight": weights[0]},
        {"capacityProvider": "right", "weight": weights[1]},
    ]
    asked: dict[str, Any] = {"capacityProviderStrategy": strategy, "forceNewDeployment": True}
    week.ask("UpdateService", cluster="demo", service="mixed", **asked)


def stop_deployment(week: "Week") -> None:
    histories = week.records(ServiceDeployment)
    under_way = [h for h in histories if h.status in ("PENDING", "IN_PROGRESS")] or histories
    if under_way:
        kind = week.user.choice(("ROLLBACK", "ABORT"))
        arn = week.user.choice(under_way).arn
        week.ask("StopServiceDeployment", serviceDeploymentArn=arn, stopType=kind)


def stop_task(week: "Week") -> None:
    """One that has only just begun, if there is any; and some are asked twice."""
    tasks = [t for t in week.records(Task) if t.last_status is not TaskStatus.STOPPED]
    young = [t for t in tasks if t.started_at is None]
    if tasks:
        arn = week.user.choice(young or tasks).arn
        week.ask("StopTask", cluster="demo", task=arn)
        if week.user.random() < 0.4:
            again = week.user.uniform(0.0, 3.0)
            week.world.time.after(again, lambda: week.ask("StopTask", cluster="demo", task=arn, reason="Asked again"))


def run_task(week: "Week") -> None:
    image = week.user.choice((*shapes.BATCH, *shapes.LONG, shapes.MISSING))
    family = f"batch-{image.rpartition('/')[2].replace(':', '-')}"
    count = week.user.randrange(1, 5)
    asked: dict[str, Any] = {"cluster": "demo", "taskDefinition": family, "count": count}
    if week.user.random() < 0.3:
        strategy = [{"type": "spread", "field": "attribute:ecs.availability-zone"}]
        asked["placementStrategy"] = week.user.choice((strategy, [{"type": "binpack", "field": "memory"}]))
    if week.user.random() < 0.3:
        asked["clientToken"] = f"token-{week.user.randrange(8)}"
    week.ask("RunTask", **asked)


def run_for_no_instance(week: "Week") -> None:
    """Its capacity provider has none, so that it waits, and is given up."""
    strategy = [{"capacityProvider": "empty", "weight": 1}]
    week.ask("RunTask", cluster="demo", taskDefinition="batch-quick-1", capacityProviderStrategy=strategy)


def run_on_fargate(week: "Week") -> None:
    network = week.world.default_network()
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    capacity = week.user.choice(({"launchType": "FARGATE"}, {"capacityProviderStrategy": spot}))
    asked: dict[str, Any] = {"taskDefinition": "served", "networkConfiguration": network, **capacity}
    week.ask("RunTask", cluster="demo", count=week.user.randrange(1, 3), **asked)


def run_on_providers(week: "Week") -> None:
    strategy = [{"capacityProvider": "left", "weight": 1}, {"capacityProvider": "right", "weight": 1}]
    asked: dict[str, Any] = {"taskDefinition": "batch-quick-1", "capacityProviderStrategy": strategy}
    week.ask("RunTask", cluster="demo", count=week.user.randrange(1, 6), **asked)


def start_task(week: "Week") -> None:
    hosts = [i.arn for i in _instances(week)]
    chosen = week.user.sample(hosts, min(2, len(hosts)))
    week.ask("StartTask", cluster="demo", taskDefinition="batch-quick-1", containerInstances=chosen, group=BY_HAND)


def protect(week: "Week") -> None:
    tasks = [t for t in week.records(Task) if t.service_arn and t.last_status is TaskStatus.RUNNING]
    if tasks:
        some = week.user.sample(tasks, min(len(tasks), week.user.randrange(1, 4)))
        arns, minutes = [t.arn for t in some], week.user.choice((1, 2, 5, 20))
        asked: dict[str, Any] = {"tasks": arns, "protectionEnabled": True, "expiresInMinutes": minutes}
        week.ask("UpdateTaskProtection", cluster="demo", **asked)


def unprotect(week: "Week") -> None:
    tasks = [t for t in week.records(Task) if week.shadow.protection(t.arn) is not None]
    if tasks:
        arn = week.user.choice(tasks).arn
        week.shadow.unprotected.add(arn)
        week.ask("UpdateTaskProtection", cluster="demo", tasks=[arn], protectionEnabled=False)


def drain(week: "Week") -> None:
    if hosts := [i for i in _instances(week) if i.status is InstanceStatus.ACTIVE]:
        arn = week.user.choice(hosts).arn
        week.ask("UpdateContainerInstancesState", cluster="demo", containerInstances=[arn], status="DRAINING")


def activate(week: "Week") -> None:
    if hosts := [i for i in _instances(week) if i.status is InstanceStatus.DRAINING]:
        arns = [week.user.choice(hosts).arn]
        week.ask("UpdateContainerInstancesState", cluster="demo", containerInstances=arns, status="ACTIVE")


def put_attribute(week: "Week") -> None:
    arn, value = week.user.choice(_instances(week)).arn, week.user.choice(("blue", "green"))
    week.ask("PutAttributes", cluster="demo", attributes=[{"name": "stack", "value": value, "targetId": arn}])


def delete_attribute(week: "Week") -> None:
    arn = week.user.choice(_instances(week)).arn
    week.ask("DeleteAttributes", cluster="demo", attributes=[{"name": "stack", "targetId": arn}])


def deregister(week: "Week") -> None:
    """A host leaves; its agent comes back another time."""
    if len(hosts := _instances(week)) > 4:
        draining = [i for i in hosts if i.status is InstanceStatus.DRAINING]
        arn, forced = week.user.choice(draining or hosts).arn, week.user.random() < 0.7
        week.ask("DeregisterContainerInstance", cluster="demo", containerInstance=arn, force=forced)


def join(week: "Week") -> None:
    if len(week.world.agents) < MOST_HOSTS:
        week.new_host(f"us-east-1{week.user.choice('abc')}", group=week.user.choice(("left-group", "right-group")))


def create_service(week: "Week") -> None:
    """Some cannot start, and have nothing to go back to."""
    name = f"once-{week.user.randrange(3)}"
    asked: dict[str, Any] = {"taskDefinition": "web", "desiredCount": week.user.randrange(0, 4)}
    if week.user.random() < 0.3:
        asked |= {"taskDefinition": "batch-missing-1", "deploymentConfiguration": shapes.COUNTS}
    week.ask("CreateService", cluster="demo", serviceName=name, **asked)


def think_again(week: "Week") -> None:
    """A service is made, or deployed, and in the same breath its deployment is stopped, replaced, or all deleted."""
    new, kind = week.user.random() < 0.5, week.user.choice(("ROLLBACK", "ABORT"))
    name = f"once-{week.user.randrange(3)}" if new else week.user.choice(("web", "inner"))

    def made(answer: dict[str, Any]) -> None:
        arn = answer["service"].get("currentServiceDeployment")
        if arn and week.user.random() < 0.8:
            week.ask("StopServiceDeployment", serviceDeploymentArn=arn, stopType=kind)
        if week.user.random() < 0.5:
            week.ask("UpdateService", cluster="demo", service=name, forceNewDeployment=True)
        if new and week.user.random() < 0.6:
            week.ask("DeleteService", cluster="demo", service=name, force=True)

    if new:
        week.ask("CreateService", made, cluster="demo", serviceName=name, taskDefinition="web", desiredCount=1)
    else:
        week.ask("UpdateService", made, cluster="demo", service=name, forceNewDeployment=True)


def come_and_go(week: "Week") -> None:
    """A service of somebody else's deployments, with a task set, deleted by force a little later."""
    name = "passing"
    where: dict[str, Any] = {"cluster": "demo", "service": name}
    scale, leads = {"unit": "PERCENT", "value": 100.0}, week.user.random() < 0.5

    def goes() -> None:
        week.ask("DeleteService", cluster="demo", service=name, force=True)

    def has_a_set(answer: dict[str, Any]) -> None:
        if leads:
            primary = answer["taskSet"]["taskSetArn"]
            week.ask("UpdateServicePrimaryTaskSet", primaryTaskSet=primary, **where)
        week.world.time.after(week.user.uniform(0.0, 20.0), goes)

    def made(answer: dict[str, Any]) -> None:
        week.ask("CreateTaskSet", has_a_set, taskDefinition=week.good["outside"], scale=scale, **where)

    controller = {"type": "EXTERNAL"}
    week.ask("CreateService", made, cluster="demo", serviceName=name, desiredCount=2, deploymentController=controller)


def delete_service(week: "Week") -> None:
    name, forced = f"once-{week.user.randrange(3)}", week.user.random() < 0.7
    week.ask("DeleteService", cluster="demo", service=name, force=forced)


def create_task_set(week: "Week") -> None:
    definition, percent = week.good["outside"], week.user.choice((25, 50, 100))
    scale = {"unit": "PERCENT", "value": float(percent)}
    week.ask("CreateTaskSet", cluster="demo", service="outside", taskDefinition=definition, scale=scale)


def scale_task_set(week: "Week") -> None:
    if sets := week.records(TaskSet):
        scale = {"unit": "PERCENT", "value": float(week.user.choice((0, 10, 34, 50, 100)))}
        week.ask("UpdateTaskSet", cluster="demo", service="outside", taskSet=week.user.choice(sets).arn, scale=scale)


def lead_with_task_set(week: "Week") -> None:
    if sets := week.records(TaskSet):
        arn = week.user.choice(sets).arn
        week.ask("UpdateServicePrimaryTaskSet", cluster="demo", service="outside", primaryTaskSet=arn)


def delete_task_set(week: "Week") -> None:
    if sets := week.records(TaskSet):
        arn, forced = week.user.choice(sets).arn, week.user.random() < 0.7
        week.ask("DeleteTaskSet", cluster="demo", service="outside", taskSet=arn, force=forced)


def retire_definition(week: "Week") -> None:
    """Deregistered, or deleted when it was that already. Services go on with what they have."""
    used = {s.task_definition_arn for s in week.records(Service)}
    used |= set(week.good.values())
    old = [d for d in week.records(TaskDefinition) if d.arn not in used and not d.family.startswith("batch")]
    if not old:
        return
    chosen = week.user.choice(old)
    if chosen.status == "ACTIVE":
        week.ask("DeregisterTaskDefinition", taskDefinition=chosen.arn)
    else:
        week.ask("DeleteTaskDefinitions", taskDefinitions=[chosen.arn])


def raise_alarm(week: "Week") -> None:
    """It rings for a while, and fails the deployments that it watches and that began before."""
    asked: dict[str, Any] = {"AlarmName": shapes.ALARM, "StateReason": "It rings"}
    week.ask("cloudwatch:SetAlarmState", StateValue="ALARM", **asked)
    quiet = week.user.uniform(1.0, 60.0)
    week.world.time.after(quiet, lambda: week.ask("cloudwatch:SetAlarmState", StateValue="OK", **asked))


def deploy_into_trouble(week: "Week") -> None:
    shape, soon = shapes.BY_NAME[week.user.choice(("web", "mixed"))], week.user.uniform(0.5, 30.0)
    week.deploy(shape, shapes.GOOD)
    week.world.time.after(soon, lambda: raise_alarm(week))


def renew_batch(week: "Week") -> None:
    """A definition is deleted while tasks of it run."""
    family = week.user.choice(("batch-long-1", "batch-quick-1"))
    old = [d for d in week.records(TaskDefinition) if d.family == family]
    week.ask("RunTask", cluster="demo", taskDefinition=family)
    container = dict(old[-1].containers[0])

    def renewed(answer: dict[str, Any]) -> None:
        for definition in old[-3:]:
            week.ask("DeregisterTaskDefinition", taskDefinition=definition.arn)
            week.ask("DeleteTaskDefinitions", taskDefinitions=[definition.arn])

    small = {name: container[name] for name in ("name", "image", "memory", "cpu")}
    week.ask("RegisterTaskDefinition", renewed, family=family, containerDefinitions=[small])


def look(week: "Week") -> None:
    """Answers that are read, not only given."""
    shape = _a_shape(week)
    week.ask("DescribeServices", cluster="demo", services=[shape.name])
    week.ask("ListTasks", cluster="demo", serviceName=shape.name)
    if tasks := week.records(Task):
        arns = [t.arn for t in week.user.sample(tasks, min(3, len(tasks)))]
        week.ask("DescribeTasks", cluster="demo", tasks=arns)


def mistake(week: "Week") -> None:
    """Calls that are to be refused, and change nothing."""
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("UpdateService", {"service": "nowhere", "desiredCount": 1}),
        ("StopTask", {"task": "0" * 32}),
        ("CreateService", {"serviceName": "web", "taskDefinition": "web", "desiredCount": 1}),
        ("RunTask", {"taskDefinition": "unheard-of"}),
        ("UpdateService", {"service": "daemon", "desiredCount": 1}),
        ("DeleteService", {"service": "web"}),
    )
    operation, request = week.user.choice(wrong)
    week.ask(operation, cluster="demo", **request)


def _a_shape(week: "Week") -> Shape:
    return week.user.choice(SHAPES)


def _instances(week: "Week") -> list[ContainerInstance]:
    """The cluster's own, not Fargate's."""
    found = week.records(ContainerInstance)
    there = [i for i in found if short(i.cluster_arn) != FARGATE_POOL and i.status is not InstanceStatus.INACTIVE]
    return sorted(there, key=lambda i: i.arn)


ACTS: tuple[Act, ...] = (
    Act(name="deploy", weight=9, do=deploy),
    Act(name="deploy again", weight=2, do=deploy_again),
    Act(name="deploy over a bake", weight=2, do=deploy_over_a_bake),
    Act(name="force", weight=3, do=force),
    Act(name="scale", weight=9, do=scale),
    Act(name="tune", weight=4, do=tune),
    Act(name="change capacity", weight=2, do=change_capacity),
    Act(name="stop a deployment", weight=4, do=stop_deployment),
    Act(name="stop a task", weight=6, do=stop_task),
    Act(name="run a task", weight=6, do=run_task),
    Act(name="run for no instance", weight=2, do=run_for_no_instance),
    Act(name="run on Fargate", weight=3, do=run_on_fargate),
    Act(name="run on providers", weight=2, do=run_on_providers),
    Act(name="start a task", weight=2, do=start_task),
    Act(name="protect", weight=5, do=protect),
    Act(name="unprotect", weight=1, do=unprotect),
    Act(name="drain", weight=3, do=drain),
    Act(name="activate", weight=3, do=activate),
    Act(name="put an attribute", weight=2, do=put_attribute),
    Act(name="delete an attribute", weight=1, do=delete_attribute),
    Act(name="deregister", weight=2, do=deregister),
    Act(name="join", weight=1, do=join),
    Act(name="create a service", weight=3, do=create_service),
    Act(name="think again", weight=4, do=think_again),
    Act(name="come and go", weight=2, do=come_and_go),
    Act(name="delete a service", weight=3, do=delete_service),
    Act(name="create a task set", weight=3, do=create_task_set),
    Act(name="scale a task set", weight=3, do=scale_task_set),
    Act(name="lead with a task set", weight=2, do=lead_with_task_set),
    Act(name="delete a task set", weight=2, do=delete_task_set),
    Act(name="retire a definition", weight=4, do=retire_definition),
    Act(name="raise an alarm", weight=1, do=raise_alarm),
    Act(name="deploy into trouble", weight=2, do=deploy_into_trouble),
    Act(name="renew a batch", weight=2, do=renew_batch),
    Act(name="mistake", weight=1, do=mistake),
)
LOOKING = Act(name="look", weight=0, do=look)
WEIGHTS = tuple(act.weight for act in ACTS)
