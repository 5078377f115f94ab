"""Names, ids and ARNs: every form that a caller may write, and what is said of the others."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from inprocess import ACCOUNT, REGION, Plane, refused

INVALID = "InvalidParameterException"
HOME = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    plane.ecs.create_cluster(clusterName="other")
    return plane.ecs


@pytest.mark.parametrize("name", ["web", f"{HOME}:service/default/web", f"{HOME}:service/web"])
def test_a_service_is_meant_by_name_arn_and_old_arn(ecs: Any, name: str) -> None:
    [service] = ecs.describe_services(services=[name])["services"]
    assert service["serviceArn"] == f"{HOME}:service/default/web"


@pytest.mark.parametrize("cluster", [None, "default", f"{HOME}:cluster/default"])
def test_a_cluster_is_meant_by_name_arn_and_silence(ecs: Any, cluster: str | None) -> None:
    members = {"cluster": cluster} if cluster else {}
    assert len(ecs.list_services(**members)["serviceArns"]) == 1


def test_a_task_is_meant_by_id_arn_and_old_arn(plane: Plane, ecs: Any) -> None:
    [task] = plane.tasks("web")
    task_id = task.arn.rpartition("/")[2]
    for name in (task_id, task.arn, f"{HOME}:task/{task_id}"):
        assert ecs.describe_tasks(tasks=[name])["tasks"][0]["taskArn"] == task.arn


def test_an_instance_is_meant_by_id_arn_and_old_arn(ecs: Any) -> None:
    [arn] = ecs.list_container_instances()["containerInstanceArns"]
    instance_id = arn.rpartition("/")[2]
    for name in (instance_id, arn, f"{HOME}:container-instance/{instance_id}"):
        [found] = ecs.describe_container_instances(containerInstances=[name])["containerInstances"]
        assert found["containerInstanceArn"] == arn


@pytest.mark.parametrize("name", ["web", "web:1", f"{HOME}:task-definition/web", f"{HOME}:task-definition/web:1"])
def test_a_task_definition_is_meant_by_family_revision_and_arn(ecs: Any, name: str) -> None:
    found = ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
    assert found["taskDefinitionArn"] == f"{HOME}:task-definition/web:1"


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("describe_services", {"services": [f"{HOME}:service/default/web"]}),
        ("update_service", {"service": f"{HOME}:service/default/web"}),
        ("delete_service", {"service": f"{HOME}:service/default/web"}),
        ("describe_tasks", {"tasks": [f"{HOME}:task/default/{'0' * 32}"]}),
        ("stop_task", {"task": f"{HOME}:task/default/{'0' * 32}"}),
        ("describe_container_instances", {"containerInstances": [f"{HOME}:container-instance/default/{'0' * 32}"]}),
    ],
)
def test_an_arn_of_another_cluster_than_the_one_named_is_refused(
    ecs: Any, operation: str, members: dict[str, Any]
) -> None:
    with refused(INVALID, "Invalid identifier: Identifier is for cluster default. Your cluster is other"):
        getattr(ecs, operation)(cluster="other", **members)


@pytest.mark.parametrize(
    ("operation", "members", "kind"),
    [
        ("describe_services", {"services": [f"{HOME}:task/default/{'0' * 32}"]}, "task"),
        ("describe_tasks", {"tasks": [f"{HOME}:service/default/web"]}, "service"),
        ("describe_container_instances", {"containerInstances": [f"{HOME}:cluster/default"]}, "cluster"),
        ("list_tasks", {"cluster": f"{HOME}:service/default/web"}, "service"),
        ("describe_task_definition", {"taskDefinition": f"{HOME}:cluster/default"}, "cluster"),
    ],
)
def test_an_arn_of_something_else_is_refused(ecs: Any, operation: str, members: dict[str, Any], kind: str) -> None:
    with refused(INVALID, f"Unsupported resource type: {kind}"):
        getattr(ecs, operation)(**members)


@pytest.mark.parametrize("value", ["short", "0" * 31, "0" * 33])
def test_a_task_id_has_32_or_36_characters(ecs: Any, value: str) -> None:
    for call in (lambda: ecs.describe_tasks(tasks=[value]), lambda: ecs.stop_task(task=value)):
        with refused(INVALID, "task length should be one of [32,36]"):
            call()


@pytest.mark.parametrize("value", ["arn:", "arn:aws:s3:::bucket", "arn:aws:ecs:us-east-1"])
def test_what_is_no_arn_of_ecs_is_an_invalid_identifier(ecs: Any, value: str) -> None:
    with refused(INVALID, f"Invalid identifier: {value}"):
        ecs.describe_services(services=[value])


def test_a_cluster_name_that_is_none_is_refused_by_every_operation(ecs: Any) -> None:
    sentence = r"Cluster must match ^[a-zA-Z0-9\-_]{1,255}$, but was no such"
    for operation in ("list_tasks", "list_services", "list_container_instances"):
        with refused(INVALID, sentence):
            getattr(ecs, operation)(cluster="no such")


@pytest.mark.parametrize(
    "call",
    [
        lambda ecs, service, task, instance: ecs.update_service(service=service, desiredCount=0),
        lambda ecs, service, task, instance: ecs.delete_service(service=service, force=True),
        lambda ecs, service, task, instance: ecs.stop_task(task=task),
        lambda ecs, service, task, instance: ecs.deregister_container_instance(containerInstance=instance, force=True),
    ],
    ids=["UpdateService", "DeleteService", "StopTask", "DeregisterContainerInstance"],
)
def test_nobody_reaches_into_another_region_by_an_arn(plane: Plane, ecs: Any, call: Any) -> None:
    elsewhere = plane.client("ecs", region="eu-west-1")
    elsewhere.create_cluster()
    [task], service = plane.tasks("web"), plane.service()
    with pytest.raises(ClientError, match="not found"):
        call(elsewhere, service.arn, task.arn, task.container_instance_arn)
    assert plane.tasks("web") == [task]
    assert plane.service() == service


def test_looking_into_another_region_by_an_arn_shows_nothing(plane: Plane, ecs: Any) -> None:
    elsewhere = plane.client("ecs", region="eu-west-1")
    elsewhere.create_cluster()
    [task], service = plane.tasks("web"), plane.service()
    assert elsewhere.describe_services(services=[service.arn])["failures"][0]["reason"] == "MISSING"
    assert elsewhere.describe_tasks(tasks=[task.arn])["failures"][0]["reason"] == "MISSING"
    found = elsewhere.describe_container_instances(containerInstances=[task.container_instance_arn])
    assert found["failures"][0]["reason"] == "MISSING"
    with refused("ClientException", "TaskDefinition not found."):
        elsewhere.create_service(serviceName="web", desiredCount=1, taskDefinition=f"{HOME}:task-definition/web:1")
