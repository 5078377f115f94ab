"""A container's network as the metadata shows it, in each network mode. Plain values, no I/O."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_interface
from typing import Any

from podium_agent.engine.records import Task


def networks(task: Task, inspected: Mapping[str, Any], version: int) -> list[dict[str, Any]]:
    interfaces = task.payload.get("elasticNetworkInterfaces") or []
    if interfaces:
        return [_interface(given, index, version) for index, given in enumerate(interfaces)]
    docker = (inspected.get("NetworkSettings") or {}).get("Networks") or {}
    v4 = [n["IPAddress"] for n in docker.values() if n.get("IPAddress")]
    v6 = [n["GlobalIPv6Address"] for n in docker.values() if n.get("GlobalIPv6Address")]
    return [_present({"NetworkMode": task.network_mode, "IPv4Addresses": v4, "IPv6Addresses": v6})]


def _interface(given: Mapping[str, Any], index: int, version: int) -> dict[str, Any]:
    """An interface of the task's own. What the subnet is like came with version 4."""
    addresses = {
        "NetworkMode": "awsvpc",
        "IPv4Addresses": [a["privateAddress"] for a in given.get("ipv4Addresses") or ()],
        "IPv6Addresses": [a["address"] for a in given.get("ipv6Addresses") or ()],
    }
    if version < 4:
        return _present(addresses)
    v4, v6 = given.get("subnetGatewayIpv4Address", ""), given.get("subnetGatewayIpv6Address", "")
    told = {
        "AttachmentIndex": index,
        "MACAddress": given.get("macAddress"),
        "IPv4SubnetCIDRBlock": _subnet(v4),
        "IPv6SubnetCIDRBlock": _subnet(v6),
        "DomainNameServers": given.get("domainNameServers"),
        "DomainNameSearchList": given.get("domainName"),
        "PrivateDNSName": given.get("privateDnsName"),
        "SubnetGatewayIpv4Address": v4,
        "SubnetGatewayIpv6Address": v6,
    }
    return dict(_given(addresses | told))


def _subnet(gateway: str) -> str:
    """`10.0.0.0/24` for the gateway `10.0.0.1/24`."""
    return str(ip_interface(gateway).network) if "/" in gateway else ""


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_given(members))


def _given(members: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in members.items() if value not in (None, [], ""))
