"""Services: making, changing, showing and deleting them, and the attributes that they carry."""

from typing import Any

from podium.kernel.call import Call
from podium.servicediscovery import filters, names, views
from podium.servicediscovery.deeds import done
from podium.servicediscovery.errors import (
    ServiceAlreadyExists,
    ServiceAttributesLimitExceeded,
    ServiceInUse,
)
from podium.servicediscovery.filters import By
from podium.servicediscovery.operations.paging import page
from podium.servicediscovery.records import Instance, Namespace, OperationType, Service
from podium.servicediscovery.rules import services as rules
from podium.servicediscovery.rules import tags
from podium.servicediscovery.service import servicediscovery
from podium.store.records import replace
from podium.store.session import Transaction

MOST_ATTRIBUTES = 30
FILTERS = {
    "NAMESPACE_ID": By(lambda s: s.namespace_arn.rpartition("/")[2]),
    "RESOURCE_OWNER": By(lambda s: filters.SELF, among=filters.OWNERS),
}


@servicediscovery.operation
def create_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The creator who asks again is answered with the service that is there."""
    namespace = names.namespace(tx, call.home, rules.namespace_of(request))
    rules.new_service(request, namespace)
    creator = request.get("CreatorRequestId") or call.request_id
    made = _new(call, request, namespace, creator)
    before = next((s for s in tx.list(Service, namespace_arn=namespace.arn) if _same_name(s, made)), None)
    if before is not None:
        if (before.creator_request_id, before.records) == (creator, made.records):
            return {"Service": _shown(tx, before)}
        raise ServiceAlreadyExists(before.name, before.id, before.arn, before.creator_request_id)
    return {"Service": _shown(tx, tx.put(made))}


def _new(call: Call, request: dict[str, Any], namespace: Namespace, creator: str) -> Service:
    name, config = request["Name"], request.get("DnsConfig")
    identity = names.new_id(call.ids, "srv")
    arn = names.arn(call.home, "service", identity)
    return Service(
        arn=arn,
        home=call.home,
        id=identity,
        name=name,
        namespace_arn=namespace.arn,
        description=request.get("Description") or "",
        routing_policy=(config or {}).get("RoutingPolicy") or "MULTIVALUE",
        records=rules.dns_records(config),
        dns_name=f"{name}.{namespace.name}".lower() if config is not None else None,
        health_check=_health_check(request.get("HealthCheckConfig")),
        custom_health=request.get("HealthCheckCustomConfig") is not None,
        creator_request_id=creator,
        created_at=call.now,
        tags=tags.at_most(tags.parsed(request.get("Tags")), arn),
    )


def _health_check(given: dict[str, Any] | None) -> dict[str, Any]:
    """With AWS's defaults."""
    if given is None:
        return {}
    path = {} if given["Type"] == "TCP" else {"ResourcePath": given.get("ResourcePath") or "/"}
    return {"Type": given["Type"], **path, "FailureThreshold": given.get("FailureThreshold") or 1}


def _same_name(one: Service, other: Service) -> bool:
    """DNS knows no case."""
    by_dns = one.dns_name is not None and one.dns_name == other.dns_name
    return one.name == other.name or by_dns


@servicediscovery.operation
def update_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A health check that is not spoken of is removed; records that are not stay, as a service needs some."""
    before, change = names.service(tx, call.home, request["Id"]), request["Service"]
    rules.changed_service(change, before, names.namespace(tx, call.home, before.namespace_arn))
    description = change.get("Description")
    tx.put(
        replace(
            before,
            description=before.description if description is None else description,
            records=rules.dns_records(change.get("DnsConfig")) or before.records,
            health_check=_health_check(change.get("HealthCheckConfig")),
        )
    )
    return done(call, tx, OperationType.UPDATE_SERVICE, SERVICE=before.id)


@servicediscovery.operation
def delete_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found = names.service(tx, call.home, request["Id"])
    if tx.list(Instance, service_arn=found.arn):
        raise ServiceInUse
    tx.delete(found)
    return {}


@servicediscovery.operation(reads=True)
def get_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"Service": _shown(tx, names.service(tx, call.home, request["Id"]))}


def _shown(tx: Transaction, service: Service) -> dict[str, Any]:
    return views.service(service, *_around(tx, service))


def _around(tx: Transaction, service: Service) -> tuple[int, Namespace]:
    """How many instances it has, and its namespace."""
    namespace = names.namespace(tx, service.home, service.namespace_arn)
    return len(tx.list(Instance, service_arn=service.arn)), namespace


@servicediscovery.operation(reads=True)
def list_services(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rows = filters.kept(tx.list(Service, home=call.home), request.get("Filters"), FILTERS)
    shown, more = page(rows, lambda row: row.arn, request)
    return {"Services": [views.service_summary(s, *_around(tx, s)) for s in shown], **more}


@servicediscovery.operation(reads=True)
def get_service_attributes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found = names.service(tx, call.home, request["ServiceId"])
    owner = views.account_of(found.home)
    return {"ServiceAttributes": {"ServiceArn": found.arn, "ResourceOwner": owner, "Attributes": found.attributes}}


@servicediscovery.operation
def update_service_attributes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Those that are not named stay."""
    found = names.service(tx, call.home, request["ServiceId"])
    attributes = {**found.attributes, **request["Attributes"]}
    if len(attributes) > MOST_ATTRIBUTES:
        raise ServiceAttributesLimitExceeded(MOST_ATTRIBUTES)
    tx.put(replace(found, attributes=attributes))
    return {}


@servicediscovery.operation
def delete_service_attributes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A key that is not there is no error."""
    found = names.service(tx, call.home, request["ServiceId"])
    kept = {key: value for key, value in found.attributes.items() if key not in request["Attributes"]}
    tx.put(replace(found, attributes=kept))
    return {}
