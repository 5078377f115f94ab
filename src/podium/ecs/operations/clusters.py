"""Clusters: named places for capacity and tasks."""

from typing import Any

from podium import iam
from podium.ecs import limits, names
from podium.ecs.errors import (
    ClusterContainsCapacityProvider,
    ClusterContainsContainerInstances,
    ClusterContainsServices,
    ClusterContainsTasks,
    ClusterNotFound,
    InvalidParameter,
)
from podium.ecs.records import (
    CapacityProvider,
    Cluster,
    ContainerInstance,
    InstanceStatus,
    Service,
    ServiceStatus,
    Task,
    TaskStatus,
)
from podium.ecs.rules import (
    account_settings,
    boundaries,
    capacity_providers,
    choices,
    clusters,
    pages,
    returning,
    strategies,
    tags,
)
from podium.ecs.service import ecs
from podium.ecs.views import clusters as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

INCLUDE = ("ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS")
SHOWN_AT_CREATION = ("SETTINGS", "TAGS", "CONFIGURATIONS", "ATTACHMENTS")
MOST_DESCRIBED = 100


@ecs.operation
def create_cluster(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Creating a cluster that is already active returns it unchanged; a deleted one comes back as new.

    The service-linked role comes with it, if the caller may make one.
    """
    name = names.checked_name("ClusterName", request.get("clusterName") or "default")
    arn = call.arn("ecs", f"cluster/{name}")
    cluster = tx.get(Cluster, arn)
    if cluster is not None and cluster.status == "ACTIVE":
        _idempotent(call, tx, cluster, request)
        return {"cluster": views.cluster(tx, cluster, SHOWN_AT_CREATION)}
    limits.one_more_cluster(call, tx)
    iam.ensure_service_linked_role(call, tx, "ecs.amazonaws.com")
    insights = account_settings.effective(call, tx, "containerInsights")
    cluster = Cluster(
        arn=arn,
        home=call.home,
        name=name,
        settings=clusters.settings(request.get("settings")) or ({"name": "containerInsights", "value": insights},),
        configuration=clusters.configuration(request.get("configuration")),
        service_connect_defaults=clusters.namespace(request.get("serviceConnectDefaults")),
        tags=tags.parsed(request.get("tags")),
        created_at=call.now,
    )
    boundaries.check_tags(cluster.tags)
    returning.check_tags(cluster.tags)
    given, strategy = request.get("capacityProviders", ()), request.get("defaultCapacityProviderStrategy", ())
    cluster = tx.put(associated(call, tx, cluster, given, strategy))
    return {"cluster": views.cluster(tx, cluster, SHOWN_AT_CREATION)}


def _idempotent(call: Call, tx: Transaction, cluster: Cluster, request: dict[str, Any]) -> None:
    """What was said of capacity must be said again the same way, or not at all."""
    given = request.get("capacityProviders")
    strategy = request.get("defaultCapacityProviderStrategy")
    same = given is None or set(given) == set(cluster.capacity_providers)
    if strategy is not None:
        same = same and strategies.stored(call, tx, cluster.capacity_providers, strategy) == cluster.default_strategy
    if not same:
        raise InvalidParameter(
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
        )


@ecs.operation
def update_cluster(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Replaces each member that is given; the others stay."""
    cluster = names.cluster(call, tx, request["cluster"])
    if "settings" in request:
        cluster = replace(cluster, settings=clusters.settings(request["settings"]) or cluster.settings)
    if "configuration" in request:
        cluster = replace(cluster, configuration=clusters.configuration(request["configuration"]))
    if "serviceConnectDefaults" in request:
        default = clusters.namespace(request["serviceConnectDefaults"])
        cluster = attached(call, tx, replace(cluster, service_connect_defaults=default))
    tx.put(cluster)
    return {"cluster": views.cluster(tx, cluster, SHOWN_AT_CREATION)}


@ecs.operation
def update_cluster_settings(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request["cluster"])
    cluster = tx.put(replace(cluster, settings=clusters.settings(request["settings"]) or cluster.settings))
    return {"cluster": views.cluster(tx, cluster, SHOWN_AT_CREATION)}


@ecs.operation(reads=True)
def describe_clusters(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    include = choices.checked("include", request.get("include", ()), INCLUDE)
    asked = request.get("clusters") or ["default"]
    if len(asked) > MOST_DESCRIBED:
        raise InvalidParameter(f"clusters can have at most {MOST_DESCRIBED} items.")
    found, failures = [], []
    for name in asked:
        arn = names.cluster_arn(call, name)
        cluster = tx.get(Cluster, arn)
        if cluster is None or cluster.home != call.home:
            failures.append(failure(arn))
        else:
            found.append(views.cluster(tx, cluster, include))
    return {"clusters": found, "failures": failures}


@ecs.operation(reads=True)
def list_clusters(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    arns = sorted(c.arn for c in tx.list(Cluster, home=call.home) if c.status == "ACTIVE")
    rows, token = pages.page(arns, request, key=lambda arn: arn)
    return {"clusterArns": rows, "nextToken": token}


@ecs.operation
def delete_cluster(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Instances that follow every cluster leave with it; any other holds the cluster."""
    cluster = tx.get(Cluster, names.cluster_arn(call, request["cluster"]))
    if cluster is None or cluster.home != call.home:
        raise ClusterNotFound
    instances = [
        i for i in tx.list(ContainerInstance, cluster_arn=cluster.arn) if i.status is not InstanceStatus.INACTIVE
    ]
    _refuse_while_used(tx, cluster, instances)
    for instance in instances:
        tx.put(replace(instance, status=InstanceStatus.INACTIVE, version=instance.version + 1))
    gone = replace(cluster, status="INACTIVE", tags={}, capacity_providers=(), default_strategy=(), attachments=())
    return {"cluster": views.cluster(tx, tx.put(gone), SHOWN_AT_CREATION)}


def _refuse_while_used(tx: Transaction, cluster: Cluster, instances: list[ContainerInstance]) -> None:
    """The order in which ECS looks."""
    if any(not i.follows_clusters for i in instances):
        raise ClusterContainsContainerInstances
    if any(s.status is not ServiceStatus.INACTIVE for s in tx.list(Service, cluster_arn=cluster.arn)):
        raise ClusterContainsServices
    if any(t.last_status is not TaskStatus.STOPPED for t in tx.list(Task, cluster_arn=cluster.arn)):
        raise ClusterContainsTasks
    scoped = tx.list(CapacityProvider, home=cluster.home, cluster_arn=cluster.arn)
    if any(p.status != "INACTIVE" for p in scoped):
        raise ClusterContainsCapacityProvider


def associated(call: Call, tx: Transaction, cluster: Cluster, given: Any, strategy: Any) -> Cluster:
    """The cluster with these capacity providers and this default strategy in place of what it had."""
    providers = tuple(dict.fromkeys(given))
    if len(providers) > limits.of(call, limits.CAPACITY_PROVIDERS):
        raise InvalidParameter("The maximum number of capacity providers per cluster has been exceeded.")
    found = tuple(capacity_providers.usable(call, tx, cluster.arn, name).name for name in providers)
    default = strategies.stored(call, tx, found, strategy)
    return attached(call, tx, replace(cluster, capacity_providers=found, default_strategy=default))


def attached(call: Call, tx: Transaction, cluster: Cluster) -> Cluster:
    """The cluster with the attachments that its providers and its namespace now need."""
    found = [capacity_providers.find(call, tx, name) for name in cluster.capacity_providers]
    providers = [provider for provider in found if provider is not None]
    return replace(cluster, attachments=clusters.attachments(call.ids, cluster, providers))
