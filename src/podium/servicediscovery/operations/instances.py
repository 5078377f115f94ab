"""Instances: registering, showing and deregistering them, and what is said of their health."""

from typing import Any

from podium.kernel.call import Call
from podium.servicediscovery import names, registry, views
from podium.servicediscovery.deeds import done
from podium.servicediscovery.errors import CustomHealthNotFound, InstanceLimitExceeded
from podium.servicediscovery.operations.paging import page
from podium.servicediscovery.records import Instance, OperationType, Service
from podium.servicediscovery.rules import instances as rules
from podium.servicediscovery.rules.words import one_of
from podium.servicediscovery.service import servicediscovery
from podium.store.session import Transaction

MOST_INSTANCES = 1000  # of a service


@servicediscovery.operation
def register_instance(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One that is there has these attributes from now on."""
    service = names.service(tx, call.home, request["ServiceId"])
    identity, attributes = request["InstanceId"], request["Attributes"]
    rules.attributes(attributes, service, names.namespace(tx, call.home, service.namespace_arn))
    rules.instance_id(identity, service)
    if names.find_instance(tx, service, identity) is None and _count(tx, service) >= MOST_INSTANCES:
        raise InstanceLimitExceeded(MOST_INSTANCES)
    creator = request.get("CreatorRequestId") or call.request_id
    registry.register_instance(tx, service, identity, attributes, call.now, creator)
    return done(call, tx, OperationType.REGISTER_INSTANCE, INSTANCE=identity, SERVICE=service.id)


def _count(tx: Transaction, service: Service) -> int:
    return len(tx.list(Instance, service_arn=service.arn))


@servicediscovery.operation
def deregister_instance(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    service = names.service(tx, call.home, request["ServiceId"])
    found = names.instance(tx, service, request["InstanceId"])
    registry.deregister_instance(tx, service, found.id, call.now)
    return done(call, tx, OperationType.DEREGISTER_INSTANCE, INSTANCE=found.id, SERVICE=service.id)


@servicediscovery.operation(reads=True)
def get_instance(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    service = names.service(tx, call.home, request["ServiceId"])
    found = names.instance(tx, service, request["InstanceId"])
    return {"ResourceOwner": views.account_of(service.home), "Instance": views.instance(found, service)}


@servicediscovery.operation(reads=True)
def list_instances(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    service = names.service(tx, call.home, request["ServiceId"])
    shown, more = page(tx.list(Instance, service_arn=service.arn), lambda row: row.id, request)
    owner = views.account_of(service.home)
    return {"ResourceOwner": owner, "Instances": [views.instance_summary(i, service) for i in shown], **more}


@servicediscovery.operation
def update_instance_custom_health_status(call: Call, tx: Transaction, request: dict[str, Any]) -> None:
    """AWS waits for half a minute; here it holds at once."""
    one_of(request["Status"], "CustomHealthStatus", "status")
    service = names.service(tx, call.home, request["ServiceId"])
    found = names.instance(tx, service, request["InstanceId"])
    if not service.custom_health:
        raise CustomHealthNotFound(found.id)
    registry.set_health(tx, service, found.id, request["Status"] == views.HEALTHY, call.now)


@servicediscovery.operation(reads=True)
def get_instances_health_status(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    service = names.service(tx, call.home, request["ServiceId"])
    asked = request.get("Instances")
    if asked:
        rows = [names.instance(tx, service, identity) for identity in dict.fromkeys(asked)]
    else:
        rows = tx.list(Instance, service_arn=service.arn)
    shown, more = page(rows, lambda row: row.id, request)
    return {"Status": {one.id: views.health(one, service) for one in shown}, **more}
