"""What RegisterTaskDefinition refuses, and in which words."""

from typing import Any

import pytest

from inprocess import refused

APP = {"name": "app", "image": "web", "memory": 64}


def container(**members: Any) -> dict[str, Any]:
    return {**APP, **members}


def side(name: str = "side", **members: Any) -> dict[str, Any]:
    return {**APP, "name": name, **members}


def ports(*mappings: dict[str, Any], mode: str | None = None) -> dict[str, Any]:
    given: dict[str, Any] = {"containerDefinitions": [container(portMappings=list(mappings))]}
    return {**given, "networkMode": mode} if mode else given


def after(name: str, condition: str) -> dict[str, Any]:
    return {"dependsOn": [{"containerName": name, "condition": condition}]}


def of(*containers: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"containerDefinitions": list(containers), **members}


def check(**members: Any) -> dict[str, Any]:
    return of(container(healthCheck={"command": ["CMD", "true"], **members}))


AT_LEAST_ONE = "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified."
NOT_UNDER = "Invalid setting for container 'app'. 'memory' must be greater than or equal to 'memoryReservation'."

REFUSED = {
    "a family with a space": (of(APP, family="we b"), "Family contains invalid characters."),
    "an empty family": (of(APP, family=""), "Family should not be null or empty."),
    "no containers": (of(), "Container list cannot be empty."),
    "eleven containers": (of(*(side(f"c{n}") for n in range(11))), "Too many containers."),
    "a container without a name": (
        of({"image": "web", "memory": 64}),
        "Container.name should not be null or empty.",
    ),
    "a container's name with a dot": (of(container(name="a.b")), "Container.name contains invalid characters."),
    "a container without an image": (of({"name": "a"}), "Container.image should not be null or empty."),
    "two containers of one name": (
        of(APP, APP),
        "Container names must be unique within a Task Definition.",
    ),
    "no essential container": (
        of(container(essential=False)),
        "Task definition doesn't have any essential container.",
    ),
    "no memory at all": (of({"name": "app", "image": "web"}), AT_LEAST_ONE),
    "memory under its reservation": (of(container(memory=64, memoryReservation=65)), NOT_UNDER),
    "memory under six MiB": (
        of(container(memory=5)),
        "Invalid setting for container 'app'. 'memory' must be at least 6 MiB.",
    ),
    "a container larger than its task": (
        of(container(memory=600), memory="512"),
        "The 'memory' setting for container 'app' is greater than for the task.",
    ),
    "reservations larger than the task": (
        of(container(memory=512, memoryReservation=300), side(memory=512, memoryReservation=300), memory="512"),
        "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
    ),
    "CPU shares larger than the task's": (
        of(container(cpu=200), side(cpu=100), cpu="256"),
        "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
    ),
    "CPU that is no number": (of(APP, cpu="lots"), "Invalid 'cpu' setting for task."),
    "CPU of nothing": (of(APP, cpu="0"), "Invalid 'cpu' setting for task."),
    "memory that is no number": (of(APP, memory="2 TB"), "Invalid 'memory' setting for task."),
    "a dependency on nobody": (
        of(container(**after("ghost", "START"))),
        "Cannot depend on container + 'ghost' because it does not exist",
    ),
    "waiting for an essential container to complete": (
        of(container(**after("side", "COMPLETE")), side()),
        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
    ),
    "waiting for the success of an essential container": (
        of(container(**after("side", "SUCCESS")), side()),
        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
    ),
    "waiting for the health of one without a check": (
        of(container(**after("side", "HEALTHY")), side()),
        "A dependency container with HEALTHY condition must have health check configured",
    ),
    "dependencies in a circle": (
        of(container(**after("side", "START")), side(**after("app", "START"))),
        "Container dependencies should not have a cycle",
    ),
    "a container that waits for itself": (
        of(container(**after("app", "START"))),
        "Container dependencies should not have a cycle",
    ),
    "links in a circle": (
        of(container(links=["side"]), side(links=["app:alias"])),
        "Container links should not have a cycle",
    ),
    "links with awsvpc": (
        of(container(links=["side"]), side(), networkMode="awsvpc"),
        "Links are not supported when networkMode=awsvpc.",
    ),
    "a link to nobody": (of(container(links=["ghost"])), "Invalid 'links' setting. Unknown container: 'ghost'."),
    "volumes from nobody": (
        of(container(volumesFrom=[{"sourceContainer": "ghost"}])),
        "Invalid 'volumesFrom' setting. Unknown container: 'ghost'.",
    ),
    "ports that differ under awsvpc": (
        ports({"containerPort": 80, "hostPort": 8080}, mode="awsvpc"),
        "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
    ),
    "ports that differ under host": (
        ports({"containerPort": 80, "hostPort": 8080}, mode="host"),
        "When networkMode=host, the host ports and container ports in port mappings must match.",
    ),
    "ports without a network": (
        ports({"containerPort": 80}, mode="none"),
        "Port mappings are not supported when networkMode=none.",
    ),
    "a port twice": (
        ports({"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}),
        "TCP host port '80' is mapped multiple times in task.",
    ),
    "a UDP port twice": (
        ports(*({"containerPort": n, "hostPort": 53, "protocol": "udp"} for n in (53, 54))),
        "UDP host port '53' is mapped multiple times in task.",
    ),
    "a port twice under host": (
        of(
            container(portMappings=[{"containerPort": 80}]),
            side(portMappings=[{"containerPort": 80}]),
            networkMode="host",
        ),
        "TCP host port '80' is mapped multiple times in task.",
    ),
    "port 0": (ports({"hostPort": 80}), "Invalid 'containerPort' setting for container 'app'."),
    "port 65536": (ports({"containerPort": 65536}), "Invalid 'containerPort' setting for container 'app'."),
    "a port and a range of ports": (
        ports({"containerPort": 80, "containerPortRange": "80-90"}),
        "cannot specify both single port and port range",
    ),
    "a mount of no volume": (
        of(container(mountPoints=[{"sourceVolume": "ghost", "containerPath": "/x"}])),
        "Unknown volume 'ghost'.",
    ),
    "a volume's name with a space": (
        of(APP, volumes=[{"name": "a b"}]),
        "Volume.name contains invalid characters.",
    ),
    "a volume at no path": (
        of(APP, volumes=[{"name": "v", "host": {"sourcePath": ""}}]),
        "host.sourcePath should not be blank.",
    ),
    "a health check that starts with the program": (
        check(command=["curl", "localhost"]),
        "Health check command of container 'app' must start with CMD, CMD-SHELL or NONE.",
    ),
    "a health check every four seconds": (
        check(interval=4),
        "Health check interval of container 'app' must be between 5 and 300.",
    ),
    "a health check with eleven retries": (
        check(retries=11),
        "Health check retries of container 'app' must be between 1 and 10.",
    ),
    "CloudWatch logs without a group": (
        of(container(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-region": "us-east-1"}})),
        "Log driver awslogs requires options: awslogs-group",
    ),
    "CloudWatch logs without anything": (
        of(container(logConfiguration={"logDriver": "awslogs"})),
        "Log driver awslogs requires options: awslogs-region, awslogs-group",
    ),
    "no network under awsvpc": (
        of(container(disableNetworking=True), networkMode="awsvpc"),
        "Disable Networking is not supported on container when networkMode=awsvpc",
    ),
    "secrets without an execution role": (
        of(container(secrets=[{"name": "S", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/s"}])),
        "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    ),
    "distinctInstance in a task definition": (
        of(APP, placementConstraints=[{"type": "distinctInstance"}]),
        "constraint.type 'distinctInstance' is not supported.",
    ),
    "a network mode that does not exist": (
        of(APP, networkMode="overlay"),
        "networkMode should be one of [bridge,host,awsvpc,none]",
    ),
    "a PID mode that does not exist": (of(APP, pidMode="shared"), "pidMode should be one of [host,task]"),
    "an IPC mode that does not exist": (of(APP, ipcMode="shared"), "ipcMode should be one of [host,task,none]"),
    "an empty list of tags": (of(APP, tags=[]), "Tags can not be empty."),
}


@pytest.mark.parametrize(("request_", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_in_the_services_words(ecs: Any, request_: dict[str, Any], sentence: str) -> None:
    with refused("ClientException", sentence):
        ecs.register_task_definition(**{"family": "web", **request_})
    assert ecs.list_task_definitions()["taskDefinitionArns"] == []


ACCEPTED = {
    "memory equal to its reservation": of(container(memory=64, memoryReservation=64)),
    "a reservation alone": of({"name": "app", "image": "web", "memoryReservation": 64}),
    "no container memory when the task has some": of({"name": "app", "image": "web"}, memory="512"),
    "exactly the task's CPU": of(container(cpu=128), side(cpu=128), cpu="256"),
    "a dynamic port twice": ports({"containerPort": 80}, {"containerPort": 81}),
    "one port over both protocols": ports(
        {"containerPort": 53, "hostPort": 53}, {"containerPort": 53, "hostPort": 53, "protocol": "udp"}
    ),
    "waiting for an inessential container to complete": of(
        container(**after("side", "COMPLETE")), side(essential=False)
    ),
    "waiting for health that is checked": of(
        container(**after("side", "HEALTHY")), side(healthCheck={"command": ["CMD", "true"]})
    ),
    "two that wait for one": of(container(**after("third", "START")), side(**after("third", "START")), side("third")),
    "no health check": check(command=["NONE"]),
    "ten containers": of(*(side(f"c{n}") for n in range(10))),
    "a memberOf constraint": of(
        APP, placementConstraints=[{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}]
    ),
}


@pytest.mark.parametrize("request_", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_it_is_accepted(ecs: Any, request_: dict[str, Any]) -> None:
    answer = ecs.register_task_definition(family="web", **request_)
    assert answer["taskDefinition"]["revision"] == 1


def test_a_family_of_255_letters_is_the_longest(ecs: Any) -> None:
    ecs.register_task_definition(family="x" * 255, containerDefinitions=[APP])
    with refused("ClientException", "Family contains invalid characters."):
        ecs.register_task_definition(family="x" * 256, containerDefinitions=[APP])


def test_a_definition_of_more_than_64_kib_is_refused(ecs: Any) -> None:
    ecs.register_task_definition(family="web", containerDefinitions=[container(command=["x" * 60_000])])
    with refused("ClientException") as answer:
        ecs.register_task_definition(family="web", containerDefinitions=[container(command=["x" * 66_000])])
    assert answer["Error"]["Message"].endswith(". Max allowed length is '65536' bytes.")


def test_required_members_that_are_missing_are_named(ecs: Any) -> None:
    with refused(
        "ClientException",
        "1 validation error detected: Value null at 'containerDefinitions' failed to satisfy constraint: "
        "Member must not be null",
    ):
        ecs.register_task_definition(family="web")


def test_a_number_that_is_a_text_cannot_be_read(ecs: Any) -> None:
    with refused("SerializationException"):
        ecs.register_task_definition(family="web", containerDefinitions=[{**APP, "memory": {"mib": 64}}])
