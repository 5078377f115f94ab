"""Namespaces, services, instances and operations by id, ARN and name.

Everything is looked up in one home (partition, region and account): what another has is not there.
"""

from datetime import datetime

from podium.kernel.ids import Ids
from podium.servicediscovery.errors import (
    InstanceNotFound,
    NamespaceNameNotFound,
    NamespaceNotFound,
    OperationNotFound,
    ServiceNameNotFound,
    ServiceNotFound,
)
from podium.servicediscovery.records import Instance, Namespace, Operation, Service
from podium.store.session import Transaction

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 16
_OPERATION_LENGTH = 32
_ZONE_LENGTH = 20


def arn(home: str, noun: str, identity: str) -> str:
    """`noun` is namespace or service; AWS has no ARNs of operations, which are kept by one all the same."""
    partition, region, account = home.split(":")
    return f"arn:{partition}:servicediscovery:{region}:{account}:{noun}/{identity}"


def instance_arn(service_arn: str, instance_id: str) -> str:
    """AWS has no such ARN; an instance's id is unique in its service."""
    return f"{service_arn}/{instance_id}"


def new_id(ids: Ids, prefix: str) -> str:
    return f"{prefix}-{_chance(ids, _ID_LENGTH)}"


def new_zone_id(ids: Ids) -> str:
    """As Route 53 writes them."""
    return "Z" + _chance(ids, _ZONE_LENGTH).upper()


def new_operation_id(ids: Ids, now: datetime) -> str:
    """Thirty-two characters of chance, and the time in milliseconds to the base of 36."""
    return f"{_chance(ids, _OPERATION_LENGTH)}-{_in_base_36(int(now.timestamp() * 1000))}"


def _chance(ids: Ids, length: int) -> str:
    return "".join(_ALPHABET[ids.below(len(_ALPHABET))] for _ in range(length))


def _in_base_36(number: int) -> str:
    digits = ""
    while number:
        number, last = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[last] + digits
    return digits


def find_namespace(tx: Transaction, home: str, arn_or_id_or_name: str) -> Namespace | None:
    found = tx.get(Namespace, _full(home, "namespace", arn_or_id_or_name))
    if found is None:
        found = next((n for n in tx.list(Namespace, name=arn_or_id_or_name) if n.home == home), None)
    return found if found is not None and found.home == home else None


def find_service(tx: Transaction, home: str, arn_or_id: str) -> Service | None:
    found = tx.get(Service, _full(home, "service", arn_or_id))
    return found if found is not None and found.home == home else None


def _full(home: str, noun: str, given: str) -> str:
    return given if given.startswith("arn:") else arn(home, noun, given)


def namespace(tx: Transaction, home: str, arn_or_id: str) -> Namespace:
    """Raises NamespaceNotFound."""
    found = tx.get(Namespace, _full(home, "namespace", arn_or_id))
    if found is None or found.home != home:
        raise NamespaceNotFound(arn_or_id)
    return found


def service(tx: Transaction, home: str, arn_or_id: str) -> Service:
    """Raises ServiceNotFound."""
    found = find_service(tx, home, arn_or_id)
    if found is None:
        raise ServiceNotFound(arn_or_id)
    return found


def find_instance(tx: Transaction, of: Service, instance_id: str) -> Instance | None:
    return tx.get(Instance, instance_arn(of.arn, instance_id))


def instance(tx: Transaction, of: Service, instance_id: str) -> Instance:
    """Raises InstanceNotFound."""
    found = find_instance(tx, of, instance_id)
    if found is None:
        raise InstanceNotFound(instance_id, of.id)
    return found


def operation(tx: Transaction, home: str, operation_id: str) -> Operation:
    """Raises OperationNotFound."""
    found = tx.get(Operation, arn(home, "operation", operation_id))
    if found is None:
        raise OperationNotFound(operation_id)
    return found


def discovered(tx: Transaction, home: str, namespace_name: str, service_name: str) -> Service:
    """The service that DiscoverInstances speaks of. Raises NamespaceNotFound or ServiceNotFound."""
    of = next((n for n in tx.list(Namespace, name=namespace_name) if n.home == home), None)
    if of is None:
        raise NamespaceNameNotFound(namespace_name)
    found = tx.list(Service, namespace_arn=of.arn, name=service_name)
    if not found:
        raise ServiceNameNotFound(service_name, namespace_name)
    return found[0]
