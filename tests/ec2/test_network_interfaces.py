"""Network interfaces: the account's own, and those that ECS has made for its tasks."""

from typing import Any

import pytest

from inprocess import ACCOUNT, BEGINNING, REGION, Plane, refused
from podium import ec2 as network
from podium.runtime.dice import Dice

HOME = f"aws:{REGION}:{ACCOUNT}"
ATTACHMENT = f"arn:aws:ecs:{REGION}:{ACCOUNT}:attachment/0f1e2d3c-0000-4000-8000-000000000001"


@pytest.fixture
def of_task(plane: Plane) -> str:
    """An interface as ECS makes it for a task, in the default network."""
    ids = Dice(5)

    def work(tx: Any) -> str:
        subnet = network.default_subnets(tx, HOME)[0]
        made = network.create_interface(
            tx,
            HOME,
            ids,
            BEGINNING,
            subnet_id=subnet.id,
            description=ATTACHMENT,
            requester="ecs",
            tags={"aws:ecs:clusterName": "default", "aws:ecs:serviceName": "web"},
        )
        network.attach_interface(tx, HOME, ids, BEGINNING, interface_id=made.id, instance_id="i-0123456789abcdef0")
        return made.id

    return plane.write(work)


def test_a_tasks_interface_is_shown_as_aws_shows_it(ec2: Any, of_task: str) -> None:
    [shown] = ec2.describe_network_interfaces(Filters=[{"Name": "description", "Values": [ATTACHMENT]}])[
        "NetworkInterfaces"
    ]
    assert shown["NetworkInterfaceId"] == of_task
    wanted = {
        "InterfaceType": "interface",
        "RequesterManaged": True,
        "RequesterId": "ecs",
        "Status": "in-use",
        "PrivateIpAddress": "172.31.0.4",
        "PrivateDnsName": "ip-172-31-0-4.ec2.internal",
        "AvailabilityZone": "us-east-1a",
        "OwnerId": ACCOUNT,
        "TagSet": [
            {"Key": "aws:ecs:clusterName", "Value": "default"},
            {"Key": "aws:ecs:serviceName", "Value": "web"},
        ],
    }
    assert {name: shown[name] for name in wanted} == wanted
    assert shown["PrivateIpAddresses"] == [
        {"Primary": True, "PrivateDnsName": "ip-172-31-0-4.ec2.internal", "PrivateIpAddress": "172.31.0.4"}
    ]
    assert [group["GroupName"] for group in shown["Groups"]] == ["default"]
    assert shown["MacAddress"].startswith("0a:")
    held = shown["Attachment"]
    assert (held["InstanceId"], held["Status"], held["AttachTime"]) == ("i-0123456789abcdef0", "attached", BEGINNING)
    assert "Association" not in shown


def test_nobody_but_the_service_changes_it(ec2: Any, of_task: str) -> None:
    sentence = "You do not have permission to access the specified resource."
    with refused("InvalidParameterValue", f"Network interface '{of_task}' is currently in use."):
        ec2.delete_network_interface(NetworkInterfaceId=of_task)
    with refused("AuthFailure", sentence):
        ec2.modify_network_interface_attribute(NetworkInterfaceId=of_task, Description={"Value": "mine"})
    attachment = ec2.describe_network_interface_attribute(NetworkInterfaceId=of_task, Attribute="attachment")
    with refused("OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments."):
        ec2.detach_network_interface(AttachmentId=attachment["Attachment"]["AttachmentId"])
    with refused("InvalidAttachmentID.NotFound"):
        ec2.detach_network_interface(AttachmentId="eni-attach-1")


def test_nobody_but_the_service_deletes_it_before_it_is_attached(plane: Plane, ec2: Any) -> None:
    def work(tx: Any) -> str:
        subnet = network.default_subnets(tx, HOME)[0]
        made = network.create_interface(tx, HOME, Dice(5), BEGINNING, subnet_id=subnet.id, requester="ecs")
        return made.id

    with refused("AuthFailure", "You do not have permission to access the specified resource."):
        ec2.delete_network_interface(NetworkInterfaceId=plane.write(work))


def test_what_it_is_in_is_not_deleted_and_is_free_again_without_it(plane: Plane, ec2: Any, of_task: str) -> None:
    subnet = ec2.describe_network_interfaces()["NetworkInterfaces"][0]["SubnetId"]
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=subnet)
    plane.write(lambda tx: network.release_interface(tx, HOME, of_task))
    with refused("InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{of_task}' does not exist"):
        ec2.describe_network_interfaces(NetworkInterfaceIds=[of_task])
    ec2.delete_subnet(SubnetId=subnet)


def test_an_interface_of_ones_own(ec2: Any, made: dict[str, str]) -> None:
    shown = ec2.create_network_interface(
        SubnetId=made["subnet"], Groups=[made["sg"]], Description="own", PrivateIpAddress="10.0.1.99"
    )["NetworkInterface"]
    assert (shown["PrivateIpAddress"], shown["Status"], shown["RequesterManaged"]) == ("10.0.1.99", "pending", False)
    identity = shown["NetworkInterfaceId"]
    other = ec2.create_security_group(VpcId=made["vpc"], GroupName="other", Description="x")["GroupId"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=identity, Groups=[other, made["sg"]])
    ec2.modify_network_interface_attribute(NetworkInterfaceId=identity, Description={"Value": "changed"})
    ec2.modify_network_interface_attribute(NetworkInterfaceId=identity, SourceDestCheck={"Value": False})
    [after] = ec2.describe_network_interfaces(Filters=[{"Name": "group-name", "Values": ["other"]}])[
        "NetworkInterfaces"
    ]
    assert {group["GroupId"] for group in after["Groups"]} == {other, made["sg"]}
    assert (after["Description"], after["SourceDestCheck"], after["Status"]) == ("changed", False, "available")
    with refused("InvalidIPAddress.InUse", "The specified address is already in use: 10.0.1.99."):
        ec2.create_network_interface(SubnetId=made["subnet"], PrivateIpAddress="10.0.1.99")
    ec2.delete_network_interface(NetworkInterfaceId=identity)
    ec2.delete_security_group(GroupId=other)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"PrivateIpAddress": "10.0.1.1"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.0.2.9"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "x"}, "InvalidParameterValue"),
        ({"SubnetId": "subnet-1"}, "InvalidSubnetID.NotFound"),
        ({"Groups": ["sg-1"]}, "InvalidGroup.NotFound"),
        ({"Groups": ["web"]}, "InvalidGroupId.Malformed"),
        ({"Ipv6AddressCount": 1}, "UnsupportedOperation"),
        ({"SecondaryPrivateIpAddressCount": 1}, "UnsupportedOperation"),
    ],
)
def test_what_no_interface_can_have(ec2: Any, made: dict[str, str], members: dict[str, Any], code: str) -> None:
    with refused(code):
        ec2.create_network_interface(**{"SubnetId": made["subnet"], **members})


def test_the_same_client_token_makes_one_interface(ec2: Any, made: dict[str, str]) -> None:
    one, again = (
        ec2.create_network_interface(SubnetId=made["subnet"], ClientToken="once")["NetworkInterface"] for _ in "12"
    )
    assert one["NetworkInterfaceId"] == again["NetworkInterfaceId"]
    [elsewhere, *_] = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    with refused("IdempotentParameterMismatch"):
        ec2.create_network_interface(SubnetId=elsewhere["SubnetId"], ClientToken="once")


def test_an_interface_is_in_five_groups_at_most(ec2: Any, made: dict[str, str]) -> None:
    groups = [
        ec2.create_security_group(VpcId=made["vpc"], GroupName=f"g{n}", Description="x")["GroupId"] for n in range(6)
    ]
    with refused("SecurityGroupsPerInterfaceLimitExceeded"):
        ec2.create_network_interface(SubnetId=made["subnet"], Groups=groups)
    ec2.create_network_interface(SubnetId=made["subnet"], Groups=groups[:5])
