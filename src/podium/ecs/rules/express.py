"""What an Express service may be told, and the task definition that comes of it.

Source: Amazon ECS API Reference, CreateExpressGatewayService; Amazon ECS Developer Guide, "Amazon ECS Express Mode".
"""

from collections.abc import Mapping
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import TaskDefinition
from podium.ecs.rules import choices

CONTAINER = "Main"
MISSING = "Podium has no load balancers and no Fargate capacity yet: no task of this Express service is started."
OF_A_DEFINITION = ("primaryContainer", "executionRoleArn", "taskRoleArn", "cpu", "memory", "cpuArchitecture")
DEFAULTS = {"cpu": "256", "memory": "512", "cpuArchitecture": "X86_64"}
HEALTH_CHECK_PATH, PORT, STREAM_PREFIX = "/ping", 80, "ecs"
SCALING = {"minTaskCount": 1, "maxTaskCount": 20, "autoScalingMetric": "AVERAGE_CPU", "autoScalingTargetValue": 60}
METRICS = ("AVERAGE_CPU", "AVERAGE_MEMORY", "REQUEST_COUNT_PER_TARGET")
KEPT = (*OF_A_DEFINITION, "healthCheckPath", "networkConfiguration", "scalingTarget", "taskDefinitionArn")


def configuration(request: Mapping[str, Any], before: Mapping[str, Any], log_group: str) -> dict[str, Any]:
    """What was before, what is given over it, and the defaults below. Raises InvalidParameter."""
    given = {name: request[name] for name in KEPT if name in request}
    if "taskDefinitionArn" in given:
        if both := [name for name in OF_A_DEFINITION if name in given]:
            raise InvalidParameter(f"taskDefinitionArn cannot be specified together with {both[0]}.")
        before = {k: v for k, v in before.items() if k not in OF_A_DEFINITION}
        made = {**before, **given}
    else:
        before = {k: v for k, v in before.items() if k != "taskDefinitionArn"}
        made = {**DEFAULTS, **before, **given}
        made["primaryContainer"] = _container(made, log_group)
    made.setdefault("healthCheckPath", HEALTH_CHECK_PATH)
    if not made["healthCheckPath"].startswith("/"):
        raise InvalidParameter("The health check path must start with a forward slash.")
    made["scalingTarget"] = _scaling(
        {**SCALING, **(before.get("scalingTarget") or {}), **(given.get("scalingTarget") or {})}
    )
    return made


def _container(made: Mapping[str, Any], log_group: str) -> dict[str, Any]:
    if "primaryContainer" not in made:
        raise InvalidParameter("primaryContainer must be specified when taskDefinitionArn is not.")
    if "executionRoleArn" not in made:
        raise InvalidParameter("executionRoleArn must be specified when taskDefinitionArn is not.")
    logs = {"logGroup": log_group, "logStreamPrefix": STREAM_PREFIX}
    return {"containerPort": PORT, "awsLogsConfiguration": logs, **made["primaryContainer"]}


def _scaling(target: dict[str, Any]) -> dict[str, Any]:
    choices.one_of("autoScalingMetric", target["autoScalingMetric"], METRICS)
    if not 0 <= target["minTaskCount"] <= target["maxTaskCount"]:
        raise InvalidParameter("minTaskCount must be at least 0 and at most maxTaskCount.")
    if target["autoScalingTargetValue"] < 1:
        raise InvalidParameter("autoScalingTargetValue must be at least 1")
    return target


def definition(configuration: Mapping[str, Any], family: str, region: str) -> dict[str, Any]:
    """The request of the task definition that ECS registers for the service."""
    asked = configuration["primaryContainer"]
    logs = asked["awsLogsConfiguration"]
    container = {
        "name": CONTAINER,
        "image": asked["image"],
        "essential": True,
        "portMappings": [{"containerPort": asked["containerPort"], "name": CONTAINER.lower(), "protocol": "tcp"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": logs["logGroup"],
                "awslogs-region": region,
                "awslogs-stream-prefix": logs["logStreamPrefix"],
            },
        },
        **{k: asked[k] for k in ("command", "environment", "secrets", "repositoryCredentials") if k in asked},
    }
    roles = {name: configuration[name] for name in ("executionRoleArn", "taskRoleArn") if name in configuration}
    return {
        "family": family,
        **roles,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": configuration["cpu"],
        "memory": configuration["memory"],
        "runtimePlatform": {"cpuArchitecture": configuration["cpuArchitecture"], "operatingSystemFamily": "LINUX"},
        "containerDefinitions": [container],
    }


def suits(definition: TaskDefinition) -> None:
    """Whether a task definition of the caller's own can serve. Raises InvalidParameter."""
    if "FARGATE" not in definition.document["compatibilities"]:
        raise InvalidParameter("Task definition does not support launch_type FARGATE.")
    main = next((c for c in definition.containers if c["name"] == CONTAINER), None)
    if main is None:
        raise InvalidParameter(f"The task definition must have a container named {CONTAINER}.")
    ports = [m for m in main["portMappings"] if m["protocol"] == "tcp"]
    if len(ports) != 1 or not ports[0].get("containerPort") or not ports[0].get("name"):
        raise InvalidParameter(
            f"The container named {CONTAINER} must have a single TCP port mapping with a container port and a name."
        )
