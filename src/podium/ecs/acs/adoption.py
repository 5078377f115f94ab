"""Tasks that an agent runs and no record tells of: taken up again, or remembered as strangers.

Records are lost when a database is emptied, or goes back in time. An agent asks about every task that it was not
told of, and says of each what its payload said.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from podium import ec2
from podium.ecs import names, networking, workloads
from podium.ecs.records import Container, ContainerInstance, Service, Stranger, Task, TaskDefinition, TaskStatus
from podium.ecs.records.clusters import FARGATE_POOL
from podium.ecs.rules import capacity
from podium.ecs.scheduling import launching
from podium.ecs.scheduling.fleets import Fleets
from podium.store.records import replace
from podium.store.session import Transaction


def take_up(tx: Transaction, instance_arn: str, told: Mapping[str, Any], now: datetime) -> None:
    """Either way its address is taken, so that no other task is given it."""
    instance = tx.get(ContainerInstance, instance_arn)
    if instance is None or not _may_run(instance, told) or tx.get(Stranger, told["taskArn"]) is not None:
        return
    interface = _recovered(tx, instance, told, now)
    task = adopted(tx, instance, told, now)
    if task is None or (_is_networked(tx, task) and interface is None):
        tx.put(_stranger(instance, told, interface, now))
    else:
        tx.put(task if interface is None else _with(task, interface))


def _stranger(
    instance: ContainerInstance, told: Mapping[str, Any], interface: ec2.NetworkInterface | None, now: datetime
) -> Stranger:
    return Stranger(
        arn=told["taskArn"],
        cluster_arn=names.cluster_of_task(told["taskArn"]),
        container_instance_arn=instance.arn,
        family=told.get("family", ""),
        version=str(told.get("version", "")),
        group=told.get("group", ""),
        interface_id=interface.id if interface else None,
        seen_at=now,
    )


def _recovered(
    tx: Transaction, instance: ContainerInstance, told: Mapping[str, Any], now: datetime
) -> ec2.NetworkInterface | None:
    """The network interface that its agent tells of; None where it tells of none that can be."""
    try:
        given = told["elasticNetworkInterfaces"][0]
        return ec2.recover_interface(
            tx,
            instance.home,
            now,
            interface_id=str(given["ec2Id"]),
            address=str(given["ipv4Addresses"][0]["privateAddress"]),
            mac_address=str(given["macAddress"]),
            group_ids=[str(group) for group in given.get("securityGroupIds") or ()],
            description=str(given["attachmentArn"]),
            requester="ecs",
            instance_id=None if _serves_fargate(instance) else instance.ec2_instance_id,
        )
    except (LookupError, TypeError):
        return None


def _is_networked(tx: Transaction, task: Task) -> bool:
    definition = tx.get(TaskDefinition, task.task_definition_arn)
    return definition is not None and definition.document.get("networkMode") == "awsvpc"


def _with(task: Task, interface: ec2.NetworkInterface) -> Task:
    attachment = networking.attachment(interface.description.rpartition("/")[2], interface)
    network = {"subnets": [interface.subnet_id], "securityGroups": list(interface.group_ids)}
    return replace(
        task,
        availability_zone=interface.zone,
        network={**network, "assignPublicIp": "DISABLED"},
        interface_id=interface.id,
        attachments=(attachment,),
    )


def _serves_fargate(instance: ContainerInstance) -> bool:
    return names.cluster_name(instance.cluster_arn) == FARGATE_POOL


def _may_run(instance: ContainerInstance, told: Mapping[str, Any]) -> bool:
    """Tasks of its own cluster; a host that serves Fargate runs those of any of the region."""
    within = instance.cluster_arn.replace(":cluster/", ":task/", 1)
    return str(told.get("taskArn", "")).startswith(f"{within.removesuffix(FARGATE_POOL).rstrip('/')}/")


def adopted(tx: Transaction, instance: ContainerInstance, told: Mapping[str, Any], now: datetime) -> Task | None:
    """The record of a running task that was lost, when its definition (and service) are still known.

    The agent tells family, version and group beside the ARN; one that does not gets a stranger.
    """
    prefix = instance.cluster_arn.partition(":cluster/")[0]
    definition = tx.get(TaskDefinition, f"{prefix}:task-definition/{told.get('family')}:{told.get('version')}")
    if definition is None:
        return None
    group = told.get("group", "")
    service = None
    if group.startswith("service:"):
        name = names.cluster_name(names.cluster_of_task(told["taskArn"]))
        service = tx.get(Service, f"{prefix}:service/{name}/{group.removeprefix('service:')}")
        if service is None or not service.deployments:
            return None
    runs_on = "FARGATE" if _serves_fargate(instance) else "EC2"
    cluster_arn = names.cluster_of_task(told["taskArn"])
    launch = launching.Launch(cluster_arn=cluster_arn, definition=definition, group=group, launch_type=runs_on)
    room = tx.view(Fleets).room(instance.arn)
    version, family = capacity.platform(None, runs_on, definition)
    return Task(
        arn=told["taskArn"],
        cluster_arn=cluster_arn,
        task_definition_arn=definition.arn,
        service_arn=service.arn if service else None,
        container_instance_arn=instance.arn,
        availability_zone=instance.attributes.get("ecs.availability-zone") or "",
        group=group,
        started_by=_deployment_of(service, definition) if service else None,
        launch_type=runs_on,
        platform_version=capacity.number(version, family),
        platform_family=family,
        ephemeral_storage_gib=launching.storage_gib(launch),
        last_status=TaskStatus.ACTIVATING if _is_reached(service) else TaskStatus.RUNNING,
        targets=workloads.targets(service) if service else (),
        registrations=workloads.registrations(service) if service else (),
        containers=tuple(_container(c, told["taskArn"]) for c in launch.containers),
        cpu=launch.needs.cpu,
        memory_mib=launch.needs.memory_mib,
        ports=tuple(sorted(launch.needs.ports)),
        ports_udp=tuple(sorted(launch.needs.ports_udp)),
        gpu_ids=room.site(launch.needs).gpu_ids
        if room is not None
        else (),  # which ones it has, its agent does not say
        created_at=now,
        connected_at=now,
        started_at=now,
        healthy_at=now,  # how long it has run nobody knows; it is not to go before something covers for it
    )


def _is_reached(service: Service | None) -> bool:
    """Whether it has to be registered anew, where load balancers and registries may have forgotten it."""
    return service is not None and bool(service.load_balancers or service.service_registries)


def _deployment_of(service: Service, definition: TaskDefinition) -> str:
    """The deployment whose definition it runs; one that no deployment has makes it outdated."""
    found = [d.id for d in service.deployments if d.task_definition_arn == definition.arn]
    return found[0] if found else "ecs-svc/0"


def _container(definition: Mapping[str, Any], task_arn: str) -> Container:
    arn = f"{task_arn.replace(':task/', ':container/', 1)}/{definition['name']}"
    return replace(launching.container(definition, arn, {}), last_status="RUNNING")
