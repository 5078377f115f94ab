"""Route tables, routes, internet and NAT gateways, Elastic IP addresses."""

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from botocore.waiter import WaiterError

from inprocess import refused


def table(ec2: Any, identity: str) -> dict[str, Any]:
    return dict(ec2.describe_route_tables(RouteTableIds=[identity])["RouteTables"][0])


def routes(ec2: Any, identity: str) -> dict[str, tuple[str, str]]:
    """Destination: target and state."""
    return {
        r["DestinationCidrBlock"]: (
            r.get("GatewayId") or r.get("NatGatewayId") or r["NetworkInterfaceId"],
            r["State"],
        )
        for r in table(ec2, identity)["Routes"]
    }


def test_routes_lead_to_gateways_and_interfaces(ec2: Any, made: dict[str, str]) -> None:
    rtb, igw = made["rtb"], made["igw"]
    ec2.create_route(RouteTableId=rtb, DestinationCidrBlock="8.0.0.1/8", NatGatewayId=made["nat"])
    ec2.create_route(RouteTableId=rtb, DestinationCidrBlock="9.0.0.0/8", NetworkInterfaceId=made["eni"])
    assert routes(ec2, rtb) == {
        "10.0.0.0/16": ("local", "active"),
        "0.0.0.0/0": (igw, "active"),
        "8.0.0.0/8": (made["nat"], "active"),
        "9.0.0.0/8": (made["eni"], "active"),
    }
    ec2.replace_route(RouteTableId=rtb, DestinationCidrBlock="8.0.0.0/8", GatewayId=igw)
    ec2.delete_route(RouteTableId=rtb, DestinationCidrBlock="9.0.0.0/8")
    assert set(routes(ec2, rtb)) == {"10.0.0.0/16", "0.0.0.0/0", "8.0.0.0/8"}
    assert routes(ec2, rtb)["8.0.0.0/8"] == (igw, "active")


def test_a_route_to_what_is_gone_is_a_black_hole(ec2: Any, made: dict[str, str]) -> None:
    ec2.create_route(RouteTableId=made["rtb"], DestinationCidrBlock="8.0.0.0/8", NatGatewayId=made["nat"])
    ec2.delete_nat_gateway(NatGatewayId=made["nat"])
    ec2.detach_internet_gateway(InternetGatewayId=made["igw"], VpcId=made["vpc"])
    found = routes(ec2, made["rtb"])
    assert {found["8.0.0.0/8"][1], found["0.0.0.0/0"][1]} == {"blackhole"}
    [shown] = ec2.describe_route_tables(Filters=[{"Name": "route.state", "Values": ["blackhole"]}])["RouteTables"]
    assert shown["RouteTableId"] == made["rtb"]


def test_what_no_route_can_be(ec2: Any, made: dict[str, str]) -> None:
    rtb, igw = {"RouteTableId": made["rtb"]}, {"GatewayId": made["igw"]}
    with refused("RouteAlreadyExists", "The route identified by 0.0.0.0/0 already exists."):
        ec2.create_route(**rtb, DestinationCidrBlock="0.0.0.0/0", **igw)
    with refused(
        "InvalidRoute.NotFound", f"no route with destination-cidr-block 7.0.0.0/8 in route table {made['rtb']}"
    ):
        ec2.delete_route(**rtb, DestinationCidrBlock="7.0.0.0/8")
    with refused("InvalidParameterValue", f"cannot remove local route 10.0.0.0/16 in route table {made['rtb']}"):
        ec2.delete_route(**rtb, DestinationCidrBlock="10.0.0.0/16")
    with refused(
        "InvalidParameterValue",
        "There is no route defined for '7.0.0.0/8' in the route table. Use CreateRoute instead.",
    ):
        ec2.replace_route(**rtb, DestinationCidrBlock="7.0.0.0/8", **igw)
    with refused("MissingParameter"):
        ec2.create_route(**rtb, DestinationCidrBlock="7.0.0.0/8")
    with refused("InvalidParameterCombination"):
        ec2.create_route(**rtb, DestinationCidrBlock="7.0.0.0/8", **igw, NatGatewayId=made["nat"])
    with refused("UnsupportedOperation"):
        ec2.create_route(**rtb, DestinationIpv6CidrBlock="::/0", **igw)
    with refused("UnsupportedOperation"):
        ec2.create_route(**rtb, DestinationCidrBlock="7.0.0.0/8", TransitGatewayId="tgw-1")
    other = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    with refused(
        "InvalidParameterValue",
        f"route table {made['rtb']} and network gateway {other} belong to different networks",
    ):
        ec2.create_route(**rtb, DestinationCidrBlock="7.0.0.0/8", GatewayId=other)


def test_a_subnet_has_one_table_and_another_after_it_was_replaced(ec2: Any, made: dict[str, str]) -> None:
    again = ec2.associate_route_table(RouteTableId=made["rtb"], SubnetId=made["subnet"])
    assert again["AssociationId"] == made["rtbassoc"]
    other = ec2.create_route_table(VpcId=made["vpc"])["RouteTable"]["RouteTableId"]
    with refused("Resource.AlreadyAssociated"):
        ec2.associate_route_table(RouteTableId=other, SubnetId=made["subnet"])
    with refused("DependencyViolation", f"The routeTable '{made['rtb']}' has dependencies and cannot be deleted."):
        ec2.delete_route_table(RouteTableId=made["rtb"])
    changed = ec2.replace_route_table_association(AssociationId=made["rtbassoc"], RouteTableId=other)
    assert table(ec2, made["rtb"])["Associations"] == []
    [held] = table(ec2, other)["Associations"]
    assert (held["RouteTableAssociationId"], held["SubnetId"], held["Main"]) == (
        changed["NewAssociationId"],
        made["subnet"],
        False,
    )
    ec2.disassociate_route_table(AssociationId=changed["NewAssociationId"])
    with refused("InvalidAssociationID.NotFound"):
        ec2.disassociate_route_table(AssociationId=changed["NewAssociationId"])
    ec2.delete_route_table(RouteTableId=made["rtb"])


def test_a_vpc_may_have_another_main_table(ec2: Any, made: dict[str, str]) -> None:
    of_vpc = [{"Name": "vpc-id", "Values": [made["vpc"]]}, {"Name": "association.main", "Values": ["true"]}]
    [main] = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
    association = main["Associations"][0]["RouteTableAssociationId"]
    with refused("InvalidParameterValue"):
        ec2.disassociate_route_table(AssociationId=association)
    ec2.replace_route_table_association(AssociationId=association, RouteTableId=made["rtb"])
    [after] = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
    assert after["RouteTableId"] == made["rtb"]
    ec2.delete_route_table(RouteTableId=main["RouteTableId"])


def test_a_gateway_is_attached_to_one_vpc(ec2: Any, made: dict[str, str]) -> None:
    other = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    with refused("InvalidParameterValue", f"Network {made['vpc']} already has an internet gateway attached"):
        ec2.attach_internet_gateway(InternetGatewayId=other, VpcId=made["vpc"])
    with refused("Resource.AlreadyAssociated", f"resource {made['igw']} is already attached to network {made['vpc']}"):
        ec2.attach_internet_gateway(InternetGatewayId=made["igw"], VpcId=made["default-vpc"])
    with refused("Gateway.NotAttached", f"resource {other} is not attached to network {made['vpc']}"):
        ec2.detach_internet_gateway(InternetGatewayId=other, VpcId=made["vpc"])
    with refused("DependencyViolation"):
        ec2.detach_internet_gateway(InternetGatewayId=made["igw"], VpcId=made["vpc"])  # the NAT gateway's address
    with refused("DependencyViolation", f"The internetGateway '{made['igw']}' has dependencies and cannot be deleted."):
        ec2.delete_internet_gateway(InternetGatewayId=made["igw"])


def test_a_nat_gateway_has_an_interface_and_an_address(ec2: Any, made: dict[str, str]) -> None:
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[made["nat"]])
    [shown] = ec2.describe_nat_gateways(Filter=[{"Name": "state", "Values": ["available"]}])["NatGateways"]
    [address] = shown["NatGatewayAddresses"]
    [elastic] = ec2.describe_addresses(AllocationIds=[made["eipalloc"]])["Addresses"]
    assert (elastic["PublicIp"], elastic["AssociationId"]) == (address["PublicIp"], address["AssociationId"])
    assert IPv4Address(elastic["PublicIp"]) in IPv4Network("198.18.0.0/15")
    [interface] = ec2.describe_network_interfaces(NetworkInterfaceIds=[made["nat-eni"]])["NetworkInterfaces"]
    assert (interface["RequesterManaged"], interface["Description"]) == (
        True,
        f"Interface for NAT Gateway {made['nat']}",
    )
    with refused("InvalidIPAddress.InUse", f"Address {elastic['PublicIp']} is in use."):
        ec2.release_address(AllocationId=made["eipalloc"])
    with refused("AuthFailure"):
        ec2.disassociate_address(AssociationId=elastic["AssociationId"])
    ec2.delete_nat_gateway(NatGatewayId=made["nat"])
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[made["nat"]])
    with refused("InvalidNetworkInterfaceID.NotFound"):
        ec2.describe_network_interfaces(NetworkInterfaceIds=[made["nat-eni"]])
    ec2.release_address(PublicIp=elastic["PublicIp"])
    with refused("InvalidAllocationID.NotFound"):
        ec2.release_address(AllocationId=made["eipalloc"])


def test_what_no_nat_gateway_can_be(ec2: Any, made: dict[str, str]) -> None:
    [default, *_] = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    subnet = {"SubnetId": default["SubnetId"]}
    with refused("MissingParameter"):
        ec2.create_nat_gateway(**subnet)
    with refused("Resource.AlreadyAssociated", f"Elastic IP address [{made['eipalloc']}] is already associated"):
        ec2.create_nat_gateway(**subnet, AllocationId=made["eipalloc"])
    with refused("InvalidParameterValue"):
        ec2.create_nat_gateway(**subnet, AllocationId=made["eipalloc"], ConnectivityType="private")
    private = ec2.create_nat_gateway(**subnet, ConnectivityType="private")["NatGateway"]
    assert (private["ConnectivityType"], "PublicIp" in private["NatGatewayAddresses"][0]) == ("private", False)
    shut = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    inner = ec2.create_subnet(VpcId=shut, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    free = ec2.allocate_address()["AllocationId"]
    with refused("Gateway.NotAttached", f"Network {shut} has no Internet gateway attached"):
        ec2.create_nat_gateway(SubnetId=inner, AllocationId=free)


def test_no_two_addresses_that_were_given_out_are_the_same(ec2: Any) -> None:
    given = [ec2.allocate_address() for _ in range(3)]
    ec2.release_address(AllocationId=given[0]["AllocationId"])
    given.append(ec2.allocate_address(Domain="vpc"))
    assert len({one["PublicIp"] for one in given}) == 4
    shown = ec2.describe_addresses_attribute(Attribute="domain-name")["Addresses"]
    assert {one["AllocationId"] for one in shown} == {one["AllocationId"] for one in given[1:]}
    with refused("InvalidAddress.NotFound"):
        ec2.describe_addresses(PublicIps=["203.0.113.1"])


def test_waiters_find_the_states_that_they_wait_for(ec2: Any, made: dict[str, str]) -> None:
    ec2.get_waiter("vpc_available").wait(VpcIds=[made["vpc"]])
    ec2.get_waiter("subnet_available").wait(SubnetIds=[made["subnet"]])
    ec2.get_waiter("network_interface_available").wait(NetworkInterfaceIds=[made["eni"]])
    ec2.get_waiter("security_group_exists").wait(GroupIds=[made["sg"]])
    with pytest.raises(WaiterError):
        ec2.get_waiter("vpc_exists").wait(VpcIds=["vpc-1"], WaiterConfig={"MaxAttempts": 1})
