"""Express services: everything is kept and shown, and nothing is said to run."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused

ROLE, EXECUTION = f"arn:aws:iam::{ACCOUNT}:role/infra", f"arn:aws:iam::{ACCOUNT}:role/execution"
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/default/web"
INVALID = "InvalidParameterException"


def make(ecs: Any, **members: Any) -> dict[str, Any]:
    given = {
        "serviceName": "web",
        "executionRoleArn": EXECUTION,
        "primaryContainer": {"image": "registry.example/shop/web:2"},
        **members,
    }
    kept = {k: v for k, v in given.items() if v is not None}
    return dict(ecs.create_express_gateway_service(infrastructureRoleArn=ROLE, **kept)["service"])


def test_an_express_service_makes_the_default_cluster_and_shows_its_defaults(ecs: Any) -> None:
    made = make(ecs)
    assert (made["serviceArn"], made["serviceName"]) == (ARN, "web")
    assert ecs.describe_clusters()["clusters"][0]["status"] == "ACTIVE"
    [shown] = made["activeConfigurations"]
    assert (shown["cpu"], shown["memory"], shown["cpuArchitecture"]) == ("256", "512", "X86_64")
    assert (shown["healthCheckPath"], shown["primaryContainer"]["containerPort"]) == ("/ping", 80)
    assert shown["scalingTarget"] == {
        "minTaskCount": 1, "maxTaskCount": 20, "autoScalingMetric": "AVERAGE_CPU", "autoScalingTargetValue": 60
    }  # fmt: skip
    assert shown["ingressPaths"] == []


def test_it_says_what_is_missing_and_starts_nothing(plane: Plane, ecs: Any) -> None:
    make(ecs)
    plane.advance(60)
    shown = ecs.describe_express_gateway_service(serviceArn=ARN)["service"]
    assert "no load balancers" in shown["status"]["statusReason"]
    assert plane.tasks() == []
    [service] = ecs.describe_services(services=["web"])["services"]
    assert (service["resourceManagementType"], service["deployments"][0]["rolloutState"]) == ("ECS", "IN_PROGRESS")
    assert ecs.list_services(resourceManagementType="ECS")["serviceArns"] == [ARN]


def test_its_task_definition_is_registered_for_it(ecs: Any) -> None:
    [shown] = make(ecs, taskRoleArn=ROLE)["activeConfigurations"]
    definition = ecs.describe_task_definition(taskDefinition=shown["taskDefinitionArn"])["taskDefinition"]
    [container] = definition["containerDefinitions"]
    assert (container["name"], container["image"]) == ("Main", "registry.example/shop/web:2")
    assert container["portMappings"][0]["containerPort"] == 80
    assert (definition["networkMode"], definition["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])


def test_without_a_name_it_is_called_after_its_image(ecs: Any) -> None:
    name = make(ecs, serviceName=None)["serviceName"]
    assert name.startswith("web-")
    assert len(name) == len("web-0000")


def test_an_update_keeps_what_is_left_out_and_begins_a_deployment(ecs: Any) -> None:
    before = make(ecs, healthCheckPath="/health", cpu="512", memory="1024")
    told = ecs.update_express_gateway_service(serviceArn=ARN, primaryContainer={"image": "web:3"})["service"]
    shown = told["targetConfiguration"]
    assert (shown["healthCheckPath"], shown["cpu"], shown["primaryContainer"]["image"]) == ("/health", "512", "web:3")
    assert shown["taskDefinitionArn"] != before["activeConfigurations"][0]["taskDefinitionArn"]
    after = ecs.describe_express_gateway_service(serviceArn=ARN)["service"]
    assert after["currentDeployment"] != before["currentDeployment"]


def test_deleting_drains_and_then_ends_it(plane: Plane, ecs: Any) -> None:
    make(ecs)
    told = ecs.delete_express_gateway_service(serviceArn=ARN)["service"]
    assert told["status"]["statusCode"] == "DRAINING"
    plane.run()
    shown = ecs.describe_express_gateway_service(serviceArn=ARN)["service"]
    assert shown["status"] == {"statusCode": "INACTIVE"}
    with refused("ServiceNotActiveException"):
        ecs.delete_express_gateway_service(serviceArn=ARN)
    make(ecs)


@pytest.mark.parametrize(
    ("code", "members"),
    [
        (INVALID, {"executionRoleArn": None}),
        (INVALID, {"primaryContainer": None}),
        (INVALID, {"taskDefinitionArn": "web:1"}),
        (INVALID, {"healthCheckPath": "health"}),
        (INVALID, {"scalingTarget": {"minTaskCount": 5, "maxTaskCount": 4}}),
        (INVALID, {"scalingTarget": {"autoScalingMetric": "LUCK"}}),
        (INVALID, {"serviceName": "a b"}),
        ("ClientException", {"cpu": "256", "memory": "999"}),
        ("ClusterNotFoundException", {"cluster": "nowhere"}),
    ],
)
def test_an_express_service_that_cannot_be_is_refused(ecs: Any, code: str, members: dict[str, Any]) -> None:
    with refused(code):
        make(ecs, **members)
    assert ecs.list_clusters()["clusterArns"] == []


def test_a_definition_of_ones_own_must_have_the_main_container(plane: Plane, ecs: Any) -> None:
    fargate = {"networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}
    wrong = plane.define("wrong", **fargate)
    right = plane.define("right", {"name": "Main", "portMappings": [{"containerPort": 80, "name": "main"}]}, **fargate)
    own = {"executionRoleArn": None, "primaryContainer": None}
    with refused(INVALID):
        make(ecs, taskDefinitionArn=wrong, **own)
    [shown] = make(ecs, taskDefinitionArn=right, **own)["activeConfigurations"]
    assert shown["taskDefinitionArn"] == right
    assert "primaryContainer" not in shown


def test_what_is_not_there_is_not_found(ecs: Any) -> None:
    with refused("ResourceNotFoundException"):
        ecs.describe_express_gateway_service(serviceArn=ARN)
    with refused("ServiceNotFoundException"):
        ecs.update_express_gateway_service(serviceArn=ARN)
