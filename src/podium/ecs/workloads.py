"""What the tasks of a service, or of one of its task sets, are launched as."""

from collections.abc import Mapping
from typing import Any

from podium.ecs import names, networking, task_roles
from podium.ecs.records import Cluster, Registration, Service, ServiceRevision, TaskDefinition, TaskSet, TaskTarget
from podium.ecs.rules import boundaries, capacity
from podium.ecs.scheduling import launching
from podium.store.session import Transaction


def launch(tx: Transaction, service: Service, workload: Service | TaskSet, started_by: str) -> launching.Launch:
    """`workload` is the service itself or its task set, `started_by` the deployment's or the task set's id."""
    definition = tx.get(TaskDefinition, workload.task_definition_arn)
    assert definition is not None, "a service's task definition is never deleted before the service"
    inherited = {"SERVICE": service.tags, "TASK_DEFINITION": definition.tags}.get(service.propagate_tags, {})
    network = networking.of(workload.network_configuration)
    cluster_name = names.cluster_name(service.cluster_arn)
    managed = launching.managed_tags(service.enable_ecs_managed_tags, cluster_name, service.name)
    return launching.Launch(
        cluster_arn=service.cluster_arn,
        definition=definition,
        group=f"service:{service.name}",
        launch_type=workload.runs_on,
        platform_version=capacity.number(workload.platform_version, workload.platform_family),
        platform_family=workload.platform_family,
        network=network,
        zones=networking.zones(tx, definition.home, network),
        enable_execute_command=service.enable_execute_command,
        service_arn=service.arn,
        started_by=started_by,
        tags={**inherited, **managed},
        distinct=_is_distinct(service),
        digests=_digests(tx, service, started_by),
        targets=targets(workload),
        registrations=registrations(workload),
        member_of=[c["expression"] for c in service.placement_constraints if c["type"] == "memberOf"],
    )


def _is_distinct(service: Service) -> bool:
    """A daemon is alone of its kind anyway, and distinctInstance would rule out the instance on which it runs."""
    if service.scheduling_strategy == "DAEMON":
        return False
    return any(c["type"] == "distinctInstance" for c in service.placement_constraints)


def targets(workload: Service | TaskSet) -> tuple[TaskTarget, ...]:
    """The places that each of its tasks is to take in target groups."""
    return tuple(_target(entry) for entry in workload.load_balancers)


def registrations(workload: Service | TaskSet) -> tuple[Registration, ...]:
    return tuple(_registration(entry) for entry in workload.service_registries)


def _target(entry: Mapping[str, Any]) -> TaskTarget:
    return TaskTarget(
        group_arn=entry.get("targetGroupArn") or "",
        container_name=entry.get("containerName") or "",
        container_port=entry.get("containerPort") or 0,
    )


def _registration(entry: Mapping[str, Any]) -> Registration:
    """`port` is what a service whose tasks have addresses of their own says, `containerName` what the others do."""
    return Registration(
        registry_arn=entry.get("registryArn") or "",
        container_name=entry.get("containerName"),
        container_port=entry.get("containerPort") or entry.get("port"),
    )


def _digests(tx: Transaction, service: Service, started_by: str) -> dict[str, str]:
    """Of the images of the deployment's revision, as far as its tasks have found them."""
    revision = next((d.revision_arn for d in service.deployments if d.id == started_by), "")
    found = tx.get(ServiceRevision, revision)
    return found.digests if found is not None else {}


def refusal(tx: Transaction, launch: launching.Launch) -> str | None:
    """Why the cluster does not take the tasks, or ECS may not assume their roles; None when nothing is in the way."""
    cluster = tx.get(Cluster, launch.cluster_arn)
    try:
        if cluster is not None:
            boundaries.check(cluster, launch.definition)
        task_roles.check(tx, launch.definition, launch.overrides, launch.cluster_arn)
    except (boundaries.Refused, task_roles.RoleNotAssumable) as error:
        return str(error)
    return None
