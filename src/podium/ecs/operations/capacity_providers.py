"""Capacity providers: making, changing, showing, deleting, and giving them to clusters."""

from typing import Any

from podium.ecs import names
from podium.ecs.errors import Client, InvalidParameter, ResourceInUse
from podium.ecs.operations.clusters import SHOWN_AT_CREATION, associated, attached
from podium.ecs.records import (
    CapacityProvider,
    Cluster,
    Daemon,
    ProviderKind,
    Service,
    ServiceStatus,
    Task,
    TaskSet,
    TaskStatus,
)
from podium.ecs.rules import capacity_providers as rules
from podium.ecs.rules import choices, enums, pages, tags
from podium.ecs.service import ecs
from podium.ecs.views import clusters as cluster_views
from podium.ecs.views.capacity_providers import capacity_provider
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_DESCRIBED, PAGE = 100, 10
NO_MANAGED_INSTANCES = "Podium has no Managed Instances yet: nothing launches instances for this capacity provider."
UNKNOWN = "The specified capacity provider does not exist. Specify a valid name or ARN and try again."
RESERVED = "The specified capacity provider is reserved and cannot be {done}."


@ecs.operation
def create_capacity_provider(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """For an Auto Scaling group ACTIVE at once; one for Managed Instances stays PROVISIONING, and says why."""
    enums.check("CreateCapacityProvider", request)
    name = rules.checked_name(request["name"])
    before = tx.get(CapacityProvider, rules.arn(call, name))
    if before is not None and before.status != "INACTIVE":
        raise Client(
            "The specified capacity provider already exists. To change the configuration of an existing capacity "
            "provider, update the capacity provider."
        )
    if ("autoScalingGroupProvider" in request) == ("managedInstancesProvider" in request):
        raise InvalidParameter("Specify exactly one of autoScalingGroupProvider and managedInstancesProvider.")
    make = _for_group if "autoScalingGroupProvider" in request else _for_managed_instances
    made = tx.put(replace(make(call, tx, request), tags=tags.parsed(request.get("tags"))))
    return {"capacityProvider": capacity_provider(made, ("TAGS",))}


def _for_group(call: Call, tx: Transaction, request: dict[str, Any]) -> CapacityProvider:
    if "cluster" in request:
        raise InvalidParameter("A cluster can only be specified for a Managed Instances capacity provider.")
    made = CapacityProvider(
        arn=rules.arn(call, request["name"]),
        home=call.home,
        name=request["name"],
        kind=ProviderKind.EC2_AUTOSCALING,
        auto_scaling_group=rules.group(request["autoScalingGroupProvider"]),
        created_at=call.now,
    )
    if not made.group_name:
        raise Client("The specified Auto Scaling group ARN is invalid. Specify a valid Auto Scaling group ARN.")
    others = tx.list(CapacityProvider, home=call.home)
    if any(p.status != "INACTIVE" and p.group_name == made.group_name for p in others):
        raise Client(
            "The specified Auto Scaling group ARN is already being used by another capacity provider. "
            "Specify a unique Auto Scaling group ARN and try again."
        )
    return made


def _for_managed_instances(call: Call, tx: Transaction, request: dict[str, Any]) -> CapacityProvider:
    if not request.get("cluster"):
        raise InvalidParameter("A cluster must be specified for a Managed Instances capacity provider.")
    cluster = names.cluster(call, tx, request["cluster"])
    tx.put(replace(cluster, capacity_providers=(*cluster.capacity_providers, request["name"])))
    return CapacityProvider(
        arn=rules.arn(call, request["name"]),
        home=call.home,
        name=request["name"],
        kind=ProviderKind.MANAGED_INSTANCES,
        cluster_arn=cluster.arn,
        status="PROVISIONING",
        managed_instances=rules.managed_instances(request["managedInstancesProvider"]),
        update_status="CREATE_FAILED",
        update_status_reason=NO_MANAGED_INSTANCES,
        created_at=call.now,
    )


@ecs.operation
def update_capacity_provider(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is given replaces; the Auto Scaling group itself stays. The controller says when it is complete."""
    enums.check("UpdateCapacityProvider", request)
    provider = _own(call, tx, request["name"], "updated")
    if provider.kind is ProviderKind.MANAGED_INSTANCES:
        if "managedInstancesProvider" not in request:
            raise InvalidParameter("managedInstancesProvider must be specified for this capacity provider.")
        changed = rules.managed_instances(request["managedInstancesProvider"], provider.managed_instances)
        provider = replace(
            provider,
            managed_instances=changed,
            update_status="UPDATE_FAILED",
            update_status_reason=NO_MANAGED_INSTANCES,
        )
    else:
        if "autoScalingGroupProvider" not in request:
            raise InvalidParameter("autoScalingGroupProvider must be specified for this capacity provider.")
        changed = rules.group(request["autoScalingGroupProvider"], provider.auto_scaling_group)
        provider = replace(
            provider, auto_scaling_group=changed, update_status="UPDATE_IN_PROGRESS", update_status_reason=None
        )
    tx.put(provider)
    for cluster in _users(call, tx, provider.name):
        tx.put(attached(call, tx, cluster))
    return {"capacityProvider": capacity_provider(provider, ("TAGS",))}


@ecs.operation
def delete_capacity_provider(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Refused in `updateStatus` while a cluster has it; else on its way, and the controller makes it INACTIVE."""
    provider = _own(call, tx, request["capacityProvider"], "deleted")
    if any(provider.arn in d.capacity_providers for d in tx.list(Daemon, home=call.home)):
        raise Client(
            "Cannot delete capacity provider. Daemon services are still associated with this capacity provider."
        )
    users = [c for c in _users(call, tx, provider.name) if c.arn != provider.cluster_arn]
    if provider.cluster_arn is not None:
        cluster = names.cluster(call, tx, provider.cluster_arn)
        _refuse_used(tx, cluster, {provider.name})
        left = tuple(n for n in cluster.capacity_providers if n != provider.name)
        default = tuple(i for i in cluster.default_strategy if i["capacityProvider"] != provider.name)
        tx.put(replace(cluster, capacity_providers=left, default_strategy=default))
    if users:
        reason = (
            "The capacity provider cannot be deleted because it is associated with cluster: "
            f"{', '.join(c.name for c in users)}. Remove the capacity provider from the cluster and try again."
        )
        provider = replace(provider, update_status="DELETE_FAILED", update_status_reason=reason)
    else:
        provider = replace(provider, update_status="DELETE_IN_PROGRESS", update_status_reason=None)
    return {"capacityProvider": capacity_provider(tx.put(provider), ("TAGS",))}


@ecs.operation(reads=True)
def describe_capacity_providers(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Without names, all that are not deleted, FARGATE and FARGATE_SPOT among them; of one cluster when it is named."""
    include = choices.checked("include", request.get("include", ()), ("TAGS",))
    asked = request.get("capacityProviders") or ()
    if len(asked) > MOST_DESCRIBED:
        raise InvalidParameter(f"capacityProviders can have at most {MOST_DESCRIBED} items.")
    failures = [failure(rules.arn(call, name)) for name in asked if rules.find(call, tx, name) is None]
    found = {p.name: p for name in asked if (p := rules.find(call, tx, name)) is not None}
    if not asked:
        mine = [p for p in tx.list(CapacityProvider, home=call.home) if p.status != "INACTIVE"]
        found = {p.name: p for p in (*rules.built_in(call), *mine)}
    if request.get("cluster"):
        held = set(names.cluster(call, tx, request["cluster"]).capacity_providers)
        found = {name: p for name, p in found.items() if name in held}
    rows, token = pages.page(sorted(found), request, key=lambda name: name, default=PAGE, most=PAGE)
    shown = [capacity_provider(found[name], include) for name in rows]
    return {"capacityProviders": shown, "failures": failures, "nextToken": token}


@ecs.operation
def put_cluster_capacity_providers(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Replaces the cluster's capacity providers and its default strategy. None that is in use may be left out."""
    cluster = names.cluster(call, tx, request["cluster"])
    changed = associated(call, tx, cluster, request["capacityProviders"], request["defaultCapacityProviderStrategy"])
    _refuse_used(tx, cluster, set(cluster.capacity_providers) - set(changed.capacity_providers))
    tx.put(changed)
    return {"cluster": cluster_views.cluster(tx, changed, SHOWN_AT_CREATION)}


def _own(call: Call, tx: Transaction, name: str, done: str) -> CapacityProvider:
    provider = rules.find(call, tx, name)
    if provider is None or provider.status == "INACTIVE":
        raise Client(UNKNOWN)
    if provider.name in rules.FARGATE:
        raise Client(RESERVED.format(done=done))
    return provider


def _users(call: Call, tx: Transaction, name: str) -> list[Cluster]:
    return [c for c in tx.list(Cluster, home=call.home) if name in c.capacity_providers]


def _refuse_used(tx: Transaction, cluster: Cluster, gone: set[str]) -> None:
    """Raises ResourceInUse when a service's strategy or a task that has not stopped needs one of `gone`."""
    services = [s for s in tx.list(Service, cluster_arn=cluster.arn) if s.status is not ServiceStatus.INACTIVE]
    workloads: list[Service | TaskSet] = [*services, *tx.list(TaskSet, cluster_arn=cluster.arn)]
    needed: set[str | None] = {i["capacityProvider"] for w in workloads for i in w.capacity_provider_strategy}
    tasks = tx.list(Task, cluster_arn=cluster.arn)
    needed |= {t.capacity_provider for t in tasks if t.last_status is not TaskStatus.STOPPED}
    if needed & gone:
        raise ResourceInUse("The specified capacity provider is in use and cannot be removed.")
