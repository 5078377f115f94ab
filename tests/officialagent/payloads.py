"""Reading a task as strictly as the open-source agent's decoder does. What it would refuse raises Unacceptable."""

import json
from collections.abc import Callable
from typing import Any


class Unacceptable(Exception):
    """The task is reported STOPPED with this as its reason, and its payload is not acknowledged."""

    def __str__(self) -> str:
        return f"UnrecogniedTaskError: Error loading task - {self.args[0]}"


Check = Callable[[str, Any], None]


def _is(*types: type) -> Check:
    def check(path: str, value: Any) -> None:
        if (isinstance(value, bool) and bool not in types) or not isinstance(value, types):
            raise Unacceptable(f"json: cannot unmarshal {value!r} into {path}")

    return check


def _each(item: Check) -> Check:
    def check(path: str, value: Any) -> None:
        _is(list)(path, value)
        for held in value:
            item(f"{path}[]", held)

    return check


def _map(item: Check) -> Check:
    def check(path: str, value: Any) -> None:
        _is(dict)(path, value)
        for held in value.values():
            item(f"{path}{{}}", held)

    return check


def _object(**members: Check) -> Check:
    """Members that are not known are passed over; null is as good as absent."""

    def check(path: str, value: Any) -> None:
        _is(dict)(path, value)
        for name, member in members.items():
            if value.get(name) is not None:
                member(f"{path}.{name}", value[name])

    return check


TEXT, WHOLE, NUMBER, YES = _is(str), _is(int), _is(int, float), _is(bool)
CONTAINER = _object(
    name=TEXT,
    image=TEXT,
    containerArn=TEXT,
    command=_each(TEXT),
    entryPoint=_each(TEXT),
    environment=_map(TEXT),
    cpu=WHOLE,
    memory=WHOLE,
    essential=YES,
    links=_each(TEXT),
    portMappings=_each(_object(containerPort=WHOLE, hostPort=WHOLE, protocol=TEXT, containerPortRange=TEXT)),
    mountPoints=_each(_object(sourceVolume=TEXT, containerPath=TEXT, readOnly=YES)),
    volumesFrom=_each(_object(sourceContainer=TEXT, readOnly=YES)),
    overrides=TEXT,
    dockerConfig=_object(version=TEXT, config=TEXT, hostConfig=TEXT),
    dependsOn=_each(_object(containerName=TEXT, condition=TEXT)),
    startTimeout=WHOLE,
    stopTimeout=WHOLE,
    restartPolicy=_object(enabled=YES, ignoredExitCodes=_each(WHOLE), restartAttemptPeriod=WHOLE),
    healthCheckType=TEXT,
)
TASK = _object(
    arn=TEXT,
    taskClusterArn=TEXT,
    desiredStatus=TEXT,
    family=TEXT,
    version=TEXT,
    containers=_each(CONTAINER),
    overrides=TEXT,
    taskDefinitionAccountId=TEXT,
    zone=TEXT,
    launchType=TEXT,
    networkMode=TEXT,
    volumes=_each(_object(name=TEXT, type=TEXT, host=_object(sourcePath=TEXT), dockerVolumeConfiguration=_is(dict))),
    cpu=NUMBER,
    memory=WHOLE,
    pidMode=TEXT,
    ipcMode=TEXT,
    serviceName=TEXT,
    group=TEXT,
    enableFaultInjection=YES,
    proxyConfiguration=_object(type=TEXT, containerName=TEXT, properties=_map(TEXT)),
)
VOLUMES = ("host", "docker", "efs", "fsxWindowsFileServer", "ebs", "logDriverOutput", None)


def accepted(task: dict[str, Any]) -> dict[str, Any]:
    TASK("Task", task)
    if not task.get("arn"):
        raise Unacceptable("no arn")
    for volume in task.get("volumes") or ():
        if volume.get("type") not in VOLUMES:
            raise Unacceptable(f"invalid volume type {volume['type']}")
    for container in task.get("containers") or ():
        _container(container)
    return task


def _container(container: dict[str, Any]) -> None:
    if set(json.loads(container.get("overrides") or "{}")) - {"command"}:
        raise Unacceptable("json: unknown field in overrides")
    docker = container["dockerConfig"]
    config, host = json.loads(docker["config"]), json.loads(docker["hostConfig"])
    for name in ("NetworkMode", "CapAdd", "CapDrop"):
        if name not in host:
            raise Unacceptable(f"HostConfigError: {name} is missing")
    if container.get("healthCheckType") == "docker" and "Healthcheck" not in config:
        raise Unacceptable("DockerClientConfigError: no health check in the configuration")
