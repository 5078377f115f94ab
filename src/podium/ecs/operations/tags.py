"""Tags on clusters, services, tasks, task definitions and container instances."""

from dataclasses import replace
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Cluster, ContainerInstance, Service, Task, TaskDefinition
from podium.ecs.rules import tags
from podium.ecs.service import ecs
from podium.kernel.call import Call
from podium.store.session import Transaction

Taggable = Cluster | ContainerInstance | Service | Task | TaskDefinition
KINDS: dict[str, type[Any]] = {
    "cluster": Cluster,
    "container-instance": ContainerInstance,
    "service": Service,
    "task": Task,
    "task-definition": TaskDefinition,
}


@ecs.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    resource = _resource(call, tx, request["resourceArn"])
    kept = {**resource.tags, **tags.parsed(request["tags"])}
    if sum(not key.startswith("aws:") for key in kept) > tags.MOST:
        raise InvalidParameter(f"The maximum number of tags that can be applied to a resource is {tags.MOST}.")
    tx.put(replace(resource, tags=kept))
    return {}


@ecs.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Keys that are not there are no error."""
    resource = _resource(call, tx, request["resourceArn"])
    gone = set(map(tags.editable, request["tagKeys"]))
    tx.put(replace(resource, tags={k: v for k, v in resource.tags.items() if k not in gone}))
    return {}


@ecs.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"tags": tags.shown(_resource(call, tx, request["resourceArn"]).tags)}


def _resource(call: Call, tx: Transaction, arn: str) -> Taggable:
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "ecs":
        raise InvalidParameter("The ARN provided is invalid.")
    name = parts[5].partition("/")[0]
    kind = KINDS.get(name)
    if kind is None:
        raise InvalidParameter("The ARN provided is invalid.")
    found: Taggable | None = tx.get(kind, arn)
    if found is None or f"{parts[1]}:{parts[3]}:{parts[4]}" != call.home:
        raise InvalidParameter(f"The specified {name} is not found. Specify a valid {name} and try again.")
    return found
