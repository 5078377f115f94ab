"""A data dir in which a hundred thousand tasks run, written in one go: they need not be started one by one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import uuid4

from bench.hosts import CAPABILITIES
from podium.ecs.records import (
    Cluster,
    Container,
    ContainerInstance,
    Deployment,
    Family,
    Rollout,
    Service,
    Task,
    TaskDefinition,
    TaskStatus,
)
from podium.server.services import RECORDS
from podium.store.session import Change
from podium.store.sqlite import SqliteDatabase

HOME = "aws:us-east-1:123456789012"
PREFIX = "arn:aws:ecs:us-east-1:123456789012"
CLUSTER = f"{PREFIX}:cluster/crowd"
DEFINITION = f"{PREFIX}:task-definition/crowd:1"
CONTAINER = {"name": "main", "image": "bench", "cpu": 64, "memory": 64, "essential": True}
PER_SERVICE = 5_000
NOW = datetime.now(UTC)
PIECE = 20_000


def fill(path: Path, instances: int, tasks: int) -> None:
    """A new database with the cluster `crowd`: services of up to 5,000 running tasks each, on so many instances."""
    database = SqliteDatabase(path)
    database.prepare(RECORDS)
    epoch = database.take_over()
    piece: list[Change] = []
    for record in _records(instances, tasks):
        piece.append(Change(type(record), record.arn, None, record))
        if len(piece) == PIECE:
            database.commit(piece, epoch)
            piece = []
    database.commit(piece, epoch)
    database.close()


def _records(instances: int, tasks: int) -> Iterator[Any]:
    yield Cluster(arn=CLUSTER, home=HOME, name="crowd", created_at=NOW)
    yield Family(arn=f"{PREFIX}:task-definition-family/crowd", home=HOME, name="crowd", last_revision=1)
    yield TaskDefinition(
        arn=DEFINITION,
        home=HOME,
        family_arn=f"{PREFIX}:task-definition-family/crowd",
        family="crowd",
        revision=1,
        document={"family": "crowd", "containerDefinitions": [CONTAINER]},
        registered_at=NOW,
        registered_by="root",
    )
    arns = [f"{PREFIX}:container-instance/crowd/{token_hex(16)}" for _ in range(instances)]
    for number, arn in enumerate(arns):
        yield _instance(arn, number)
    for first in range(0, tasks, PER_SERVICE):
        service = _service(first // PER_SERVICE, min(PER_SERVICE, tasks - first))
        yield service
        for number in range(first, first + service.desired_count):
            yield _task(service, arns[number % instances], number % instances)


def _zone(number: int) -> str:
    return f"us-east-1{'abc'[number % 3]}"


def _instance(arn: str, number: int) -> ContainerInstance:
    return ContainerInstance(
        arn=arn, home=HOME, cluster_arn=CLUSTER, ec2_instance_id=f"i-{token_hex(8)}", cpu=1 << 17, memory_mib=1 << 17,
        ports=(22, 2375, 2376, 51678, 51679), registered_at=NOW, registered_by="root", agent_version="1.0.0",
        attributes={**dict.fromkeys(CAPABILITIES), "ecs.availability-zone": _zone(number)},
    )  # fmt: skip


def _service(number: int, count: int) -> Service:
    deployment = Deployment(
        id=f"ecs-svc/{number:019d}", task_definition_arn=DEFINITION, rollout=Rollout.COMPLETED, created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    return Service(
        arn=f"{PREFIX}:service/crowd/crowd-{number}", home=HOME, cluster_arn=CLUSTER, name=f"crowd-{number}",
        desired_count=count, task_definition_arn=DEFINITION, deployments=(deployment,), steady=True,
        steady_event_at=NOW, created_at=NOW,
    )  # fmt: skip


def _task(service: Service, instance_arn: str, number: int) -> Task:
    identity = token_hex(16)
    container = Container(
        name="main", arn=f"{PREFIX}:container/crowd/{identity}/{uuid4()}", image="bench", cpu=64, memory_mib=64,
        last_status="RUNNING", runtime_id=token_hex(32), image_digest=f"sha256:{token_hex(32)}",
    )  # fmt: skip
    return Task(
        arn=f"{PREFIX}:task/crowd/{identity}", cluster_arn=CLUSTER, task_definition_arn=DEFINITION,
        service_arn=service.arn, container_instance_arn=instance_arn, availability_zone=_zone(number),
        group=f"service:{service.name}", started_by=service.primary.id, last_status=TaskStatus.RUNNING,
        containers=(container,), cpu=64, memory_mib=64, created_at=NOW, connected_at=NOW, started_at=NOW,
        pull_started_at=NOW, pull_stopped_at=NOW, healthy_at=NOW,
    )  # fmt: skip
