"""VPCs, subnets, and what comes with them without being a record: network ACLs and DHCP options."""

from collections.abc import Iterable
from typing import Any

from podium.ec2 import lookups, names
from podium.ec2.records import Subnet, Vpc
from podium.ec2.views import tags
from podium.store.session import Transaction

Shown = dict[str, Any]
_LAST_RULE = 32767


def vpc(held: Vpc, state: str = "available") -> Shown:
    return {
        "VpcId": held.id,
        "State": state,
        "CidrBlock": held.cidr,
        "CidrBlockAssociationSet": [
            {
                "AssociationId": cidr_association(held),
                "CidrBlock": held.cidr,
                "CidrBlockState": {"State": "associated"},
            }
        ],
        "Ipv6CidrBlockAssociationSet": [],
        "DhcpOptionsId": held.dhcp_options_id,
        "InstanceTenancy": held.tenancy,
        "IsDefault": held.is_default,
        "OwnerId": names.account_of(held.home),
        "Tags": tags(held.tags),
    }


def cidr_association(held: Vpc) -> str:
    return names.derived("vpc-cidr-assoc", held.id)


def subnet(tx: Transaction, held: Subnet) -> Shown:
    return {
        "SubnetId": held.id,
        "SubnetArn": held.arn,
        "VpcId": held.vpc_id,
        "State": "available",
        "CidrBlock": held.cidr,
        "AvailableIpAddressCount": lookups.available(tx, held),
        "AvailabilityZone": held.zone,
        "AvailabilityZoneId": held.zone_id,
        "DefaultForAz": held.default_for_az,
        "MapPublicIpOnLaunch": held.map_public_ip,
        "MapCustomerOwnedIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "Ipv6CidrBlockAssociationSet": [],
        "Ipv6Native": False,
        "EnableDns64": False,
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": held.hostname_type,
            "EnableResourceNameDnsARecord": held.dns_a_record,
            "EnableResourceNameDnsAAAARecord": False,
        },
        "OwnerId": names.account_of(held.home),
        "Tags": tags(held.tags),
    }


def network_acl(held: Vpc, subnets: Iterable[Subnet]) -> Shown:
    """AWS's default network ACL: everything in, everything out, and a last rule for what is left."""
    return {
        "NetworkAclId": held.network_acl_id,
        "VpcId": held.id,
        "IsDefault": True,
        "OwnerId": names.account_of(held.home),
        "Associations": [
            {
                "NetworkAclAssociationId": acl_association(each),
                "NetworkAclId": held.network_acl_id,
                "SubnetId": each.id,
            }
            for each in subnets
        ],
        "Entries": [
            _entry(number, action, egress)
            for egress in (True, False)
            for number, action in ((100, "allow"), (_LAST_RULE, "deny"))
        ],
        "Tags": [],
    }


def acl_association(held: Subnet) -> str:
    return names.derived("aclassoc", held.id)


def _entry(number: int, action: str, egress: bool) -> Shown:
    return {
        "CidrBlock": "0.0.0.0/0",
        "Egress": egress,
        "Protocol": "-1",
        "RuleAction": action,
        "RuleNumber": number,
    }


def dhcp_options(home: str, identity: str) -> Shown:
    region = names.region_of(home)
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    told = {"domain-name": domain, "domain-name-servers": "AmazonProvidedDNS"}
    return {
        "DhcpOptionsId": identity,
        "OwnerId": names.account_of(home),
        "DhcpConfigurations": [{"Key": key, "Values": [{"Value": value}]} for key, value in told.items()],
        "Tags": [],
    }
