"""A task as its agent needs to hear it: the definition with the overrides merged, in the channel's words.

What the agent leaves to Docker is written here as Docker's own configuration, two JSON texts.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from podium.ecs import exec_sessions
from podium.ecs.acs import role_credentials
from podium.ecs.names import task_id
from podium.ecs.records import Container, Task, TaskDefinition
from podium.ecs.scheduling import launching
from podium_protocol import payload as wire

MIB = 1024 * 1024
SECOND = 1_000_000_000  # Docker counts in nanoseconds
OLDEST_DOCKER_API = "1.18"
EXECUTION_ENVIRONMENTS = {"FARGATE": "AWS_ECS_FARGATE"}
FARGATE_START_SECONDS = 180
BOUNDARIES: dict[str, dict[str, Any]] = {"FARGATE": {"SecurityOpt": ["no-new-privileges"]}}
"""What the containers of a launch type are held to, whatever the definition says: Fargate's rules let it say nothing
of these. Docker's default seccomp profile holds for every container that is not privileged."""


def task_payload(task: Task, definition: TaskDefinition, log_driver_mode: str = "non-blocking") -> wire.Task:
    """`log_driver_mode` is that of awslogs containers whose definition names none."""
    document = definition.document
    mode = document.get("networkMode") or "bridge"
    ours = {c.name: c for c in task.containers}
    payload: wire.Task = {
        "arn": task.arn,
        "taskClusterArn": task.cluster_arn,
        "desiredStatus": "STOPPED" if task.stops else "RUNNING",
        "family": definition.family,
        "version": str(definition.revision),
        "containers": [
            _container(_blocks_or_not(c, log_driver_mode), ours[c["name"]], mode, task, definition.home.split(":")[1])
            for c in launching.containers(definition, task.overrides)
        ],
        "overrides": "{}",
        "taskDefinitionAccountId": definition.home.rpartition(":")[2],
        "zone": task.availability_zone,
        "launchType": task.launch_type,
        "networkMode": mode,
        "volumes": [_volume(v) for v in document["volumes"]],
        "group": task.group,
    }
    if task.enable_execute_command:
        payload["containers"] = [_with_exec(container) for container in payload["containers"]]
    if not task.stops:
        payload |= role_credentials.named(task, definition)  # type: ignore[typeddict-item]
    if task.service_arn:
        payload["serviceName"] = task.group.removeprefix("service:")
    if cpu := task.overrides.get("cpu") or document.get("cpu"):
        payload["cpu"] = int(cpu) / 1024
    if memory := task.overrides.get("memory") or document.get("memory"):
        payload["memory"] = int(memory)
    for name in ("pidMode", "ipcMode"):
        if name in document:
            payload[name] = document[name]
    if task.gpu_ids:
        payload["associations"] = [_gpu(gpu, c.name) for c in task.containers for gpu in task.gpus_of(c)]
    if document.get("enableFaultInjection"):
        payload["enableFaultInjection"] = True
    if "proxyConfiguration" in document:
        payload["proxyConfiguration"] = _proxy(document["proxyConfiguration"])
    return payload


def _container(definition: Mapping[str, Any], ours: Container, mode: str, task: Task, region: str) -> wire.Container:
    environment = {e["name"]: e.get("value", "") for e in definition["environment"]}
    container: wire.Container = {
        "name": definition["name"],
        "image": image(definition["image"], ours.pinned),
        "containerArn": ours.arn,
        "environment": {
            "AWS_EXECUTION_ENV": EXECUTION_ENVIRONMENTS.get(task.launch_type, "AWS_ECS_EC2"),
            **environment,
        },
        "cpu": definition["cpu"],
        "memory": definition.get("memory", 0),
        "essential": definition["essential"],
        "links": definition.get("links", []),
        "portMappings": [_port(m) for m in definition["portMappings"]],
        "mountPoints": definition["mountPoints"],
        "volumesFrom": definition["volumesFrom"],
        "overrides": "{}",
        "dependsOn": definition.get("dependsOn", []),
        "startTimeout": definition.get("startTimeout", FARGATE_START_SECONDS if task.launch_type == "FARGATE" else 0),
        "stopTimeout": definition.get("stopTimeout", 0),
        "dockerConfig": {
            "version": OLDEST_DOCKER_API,
            "config": _text(config(definition)),
            "hostConfig": _text(
                host_config(definition, mode, task_id(task.arn)) | BOUNDARIES.get(task.launch_type, {})
            ),
        },
    }
    for name in ("command", "entryPoint"):
        if definition.get(name) is not None:
            container[name] = definition[name]
    if definition.get("environmentFiles"):
        container["environmentFiles"] = definition["environmentFiles"]
    if secrets := _secrets(definition, region):
        container["secrets"] = secrets
    if "restartPolicy" in definition:
        container["restartPolicy"] = definition["restartPolicy"]
    if "healthCheck" in definition:
        container["healthCheckType"] = "docker"
    return container


def _text(document: Mapping[str, Any]) -> str:
    return msgspec.json.encode(document).decode()


def _secrets(definition: Mapping[str, Any], region: str) -> list[wire.Secret]:
    """What the agent fetches: variables of the container, and options of its log driver."""
    options = (definition.get("logConfiguration") or {}).get("secretOptions") or ()
    return [
        *(_secret(one, region, "CONTAINER") for one in definition.get("secrets") or ()),
        *(_secret(one, region, "LOG_DRIVER") for one in options),
    ]


def _secret(given: Mapping[str, str], region: str, target: str) -> wire.Secret:
    """`region` is where a parameter without an ARN lies."""
    value_from = given["valueFrom"]
    return {
        "name": given["name"],
        "valueFrom": value_from,
        "region": value_from.split(":")[3] if value_from.startswith("arn:") else region,
        "provider": "asm" if ":secretsmanager:" in value_from else "ssm",
        "type": "ENVIRONMENT_VARIABLE",
        "target": target,
    }


def _blocks_or_not(definition: Mapping[str, Any], mode: str) -> Mapping[str, Any]:
    """The definition with the mode of its awslogs driver, where it names none."""
    log = definition.get("logConfiguration") or {}
    if log.get("logDriver") != "awslogs":
        return definition
    return {**definition, "logConfiguration": {**log, "options": {"mode": mode, **(log.get("options") or {})}}}


def _with_exec(container: wire.Container) -> wire.Container:
    agent = {
        "name": exec_sessions.MANAGED_AGENT,
        "properties": {"sessionLimit": str(exec_sessions.MOST_IN_A_CONTAINER)},
    }
    return {**container, "managedAgents": [agent]}


def image(reference: str, digest: str) -> str:
    """The image by the digest that it is pinned to, if any, in the tag's place."""
    if not digest or "@" in reference:
        return reference
    path, slash, name = reference.rpartition("/")
    return f"{path}{slash}{name.partition(':')[0]}@{digest}"


def _gpu(gpu: str, container: str) -> dict[str, Any]:
    return {"type": "gpu", "name": gpu, "containers": [container], "content": {"encoding": "base64", "value": ""}}


def _port(mapping: Mapping[str, Any]) -> wire.PortMapping:
    """A range has no single port; all else has both, and host port 0 asks for any."""
    given: wire.PortMapping = {"protocol": "tcp", **mapping}  # type: ignore[typeddict-item]
    return given if "containerPortRange" in given else {"hostPort": 0, **given}


def _proxy(configuration: Mapping[str, Any]) -> dict[str, Any]:
    properties = {p.get("name", ""): p.get("value", "") for p in configuration.get("properties") or ()}
    return {**configuration, "properties": properties}


def config(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Docker's container configuration: what is neither the image's, the command's nor the environment's."""
    return _translated(definition, CONFIG)


def host_config(definition: Mapping[str, Any], mode: str, task: str) -> dict[str, Any]:
    linux = definition.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    made = {"NetworkMode": mode, "CapAdd": capabilities.get("add", []), "CapDrop": capabilities.get("drop", [])}
    made |= _translated(definition, HOST_CONFIG) | _translated(linux, LINUX)
    if "swappiness" in linux:
        made["MemorySwappiness"] = linux["swappiness"]  # 0 means something: never
    if "maxSwap" in linux:
        made["MemorySwap"] = (definition.get("memory", 0) + linux["maxSwap"]) * MIB
    if "logConfiguration" in definition:
        made["LogConfig"] = _log_config(definition, task)
    return made


def _translated(source: Mapping[str, Any], table: "Table") -> dict[str, Any]:
    return {name: make(source[member]) for member, (name, make) in table.items() if source.get(member)}


def _health_check(check: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Test": check["command"],
        "Interval": check["interval"] * SECOND,
        "Timeout": check["timeout"] * SECOND,
        "StartPeriod": check.get("startPeriod", 0) * SECOND,
        "Retries": check["retries"],
    }


def _log_config(definition: Mapping[str, Any], task: str) -> dict[str, Any]:
    """Docker's awslogs driver knows no stream prefix, so the stream's name is put together here."""
    log = definition["logConfiguration"]
    options = dict(log.get("options") or {})
    prefix = options.pop("awslogs-stream-prefix", None)
    if prefix:
        options["awslogs-stream"] = f"{prefix}/{definition['name']}/{task}"
    return {"Type": log["logDriver"], "Config": options}


def _ulimit(limit: Mapping[str, Any]) -> dict[str, Any]:
    return {"Name": limit["name"], "Soft": limit["softLimit"], "Hard": limit["hardLimit"]}


def _device(device: Mapping[str, Any]) -> dict[str, str]:
    letters = "".join(p[0] if p != "mknod" else "m" for p in device.get("permissions") or ("read", "write", "mknod"))
    inside = device.get("containerPath") or device["hostPath"]
    return {"PathOnHost": device["hostPath"], "PathInContainer": inside, "CgroupPermissions": letters}


def _tmpfs(mounts: list[Mapping[str, Any]]) -> dict[str, str]:
    return {m["containerPath"]: ",".join([f"size={m['size']}m", *m.get("mountOptions", [])]) for m in mounts}


def _each(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda items: [make(item) for item in items]


def _same(value: Any) -> Any:
    return value


Table = dict[str, tuple[str, Callable[[Any], Any]]]

CONFIG: Table = {
    "user": ("User", _same),
    "workingDirectory": ("WorkingDir", _same),
    "hostname": ("Hostname", _same),
    "disableNetworking": ("NetworkDisabled", _same),
    "interactive": ("OpenStdin", _same),
    "pseudoTerminal": ("Tty", _same),
    "dockerLabels": ("Labels", _same),
    "healthCheck": ("Healthcheck", _health_check),
}
HOST_CONFIG: Table = {
    "memoryReservation": ("MemoryReservation", lambda mib: mib * MIB),
    "privileged": ("Privileged", _same),
    "readonlyRootFilesystem": ("ReadonlyRootfs", _same),
    "extraHosts": ("ExtraHosts", _each(lambda h: f"{h['hostname']}:{h['ipAddress']}")),
    "dnsServers": ("Dns", _same),
    "dnsSearchDomains": ("DnsSearch", _same),
    "dockerSecurityOptions": ("SecurityOpt", _same),
    "ulimits": ("Ulimits", _each(_ulimit)),
    "systemControls": ("Sysctls", lambda controls: {c["namespace"]: c["value"] for c in controls}),
}
LINUX: Table = {
    "devices": ("Devices", _each(_device)),
    "initProcessEnabled": ("Init", _same),
    "sharedMemorySize": ("ShmSize", lambda mib: mib * MIB),
    "tmpfs": ("Tmpfs", _tmpfs),
}


def _volume(volume: Mapping[str, Any]) -> wire.Volume:
    if "dockerVolumeConfiguration" in volume:
        kind = {"type": "docker", "dockerVolumeConfiguration": volume["dockerVolumeConfiguration"]}
    elif "efsVolumeConfiguration" in volume:
        kind = {"type": "efs", "efsVolumeConfiguration": volume["efsVolumeConfiguration"]}
    else:
        kind = {"type": "host", "host": volume.get("host") or {}}
    return {"name": volume["name"], **kind}  # type: ignore[typeddict-item]
