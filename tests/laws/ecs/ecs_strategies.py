"""Services, tasks and instances as there could be any."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from amounts import examples
from podium.ecs.records import (
    Container,
    ContainerInstance,
    Deployment,
    Health,
    InstanceStatus,
    Service,
    Task,
    TaskStatus,
)

law = settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/c"
NEW, OLD = "ecs-svc/new", "ecs-svc/old"

moments = st.integers(0, 7200).map(lambda seconds: NOW - timedelta(seconds=seconds))
zones = st.sampled_from(["us-east-1a", "us-east-1b", "us-east-1c"])
instance_names = st.sampled_from(["i1", "i2", "i3", "i4"])


def deployment(name: str, status: str) -> Deployment:
    return Deployment(id=name, status=status, task_definition_arn=name, created_at=NOW, updated_at=NOW)


def container(health: Health = Health.UNKNOWN, checked: bool = False) -> Container:
    return Container(name="app", arn="c", image="web", checked=checked, health=health)


@st.composite
def services(draw: st.DrawFn) -> Service:
    """Any percentages that the API accepts."""
    least = draw(st.integers(0, 100))
    return Service(
        arn="s",
        home="h",
        cluster_arn=CLUSTER,
        name="s",
        desired_count=draw(st.integers(0, 12)),
        task_definition_arn=NEW,
        minimum_healthy_percent=least,
        maximum_percent=draw(st.integers(101 if least == 100 else 100, 250)),
        health_check_grace_seconds=draw(st.sampled_from([0, 60])),
        deployments=(deployment(NEW, "PRIMARY"), deployment(OLD, "ACTIVE")),
        created_at=NOW,
    )


@st.composite
def wanted_tasks(draw: st.DrawFn, number: int) -> Task:
    """A task whose desired status is RUNNING, in any state that such a task can be in."""
    status = draw(st.sampled_from([TaskStatus.PENDING, TaskStatus.ACTIVATING, TaskStatus.RUNNING, TaskStatus.RUNNING]))
    checked = draw(st.booleans())
    health = draw(st.sampled_from(Health)) if checked and status is TaskStatus.RUNNING else Health.UNKNOWN
    return Task(
        arn=f"t{number}",
        cluster_arn=CLUSTER,
        task_definition_arn=NEW,
        service_arn="s",
        group="service:s",
        started_by=draw(st.sampled_from([NEW, OLD])),
        container_instance_arn=draw(instance_names),
        availability_zone=draw(zones),
        last_status=status,
        containers=(container(health, checked),),
        created_at=NOW - timedelta(hours=3) + timedelta(seconds=number),
        started_at=draw(moments) if status is TaskStatus.RUNNING else None,
    )


@st.composite
def fleets(draw: st.DrawFn) -> list[Task]:
    return [draw(wanted_tasks(n)) for n in range(draw(st.integers(0, 16)))]


@st.composite
def instances(draw: st.DrawFn, number: int, roomy: bool = False) -> ContainerInstance:
    status = InstanceStatus.ACTIVE if roomy else draw(st.sampled_from([*InstanceStatus, InstanceStatus.ACTIVE]))
    attributes: dict[str, str | None] = {"ecs.availability-zone": draw(zones)}
    if roomy or draw(st.booleans()):
        attributes["capability"] = None
    return ContainerInstance(
        arn=f"i{number}",
        home="h",
        cluster_arn=CLUSTER,
        status=status,
        cpu=100_000 if roomy else draw(st.integers(0, 4096)),
        memory_mib=100_000 if roomy else draw(st.integers(0, 4096)),
        ports=(22,),
        attributes=attributes,
        agent_connected=roomy or draw(st.booleans()),
        registered_at=NOW,
    )
