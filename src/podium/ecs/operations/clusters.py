"""Clusters: named places for capacity and tasks."""

from dataclasses import replace
from typing import Any

from podium.ecs import names
from podium.ecs.errors import (
    ClusterContainsContainerInstances,
    ClusterContainsServices,
    ClusterContainsTasks,
    ClusterNotFound,
    InvalidParameter,
)
from podium.ecs.records import (
    Cluster,
    ContainerInstance,
    InstanceStatus,
    Service,
    ServiceStatus,
    Task,
    TaskStatus,
)
from podium.ecs.rules import choices, pages, requests, tags
from podium.ecs.service import ecs
from podium.ecs.views import clusters as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.session import Transaction

INCLUDE = ("ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS")
SHOWN_AT_CREATION = ("SETTINGS", "TAGS", "CONFIGURATIONS")
DEFAULT_SETTINGS = ({"name": "containerInsights", "value": "disabled"},)
LATER = {"capacityProviders": "capacity providers", "defaultCapacityProviderStrategy": "capacity providers"}
INSIGHTS = ("disabled", "enabled", "enhanced")


@ecs.operation
def create_cluster(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Creating a cluster that is already active returns it unchanged; a deleted one comes back as new."""
    name = names.checked_name("ClusterName", request.get("clusterName") or "default")
    requests.not_yet(request, LATER)
    arn = call.arn("ecs", f"cluster/{name}")
    cluster = tx.get(Cluster, arn)
    if cluster is None or cluster.status != "ACTIVE":
        cluster = tx.put(
            Cluster(
                arn=arn,
                home=call.home,
                name=name,
                settings=_settings(request.get("settings", ())) or DEFAULT_SETTINGS,
                configuration=_configuration(request.get("configuration")),
                service_connect_defaults=request.get("serviceConnectDefaults"),
                tags=tags.parsed(request.get("tags")),
                created_at=call.now,
            )
        )
    return {"cluster": views.cluster(tx, cluster, SHOWN_AT_CREATION)}


@ecs.operation
def update_cluster(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Replaces each member that is given; the others stay."""
    cluster = names.cluster(call, tx, request["cluster"])
    if "settings" in request:
        cluster = replace(cluster, settings=_settings(request["settings"]))
    if "configuration" in request:
        cluster = replace(cluster, configuration=_configuration(request["configuration"]))
    if "serviceConnectDefaults" in request:
        defaults = request["serviceConnectDefaults"]
        cluster = replace(cluster, service_connect_defaults=defaults if defaults.get("namespace") else None)
    tx.put(cluster)
    return {"cluster": views.cluster(tx, cluster, SHOWN_AT_CREATION)}


@ecs.operation
def update_cluster_settings(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request["cluster"])
    cluster = tx.put(replace(cluster, settings=_settings(request["settings"])))
    return {"cluster": views.cluster(tx, cluster, SHOWN_AT_CREATION)}


@ecs.operation(reads=True)
def describe_clusters(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    include = choices.checked("include", request.get("include", ()), INCLUDE)
    found, failures = [], []
    for name in request.get("clusters") or ["default"]:
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
    cluster = tx.put(replace(cluster, status="INACTIVE", tags={}))
    return {"cluster": views.cluster(tx, cluster, SHOWN_AT_CREATION)}


def _refuse_while_used(tx: Transaction, cluster: Cluster, instances: list[ContainerInstance]) -> None:
    """The order in which ECS looks."""
    if any(not i.follows_clusters for i in instances):
        raise ClusterContainsContainerInstances
    if any(s.status is not ServiceStatus.INACTIVE for s in tx.list(Service, cluster_arn=cluster.arn)):
        raise ClusterContainsServices
    if any(t.last_status is not TaskStatus.STOPPED for t in tx.list(Task, cluster_arn=cluster.arn)):
        raise ClusterContainsTasks


def _settings(given: Any) -> tuple[dict[str, str], ...]:
    for setting in given:
        if setting.get("name") != "containerInsights":
            raise InvalidParameter("name should be one of [containerInsights]")
        choices.one_of("value", setting.get("value"), INSIGHTS)
    return tuple({"name": s["name"], "value": s["value"]} for s in given)


def _configuration(given: Any) -> Any:
    """As given. Where ECS Exec logs to may be said when it is to override, and must be then."""
    execute = (given or {}).get("executeCommandConfiguration") or {}
    where = execute.get("logConfiguration")
    overrides = execute.get("logging") == "OVERRIDE"
    if where and not overrides:
        raise InvalidParameter("You must set logging to 'OVERRIDE' when you supply a log configuration")
    if overrides and not {"cloudWatchLogGroupName", "s3BucketName"} & set(where or {}):
        raise InvalidParameter(
            "A CloudWatch log group name or S3 bucket name must be specified when overriding the default "
            "log configuration."
        )
    return given
