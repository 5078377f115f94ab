"""Instances come, go and change their health. Every change raises the service's revision."""

from datetime import datetime

from podium.servicediscovery import names
from podium.servicediscovery.records import Instance, Service
from podium.store.records import replace
from podium.store.session import Transaction

INITIAL_HEALTH = "AWS_INIT_HEALTH_STATUS"
HEALTHY = "HEALTHY"


def register_instance(
    tx: Transaction,
    service: Service,
    instance_id: str,
    attributes: dict[str, str],
    now: datetime,
    creator_request_id: str = "",
) -> Instance:
    """The instance, new or with these attributes instead of those it had.

    One that is there keeps its health unless AWS_INIT_HEALTH_STATUS says another.
    """
    before = names.find_instance(tx, service, instance_id)
    said, known = attributes.get(INITIAL_HEALTH), before is None or before.healthy
    healthy = known if said is None else said == HEALTHY
    if before is None:
        made = Instance(
            arn=names.instance_arn(service.arn, instance_id),
            service_arn=service.arn,
            id=instance_id,
            attributes=attributes,
            healthy=healthy,
            creator_request_id=creator_request_id,
            created_at=now,
            changed_at=now,
        )
        return _put(tx, made)
    if (before.attributes, before.healthy) == (attributes, healthy):
        return before
    creator = creator_request_id or before.creator_request_id
    changed = replace(before, attributes=attributes, healthy=healthy, creator_request_id=creator, changed_at=now)
    return _put(tx, changed)


def deregister_instance(tx: Transaction, service: Service, instance_id: str, now: datetime) -> None:
    """One that is not there is no news."""
    found = names.find_instance(tx, service, instance_id)
    if found is not None:
        tx.delete(found)
        _raise_revision(tx, service.arn)


def set_health(tx: Transaction, service: Service, instance_id: str, healthy: bool, now: datetime) -> None:
    """One that is not there is no news."""
    found = names.find_instance(tx, service, instance_id)
    if found is not None and found.healthy is not healthy:
        _put(tx, replace(found, healthy=healthy, changed_at=now))


def _put(tx: Transaction, instance: Instance) -> Instance:
    tx.put(instance)
    _raise_revision(tx, instance.service_arn)
    return instance


def _raise_revision(tx: Transaction, service_arn: str) -> None:
    service = tx.get(Service, service_arn)
    assert service is not None, "an instance belongs to a service that exists"
    tx.put(replace(service, instances_revision=service.instances_revision + 1))
