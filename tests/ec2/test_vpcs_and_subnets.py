"""VPCs and subnets: made, shown, changed, deleted."""

from typing import Any

import pytest

from inprocess import Plane, refused
from podium.ec2.records import Address, Pool

V4 = "10.1.0.0/16"


def ids(answer: dict[str, Any], member: str, name: str) -> list[str]:
    return [row[name] for row in answer[member]]


def vpc(ec2: Any, cidr: str = V4) -> str:
    return str(ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"])


def test_a_vpc_comes_with_a_route_table_a_network_acl_and_a_group(ec2: Any) -> None:
    made = vpc(ec2)
    of_it = [{"Name": "vpc-id", "Values": [made]}]
    [table] = ec2.describe_route_tables(Filters=of_it)["RouteTables"]
    assert (table["Routes"][0]["DestinationCidrBlock"], table["Associations"][0]["Main"]) == (V4, True)
    [acl] = ec2.describe_network_acls(Filters=[*of_it, {"Name": "default", "Values": ["true"]}])["NetworkAcls"]
    assert (acl["IsDefault"], acl["Associations"]) == (True, [])
    [group] = ec2.describe_security_groups(Filters=of_it)["SecurityGroups"]
    assert group["GroupName"] == "default"
    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"]
    assert group["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    ec2.delete_vpc(VpcId=made)
    for answer, member in (
        (ec2.describe_route_tables(Filters=of_it), "RouteTables"),
        (ec2.describe_security_groups(Filters=of_it), "SecurityGroups"),
        (ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group["GroupId"]]}]),
         "SecurityGroupRules"),
    ):  # fmt: skip
        assert answer[member] == []


@pytest.mark.parametrize(
    ("cidr", "code", "sentence"),
    [
        ("10.0.0.0/8", "InvalidVpc.Range", "The CIDR '10.0.0.0/8' is invalid."),
        ("10.0.0.0/29", "InvalidVpc.Range", "The CIDR '10.0.0.0/29' is invalid."),
        ("10.0.0.0", "InvalidParameterValue",
         "Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block."),
        ("300.0.0.0/16", "InvalidParameterValue",
         "Value (300.0.0.0/16) for parameter cidrBlock is invalid. This is not a valid CIDR block."),
    ],
)  # fmt: skip
def test_a_block_that_no_vpc_may_have(ec2: Any, cidr: str, code: str, sentence: str) -> None:
    with refused(code, sentence):
        ec2.create_vpc(CidrBlock=cidr)


def test_a_block_is_written_in_its_canonical_form(ec2: Any) -> None:
    assert ec2.create_vpc(CidrBlock="10.1.2.3/16")["Vpc"]["CidrBlock"] == V4


def test_ipv6_is_refused_and_not_passed_over(ec2: Any) -> None:
    ec2.create_vpc(CidrBlock=V4, AmazonProvidedIpv6CidrBlock=False)
    with refused("UnsupportedOperation"):
        ec2.create_vpc(CidrBlock=V4, AmazonProvidedIpv6CidrBlock=True)
    with refused("UnsupportedOperation"):
        ec2.create_subnet(VpcId=vpc(ec2), CidrBlock="10.1.1.0/24", Ipv6CidrBlock="2001:db8::/64")


def test_attributes_of_a_vpc_are_changed_one_at_a_time(ec2: Any) -> None:
    made = vpc(ec2)
    shown = ec2.describe_vpc_attribute(VpcId=made, Attribute="enableDnsHostnames")
    assert shown["EnableDnsHostnames"] == {"Value": False}
    ec2.modify_vpc_attribute(VpcId=made, EnableDnsHostnames={"Value": True})
    assert ec2.describe_vpc_attribute(VpcId=made, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]
    assert ec2.describe_vpc_attribute(VpcId=made, Attribute="enableDnsSupport")["EnableDnsSupport"]["Value"]
    with refused("InvalidParameterCombination"):
        ec2.modify_vpc_attribute(VpcId=made, EnableDnsHostnames={"Value": True}, EnableDnsSupport={"Value": True})


def test_a_subnet_is_in_the_zone_asked_for_or_where_there_are_fewest(ec2: Any) -> None:
    made = vpc(ec2)
    zones = [
        ec2.create_subnet(VpcId=made, CidrBlock=f"10.1.{n}.0/24", **zone)["Subnet"]["AvailabilityZone"]
        for n, zone in enumerate([{"AvailabilityZone": "us-east-1b"}, {"AvailabilityZoneId": "use1-az1"}, {}, {}])
    ]
    assert zones == ["us-east-1b", "us-east-1a", "us-east-1c", "us-east-1a"]
    with refused(
        "InvalidParameterValue",
        "Value (us-east-1f) for parameter availabilityZone is invalid. Subnets can currently only be created in the "
        "following availability zones: us-east-1a, us-east-1b, us-east-1c.",
    ):
        ec2.create_subnet(VpcId=made, CidrBlock="10.1.9.0/24", AvailabilityZone="us-east-1f")


def test_subnets_lie_in_their_vpc_and_apart(ec2: Any) -> None:
    made = vpc(ec2)
    ec2.create_subnet(VpcId=made, CidrBlock="10.1.0.0/20")
    with refused("InvalidSubnet.Conflict", "The CIDR '10.1.15.0/24' conflicts with another subnet"):
        ec2.create_subnet(VpcId=made, CidrBlock="10.1.15.0/24")
    for outside in ("10.2.0.0/24", "10.0.0.0/15", "10.1.16.0/29"):
        with refused("InvalidSubnet.Range", f"The CIDR '{outside}' is invalid."):
            ec2.create_subnet(VpcId=made, CidrBlock=outside)
    with refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist"):
        ec2.create_subnet(VpcId="vpc-1", CidrBlock="10.1.0.0/24")


def test_free_addresses_are_counted(ec2: Any, made: dict[str, str]) -> None:
    def free() -> int:
        return int(ec2.describe_subnets(SubnetIds=[made["subnet"]])["Subnets"][0]["AvailableIpAddressCount"])

    assert free() == 249  # 256, less AWS's five, the interface and the NAT gateway's
    ec2.delete_network_interface(NetworkInterfaceId=made["eni"])
    assert free() == 250


def test_what_is_in_use_is_not_deleted(ec2: Any, made: dict[str, str]) -> None:
    with refused("DependencyViolation", f"The subnet '{made['subnet']}' has dependencies and cannot be deleted."):
        ec2.delete_subnet(SubnetId=made["subnet"])
    with refused("DependencyViolation", f"The vpc '{made['vpc']}' has dependencies and cannot be deleted."):
        ec2.delete_vpc(VpcId=made["vpc"])


def test_everything_is_deleted_in_its_order(plane: Plane, ec2: Any, made: dict[str, str]) -> None:
    ec2.delete_nat_gateway(NatGatewayId=made["nat"])
    ec2.release_address(AllocationId=made["eipalloc"])
    ec2.delete_network_interface(NetworkInterfaceId=made["eni"])
    ec2.delete_security_group(GroupId=made["sg"])
    ec2.delete_subnet(SubnetId=made["subnet"])
    ec2.delete_route_table(RouteTableId=made["rtb"])
    ec2.detach_internet_gateway(InternetGatewayId=made["igw"], VpcId=made["vpc"])
    ec2.delete_internet_gateway(InternetGatewayId=made["igw"])
    ec2.delete_vpc(VpcId=made["vpc"])
    fresh = Plane().client("ec2")
    for other in ("describe_vpcs", "describe_subnets", "describe_security_groups", "describe_security_group_rules",
                  "describe_route_tables", "describe_internet_gateways", "describe_network_interfaces",
                  "describe_nat_gateways", "describe_addresses", "describe_network_acls"):  # fmt: skip
        left, beginning = getattr(ec2, other)(), getattr(fresh, other)()
        del left["ResponseMetadata"], beginning["ResponseMetadata"]
        assert left == beginning, other


def test_a_subnet_takes_its_addresses_with_it_and_leaves_its_route_table(
    plane: Plane, ec2: Any, made: dict[str, str]
) -> None:
    ec2.delete_nat_gateway(NatGatewayId=made["nat"])
    ec2.delete_network_interface(NetworkInterfaceId=made["eni"])
    ec2.delete_subnet(SubnetId=made["subnet"])
    assert plane.records(Address) == plane.records(Pool) == []
    [table] = ec2.describe_route_tables(RouteTableIds=[made["rtb"]])["RouteTables"]
    assert table["Associations"] == []


def test_attributes_of_a_subnet(ec2: Any, made: dict[str, str]) -> None:
    ec2.modify_subnet_attribute(SubnetId=made["subnet"], MapPublicIpOnLaunch={"Value": True})
    ec2.modify_subnet_attribute(SubnetId=made["subnet"], EnableResourceNameDnsARecordOnLaunch={"Value": True})
    ec2.modify_subnet_attribute(SubnetId=made["subnet"], PrivateDnsHostnameTypeOnLaunch="resource-name")
    ec2.modify_subnet_attribute(SubnetId=made["subnet"], AssignIpv6AddressOnCreation={"Value": False})
    [shown] = ec2.describe_subnets(SubnetIds=[made["subnet"]])["Subnets"]
    assert shown["MapPublicIpOnLaunch"]
    assert shown["PrivateDnsNameOptionsOnLaunch"] == {
        "HostnameType": "resource-name",
        "EnableResourceNameDnsARecord": True,
        "EnableResourceNameDnsAAAARecord": False,
    }
    with refused("UnsupportedOperation"):
        ec2.modify_subnet_attribute(SubnetId=made["subnet"], AssignIpv6AddressOnCreation={"Value": True})


def test_a_default_vpc_that_was_deleted_is_made_again(ec2: Any) -> None:
    with refused("DefaultVpcAlreadyExists"):
        ec2.create_default_vpc()
    [before] = ec2.describe_vpcs()["Vpcs"]
    for subnet in ids(ec2.describe_subnets(), "Subnets", "SubnetId"):
        ec2.delete_subnet(SubnetId=subnet)
    [gateway] = ids(ec2.describe_internet_gateways(), "InternetGateways", "InternetGatewayId")
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=before["VpcId"])
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_vpc(VpcId=before["VpcId"])
    assert ec2.describe_vpcs()["Vpcs"] == ec2.describe_subnets()["Subnets"] == []
    with refused("VPCIdNotSpecified", "No default VPC for this user"):
        ec2.create_security_group(GroupName="x", Description="x")
    with refused("DefaultVpcDoesNotExist"):
        ec2.create_default_subnet(AvailabilityZone="us-east-1a")
    after = ec2.create_default_vpc()["Vpc"]
    assert after["VpcId"] != before["VpcId"]
    assert len(ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]) == 3


def test_a_default_subnet_that_was_deleted_is_made_again(ec2: Any) -> None:
    [gone, *_] = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1b"]}])["Subnets"]
    with refused("DefaultSubnetAlreadyExistsInAvailabilityZone"):
        ec2.create_default_subnet(AvailabilityZone="us-east-1b")
    ec2.delete_subnet(SubnetId=gone["SubnetId"])
    made = ec2.create_default_subnet(AvailabilityZone="us-east-1b")["Subnet"]
    assert (made["DefaultForAz"], made["CidrBlock"], made["VpcId"]) == (True, gone["CidrBlock"], gone["VpcId"])


def test_accounts_regions_and_their_networks_are_apart(plane: Plane, ec2: Any) -> None:
    made = vpc(ec2)
    elsewhere = plane.client("ec2", region="eu-west-1")
    assert made not in ids(elsewhere.describe_vpcs(), "Vpcs", "VpcId")
    with refused("InvalidVpcID.NotFound"):
        elsewhere.delete_vpc(VpcId=made)
    assert ids(elsewhere.describe_availability_zones(), "AvailabilityZones", "ZoneId") == [
        "euw1-az1", "euw1-az2", "euw1-az3",
    ]  # fmt: skip
