"""The condition keys of ECS, read from a request and from the records that it names."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from podium.ecs import records
from podium.ecs.access.scene import Scene
from podium.store.session import Transaction

Context = dict[str, str | tuple[str, ...]]
Keys = Callable[[Scene], Context]

TAGGED: Mapping[str, type[Any]] = {
    "capacity-provider": records.CapacityProvider,
    "cluster": records.Cluster,
    "container-instance": records.ContainerInstance,
    "daemon": records.Daemon,
    "daemon-task-definition": records.DaemonTaskDefinition,
    "gateway": records.Gateway,
    "service": records.Service,
    "task": records.Task,
    "task-definition": records.TaskDefinition,
    "task-set": records.TaskSet,
}


def of_resource(tx: Transaction, arn: str) -> Context:
    """The tags that the resource has now."""
    parts = arn.split(":", 5)
    kind = TAGGED.get(parts[5].partition("/")[0]) if len(parts) == 6 else None
    found = tx.get(kind, arn) if kind is not None else None
    if found is None:
        return {}
    return {f"{prefix}:ResourceTag/{k}": v for prefix in ("aws", "ecs") for k, v in found.tags.items()}


def of_tags(request: Mapping[str, Any]) -> Context:
    """The tags that are given or taken away."""
    tags = [tag for tag in request.get("tags") or () if tag.get("key")]
    keys = tuple(tag["key"] for tag in tags) or tuple(request.get("tagKeys") or ())
    given: Context = {f"aws:RequestTag/{tag['key']}": tag.get("value", "") for tag in tags}
    return {**given, "aws:TagKeys": keys} if keys else given


def cluster(scene: Scene) -> Context:
    return {"ecs:cluster": scene.cluster}


def service(scene: Scene) -> Context:
    given = scene.request.get("service") or ""
    return {"ecs:service": scene.member("service", given)} if given else {}


def text(member: str, key: str) -> Keys:
    """`key` has what the request says under `member`, a path with dots; a boolean in words."""

    def read(scene: Scene) -> Context:
        value = _at(scene.request, member.split("."))
        if value is None:
            return {}
        return {key: str(value).lower() if isinstance(value, bool) else str(value)}

    return read


def task_definition(scene: Scene) -> Context:
    value = scene.request.get("taskDefinition") or scene.request.get("taskDefinitionArn")
    return {"ecs:task-definition": scene.task_definition(value)} if value else {}


def capacity_providers(scene: Scene) -> Context:
    strategy = [
        *(scene.request.get("capacityProviderStrategy") or ()),
        *(scene.request.get("defaultCapacityProviderStrategy") or ()),
    ]
    names = [item.get("capacityProvider") for item in strategy] + list(scene.request.get("capacityProviders") or ())
    return _several("ecs:capacity-provider", (scene.named("capacity-provider", name) for name in names if name))


def container_instances(scene: Scene) -> Context:
    given = scene.request.get("containerInstances") or ()
    return _several("ecs:container-instances", (scene.member("container-instance", value) for value in given))


def task(scene: Scene) -> Context:
    given = scene.request.get("task")
    return {"ecs:task": scene.member("task", given)} if given else {}


def network(scene: Scene) -> Context:
    given = _at(scene.request, ["networkConfiguration", "awsvpcConfiguration"])
    if given is None:  # Express services say it without the inner structure
        given = scene.request.get("networkConfiguration") or {}
    context = _several("ecs:subnet", given.get("subnets") or ())
    if given.get("assignPublicIp"):
        context["ecs:auto-assign-public-ip"] = "true" if given["assignPublicIp"] == "ENABLED" else "false"
    return context


def volumes(scene: Scene) -> Context:
    given = scene.request.get("volumeConfigurations") or ()
    return {"ecs:enable-ebs-volumes": "true" if any(v.get("managedEBSVolume") for v in given) else "false"}


def service_connect(scene: Scene) -> Context:
    given = scene.request.get("serviceConnectConfiguration")
    if given is None:
        return {}
    context: Context = {"ecs:enable-service-connect": "true" if given.get("enabled") else "false"}
    if given.get("namespace"):
        context["ecs:namespace"] = given["namespace"]
    return context


def vpc_lattice(scene: Scene) -> Context:
    return {"ecs:enable-vpc-lattice": "true" if scene.request.get("vpcLatticeConfigurations") else "false"}


def compatibility(scene: Scene) -> Context:
    return _several("ecs:compute-compatibility", scene.request.get("requiresCompatibilities") or ())


def privileged(scene: Scene) -> Context:
    containers = scene.request.get("containerDefinitions") or ()
    return {"ecs:privileged": "true" if any(c.get("privileged") for c in containers) else "false"}


def size(scene: Scene) -> Context:
    """CPU units and MiB, as whole numbers, however they are written."""
    found: Context = {}
    for member, unit in (("cpu", "vcpu"), ("memory", "gb")):
        value = _units(scene.request.get(member), unit)
        if value is not None:
            found[f"ecs:task-{member}"] = value
    return found


def _units(value: Any, unit: str) -> str | None:
    if value is None:
        return None
    written = str(value).strip().lower()
    if written.endswith(unit):
        try:
            return str(round(float(written.removesuffix(unit)) * 1024))
        except (ValueError, OverflowError):
            return written
    return written


def _several(key: str, values: Iterable[str]) -> Context:
    found = tuple(values)
    return {key: found} if found else {}


def _at(value: Any, path: Iterable[str]) -> Any:
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


managed_tags = text("enableECSManagedTags", "ecs:enable-ecs-managed-tags")
propagation = text("propagateTags", "ecs:propagate-tags")
execute_command = text("enableExecuteCommand", "ecs:enable-execute-command")
