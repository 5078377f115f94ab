"""Records as the API shows them."""

from typing import Any

from podium.servicediscovery.records import Instance, Namespace, NamespaceType, Operation, Service

DEFAULT_SOA_TTL = 15  # seconds
HEALTHY, UNHEALTHY, UNKNOWN = "HEALTHY", "UNHEALTHY", "UNKNOWN"


def account_of(home: str) -> str:
    return home.split(":")[2]


def namespace_summary(record: Namespace, services: int) -> dict[str, Any]:
    properties: dict[str, Any] = {"HttpProperties": {"HttpName": record.name}}
    if record.is_dns:
        soa = {"TTL": DEFAULT_SOA_TTL if record.soa_ttl is None else record.soa_ttl}
        properties["DnsProperties"] = {"HostedZoneId": record.hosted_zone_id, "SOA": soa}
    return _without_absent(
        {
            "Id": record.id,
            "Arn": record.arn,
            "ResourceOwner": account_of(record.home),
            "Name": record.name,
            "Type": record.type.value,
            "Description": record.description,
            "ServiceCount": services,
            "Properties": properties,
            "CreateDate": record.created_at,
        }
    )


def namespace(record: Namespace, services: int) -> dict[str, Any]:
    return {**namespace_summary(record, services), "CreatorRequestId": record.creator_request_id}


def service_summary(record: Service, instances: int, of: Namespace) -> dict[str, Any]:
    return _without_absent(
        {
            "Id": record.id,
            "Arn": record.arn,
            "ResourceOwner": account_of(record.home),
            "Name": record.name,
            "Type": service_type(record, of),
            "Description": record.description,
            "InstanceCount": instances,
            "DnsConfig": dns_config(record),
            "HealthCheckConfig": record.health_check,
            "HealthCheckCustomConfig": {"FailureThreshold": 1} if record.custom_health else None,
            "CreateDate": record.created_at,
            "CreatedByAccount": account_of(record.home),
        }
    )


def service(record: Service, instances: int, of: Namespace) -> dict[str, Any]:
    shown = service_summary(record, instances, of)
    return {**shown, "NamespaceId": of.id, "CreatorRequestId": record.creator_request_id}


def service_type(record: Service, of: Namespace) -> str:
    """What is found by DNS is found by the API, too."""
    return "HTTP" if of.type is NamespaceType.HTTP or record.dns_name is None else "DNS_HTTP"


def dns_config(record: Service) -> dict[str, Any] | None:
    if record.dns_name is None:
        return None
    return {
        "NamespaceId": record.namespace_arn.rpartition("/")[2],
        "RoutingPolicy": record.routing_policy,
        "DnsRecords": [{"Type": kind, "TTL": ttl} for kind, ttl in record.records.items()],
    }


def instance_summary(record: Instance, of: Service) -> dict[str, Any]:
    return {"Id": record.id, "Attributes": record.attributes, "CreatedByAccount": account_of(of.home)}


def instance(record: Instance, of: Service) -> dict[str, Any]:
    shown = instance_summary(record, of)
    return {**shown, "CreatorRequestId": record.creator_request_id} if record.creator_request_id else shown


def health(record: Instance, of: Service) -> str:
    """UNKNOWN where the service has no custom health check: nobody looks after its instances."""
    if not of.custom_health:
        return UNKNOWN
    return HEALTHY if record.healthy else UNHEALTHY


def found(record: Instance, of: Service, namespace_name: str) -> dict[str, Any]:
    """An instance as DiscoverInstances shows it."""
    return {
        "InstanceId": record.id,
        "NamespaceName": namespace_name,
        "ServiceName": of.name,
        "HealthStatus": health(record, of),
        "Attributes": record.attributes,
    }


def operation(record: Operation) -> dict[str, Any]:
    return {
        "Id": record.id,
        "OwnerAccount": account_of(record.home),
        "Type": record.type.value,
        "Status": "SUCCESS",
        "CreateDate": record.created_at,
        "UpdateDate": record.created_at,
        "Targets": record.targets,
    }


def tags(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


def _without_absent(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", {})}
