"""What DNS answers, made of the records."""

from podium.servicediscovery.records import Instance, Namespace, Service
from podium.store.session import Change, Transaction
from podium_protocol import proxy

WEIGHT = 1  # all instances of Cloud Map weigh the same


def zones(tx: Transaction) -> list[str]:
    """The domains of all namespaces of DNS, whoever they belong to, in lower case."""
    return sorted({namespace.name.lower() for namespace in tx.list(Namespace) if namespace.is_dns})


def name_of(tx: Transaction, service: Service) -> proxy.Name | None:
    """None for a service that is found by the API alone."""
    if service.dns_name is None:
        return None
    return {
        "name": service.dns_name,
        "routing": "WEIGHTED" if service.routing_policy == "WEIGHTED" else "MULTIVALUE",
        "records": service.records,
        "endpoints": [endpoint(service, one) for one in tx.list(Instance, service_arn=service.arn)],
    }


def endpoint(service: Service, instance: Instance) -> proxy.Endpoint:
    """An alias is shown as a CNAME: whoever answers finds the addresses of the load balancer it names.

    Where nothing says how an instance is, it is healthy.
    """
    given = instance.attributes
    port = given.get("AWS_INSTANCE_PORT")
    return {
        "id": instance.id,
        "ipv4": given.get("AWS_INSTANCE_IPV4"),
        "ipv6": given.get("AWS_INSTANCE_IPV6"),
        "cname": given.get("AWS_ALIAS_DNS_NAME") or given.get("AWS_INSTANCE_CNAME"),
        "port": int(port) if port is not None else None,
        "healthy": instance.healthy or not service.custom_health,
        "weight": WEIGHT,
    }


def service_of_change(change: Change) -> str | None:
    """The ARN of the service whose name may read differently now.

    A namespace has no services when it is made or deleted, and nothing else of it shows in a name; `zones` may differ.
    """
    if change.kind is Instance:
        return str(change.record.service_arn)
    if change.kind is Service and _shown(change.before) != _shown(change.after):
        return change.key
    return None


def _shown(service: Service | None) -> tuple[object, ...] | None:
    if service is None or service.dns_name is None:
        return None
    return service.dns_name, service.routing_policy, service.records, service.custom_health
