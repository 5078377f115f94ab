"""A task's network interface, as its payload announces it."""

from dataclasses import dataclass
from typing import Any

from podium_protocol import payload

LINK_PREFIX = "pd"
"""What the names of all links that agents make on hosts begin with."""


class BadInterface(ValueError):
    """The payload announces an interface that cannot be made. The sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Interface:
    """One address of one subnet. `networks` are the VPC's address ranges; what lies outside is reached through NAT.

    `prefix` is the length of the subnet's mask. `groups` are security groups, which say who may speak to whom.
    """

    id: str
    mac: str
    address: str
    prefix: int
    gateway: str
    networks: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    name_servers: tuple[str, ...] = ()
    search_domains: tuple[str, ...] = ()
    host_name: str = ""


def of(given: payload.Task) -> Interface | None:
    """The interface of an awsvpc task; None for a task of another network mode. Raises BadInterface."""
    if given.get("networkMode") != "awsvpc":
        return None
    announced = given.get("elasticNetworkInterfaces") or []
    if len(announced) != 1:
        raise BadInterface(f"an awsvpc task has one network interface, not {len(announced)}")
    try:
        return _read(announced[0])
    except (KeyError, ValueError, TypeError, StopIteration) as error:
        raise BadInterface(f"the network interface of the task is not complete: {error!r}") from error


def _read(told: payload.ElasticNetworkInterface) -> Interface:
    gateway, _, prefix = told["subnetGatewayIpv4Address"].partition("/")
    addresses = told["ipv4Addresses"]
    return Interface(
        id=told["ec2Id"],
        mac=told["macAddress"],
        address=next(a["privateAddress"] for a in addresses if a.get("primary", True)),
        prefix=int(prefix),
        gateway=gateway,
        networks=tuple(told.get("vpcCidrs") or ()),
        groups=tuple(told.get("securityGroupIds") or ()),
        name_servers=tuple(told.get("domainNameServers") or ()),
        search_domains=tuple(told.get("domainName") or ()),
        host_name=told.get("privateDnsName") or "",
    )


def sysctls(given: payload.Task, host_configs: list[dict[str, Any]]) -> dict[str, str]:
    """The network's kernel parameters that any container asks for: they hold for the task, whose network is one."""
    asked = {name: value for config in host_configs for name, value in (config.get("Sysctls") or {}).items()}
    return {name: value for name, value in asked.items() if is_of_network(name)}


def is_of_network(parameter: str) -> bool:
    return parameter.startswith("net.")
