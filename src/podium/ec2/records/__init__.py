"""What EC2 remembers of networks. `home` is partition, region and account, the index that lists select by."""

from podium.ec2.records.gateways import ElasticIp, NatGateway
from podium.ec2.records.groups import Member, SecurityGroup, SecurityGroupRule
from podium.ec2.records.interfaces import Attachment, NetworkInterface
from podium.ec2.records.routes import Association, InternetGateway, Route, RouteTable
from podium.ec2.records.vpcs import Address, Pool, Region, Subnet, Vpc

ALL = (
    Address,
    ElasticIp,
    InternetGateway,
    Member,
    NatGateway,
    NetworkInterface,
    Pool,
    Region,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
)

__all__ = [
    "ALL",
    "Address",
    "Association",
    "Attachment",
    "ElasticIp",
    "InternetGateway",
    "Member",
    "NatGateway",
    "NetworkInterface",
    "Pool",
    "Region",
    "Route",
    "RouteTable",
    "SecurityGroup",
    "SecurityGroupRule",
    "Subnet",
    "Vpc",
]
