"""What Cloud Map remembers. `home` is partition, region and account."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from podium.store.records import record


class NamespaceType(StrEnum):
    DNS_PUBLIC = "DNS_PUBLIC"
    DNS_PRIVATE = "DNS_PRIVATE"
    HTTP = "HTTP"


class OperationType(StrEnum):
    CREATE_NAMESPACE = "CREATE_NAMESPACE"
    DELETE_NAMESPACE = "DELETE_NAMESPACE"
    UPDATE_NAMESPACE = "UPDATE_NAMESPACE"
    UPDATE_SERVICE = "UPDATE_SERVICE"
    REGISTER_INSTANCE = "REGISTER_INSTANCE"
    DEREGISTER_INSTANCE = "DEREGISTER_INSTANCE"


@record(table="servicediscovery_namespaces", indexes=("home", "name"))
class Namespace:
    """A domain or, of type HTTP, a mere name. Only the API writes it.

    `hosted_zone_id` names a zone that no Route 53 shows; `soa_ttl` is in seconds; both None for HTTP. `operation_id` is
    the operation that made it, which is answered again when its creator asks again.
    """

    arn: str
    home: str
    id: str
    name: str
    type: NamespaceType
    description: str = ""
    vpc_id: str | None = None
    hosted_zone_id: str | None = None
    soa_ttl: int | None = None
    creator_request_id: str = ""
    operation_id: str = ""
    created_at: datetime
    tags: dict[str, str] = {}

    @property
    def is_dns(self) -> bool:
        return self.type is not NamespaceType.HTTP


@record(table="servicediscovery_services", indexes=("home", "namespace_arn", "name"))
class Service:
    """A name in a namespace under which instances are found. Only the API writes it, but for `instances_revision`.

    `records` are the types of DNS records with their TTLs in seconds, in the order given; empty for one that is found
    by the API alone. `dns_name` is what DNS answers for, in lower case; None likewise. `health_check` is in the API's
    words and has no effect; `custom_health` says that health is what it is said to be.
    `instances_revision` rises with every change of an instance, whoever makes it.
    """

    arn: str
    home: str
    id: str
    name: str
    namespace_arn: str
    description: str = ""
    routing_policy: str = "MULTIVALUE"
    records: dict[str, int] = {}
    dns_name: str | None = None
    http_only: bool = False
    health_check: dict[str, Any] = {}
    custom_health: bool = False
    attributes: dict[str, str] = {}
    instances_revision: int = 0
    creator_request_id: str = ""
    created_at: datetime
    tags: dict[str, str] = {}

    @property
    def has_health(self) -> bool:
        return self.custom_health or bool(self.health_check)


@record(table="servicediscovery_instances", indexes=("service_arn",))
class Instance:
    """Something that can be reached. The API writes it, and ECS those that are its tasks.

    `healthy` is what was last said of it, and True until then.
    """

    arn: str
    service_arn: str
    id: str
    attributes: dict[str, str] = {}
    healthy: bool = True
    creator_request_id: str = ""
    created_at: datetime
    changed_at: datetime


@record(table="servicediscovery_operations", indexes=("home",))
class Operation:
    """What was done, for those who ask whether it is done by now: it was in the same transaction.

    `targets` are ids by NAMESPACE, SERVICE or INSTANCE.
    """

    arn: str
    home: str
    id: str
    type: OperationType
    targets: dict[str, str] = {}
    created_at: datetime


ALL = (Namespace, Service, Instance, Operation)
