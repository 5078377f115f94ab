"""Ids, ARNs, zones and private names.

Source: Amazon EC2 User Guide, "Resource IDs"; Amazon VPC User Guide, "DNS attributes for your VPC"; Amazon RDS and
EC2 pages on "Availability Zone IDs".
"""

import hashlib

from podium.kernel.ids import Ids

_DIGITS = 16
ZONES = ("a", "b", "c")
_DIRECTIONS = {
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "central": "c",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
    "gov": "g",
    "iso": "i",
    "isob": "ib",
    "isoe": "ie",
    "isof": "if",
}

# What an ARN calls a thing, and how its id begins.
PREFIXES = {
    "vpc": "vpc",
    "subnet": "subnet",
    "security-group": "sg",
    "security-group-rule": "sgr",
    "network-interface": "eni",
    "route-table": "rtb",
    "internet-gateway": "igw",
    "natgateway": "nat",
    "elastic-ip": "eipalloc",
    "network-acl": "acl",
    "dhcp-options": "dopt",
}


def arn(home: str, noun: str, identity: str) -> str:
    """`home` is partition, region and account."""
    partition, region, account = home.split(":")
    return f"arn:{partition}:ec2:{region}:{account}:{noun}/{identity}"


def id_of(any_arn: str) -> str:
    return any_arn.rpartition("/")[2]


def region_of(home: str) -> str:
    return home.split(":")[1]


def account_of(home: str) -> str:
    return home.split(":")[2]


def new_id(ids: Ids, prefix: str) -> str:
    """`prefix` without its hyphen. AWS's long ids: 17 hexadecimal digits, the first of them 0."""
    return f"{prefix}-0{ids.hex32()[:_DIGITS]}"


def fixed_id(prefix: str, *seed: str) -> str:
    """The same id for the same seed, always and everywhere."""
    digest = hashlib.sha256("/".join((prefix, *seed)).encode()).hexdigest()
    return f"{prefix}-0{digest[:_DIGITS]}"


def derived(prefix: str, identity: str) -> str:
    """The id of what comes with another thing and never without it: `vpc-0ab` has `vpc-cidr-assoc-0ab`."""
    return f"{prefix}-{identity.rpartition('-')[2]}"


def zones(region: str) -> tuple[tuple[str, str], ...]:
    """The names and ids of a region's zones: us-east-1a is use1-az1."""
    return tuple((f"{region}{letter}", f"{_short(region)}-az{n}") for n, letter in enumerate(ZONES, 1))


def _short(region: str) -> str:
    area, *directions = region.split("-")
    return area + "".join(_DIRECTIONS.get(word, word) for word in directions)


def private_dns_name(region: str, address: str) -> str:
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{address.replace('.', '-')}.{domain}"


def mac_address(vpc_id: str, address: str) -> str:
    """Unicast and locally administered. No two in a VPC are the same, since no two addresses are.

    An address that is given out again keeps its MAC address, so that what neighbors remember stays true.
    """
    of_vpc = hashlib.sha256(vpc_id.encode()).digest()[0]
    return ":".join(f"{octet:02x}" for octet in (0x0A, of_vpc, *map(int, address.split("."))))
