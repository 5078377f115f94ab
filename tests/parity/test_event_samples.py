"""Events have every member that AWS's documented samples have, of the same kind.

Source: Amazon ECS Developer Guide, "Amazon ECS events"; the member names and kinds of value of its samples.
"""

import re
from typing import Any

import pytest

from inprocess import GROUP, SUBNET, Plane
from podium.ecs.timing import FAST
from podium.events import envelope, page
from podium.events.journal import END

TIME, MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
NAME = {"name": str}
RESOURCES = [
    {"name": "CPU", "type": "INTEGER", "integerValue": int},
    {"name": "MEMORY", "type": "INTEGER", "integerValue": int},
    {"name": "PORTS", "type": "STRINGSET", "stringSetValue": list},
    {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": list},
]
ENVELOPE = {
    "version": "0",
    "id": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "source": r"aws\.ecs",
    "account": r"\d{12}",
    "time": TIME,
    "region": str,
    "resources": list,
}
FARGATE_TASK = {
    "attachments": [{"id": str, "type": "eni", "status": "ATTACHED", "details": list}],
    "availabilityZone": str,
    "clusterArn": r"arn:aws:ecs:.*:cluster/.*",
    "containers": [
        {
            "containerArn": r"arn:aws:ecs:.*:container/.*",
            "lastStatus": "RUNNING",
            "name": str,
            "image": str,
            "imageDigest": "sha256:0",
            "runtimeId": str,
            "taskArn": str,
            "networkInterfaces": [{"attachmentId": str, "privateIpv4Address": str}],
            "cpu": "0",
        }
    ],
    "createdAt": MOMENT,
    "launchType": "FARGATE",
    "cpu": "256",
    "memory": "512",
    "desiredStatus": "RUNNING",
    "group": "family:net",
    "lastStatus": "RUNNING",
    "overrides": {"containerOverrides": [NAME]},
    "connectivity": "CONNECTED",
    "connectivityAt": MOMENT,
    "pullStartedAt": MOMENT,
    "startedAt": MOMENT,
    "pullStoppedAt": MOMENT,
    "updatedAt": MOMENT,
    "taskArn": str,
    "taskDefinitionArn": str,
    "version": int,
    "platformVersion": str,
}
INSTANCE = {
    "agentConnected": bool,
    "attributes": list,
    "clusterArn": str,
    "containerInstanceArn": str,
    "ec2InstanceId": r"i-.*",
    "registeredResources": RESOURCES,
    "remainingResources": RESOURCES,
    "status": "ACTIVE",
    "version": int,
    "versionInfo": {"agentHash": str, "agentVersion": str, "dockerVersion": r"DockerVersion: .*"},
    "updatedAt": MOMENT,
}
STEADY = {"eventType": "INFO", "eventName": "SERVICE_STEADY_STATE", "clusterArn": str, "createdAt": MOMENT}
PLACEMENT_FAILURE = {
    "eventType": "ERROR",
    "eventName": "SERVICE_TASK_PLACEMENT_FAILURE",
    "clusterArn": str,
    "capacityProviderArns": [r"arn:aws:ecs:.*:capacity-provider/FARGATE_SPOT"],
    "reason": "RESOURCE:FARGATE",
    "createdAt": MOMENT,
}
DEPLOYMENT = {
    "eventType": "INFO",
    "eventName": "SERVICE_DEPLOYMENT_COMPLETED",
    "deploymentId": r"ecs-svc/\d+",
    "updatedAt": str,
    "reason": r"ECS deployment ecs-svc/\d+ completed\.",
}
SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "a Fargate task": ("ECS Task State Change", FARGATE_TASK),
    "a container instance": ("ECS Container Instance State Change", INSTANCE),
    "a steady state": ("ECS Service Action", STEADY),
    "a placement failure": ("ECS Service Action", PLACEMENT_FAILURE),
    "a deployment": ("ECS Deployment State Change", DEPLOYMENT),
}


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """Everything that happens in a life that has all of it."""
    plane = Plane(timing=FAST, events=True)
    plane.ready(instances=1)
    plane.ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=[]
    )
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    network = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [GROUP]}}
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    plane.serve("net", desired=1, capacityProviderStrategy=strategy, networkConfiguration=network)
    plane.ecs.delete_service(service="net", force=True)
    plane.serve("web", desired=1)
    plane.settle()
    plane.serve_fargate()
    [task] = plane.ecs.run_task(taskDefinition="net", launchType="FARGATE", networkConfiguration=network)["tasks"]
    plane.run()
    ready = {"containerName": "app", "status": "RUNNING", "runtimeId": "0" * 32, "imageDigest": "sha256:0"}
    times = {"pullStartedAt": plane.clock.time, "pullStoppedAt": plane.clock.time}
    attached = [
        {
            "attachmentArn": f"arn:aws:ecs:us-east-1:123456789012:attachment/{task['attachments'][0]['id']}",
            "status": "ATTACHED",
        }
    ]
    plane.report(task["taskArn"], "RUNNING", ready, attachments=attached, **times)
    return [envelope(event) for event in page(plane.database, "", END, {}, 10_000)]


@pytest.mark.parametrize(("kind", "sample"), SAMPLES.values(), ids=SAMPLES.keys())
def test_a_documented_sample_is_told(told: list[dict[str, Any]], kind: str, sample: dict[str, Any]) -> None:
    alike = [event for event in told if event["detail-type"] == kind and differs(event["detail"], sample) is None]
    found = [event["detail"] for event in told if event["detail-type"] == kind]
    assert alike, f"none of {[differs(detail, sample) for detail in found]}"
    assert differs(alike[0], ENVELOPE) is None


def differs(value: Any, sample: Any, at: str = "") -> str | None:
    """The first member that is missing or of another kind. Others may be there besides."""
    if isinstance(sample, dict):
        pairs = (
            (f"{at}.{name}", value.get(name) if isinstance(value, dict) else None, s) for name, s in sample.items()
        )
        return next((wrong for where, v, s in pairs if (wrong := differs(v, s, where))), None)
    if isinstance(sample, list):
        if not isinstance(value, list) or len(value) < len(sample):
            return at
        return next((wrong for v, s in zip(value, sample, strict=False) if (wrong := differs(v, s, at))), None)
    if isinstance(sample, str):
        return None if isinstance(value, str) and re.fullmatch(sample, value) else f"{at} is {value!r}"
    return None if isinstance(value, sample) else f"{at} is {value!r}"
