"""Which launch types a definition fits: for each, the rules it must pass.

Source: Amazon ECS API Reference, TaskDefinition, `compatibilities`; Amazon ECS Developer Guide, "Amazon ECS
task definition differences for Fargate" and "... for Amazon ECS Managed Instances", "Amazon ECS Anywhere".
"""

from podium.ecs.errors import Client
from podium.ecs.rules.task_definitions import fargate
from podium.ecs.rules.task_definitions.documents import Document, Rule, containers


def compatibilities(document: Document) -> list[str]:
    """Every launch type whose rules the definition passes, required or not."""
    return [kind for kind, rules in RULES.items() if _complaint(document, rules) is None]


def required(document: Document) -> None:
    """Raises what the first launch type that the definition requires has against it."""
    for kind in document.get("requiresCompatibilities", ()):
        complaint = _complaint(document, RULES[kind])
        if complaint is not None:
            raise complaint


def _complaint(document: Document, rules: tuple[Rule, ...]) -> Client | None:
    for rule in rules:
        try:
            rule(document)
        except Client as complaint:
            return complaint
    return None


def _not_isolated(document: Document) -> None:
    if "trustedExecutionConfiguration" in document:
        raise Client("trustedExecutionConfiguration is only supported with MANAGED_INSTANCES compatibility.")


def _no_neurons(document: Document) -> None:
    if any(n["type"] == "NeuronDevice" for n in _needs(document)):
        raise Client("Resource requirements of type NeuronDevice are only supported with MANAGED_INSTANCES.")


def _external(document: Document) -> None:
    if document.get("networkMode") == "awsvpc":
        raise Client("EXTERNAL compatible task definitions do not support networkMode awsvpc.")
    for volume in document["volumes"]:
        for kind in ("efsVolumeConfiguration", "s3filesVolumeConfiguration", "configuredAtLaunch"):
            if volume.get(kind):
                raise Client(f"EXTERNAL compatible task definitions do not support {kind}")
    if any(need.get("sharingStrategy") for need in _needs(document)):
        raise Client("EXTERNAL compatible task definitions do not support GPU sharing")


def _managed_instances(document: Document) -> None:
    if document.get("networkMode") not in ("awsvpc", "host"):
        raise Client("MANAGED_INSTANCES compatible task definitions only support network modes awsvpc and host.")
    for name in ("cpu", "memory"):
        if name not in document:
            raise Client(f"MANAGED_INSTANCES compatible task definitions require '{name}' at the task level.")
    for volume in document["volumes"]:
        for kind in ("dockerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration"):
            if volume.get(kind):
                raise Client(f"MANAGED_INSTANCES compatible task definitions do not support {kind}")
    if any(c.get("credentialSpecs") for c in containers(document)):
        raise Client("MANAGED_INSTANCES compatible task definitions do not support credentialSpecs")
    if (document.get("runtimePlatform") or {}).get("operatingSystemFamily", "LINUX") != "LINUX":
        raise Client("MANAGED_INSTANCES compatible task definitions only support operatingSystemFamily LINUX.")


def _needs(document: Document) -> list[Document]:
    return [need for c in containers(document) for need in c.get("resourceRequirements") or ()]


RULES: dict[str, tuple[Rule, ...]] = {
    "EXTERNAL": (_not_isolated, _no_neurons, _external),
    "EC2": (_not_isolated, _no_neurons),
    "FARGATE": (_not_isolated, _no_neurons, *fargate.RULES),
    "MANAGED_INSTANCES": (_managed_instances,),
}
