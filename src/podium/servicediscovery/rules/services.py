"""What a service may be.

Source: AWS Cloud Map API Reference, CreateService, DnsConfig, DnsRecord, UpdateService.
"""

from collections.abc import Mapping
from typing import Any

from podium.servicediscovery.errors import InvalidInput
from podium.servicediscovery.records import Namespace, NamespaceType, Service
from podium.servicediscovery.rules.words import one_of

Given = Mapping[str, Any]
COMBINATIONS = ({"A"}, {"AAAA"}, {"A", "AAAA"}, {"SRV"}, {"CNAME"})
LONGEST_NAME = 253  # of a domain name, without its last dot
LONGEST_LABEL = 63
MOST_FAILURES = 10


def namespace_of(request: Given) -> str:
    """The namespace may be named in two places; where both are, they agree."""
    within = (request.get("DnsConfig") or {}).get("NamespaceId")
    given = request.get("NamespaceId")
    if given and within and given != within:
        raise InvalidInput("NamespaceId of the service and of its DnsConfig must be the same.")
    if not given and not within:
        raise InvalidInput("NamespaceId must be specified.")
    return str(given or within)


def new_service(request: Given, namespace: Namespace) -> None:
    """Raises InvalidInput."""
    one_of(request.get("Type"), "ServiceTypeOption", "type")
    config, custom = request.get("DnsConfig"), request.get("HealthCheckCustomConfig")
    check = request.get("HealthCheckConfig")
    if check is not None and custom is not None:
        raise InvalidInput("HealthCheckConfig and HealthCheckCustomConfig cannot both be specified.")
    if config is not None:
        _with_dns(request, config, namespace)
    elif namespace.is_dns and request.get("Type") != "HTTP":
        raise InvalidInput("DnsConfig must be specified for a service in a DNS namespace, unless its Type is HTTP.")
    health_check(check, namespace, dns_records(config))


def _with_dns(request: Given, config: Given, namespace: Namespace) -> None:
    if not namespace.is_dns:
        raise InvalidInput("DnsConfig cannot be specified for a service in an HTTP namespace.")
    if request.get("Type") == "HTTP":
        raise InvalidInput("DnsConfig cannot be specified for a service of Type HTTP.")
    one_of(config.get("RoutingPolicy"), "RoutingPolicy", "dnsConfig.routingPolicy")
    records = dns_records(config)
    if "CNAME" in records and config.get("RoutingPolicy") != "WEIGHTED":
        raise InvalidInput("RoutingPolicy must be WEIGHTED for a service with a CNAME record.")
    name = f"{request['Name']}.{namespace.name}"
    if len(name) > LONGEST_NAME or any(not 0 < len(label) <= LONGEST_LABEL for label in name.split(".")):
        raise InvalidInput(f"{name} is not a valid DNS name.")


def dns_records(config: Given | None) -> dict[str, int]:
    """Types with their TTLs, in the order given. Raises InvalidInput for those that do not go together."""
    found: dict[str, int] = {}
    for number, record in enumerate((config or {}).get("DnsRecords") or (), 1):
        kind = record["Type"]
        one_of(kind, "RecordType", f"dnsConfig.dnsRecords.{number}.member.type")
        if kind in found:
            raise InvalidInput(f"Duplicate record type {kind} in DnsRecords.")
        found[kind] = record["TTL"]
    if config is not None and set(found) not in COMBINATIONS:
        raise InvalidInput("DnsRecords must be A, AAAA, A and AAAA, SRV, or CNAME.")
    return found


def health_check(check: Given | None, namespace: Namespace, records: Mapping[str, int]) -> None:
    if check is None:
        return
    one_of(check.get("Type"), "HealthCheckType", "healthCheckConfig.type")
    if namespace.type is NamespaceType.DNS_PRIVATE:
        raise InvalidInput("HealthCheckConfig cannot be specified for a service in a private DNS namespace.")
    if "CNAME" in records:
        raise InvalidInput("HealthCheckConfig cannot be specified for a service with a CNAME record.")
    if check["Type"] == "TCP" and check.get("ResourcePath"):
        raise InvalidInput("ResourcePath cannot be specified for a health check of type TCP.")


def changed_service(change: Given, service: Service, namespace: Namespace) -> None:
    """TTLs, health check and description may change; which records there are may not. Raises InvalidInput."""
    if not namespace.is_dns:
        raise InvalidInput("A service in an HTTP namespace cannot be updated.")
    records = dns_records(change.get("DnsConfig"))
    if records and set(records) != set(service.records):
        raise InvalidInput("The types of the records of a service cannot be changed; delete and create the service.")
    if change.get("HealthCheckConfig") is not None and service.custom_health:
        raise InvalidInput("HealthCheckConfig cannot be specified for a service with HealthCheckCustomConfig.")
    health_check(change.get("HealthCheckConfig"), namespace, service.records)
