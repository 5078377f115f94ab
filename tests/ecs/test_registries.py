"""Services in registries of Cloud Map: found while they run, withdrawn before they stop."""

from typing import Any

import pytest

from inprocess import SUBNET, Plane, refused
from podium.ecs.records import Task, TaskStatus

NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET]}}
CHECK = {"command": ["CMD", "true"]}


@pytest.fixture
def map_(plane: Plane) -> Any:
    """Cloud Map, with the private namespace app.local, and a host for Fargate tasks of the definition `web`."""
    plane.ecs.create_cluster()
    plane.serve_fargate()
    port = {"portMappings": [{"containerPort": 80}], "healthCheck": CHECK}
    plane.define("web", port, networkMode="awsvpc", cpu="256", memory="512")
    client = plane.client("servicediscovery")
    client.create_private_dns_namespace(Name="app.local", Vpc=plane.vpc)
    plane.run()
    return client


def registry(map_: Any, kind: str = "A") -> str:
    """The ARN of the service `web` in the namespace."""
    [namespace] = map_.list_namespaces()["Namespaces"]
    made = map_.create_service(
        Name="web",
        NamespaceId=namespace["Id"],
        DnsConfig={"DnsRecords": [{"Type": kind, "TTL": 10}]},
        HealthCheckCustomConfig={"FailureThreshold": 1},
    )
    return str(made["Service"]["Arn"])


def found(map_: Any, health: str = "ALL") -> list[dict[str, Any]]:
    answer = map_.discover_instances(NamespaceName="app.local", ServiceName="web", HealthStatus=health)
    return list(answer["Instances"])


def run(plane: Plane, arn: str, **more: Any) -> Task:
    """A service of one task on Fargate in that registry, running."""
    entry = {"registryArn": arn, **more}
    plane.serve(launchType="FARGATE", networkConfiguration=NETWORK, serviceRegistries=[entry])
    plane.obey()
    [task] = plane.tasks("web")
    plane.health(task.arn, "HEALTHY")
    plane.run()
    return plane.record(Task, task.arn)


def test_a_running_task_is_found_with_all_that_ecs_says_of_it(plane: Plane, map_: Any) -> None:
    task = run(plane, registry(map_))
    [instance] = found(map_)
    details = {d["name"]: d["value"] for d in task.attachments[0]["details"]}
    assert instance["InstanceId"] == task.arn.rpartition("/")[2]
    assert instance["Attributes"] == {
        "AWS_INSTANCE_IPV4": details["privateIPv4Address"],
        "AVAILABILITY_ZONE": task.availability_zone,
        "REGION": "us-east-1",
        "ECS_SERVICE_NAME": "web",
        "ECS_CLUSTER_NAME": "default",
        "ECS_TASK_DEFINITION_FAMILY": "web",
        "AWS_INIT_HEALTH_STATUS": "HEALTHY",
    }


def test_a_registry_of_srv_records_is_told_the_port(plane: Plane, map_: Any) -> None:
    run(plane, registry(map_, "SRV"), port=80)
    [instance] = found(map_)
    assert instance["Attributes"]["AWS_INSTANCE_PORT"] == "80"


def test_it_is_withdrawn_before_its_agent_is_told_to_stop_it(plane: Plane, map_: Any) -> None:
    task = run(plane, registry(map_))
    plane.ecs.stop_task(task=task.arn)
    plane.run()
    assert found(map_) == []
    assert plane.record(Task, task.arn).last_status is TaskStatus.STOPPING


def test_one_that_ended_by_itself_is_withdrawn(plane: Plane, map_: Any) -> None:
    task = run(plane, registry(map_))
    plane.exit(task.arn, 1)
    plane.run()
    assert task.arn.rpartition("/")[2] not in [instance["InstanceId"] for instance in found(map_)]


def test_its_containers_health_is_the_instances(plane: Plane, map_: Any) -> None:
    task = run(plane, registry(map_))
    plane.health(task.arn, "UNHEALTHY")
    plane.run()
    health = {instance["InstanceId"]: instance["HealthStatus"] for instance in found(map_)}
    assert health[task.arn.rpartition("/")[2]] == "UNHEALTHY"


def test_a_registry_that_is_not_there_is_refused(plane: Plane, map_: Any) -> None:
    arn = registry(map_).replace("srv-", "srv-x")
    with refused("InvalidParameterException"):
        plane.serve(launchType="FARGATE", networkConfiguration=NETWORK, serviceRegistries=[{"registryArn": arn}])
