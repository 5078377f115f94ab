"""What clients ask for about a VPC and Podium keeps no records of.

A VPC has the network ACL and the DHCP options that it began with; there are no prefix lists and no endpoints.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from podium.ec2 import defaults, lookups, names
from podium.ec2.missing import DhcpOptionsNotFound, EndpointNotFound, NetworkAclNotFound, PrefixListNotFound
from podium.ec2.records import Subnet, Vpc
from podium.ec2.rules import filters, pages
from podium.ec2.rules.filters import Look, fixed
from podium.ec2.service import Answer, Request, reads
from podium.ec2.views import vpcs as views
from podium.kernel.call import Call
from podium.store.session import Transaction


@dataclass(frozen=True, slots=True)
class _Acl:
    vpc: Vpc
    subnets: tuple[Subnet, ...]


@reads
def describe_network_acls(call: Call, tx: Transaction, request: Request) -> Answer:
    pages.one_or_the_other(request, "NetworkAclIds")
    rows = [
        _Acl(vpc, tuple(lookups.every(tx, call.home, Subnet, vpc_arn=vpc.arn)))
        for vpc in lookups.every(tx, call.home, Vpc)
    ]
    if request.get("NetworkAclIds"):
        known = {row.vpc.network_acl_id: row for row in rows}
        for identity in request["NetworkAclIds"]:
            if identity not in known:
                raise NetworkAclNotFound(identity)
        rows = [known[identity] for identity in dict.fromkeys(request["NetworkAclIds"])]
    found = filters.select(rows, request.get("Filters"), _ACL_LOOKS)
    return pages.page(
        "NetworkAcls",
        found,
        request,
        lambda row: views.network_acl(row.vpc, row.subnets),
        key=lambda row: row.vpc.network_acl_id,
    )


_ACL_LOOKS: Mapping[str, Look[_Acl]] = {
    "association.association-id": lambda row: [views.acl_association(subnet) for subnet in row.subnets],
    "association.network-acl-id": lambda row: (row.vpc.network_acl_id,),
    "association.subnet-id": lambda row: [subnet.id for subnet in row.subnets],
    "default": fixed(True),
    "network-acl-id": lambda row: (row.vpc.network_acl_id,),
    "owner-id": lambda row: (names.account_of(row.vpc.home),),
    "vpc-id": lambda row: (row.vpc.id,),
}


@reads
def describe_dhcp_options(call: Call, tx: Transaction, request: Request) -> Answer:
    """Every region has one set of options, AWS's own."""
    pages.one_or_the_other(request, "DhcpOptionsIds")
    identity = defaults.dhcp_options_id(call.home)
    for given in request.get("DhcpOptionsIds") or ():
        if given != identity:
            raise DhcpOptionsNotFound(given)
    rows = filters.select([identity], request.get("Filters"), {"dhcp-options-id": lambda row: (row,)})
    return pages.page("DhcpOptions", rows, request, lambda row: views.dhcp_options(call.home, row), key=lambda row: row)


@reads
def describe_managed_prefix_lists(call: Call, tx: Transaction, request: Request) -> Answer:
    for identity in request.get("PrefixListIds") or ():
        raise PrefixListNotFound(identity)
    return {"PrefixLists": []}


@reads
def describe_prefix_lists(call: Call, tx: Transaction, request: Request) -> Answer:
    for identity in request.get("PrefixListIds") or ():
        raise PrefixListNotFound(identity)
    return {"PrefixLists": []}


@reads
def describe_vpc_endpoints(call: Call, tx: Transaction, request: Request) -> Answer:
    for identity in request.get("VpcEndpointIds") or ():
        raise EndpointNotFound(identity)
    return {"VpcEndpoints": []}
