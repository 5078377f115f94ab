"""The network configuration of tasks that have a network interface of their own.

Source: Amazon ECS API Reference, AwsVpcConfiguration.
"""

from collections.abc import Mapping
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import TaskDefinition

MOST_SUBNETS, MOST_SECURITY_GROUPS = 16, 5


def configuration(given: Mapping[str, Any] | None, definition: TaskDefinition, runs_on: str) -> dict[str, Any] | None:
    """As stored: without a public address and in no security group, unless said otherwise. Raises InvalidParameter."""
    awsvpc = (given or {}).get("awsvpcConfiguration")
    if definition.document.get("networkMode") != "awsvpc":
        if awsvpc is not None:
            raise InvalidParameter(
                "Network Configuration is not valid for the given networkMode of this task definition."
            )
        return None
    if awsvpc is None:
        raise InvalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    return {"awsvpcConfiguration": _checked(awsvpc, runs_on)}


def _checked(awsvpc: Mapping[str, Any], runs_on: str) -> dict[str, Any]:
    subnets, groups = list(awsvpc.get("subnets") or ()), list(awsvpc.get("securityGroups") or ())
    if not subnets:
        raise InvalidParameter("subnets can not be empty.")
    if len(subnets) > MOST_SUBNETS:
        raise InvalidParameter(f"subnets can have at most {MOST_SUBNETS} items.")
    if len(groups) > MOST_SECURITY_GROUPS:
        raise InvalidParameter(f"securityGroups can have at most {MOST_SECURITY_GROUPS} items.")
    public = awsvpc.get("assignPublicIp") or "DISABLED"
    if public == "ENABLED" and runs_on != "FARGATE":
        raise InvalidParameter("Assign public IP is not supported for this launch type.")
    return {"subnets": subnets, "securityGroups": groups, "assignPublicIp": public}
