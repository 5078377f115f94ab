"""What EC2's operations ask to be allowed."""

from typing import Any

import pytest

from inprocess import ACCOUNT, AGENT, REGION, Plane, refused
from people import Key, allow, permit, user, user_arn
from podium.ec2.access import RULES
from podium.ec2.service import ec2 as service

EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"


@pytest.fixture
def ann(plane: Plane) -> Key:
    return user(plane, "ann")


@pytest.fixture
def as_ann(plane: Plane, ann: Key) -> Any:
    return plane.client("ec2", key=ann)


def denied(action: str, resource: str) -> Any:
    sentence = (
        f"You are not authorized to perform this operation. User: {user_arn('ann')} is not authorized to perform: "
        f"{action} on resource: {resource} because no identity-based policy allows the {action} action"
    )
    return refused("UnauthorizedOperation", sentence)


def test_whatever_changes_or_shows_one_thing_has_a_rule() -> None:
    free = {"CreateDefaultVpc", "CreateDefaultSubnet"}
    assert set(service.operations) - service.reading - free == set(RULES) - service.reading
    assert set(RULES) <= set(service.operations)


def test_a_new_user_may_do_nothing(as_ann: Any) -> None:
    with denied("ec2:DescribeVpcs", "*"):
        as_ann.describe_vpcs()
    with denied("ec2:CreateVpc", f"{EC2}:vpc/*"):
        as_ann.create_vpc(CidrBlock="10.5.0.0/16")


def test_what_is_made_and_where_must_both_be_allowed(plane: Plane, as_ann: Any, made: dict[str, str]) -> None:
    permit(plane, "ann", allow("ec2:CreateSubnet", f"{EC2}:subnet/*"))
    with denied("ec2:CreateSubnet", f"{EC2}:vpc/{made['vpc']}"):
        as_ann.create_subnet(VpcId=made["vpc"], CidrBlock="10.0.9.0/24")
    permit(plane, "ann", allow("ec2:CreateSubnet", [f"{EC2}:subnet/*", f"{EC2}:vpc/{made['vpc']}"]))
    as_ann.create_subnet(VpcId=made["vpc"], CidrBlock="10.0.9.0/24")


def test_tagging_what_is_made_is_allowed_apart(plane: Plane, as_ann: Any) -> None:
    tagged = {
        "CidrBlock": "10.5.0.0/16",
        "TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "a"}]}],
    }
    permit(plane, "ann", allow("ec2:CreateVpc"))
    with denied("ec2:CreateTags", f"{EC2}:vpc/*"):
        as_ann.create_vpc(**tagged)
    only = {"StringEquals": {"ec2:CreateAction": "CreateVpc", "aws:RequestTag/team": "a"}}
    permit(plane, "ann", allow("ec2:CreateVpc"), allow("ec2:CreateTags", f"{EC2}:vpc/*", Condition=only))
    vpc = as_ann.create_vpc(**tagged)["Vpc"]["VpcId"]
    with denied("ec2:CreateTags", f"{EC2}:vpc/{vpc}"):
        as_ann.create_tags(Resources=[vpc], Tags=[{"Key": "team", "Value": "a"}])


@pytest.mark.parametrize(
    ("operation", "condition"),
    [
        ("delete_security_group", {"StringEquals": {"aws:ResourceTag/team": "a"}}),
        ("delete_security_group", {"StringEquals": {"ec2:ResourceTag/team": "a"}}),
        ("authorize_security_group_ingress", {"ArnEquals": {"ec2:Vpc": EC2 + ":vpc/{vpc}"}}),
        ("authorize_security_group_ingress", {"StringEquals": {"ec2:SecurityGroupID": "{sg}"}}),
    ],
)
def test_conditions_look_at_the_resource_as_it_is(
    plane: Plane, as_ann: Any, ec2: Any, made: dict[str, str], operation: str, condition: dict[str, Any]
) -> None:
    ec2.create_tags(Resources=[made["sg"]], Tags=[{"Key": "team", "Value": "a"}])
    ec2.delete_network_interface(NetworkInterfaceId=made["eni"])
    filled = {how: {k: v.format(**made) for k, v in what.items()} for how, what in condition.items()}
    permit(
        plane,
        "ann",
        allow("ec2:*", f"{EC2}:security-group/*", Condition=filled),
        allow("ec2:*", f"{EC2}:security-group-rule/*"),
    )
    given = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIp": "10.0.0.0/8"}
    members = given if operation.startswith("authorize") else {}
    with refused("UnauthorizedOperation"):
        getattr(as_ann, operation)(GroupId=made["default-sg"], **members)
    getattr(as_ann, operation)(GroupId=made["sg"], **members)


def test_a_region_is_a_condition(plane: Plane, ann: Key) -> None:
    permit(plane, "ann", allow("ec2:DescribeVpcs", Condition={"StringEquals": {"ec2:Region": REGION}}))
    plane.client("ec2", key=ann).describe_vpcs()
    with refused("UnauthorizedOperation"):
        plane.client("ec2", region="eu-west-1", key=ann).describe_vpcs()


def test_ids_that_stand_for_others_are_looked_up(plane: Plane, as_ann: Any, made: dict[str, str]) -> None:
    with denied("ec2:DisassociateRouteTable", f"{EC2}:route-table/{made['rtb']}"):
        as_ann.disassociate_route_table(AssociationId=made["rtbassoc"])
    permit(plane, "ann", allow("ec2:DisassociateRouteTable", f"{EC2}:route-table/{made['rtb']}"))
    with denied("ec2:DisassociateRouteTable", f"{EC2}:subnet/{made['subnet']}"):
        as_ann.disassociate_route_table(AssociationId=made["rtbassoc"])
    default = {"GroupName": "default", "IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}
    permit(plane, "ann", allow("ec2:*", f"{EC2}:security-group-rule/*"))
    with denied("ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group/{made['default-sg']}"):
        as_ann.authorize_security_group_ingress(**default)


def test_a_dry_run_by_who_may_not_is_refused_as_the_real_one(as_ann: Any) -> None:
    with denied("ec2:DeleteVpc", f"{EC2}:vpc/vpc-1"):
        as_ann.delete_vpc(VpcId="vpc-1", DryRun=True)


def test_a_container_agent_has_no_business_here(plane: Plane) -> None:
    with refused("AccessDenied"):
        plane.client("ec2", key=(AGENT, "agent")).describe_vpcs()
