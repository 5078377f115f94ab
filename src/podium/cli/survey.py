"""Everything `podium status` shows, asked over the public API."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from podium.launch import machine, running
from podium.launch.client import Client
from podium.launch.engine import Engine, EngineUnavailable
from podium.launch.in_docker import box
from podium.launch.paths import DataDir

Json = dict[str, Any]

# How many at a time: the limits of the API Reference's Describe operations.
CLUSTERS, INSTANCES, SERVICES, TASKS = 100, 100, 10, 100


def survey(paths: DataDir, docker_host: str, now: datetime) -> Json:
    """A JSON object whose members stay; without a running server only `running`, `dataDir` and `engine`."""
    found = running.look(paths)
    supervised = running.supervised(paths) or {}
    host = running.docker_host(paths) or docker_host
    told: Json = {"running": found is not None, "dataDir": str(paths.root), "engine": _engine(host)}
    if found is None:
        return told
    client = running.client(paths, found)
    clusters = _clusters(client)
    names = [cluster["name"] for cluster in clusters]
    return told | {
        "url": found.url,
        "version": found.version,
        "account": found.account,
        "region": found.region,
        "startedAt": found.started_at,
        "uptimeSeconds": _seconds_since(found.started_at, now),
        "processes": _processes(supervised, found.pid) if found.pid else [_in_docker(paths)],
        "clusters": clusters,
        "containerInstances": [one for name in names for one in instances(client, name)],
        "services": [one for name in names for one in _services(client, name)],
        "tasks": [one for name in names for one in _tasks(client, name)],
        "strangers": client.page("strangers")["strangers"],
        "traffic": client.page("traffic"),
    }


def _engine(host: str) -> Json:
    try:
        version = Engine(host).version()
    except EngineUnavailable as unavailable:
        return {"host": host, "answers": False, "version": None, "problem": str(unavailable)}
    return {"host": host, "answers": True, "version": version.get("Version"), "problem": None}


def _seconds_since(started_at: str, now: datetime) -> int | None:
    try:
        started = datetime.fromisoformat(started_at)
    except ValueError:
        return None
    return int((now - (started if started.tzinfo else started.replace(tzinfo=UTC))).total_seconds())


def _in_docker(paths: DataDir) -> Json:
    """All of Podium in one container, whose process ids are of the engine's machine."""
    known = box.read(paths)
    name = f"container {known.name}" if known else "container"
    return {"name": name, "pid": None, "state": "running", "restarts": 0, "reason": None, "residentMiB": None}


def _processes(supervised: Json, server_pid: int) -> list[Json]:
    parts: list[Json] = list(supervised.get("parts", []))
    if supervised:
        own = {"name": "supervisor", "pid": supervised["pid"], "state": "running", "restarts": 0, "reason": None}
        parts.insert(0, own)
    else:
        parts.append({"name": "server", "pid": server_pid, "state": "running", "restarts": 0, "reason": None})
    return [part | {"residentMiB": machine.resident_mib(part["pid"]) if part["pid"] else None} for part in parts]


def _clusters(client: Client) -> list[Json]:
    arns = pages(client, "ListClusters", {}, "clusterArns")
    described = _described(client, "DescribeClusters", {}, "clusters", arns, CLUSTERS)
    return [
        {
            "name": cluster["clusterName"],
            "arn": cluster["clusterArn"],
            "status": cluster["status"],
            "containerInstances": cluster.get("registeredContainerInstancesCount", 0),
            "activeServices": cluster.get("activeServicesCount", 0),
            "runningTasks": cluster.get("runningTasksCount", 0),
            "pendingTasks": cluster.get("pendingTasksCount", 0),
        }
        for cluster in described
    ]


def instances(client: Client, cluster: str) -> list[Json]:
    arns = pages(client, "ListContainerInstances", {"cluster": cluster}, "containerInstanceArns")
    scope = {"cluster": cluster}
    described = _described(client, "DescribeContainerInstances", scope, "containerInstances", arns, INSTANCES)
    return [
        {
            "cluster": cluster,
            "arn": instance["containerInstanceArn"],
            "status": instance["status"],
            "agentConnected": instance.get("agentConnected", False),
            "zone": _attribute(instance, "ecs.availability-zone"),
            "runningTasks": instance.get("runningTasksCount", 0),
            "pendingTasks": instance.get("pendingTasksCount", 0),
            "registered": _resources(instance.get("registeredResources", [])),
            "remaining": _resources(instance.get("remainingResources", [])),
        }
        for instance in described
    ]


def _services(client: Client, cluster: str) -> list[Json]:
    arns = pages(client, "ListServices", {"cluster": cluster}, "serviceArns")
    described = _described(client, "DescribeServices", {"cluster": cluster}, "services", arns, SERVICES)
    return [
        {
            "cluster": cluster,
            "name": service["serviceName"],
            "arn": service["serviceArn"],
            "status": service["status"],
            "taskDefinition": service.get("taskDefinition", "").rpartition("/")[2],
            "desired": service.get("desiredCount", 0),
            "running": service.get("runningCount", 0),
            "pending": service.get("pendingCount", 0),
            "lastEvent": next((event["message"] for event in service.get("events", [])), None),
        }
        for service in described
    ]


def _tasks(client: Client, cluster: str) -> list[Json]:
    arns = pages(client, "ListTasks", {"cluster": cluster}, "taskArns")
    described = _described(client, "DescribeTasks", {"cluster": cluster}, "tasks", arns, TASKS)
    return [
        {
            "cluster": cluster,
            "id": task["taskArn"].rpartition("/")[2],
            "arn": task["taskArn"],
            "group": task.get("group"),
            "taskDefinition": task["taskDefinitionArn"].rpartition("/")[2],
            "lastStatus": task["lastStatus"],
            "desiredStatus": task["desiredStatus"],
            "health": task.get("healthStatus", "UNKNOWN"),
            "launchType": task.get("launchType"),
            "address": _address(task),
            "containers": [_container(container) for container in task.get("containers", [])],
        }
        for task in described
    ]


def _container(container: Json) -> Json:
    return {
        "name": container["name"],
        "lastStatus": container.get("lastStatus"),
        "exitCode": container.get("exitCode"),
        "runtimeId": container.get("runtimeId"),
        "hostPorts": [binding["hostPort"] for binding in container.get("networkBindings", []) if "hostPort" in binding],
    }


def _address(task: Json) -> str | None:
    """Of the task's own network interface, if it has one."""
    interfaces = (i for container in task.get("containers", []) for i in container.get("networkInterfaces", []))
    return next((i.get("privateIpv4Address") for i in interfaces), None)


def _attribute(instance: Json, name: str) -> str | None:
    return next((one.get("value") for one in instance.get("attributes", []) if one["name"] == name), None)


def _resources(resources: list[Json]) -> Json:
    counts = {resource["name"]: resource.get("integerValue") for resource in resources}
    return {"cpu": counts.get("CPU"), "memory": counts.get("MEMORY")}


def _described(client: Client, operation: str, scope: Json, member: str, arns: list[str], limit: int) -> list[Json]:
    groups = (arns[start : start + limit] for start in range(0, len(arns), limit))
    return [one for group in groups for one in client.ecs(operation, scope | {member: group}).get(member, [])]


def pages(client: Client, operation: str, request: Json, member: str) -> list[str]:
    """What a List operation lists, all pages of it."""
    return [arn for page in _each_page(client, operation, request) for arn in page.get(member, [])]


def _each_page(client: Client, operation: str, request: Json) -> Iterator[Json]:
    token: str | None = None
    while True:
        page = client.ecs(operation, request | ({"nextToken": token} if token else {}))
        yield page
        token = page.get("nextToken")
        if not token:
            return
