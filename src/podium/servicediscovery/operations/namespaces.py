"""Namespaces: making, changing, showing and deleting them."""

from typing import Any

from podium import ec2
from podium.kernel.call import Call
from podium.servicediscovery import filters, names, views
from podium.servicediscovery.deeds import done
from podium.servicediscovery.errors import InvalidInput, NamespaceAlreadyExists, NamespaceInUse
from podium.servicediscovery.filters import By
from podium.servicediscovery.operations.paging import page
from podium.servicediscovery.records import Namespace, NamespaceType, OperationType, Service
from podium.servicediscovery.rules import tags
from podium.servicediscovery.service import servicediscovery
from podium.store.records import replace
from podium.store.session import Transaction

FILTERS = {
    "TYPE": By(lambda n: n.type.value, filters.IN, filters.BEGINS_WITH, among=list(NamespaceType)),
    "NAME": By(lambda n: n.name, filters.BEGINS_WITH),
    "HTTP_NAME": By(lambda n: n.name, filters.BEGINS_WITH),
    "RESOURCE_OWNER": By(lambda n: filters.SELF, among=filters.OWNERS),
}


@servicediscovery.operation
def create_http_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _made(call, tx, request, NamespaceType.HTTP)


@servicediscovery.operation
def create_private_dns_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The VPC must be there. Whoever uses this machine's resolver finds the names, from any VPC."""
    vpc_id = request["Vpc"]
    if ec2.find_vpc(tx, call.home, vpc_id) is None:
        raise InvalidInput(f"The VPC {vpc_id} in region {call.region} does not exist.")
    return _made(call, tx, request, NamespaceType.DNS_PRIVATE, vpc_id)


@servicediscovery.operation
def create_public_dns_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Its names are answered for here, as a private one's are; nobody delegates the domain to us."""
    return _made(call, tx, request, NamespaceType.DNS_PUBLIC)


def _made(
    call: Call, tx: Transaction, request: dict[str, Any], kind: NamespaceType, vpc_id: str | None = None
) -> dict[str, Any]:
    """A name is one namespace's. The creator who asks again is answered as before."""
    name, creator = request["Name"], request.get("CreatorRequestId") or call.request_id
    before = _of_name(tx, call.home, name, kind)
    if before is not None:
        if (before.creator_request_id, before.type, before.vpc_id) == (creator, kind, vpc_id):
            return {"OperationId": before.operation_id}
        raise NamespaceAlreadyExists(name, before.id, before.creator_request_id)
    if kind is not NamespaceType.HTTP and not _is_domain(name):
        raise InvalidInput(f"{name} is not a valid domain name.")
    identity = names.new_id(call.ids, "ns")
    arn = names.arn(call.home, "namespace", identity)
    tagged = tags.at_most(tags.parsed(request.get("Tags")), arn)
    answer = done(call, tx, OperationType.CREATE_NAMESPACE, NAMESPACE=identity)
    tx.put(
        Namespace(
            arn=arn,
            home=call.home,
            id=identity,
            name=name,
            type=kind,
            description=request.get("Description") or "",
            vpc_id=vpc_id,
            hosted_zone_id=None if kind is NamespaceType.HTTP else names.new_zone_id(call.ids),
            soa_ttl=_soa_ttl(request.get("Properties")),
            creator_request_id=creator,
            operation_id=answer["OperationId"],
            created_at=call.now,
            tags=tagged,
        )
    )
    return answer


def _of_name(tx: Transaction, home: str, name: str, kind: NamespaceType) -> Namespace | None:
    """The namespace that has the name already. DNS knows no case."""

    def same(one: Namespace) -> bool:
        by_dns = one.is_dns and kind is not NamespaceType.HTTP
        return one.name == name or (by_dns and one.name.lower() == name.lower())

    return next(filter(same, tx.list(Namespace, home=home)), None)


def _is_domain(name: str) -> bool:
    return all(0 < len(label) <= 63 for label in name.split("."))


def _soa_ttl(properties: dict[str, Any] | None) -> int | None:
    soa = ((properties or {}).get("DnsProperties") or {}).get("SOA") or {}
    ttl: int | None = soa.get("TTL")
    return ttl


@servicediscovery.operation
def update_http_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _changed(call, tx, request, NamespaceType.HTTP)


@servicediscovery.operation
def update_private_dns_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _changed(call, tx, request, NamespaceType.DNS_PRIVATE)


@servicediscovery.operation
def update_public_dns_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _changed(call, tx, request, NamespaceType.DNS_PUBLIC)


def _changed(call: Call, tx: Transaction, request: dict[str, Any], kind: NamespaceType) -> dict[str, Any]:
    """What the change does not speak of stays."""
    before, change = names.namespace(tx, call.home, request["Id"]), request["Namespace"]
    if before.type is not kind:
        raise InvalidInput(f"Namespace {before.id} is of type {before.type}, not {kind}.")
    ttl, description = _soa_ttl(change.get("Properties")), change.get("Description")
    tx.put(
        replace(
            before,
            description=before.description if description is None else description,
            soa_ttl=before.soa_ttl if ttl is None else ttl,
        )
    )
    return done(call, tx, OperationType.UPDATE_NAMESPACE, NAMESPACE=before.id)


@servicediscovery.operation
def delete_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found = names.namespace(tx, call.home, request["Id"])
    if tx.list(Service, namespace_arn=found.arn):
        raise NamespaceInUse
    tx.delete(found)
    return done(call, tx, OperationType.DELETE_NAMESPACE, NAMESPACE=found.id)


@servicediscovery.operation(reads=True)
def get_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found = names.namespace(tx, call.home, request["Id"])
    return {"Namespace": views.namespace(found, _services(tx, found))}


@servicediscovery.operation(reads=True)
def list_namespaces(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rows = filters.kept(tx.list(Namespace, home=call.home), request.get("Filters"), FILTERS)
    shown, more = page(rows, lambda row: row.arn, request)
    return {"Namespaces": [views.namespace_summary(n, _services(tx, n)) for n in shown], **more}


def _services(tx: Transaction, namespace: Namespace) -> int:
    return len(tx.list(Service, namespace_arn=namespace.arn))
