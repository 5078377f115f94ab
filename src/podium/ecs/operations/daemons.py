"""Daemons: creating, changing, showing, deleting, and the deployments and revisions that come of it.

They run on Managed Instances alone, which Podium does not have: deployments stay PENDING and say so.
"""

from typing import Any

from podium.ecs import names
from podium.ecs.errors import Client, DaemonNotActive, DaemonNotFound, InvalidParameter
from podium.ecs.operations.daemon_task_definitions import find as find_definition
from podium.ecs.records import Cluster, Daemon, DaemonDeployment, DaemonRevision, ProviderKind
from podium.ecs.records.services import fingerprint
from podium.ecs.rules import capacity_providers, daemons, enums, pages, tags
from podium.ecs.service import ecs
from podium.ecs.views import daemons as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_DESCRIBED, DEPLOYMENTS_PAGE = 20, 20
SUPERSEDED = "A newer deployment of the daemon began."
DELETED = "The daemon is being deleted."


@ecs.operation
def create_daemon(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The same token and request give the same daemon."""
    enums.check("CreateDaemon", request)
    cluster = names.cluster(call, tx, request.get("clusterArn"))
    name = names.checked_name("DaemonName", request["daemonName"])
    arn = call.arn("ecs", f"daemon/{cluster.name}/{name}")
    before = tx.get(Daemon, arn)
    if before is not None:
        again = (request.get("clientToken"), fingerprint(request))
        if not request.get("clientToken") or again != (before.client_token, before.client_request):
            raise InvalidParameter("Creation of daemon was not idempotent.")
        return _created(before)
    revision = _revision(call, tx, cluster, arn, request, None)
    deployment = _deployment(call, tx, revision, request, ())
    daemon = Daemon(
        arn=arn,
        home=call.home,
        cluster_arn=cluster.arn,
        name=name,
        capacity_providers=revision.capacity_providers,
        revision_arn=revision.arn,
        deployment_arn=deployment.arn,
        client_token=request.get("clientToken"),
        client_request=fingerprint(request),
        tags=tags.parsed(request.get("tags")),
        created_at=call.now,
        updated_at=call.now,
    )
    return _created(tx.put(daemon))


def _created(daemon: Daemon) -> dict[str, Any]:
    return {name: value for name, value in views.told(daemon).items() if name != "updatedAt"}


@ecs.operation
def update_daemon(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A new revision and a new deployment, in place of the one under way. What is left out stays."""
    enums.check("UpdateDaemon", request)
    daemon = _active(call, tx, request["daemonArn"])
    cluster = names.cluster(call, tx, daemon.cluster_arn)
    revision = _revision(call, tx, cluster, daemon.arn, request, tx.get(DaemonRevision, daemon.revision_arn))
    _stop(call, tx, daemon, SUPERSEDED)
    daemon = replace(
        daemon,
        capacity_providers=revision.capacity_providers,
        deployment_arn=_deployment(call, tx, revision, request, (daemon.revision_arn,)).arn,
        revision_arn=revision.arn,
        updated_at=call.now,
    )
    return views.told(tx.put(daemon))


@ecs.operation
def delete_daemon(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """DELETE_IN_PROGRESS; no task of it runs, so that the controller can let it go at once."""
    daemon = _active(call, tx, request["daemonArn"])
    _stop(call, tx, daemon, DELETED)
    return views.told(tx.put(replace(daemon, status="DELETE_IN_PROGRESS", updated_at=call.now)))


@ecs.operation(reads=True)
def describe_daemon(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"daemon": views.daemon(_found(call, tx, request["daemonArn"]))}


@ecs.operation(reads=True)
def list_daemons(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request.get("clusterArn"))
    wanted = {capacity_providers.arn(call, value) for value in request.get("capacityProviderArns", ())}
    found = [d for d in tx.list(Daemon, cluster_arn=cluster.arn) if not wanted or wanted & set(d.capacity_providers)]
    rows, token = pages.page(sorted(found, key=lambda d: d.arn), request, key=lambda d: d.arn)
    return {"daemonSummariesList": [views.summary(d) for d in rows], "nextToken": token}


@ecs.operation(reads=True)
def describe_daemon_deployments(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    asked = _counted("daemonDeploymentArns", request["daemonDeploymentArns"])
    found = {arn: d for arn in asked if (d := tx.get(DaemonDeployment, arn)) is not None and d.home == call.home}
    return {
        "daemonDeployments": [
            views.deployment(d, tx.get(DaemonRevision, d.target_revision_arn)) for d in found.values()
        ],
        "failures": [failure(arn) for arn in asked if arn not in found],
    }


@ecs.operation(reads=True)
def list_daemon_deployments(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    enums.check("ListDaemonDeployments", request)
    daemon = _found(call, tx, request["daemonArn"])
    when = request.get("createdAt") or {}
    found = [
        d
        for d in tx.list(DaemonDeployment, daemon_arn=daemon.arn)
        if d.status in (request.get("status") or [d.status])
        and when.get("after", d.created_at) <= d.created_at <= when.get("before", d.created_at)
    ]
    found.sort(key=_age, reverse=True)
    rows, token = pages.page(found, request, key=_age, descending=True, default=DEPLOYMENTS_PAGE)
    return {"daemonDeployments": [views.deployment_summary(d) for d in rows], "nextToken": token}


@ecs.operation(reads=True)
def describe_daemon_revisions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    asked = _counted("daemonRevisionArns", request["daemonRevisionArns"])
    found = {arn: r for arn in asked if (r := tx.get(DaemonRevision, arn)) is not None and r.home == call.home}
    return {
        "daemonRevisions": [views.revision(r) for r in found.values()],
        "failures": [failure(arn) for arn in asked if arn not in found],
    }


def _age(deployment: DaemonDeployment) -> tuple[str, str]:
    return deployment.created_at.isoformat(), deployment.arn


def _counted(member: str, asked: list[str]) -> list[str]:
    if not 1 <= len(asked) <= MOST_DESCRIBED:
        raise InvalidParameter(f"{member} must have between 1 and {MOST_DESCRIBED} items.")
    return asked


def _found(call: Call, tx: Transaction, arn: str) -> Daemon:
    daemon = tx.get(Daemon, arn)
    if daemon is None or daemon.home != call.home:
        raise DaemonNotFound
    return daemon


def _active(call: Call, tx: Transaction, arn: str) -> Daemon:
    daemon = _found(call, tx, arn)
    if daemon.status != "ACTIVE":
        raise DaemonNotActive
    return daemon


def _revision(
    call: Call, tx: Transaction, cluster: Cluster, arn: str, request: dict[str, Any], before: DaemonRevision | None
) -> DaemonRevision:
    definition = find_definition(call, tx, request["daemonTaskDefinitionArn"])
    if definition is None:
        raise Client("DaemonTaskDefinition not found.")
    if definition.status != "ACTIVE":
        raise Client("DaemonTaskDefinition is inactive")
    revision = DaemonRevision(
        arn=f"{arn.replace(':daemon/', ':daemon-revision/', 1)}/{call.ids.digits19()}",
        home=call.home,
        daemon_arn=arn,
        cluster_arn=cluster.arn,
        task_definition_arn=definition.arn,
        capacity_providers=_providers(call, tx, cluster, request["capacityProviderArns"]),
        container_images=daemons.images(definition.document),
        propagate_tags=request.get("propagateTags", before.propagate_tags if before else "NONE"),
        enable_ecs_managed_tags=request.get("enableECSManagedTags", bool(before and before.enable_ecs_managed_tags)),
        enable_execute_command=request.get("enableExecuteCommand", bool(before and before.enable_execute_command)),
        critical=request.get("critical", before.critical if before else True),
        created_at=call.now,
    )
    return tx.put(revision)


def _providers(call: Call, tx: Transaction, cluster: Cluster, given: list[str]) -> tuple[str, ...]:
    """ARNs of Managed Instances capacity providers of the cluster. Raises InvalidParameter."""
    if not given:
        raise InvalidParameter("capacityProviderArns can not be empty.")
    found = [capacity_providers.usable(call, tx, cluster.arn, value) for value in given]
    if any(p.kind is not ProviderKind.MANAGED_INSTANCES for p in found):
        raise InvalidParameter("Daemons are only supported for Amazon ECS Managed Instances capacity providers.")
    return tuple(dict.fromkeys(p.arn for p in found))


def _deployment(
    call: Call, tx: Transaction, revision: DaemonRevision, request: dict[str, Any], sources: tuple[str, ...]
) -> DaemonDeployment:
    deployment = DaemonDeployment(
        arn=f"{revision.daemon_arn.replace(':daemon/', ':daemon-deployment/', 1)}/{call.ids.nano21()}",
        home=call.home,
        daemon_arn=revision.daemon_arn,
        cluster_arn=revision.cluster_arn,
        status_reason=daemons.NO_INSTANCES,
        target_revision_arn=revision.arn,
        source_revision_arns=sources,
        configuration=daemons.deployment(request.get("deploymentConfiguration")),
        created_at=call.now,
    )
    return tx.put(deployment)


def _stop(call: Call, tx: Transaction, daemon: Daemon, reason: str) -> None:
    under_way = tx.get(DaemonDeployment, daemon.deployment_arn)
    if under_way is not None and under_way.stopped_at is None:
        tx.put(replace(under_way, status="STOPPED", status_reason=reason, stopped_at=call.now))
