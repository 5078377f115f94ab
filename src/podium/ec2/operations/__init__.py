"""What EC2 answers, and what each operation asks for. Importing this package registers both."""

from podium.ec2 import access as _access  # noqa: F401
from podium.ec2.operations import (
    elastic_ips,
    group_rules,
    internet_gateways,
    nat_gateways,
    network_interfaces,
    places,
    route_tables,
    routes,
    security_groups,
    subnets,
    surroundings,
    tags,
    vpcs,
)

__all__ = [
    "elastic_ips",
    "group_rules",
    "internet_gateways",
    "nat_gateways",
    "network_interfaces",
    "places",
    "route_tables",
    "routes",
    "security_groups",
    "subnets",
    "surroundings",
    "tags",
    "vpcs",
]
