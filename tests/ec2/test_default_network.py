"""The network that is there before anybody did anything, and what ECS does in it."""

import pytest

from inprocess import ACCOUNT, BEGINNING, REGION, Plane
from podium import ec2
from podium.ec2 import lookups, names, records
from podium.runtime.dice import Dice
from podium.store.session import Store

HOME = f"aws:{REGION}:{ACCOUNT}"
OTHER = f"aws:eu-west-1:{ACCOUNT}"


def nothing_yet():
    return Store(records.ALL).writing()


def test_it_has_a_subnet_in_every_zone() -> None:
    found = ec2.default_subnets(nothing_yet(), HOME)
    assert [(s.zone, s.zone_id, s.cidr, s.gateway) for s in found] == [
        ("us-east-1a", "use1-az1", "172.31.0.0/20", "172.31.0.1"),
        ("us-east-1b", "use1-az2", "172.31.16.0/20", "172.31.16.1"),
        ("us-east-1c", "use1-az3", "172.31.32.0/20", "172.31.32.1"),
    ]
    assert {ec2.available(nothing_yet(), subnet) for subnet in found} == {4091}


def test_every_look_finds_the_same_before_and_after_it_is_written() -> None:
    tx = nothing_yet()
    before = {kind: lookups.every(tx, HOME, kind) for kind in lookups.NOUNS}
    ec2.settle(tx, HOME)
    assert {kind: lookups.every(tx, HOME, kind) for kind in lookups.NOUNS} == before
    changes = len(tx.changes)
    ec2.settle(tx, HOME)
    assert len(tx.changes) == changes


def test_what_is_deleted_of_it_stays_deleted() -> None:
    tx = nothing_yet()
    ec2.settle(tx, HOME)
    first, *others = ec2.default_subnets(tx, HOME)
    tx.delete(first)
    assert ec2.default_subnets(tx, HOME) == others
    assert ec2.find_subnet(tx, HOME, first.id) is None


def test_each_home_has_its_own_and_sees_no_other() -> None:
    tx = nothing_yet()
    [subnet, *_], [other, *_] = ec2.default_subnets(tx, HOME), ec2.default_subnets(tx, OTHER)
    assert subnet.id != other.id
    assert ec2.find_subnet(tx, HOME, other.id) is None
    with pytest.raises(ec2.Refusal, match=f"The subnet ID '{other.id}' does not exist") as caught:
        ec2.subnets_of(tx, HOME, [subnet.id, other.id])
    assert caught.value.code == "InvalidSubnetID.NotFound"
    with pytest.raises(ec2.Refusal, match="The security group 'sg-1' does not exist") as caught:
        ec2.find_groups(tx, HOME, ["sg-1"])
    assert caught.value.code == "InvalidGroup.NotFound"


@pytest.mark.parametrize(
    ("region", "zone_id"),
    [("us-west-2", "usw2-az1"), ("eu-central-1", "euc1-az1"), ("ap-southeast-2", "apse2-az1"),
     ("us-gov-west-1", "usgw1-az1"), ("sa-east-1", "sae1-az1"), ("cn-northwest-1", "cnnw1-az1")],
)  # fmt: skip
def test_zones_have_the_ids_that_aws_gives_them(region: str, zone_id: str) -> None:
    assert names.zones(region)[0] == (f"{region}a", zone_id)


def test_an_interface_is_made_attached_and_released() -> None:
    plane, ids = Plane(), Dice(3)
    subnet = plane.read(lambda tx: ec2.default_subnets(tx, HOME))[1]
    made = plane.write(lambda tx: ec2.create_interface(tx, HOME, ids, BEGINNING, subnet_id=subnet.id, requester="ecs"))
    assert (made.address, made.private_dns_name) == ("172.31.16.4", "ip-172-31-16-4.ec2.internal")
    assert made.mac_address.startswith("0a:")
    assert made.status == "available"
    assert plane.read(lambda tx: ec2.available(tx, subnet)) == 4090
    held = plane.write(
        lambda tx: ec2.attach_interface(tx, HOME, ids, BEGINNING, interface_id=made.id, instance_id="i-1")
    )
    assert (held.status, held.attachment.instance_id) == ("in-use", "i-1")
    for _ in range(2):
        plane.write(lambda tx: ec2.release_interface(tx, HOME, made.id))
    assert plane.records(ec2.NetworkInterface) == plane.records(ec2.Member) == []
    assert plane.read(lambda tx: ec2.available(tx, subnet)) == 4091


def test_the_groups_of_an_interface_are_of_its_own_vpc() -> None:
    tx = nothing_yet()
    ec2.settle(tx, HOME)
    [subnet, *_] = ec2.default_subnets(tx, HOME)
    stranger = ec2.default_group(tx, HOME, subnet.vpc_id)
    arn = names.arn(HOME, "security-group", "sg-2")
    tx.put(records.SecurityGroup(arn=arn, home=HOME, id="sg-2", vpc_arn="elsewhere", vpc_id="vpc-2", name="x",
                                 description="x"))  # fmt: skip
    with pytest.raises(ec2.Invalid, match="two resources that belong to different networks"):
        ec2.create_interface(tx, HOME, Dice(1), BEGINNING, subnet_id=subnet.id, group_ids=[stranger.id, "sg-2"])
