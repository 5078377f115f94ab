"""How containers lean on each other: dependencies, links and volumes of one another."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from podium.ecs.errors import Client
from podium.ecs.rules.task_definitions.documents import Document, Rule, containers, one_of

CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")
Edges = Mapping[str, list[str]]


def _dependencies(document: Document) -> None:
    by_name = {c["name"]: c for c in containers(document)}
    for container in by_name.values():
        for dependency in container.get("dependsOn", []):
            _dependency(by_name, dependency["containerName"], dependency["condition"])
    edges = {n: [d["containerName"] for d in c.get("dependsOn", [])] for n, c in by_name.items()}
    if _has_cycle(edges):
        raise Client("Container dependencies should not have a cycle")


def _dependency(by_name: Mapping[str, Document], name: str, condition: str) -> None:
    one_of("condition", condition, CONDITIONS)
    if name not in by_name:
        raise Client(f"Cannot depend on container + '{name}' because it does not exist")
    if condition in ("COMPLETE", "SUCCESS") and by_name[name]["essential"]:
        raise Client("A dependency container with SUCCESS or COMPLETE condition cannot be an essential container")
    if condition == "HEALTHY" and "healthCheck" not in by_name[name]:
        raise Client("A dependency container with HEALTHY condition must have health check configured")


def _links(document: Document) -> None:
    names = {c["name"] for c in containers(document)}
    mode = document.get("networkMode")
    edges = {c["name"]: [link.partition(":")[0] for link in c.get("links", [])] for c in containers(document)}
    if mode in ("awsvpc", "host", "none") and any(edges.values()):
        raise Client(f"Links are not supported when networkMode={mode}.")
    for linked in edges.values():
        _known("links", linked, names)
    if _has_cycle(edges):
        raise Client("Container links should not have a cycle")


def _volumes_from(document: Document) -> None:
    names = {c["name"] for c in containers(document)}
    for container in containers(document):
        _known("volumesFrom", [v.get("sourceContainer", "") for v in container["volumesFrom"]], names)


def _known(setting: str, used: list[str], names: set[str]) -> None:
    for name in used:
        if name not in names:
            raise Client(f"Invalid '{setting}' setting. Unknown container: '{name}'.")


def _has_cycle(edges: Edges) -> bool:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError:
        return True
    return False


RULES: tuple[Rule, ...] = (_dependencies, _links, _volumes_from)
