"""Tags on every resource that has an ARN of its own and outlives a call."""

from collections.abc import Iterable
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import (
    CapacityProvider,
    Cluster,
    ContainerInstance,
    Daemon,
    DaemonTaskDefinition,
    Gateway,
    Service,
    Task,
    TaskDefinition,
    TaskSet,
)
from podium.ecs.rules import boundaries, returning, tags
from podium.ecs.service import ecs
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

KINDS: dict[str, type[Any]] = {
    "capacity-provider": CapacityProvider,
    "cluster": Cluster,
    "container-instance": ContainerInstance,
    "daemon": Daemon,
    "daemon-task-definition": DaemonTaskDefinition,
    "gateway": Gateway,
    "service": Service,
    "task": Task,
    "task-definition": TaskDefinition,
    "task-set": TaskSet,
}
IN_CLUSTERS = ("container-instance", "service", "task")  # their ARNs name the cluster, since 2018
GONE = ("cluster", "service")  # a deleted one is still described, and no longer tagged


@ecs.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    resource = _resource(call, tx, request["resourceArn"])
    given = tags.parsed(request["tags"])
    if isinstance(resource, Cluster):
        boundaries.check_tags(given)
        returning.check_tags(given)
    kept = {**resource.tags, **given}
    if sum(not key.startswith("aws:") for key in kept) > tags.MOST:
        raise InvalidParameter(f"The maximum number of tags that can be applied to a resource is {tags.MOST}.")
    tx.put(replace(resource, tags=kept))
    return {}


@ecs.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Keys that are not there are no error."""
    resource = _resource(call, tx, request["resourceArn"])
    gone = _editable(request["tagKeys"])
    tx.put(replace(resource, tags={k: v for k, v in resource.tags.items() if k not in gone}))
    return {}


def _editable(keys: Iterable[str]) -> set[str]:
    return set(map(tags.editable, keys))


@ecs.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"tags": tags.shown(_resource(call, tx, request["resourceArn"]).tags)}


def _resource(call: Call, tx: Transaction, arn: str) -> Any:
    """The record that the ARN names, of whatever kind. Raises InvalidParameter."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "ecs":
        raise InvalidParameter("The ARN provided is invalid.")
    name, _, rest = parts[5].partition("/")
    kind = KINDS.get(name)
    if kind is None or not rest:
        raise InvalidParameter("The ARN provided is invalid.")
    if name in IN_CLUSTERS and "/" not in rest:
        raise InvalidParameter("Long arn format must be used for tagging operations")
    found = tx.get(kind, arn)
    if found is None or f"{parts[1]}:{parts[3]}:{parts[4]}" != call.home:
        noun = name.replace("-", " ")
        raise InvalidParameter(f"The specified {noun} is not found. Specify a valid {noun} and try again.")
    if name in GONE and found.status == "INACTIVE":
        raise InvalidParameter(f"The specified {name} is inactive. Specify an active {name} and try again.")
    return found
