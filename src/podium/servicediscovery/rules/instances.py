"""What an instance must say of itself.

Source: AWS Cloud Map API Reference, RegisterInstance.
"""

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from podium.servicediscovery.errors import InvalidInput
from podium.servicediscovery.records import Namespace, Service

ALIAS, EC2 = "AWS_ALIAS_DNS_NAME", "AWS_EC2_INSTANCE_ID"
IPV4, IPV6, PORT, CNAME = "AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6", "AWS_INSTANCE_PORT", "AWS_INSTANCE_CNAME"
INITIAL_HEALTH = "AWS_INIT_HEALTH_STATUS"
OF_INSTANCES = (IPV4, IPV6, PORT, CNAME)
KNOWN = (ALIAS, EC2, INITIAL_HEALTH, *OF_INSTANCES)
REQUIRED = {"A": IPV4, "AAAA": IPV6, "CNAME": CNAME, "SRV": PORT}
MOST_CUSTOM = 30
LARGEST = 5000  # characters of all keys and values
LONGEST_KEY, LONGEST_VALUE = 255, 1024
HIGHEST_PORT = 65535
LONGEST_NAME, LONGEST_LABEL = 253, 63  # of a domain, and of what stands between its dots


def attributes(given: Mapping[str, str], service: Service, namespace: Namespace) -> None:
    """Raises InvalidInput."""
    _sizes(given)
    _values(given)
    if INITIAL_HEALTH in given and not service.custom_health:
        raise InvalidInput(f"{INITIAL_HEALTH} can be specified only for a service with HealthCheckCustomConfig.")
    if EC2 in given:
        _of_ec2(given, namespace)
    elif ALIAS in given:
        _of_alias(given, service)
    else:
        _of_records(given, service)


def instance_id(given: str, service: Service) -> None:
    """The name of an instance with an SRV record begins with its id."""
    if "SRV" in service.records and not is_domain(f"{given}.{service.dns_name}"):
        raise InvalidInput(f"InstanceId {given} cannot be part of a DNS name, as the SRV record of the service needs.")


def _sizes(given: Mapping[str, str]) -> None:
    custom = [key for key in given if key not in KNOWN]
    if len(custom) > MOST_CUSTOM:
        raise InvalidInput(f"At most {MOST_CUSTOM} custom attributes can be specified.")
    for key, value in given.items():
        if not 0 < len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            most = f"a key has 1 to {LONGEST_KEY} characters, a value at most {LONGEST_VALUE}"
            raise InvalidInput(f"Invalid attribute {key[:LONGEST_KEY]}: {most}.")
    if sum(len(key) + len(value) for key, value in given.items()) > LARGEST:
        raise InvalidInput(f"The attributes of an instance can have at most {LARGEST} characters in all.")


def _values(given: Mapping[str, str]) -> None:
    if IPV4 in given and not _is(IPv4Address, given[IPV4]):
        raise InvalidInput(f"Invalid IPv4 address: {given[IPV4]}")
    if IPV6 in given and not _is(IPv6Address, given[IPV6]):
        raise InvalidInput(f"Invalid IPv6 address: {given[IPV6]}")
    port = given.get(PORT)
    if port is not None and not (port.isascii() and port.isdigit() and 0 < int(port) <= HIGHEST_PORT):
        raise InvalidInput(f"Invalid port: {port}")
    if given.get(INITIAL_HEALTH, "HEALTHY") not in ("HEALTHY", "UNHEALTHY"):
        raise InvalidInput(f"{INITIAL_HEALTH} must be HEALTHY or UNHEALTHY.")
    for key in (ALIAS, CNAME):
        if key in given and not is_domain(given[key]):
            raise InvalidInput(f"{key} is not a valid domain name: {given[key]}")


def _is(kind: type[IPv4Address] | type[IPv6Address], text: str) -> bool:
    try:
        kind(text)
    except AddressValueError:
        return False
    return "%" not in text


def is_domain(text: str) -> bool:
    name = text.removesuffix(".")
    return len(name) <= LONGEST_NAME and all(0 < len(label) <= LONGEST_LABEL for label in name.split("."))


def _of_ec2(given: Mapping[str, str], namespace: Namespace) -> None:
    if namespace.is_dns:
        raise InvalidInput(f"{EC2} can be specified only for a service in an HTTP namespace.")
    others = [key for key in given if key not in (EC2, INITIAL_HEALTH)]
    if others:
        raise InvalidInput(f"With {EC2}, no other attribute than {INITIAL_HEALTH} can be specified: {others[0]}")


def _of_alias(given: Mapping[str, str], service: Service) -> None:
    for key in OF_INSTANCES:
        if key in given:
            raise InvalidInput(f"{key} cannot be specified together with {ALIAS}.")
    if service.dns_name is None:
        return
    if service.routing_policy != "WEIGHTED":
        raise InvalidInput(f"RoutingPolicy of the service must be WEIGHTED for an instance with {ALIAS}.")
    if not service.records.keys() & {"A", "AAAA"}:
        raise InvalidInput(f"The service must have an A or AAAA record for an instance with {ALIAS}.")


def _of_records(given: Mapping[str, str], service: Service) -> None:
    for kind in service.records:
        if REQUIRED[kind] not in given:
            raise InvalidInput(f"Attribute {REQUIRED[kind]} is required for a service with a record of type {kind}.")
    if "SRV" in service.records and IPV4 not in given and IPV6 not in given:
        raise InvalidInput(f"Attribute {IPV4} or {IPV6} is required for a service with a record of type SRV.")
    if service.health_check and PORT not in given:
        raise InvalidInput(f"Attribute {PORT} is required for a service with HealthCheckConfig.")
