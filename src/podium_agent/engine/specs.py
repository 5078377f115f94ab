"""What Docker is asked to create for a container, in Docker's own words."""

import json
from typing import Any

from podium_agent.engine import accelerators, interfaces, internal, limits, metadata_files, secret_files
from podium_agent.engine.definitions import docker_json
from podium_agent.engine.limits import cpu_shares
from podium_agent.engine.records import Container, Task
from podium_agent.engine.settings import Settings
from podium_protocol import payload

INSTANCE_LABEL = "podium.container-instance"
TASK_LABEL = "com.amazonaws.ecs.task-arn"
NAME_LABEL = "com.amazonaws.ecs.container-name"

_MIB = 1024 * 1024
_LEAST_MEMORY_MIB = 6
_LOG_BUFFER = "10m"
_AWSLOGS = "awslogs"
_ENDPOINT = "AWS_ENDPOINT_URL"
_NO_PREFIX = "AWS_DISABLE_HOST_PREFIX_INJECTION"
_ALL_ADDRESSES = "0.0.0.0"


def create_body(task: Task, container: Container, settings: Settings) -> dict[str, Any]:
    """The body of POST /containers/create.

    The payload's own Docker config and hostConfig win over what is derived here, except for
    labels, where ours must stand.
    """
    definition = container.definition
    config = docker_json(definition, "config")
    body = {
        **config,
        "Image": definition["image"],
        "Env": _environment(task, container, settings),
        "Labels": {**(config.get("Labels") or {}), **_labels(task, container, settings)},
        "HostConfig": {**_host_config(task, container, settings), **_asked_host_config(container, settings)},
    }
    if not container.internal:
        _share(task, body)
    if container.bindings:
        body["ExposedPorts"] = {port: {} for port in _port_bindings(container)}
    command = json.loads(definition.get("overrides") or "{}").get("command") or definition.get("command")
    if command is not None:
        body["Cmd"] = command
    if definition.get("entryPoint") is not None:
        body["Entrypoint"] = definition["entryPoint"]
    return body


def _share(task: Task, body: dict[str, Any]) -> None:
    """Have the container join the namespaces that the task's own containers hold, which settle what is in them."""
    host_config = body["HostConfig"]
    if task.network_mode == "awsvpc":
        host_config["NetworkMode"] = f"container:{task.container(internal.NETWORK_PAUSE).docker_id}"
        for member in ("ExtraHosts", "Dns", "DnsSearch", "Links", "PortBindings"):
            host_config.pop(member, None)
        sysctls = host_config.pop("Sysctls", None) or {}
        if kept := {name: value for name, value in sysctls.items() if not interfaces.is_of_network(name)}:
            host_config["Sysctls"] = kept
        body.pop("Hostname", None)
        body.pop("ExposedPorts", None)
    for member, mode in (("PidMode", task.payload.get("pidMode")), ("IpcMode", task.payload.get("ipcMode"))):
        if mode == "task":
            host_config[member] = f"container:{task.container(internal.NAMESPACE_PAUSE).docker_id}"


def metadata_uris(task: Task, container: Container, settings: Settings) -> dict[str, str]:
    """Where the container finds its metadata, by the variables' names."""
    base = settings.host_metadata_url if task.network_mode == "host" else settings.metadata_url
    return {
        "ECS_CONTAINER_METADATA_URI": f"{base}/v3/{container.endpoint_id}",
        "ECS_CONTAINER_METADATA_URI_V4": f"{base}/v4/{container.endpoint_id}",
        "ECS_AGENT_URI": f"{base}/api/{container.endpoint_id}",
    }


def cluster_of(task: Task, joined: str) -> str:
    """The task's cluster as it is told: as it was `joined`, or the ARN where it is not what the host has joined."""
    return task.payload.get("taskClusterArn", joined) if task.payload.get("launchType") == "FARGATE" else joined


def _environment(task: Task, container: Container, settings: Settings) -> list[str]:
    if container.internal:
        return []
    given = container.definition.get("environment") or {}
    region = {"AWS_REGION": settings.region, "AWS_DEFAULT_REGION": settings.region}
    ours = metadata_uris(task, container, settings) | _credentials_uri(task)
    if not region.keys() & given.keys():
        ours.update(region)
    api_url = settings.host_api_url if task.network_mode == "host" else settings.api_url
    if api_url and _ENDPOINT not in given and task.payload.get("apiEndpoint") != "aws":
        ours |= {_ENDPOINT: api_url, _NO_PREFIX: "true"}
    ours.update(accelerators.environment(task, container))
    ours.update(metadata_files.variable(task, container, settings))
    return [f"{name}={value}" for name, value in {**given, **ours}.items()]


def _credentials_uri(task: Task) -> dict[str, str]:
    """Only tasks that have a role ask for credentials."""
    named = (task.payload.get("roleCredentials") or {}).get("credentialsId")
    return {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": f"/v2/credentials/{named}"} if named else {}


def _labels(task: Task, container: Container, settings: Settings) -> dict[str, str]:
    return {
        INSTANCE_LABEL: settings.container_instance_arn,
        TASK_LABEL: task.arn,
        NAME_LABEL: container.name,
        "com.amazonaws.ecs.task-definition-family": task.payload.get("family", ""),
        "com.amazonaws.ecs.task-definition-version": task.payload.get("version", ""),
        "com.amazonaws.ecs.cluster": cluster_of(task, settings.cluster),
    }


def _host_config(task: Task, container: Container, settings: Settings) -> dict[str, Any]:
    """The task's own CPU and memory bound its control group; where there can be none, each of its containers."""
    definition = container.definition
    cgroup = limits.cgroup(task, settings)
    ceiling = task.payload if cgroup is None else payload.Task()
    memory_mib = definition.get("memory") or ceiling.get("memory") or 0
    derived: dict[str, Any] = {
        "NetworkMode": task.network_mode,
        "CpuShares": cpu_shares(definition),
        "CpuPeriod": limits.CPU_PERIOD if ceiling.get("cpu") else 0,
        "CpuQuota": int(ceiling.get("cpu", 0) * limits.CPU_PERIOD),
        "Memory": max(memory_mib, _LEAST_MEMORY_MIB) * _MIB if memory_mib else 0,
        "PortBindings": _port_bindings(container),
        "Binds": _binds(task, definition) + metadata_files.binds(task, container, settings),
        "Mounts": secret_files.mounts(container, settings),
        "Links": _links(task, definition),
        "VolumesFrom": _volumes_from(task, definition),
        "PidMode": task.payload.get("pidMode") or "",
        "IpcMode": task.payload.get("ipcMode") or "",
        **accelerators.host_config(task, container),
    }
    if container.internal:
        derived = {"CpuShares": cpu_shares(definition)}
    elif settings.runtime:
        derived["Runtime"] = derived.get("Runtime") or settings.runtime
    if cgroup is not None:
        derived["CgroupParent"] = cgroup.name
    if settings.dns_server and _has_names_of_its_own(task, container):
        derived["Dns"] = [settings.dns_server]
    return {name: value for name, value in derived.items() if value}


def _has_names_of_its_own(task: Task, container: Container) -> bool:
    """Whether the container's resolv.conf is its own, or the one that an awsvpc task's containers share."""
    return container.name == internal.NETWORK_PAUSE or not (container.internal or task.network_mode == "host")


def _asked_host_config(container: Container, settings: Settings) -> dict[str, Any]:
    """The payload's own, with what its log driver is to know of this host.

    One that blocks nobody has a bound for what it may hold in memory; Docker's awslogs driver is sent to the relay.
    """
    asked = docker_json(container.definition, "hostConfig")
    log = asked.get("LogConfig") or {}
    options = log.get("Config") or {}
    if options.get("mode") == "non-blocking":
        options = {"max-buffer-size": _LOG_BUFFER, **options}
    if log.get("Type") == _AWSLOGS and settings.log_relay:
        relayed = {
            "awslogs-endpoint": f"{settings.log_relay}/{container.endpoint_id}",
            "awslogs-credentials-endpoint": f"/log-driver/{container.endpoint_id}",
        }
        options = {"awslogs-region": settings.region, **options, **relayed}
    if log:
        asked["LogConfig"] = {**log, "Config": options}
    return asked


def _port_bindings(container: Container) -> dict[str, list[dict[str, str]]]:
    published: dict[str, list[dict[str, str]]] = {}
    for b in container.bindings:
        for container_port, host_port in b.pairs:
            host = {"HostIp": _ALL_ADDRESSES, "HostPort": str(host_port)}
            published.setdefault(f"{container_port}/{b.protocol}", []).append(host)
    return published


def _binds(task: Task, definition: payload.Container) -> list[str]:
    mounts = definition.get("mountPoints") or []
    return [_read_only(f"{task.volumes[m['sourceVolume']]}:{m['containerPath']}", m) for m in mounts]


def _links(task: Task, definition: payload.Container) -> list[str]:
    pairs = ((link.split(":")[0], link.split(":")[-1]) for link in definition.get("links") or [])
    return [f"{task.container(name).docker_name}:{alias}" for name, alias in pairs]


def _volumes_from(task: Task, definition: payload.Container) -> list[str]:
    sources = definition.get("volumesFrom") or []
    return [_read_only(task.container(s["sourceContainer"]).docker_name, s) for s in sources]


def _read_only(text: str, given: payload.MountPoint | payload.VolumeFrom) -> str:
    return f"{text}:ro" if given.get("readOnly") else text
