"""Blocks of addresses. AWS reads 10.0.0.9/16 as 10.0.0.0/16.

Source: Amazon VPC User Guide, "VPC CIDR blocks" and "Subnet CIDR blocks"; API Reference, IpRange.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

from podium.ec2.errors import Invalid, SubnetConflict, SubnetRange, VpcRange

WIDEST, NARROWEST = 16, 28
_FORM = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,2}")


def block(given: str) -> IPv4Network:
    """For a VPC or a subnet."""
    found = _read(given)
    if found is None:
        raise Invalid(f"Value ({given}) for parameter cidrBlock is invalid. This is not a valid CIDR block.")
    return found


def of_vpc(given: str) -> str:
    found = block(given)
    if not WIDEST <= found.prefixlen <= NARROWEST:
        raise VpcRange(f"The CIDR '{given}' is invalid.")
    return str(found)


def of_subnet(given: str, vpc_cidr: str, others: Iterable[str]) -> str:
    found = block(given)
    if not WIDEST <= found.prefixlen <= NARROWEST or not found.subnet_of(IPv4Network(vpc_cidr)):
        raise SubnetRange(f"The CIDR '{given}' is invalid.")
    if any(found.overlaps(IPv4Network(other)) for other in others):
        raise SubnetConflict(f"The CIDR '{given}' conflicts with another subnet")
    return str(found)


def of_rule(given: str) -> str:
    """Of a rule or a route, where nothing is too wide or too narrow."""
    found = _read(given)
    if found is None:
        raise Invalid(f"CIDR block {given} is malformed")
    return str(found)


def six_of_rule(given: str) -> str:
    try:
        found = IPv6Network(given, strict=False) if "/" in given else None
    except ValueError:
        found = None
    if found is None:
        raise Invalid(f"CIDR block {given} is malformed")
    return str(found)


def _read(given: str) -> IPv4Network | None:
    if not _FORM.fullmatch(given):
        return None
    try:
        return IPv4Network(given, strict=False)
    except ValueError:
        return None
