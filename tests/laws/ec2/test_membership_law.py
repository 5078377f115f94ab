"""Whatever happens to interfaces, what is written beside them says the same as they do."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium import ec2
from podium.ec2 import interfaces, names, records
from podium.ec2.records import Address, Member, NetworkInterface, Pool
from podium.runtime.dice import Dice
from podium.store.session import Store, Transaction

HOME, NOW = "aws:eu-west-1:123456789012", datetime(2026, 3, 1, tzinfo=UTC)
groups = st.sets(st.integers(0, 2))
steps = st.lists(
    st.tuples(st.just("create"), st.integers(0, 2), groups)
    | st.tuples(st.just("regroup"), st.integers(0, 9), groups)
    | st.tuples(st.just("attach"), st.integers(0, 9), groups)
    | st.tuples(st.just("release"), st.integers(0, 9), groups),
    max_size=25,
)


def prepared(settled: bool) -> tuple[Transaction, list[str]]:
    """The default network, with two groups more; the ids of its three groups."""
    tx = Store(records.ALL).writing()
    if settled:
        ec2.settle(tx, HOME)
    default = ec2.default_group(tx, HOME, ec2.default_subnets(tx, HOME)[0].vpc_id)
    more = [
        tx.put(records.SecurityGroup(
            arn=names.arn(HOME, "security-group", f"sg-{n}"), home=HOME, id=f"sg-{n}", vpc_arn=default.vpc_arn,
            vpc_id=default.vpc_id, name=f"g{n}", description="x",
        ))
        for n in range(2)
    ]  # fmt: skip
    return tx, [default.id, *(group.id for group in more)]


@settings(max_examples=examples(100), deadline=None)
@given(steps, st.booleans())
def test_members_addresses_and_counts_are_those_of_the_interfaces(
    steps: list[tuple[str, int, set[int]]], settled: bool
) -> None:
    (tx, ids), dice = prepared(settled), Dice(3)
    for what, which, chosen in steps:
        group_ids = [ids[n] for n in sorted(chosen)]
        held = tx.list(NetworkInterface, home=HOME)
        if what == "create":
            subnet = ec2.default_subnets(tx, HOME)[which]
            ec2.create_interface(tx, HOME, dice, NOW, subnet_id=subnet.id, group_ids=group_ids)
        elif held and what == "regroup":
            interfaces.regroup(tx, held[which % len(held)], group_ids)
        elif held and what == "attach":
            one = held[which % len(held)].id
            ec2.attach_interface(tx, HOME, dice, NOW, interface_id=one, instance_id="i-1")
        elif held:
            ec2.release_interface(tx, HOME, held[which % len(held)].id)
    agree(tx)


def agree(tx: Transaction) -> None:
    held = tx.list(NetworkInterface)
    assert {(m.group_arn, m.interface_arn, m.address) for m in tx.list(Member)} == {
        (group, one.arn, one.address) for one in held for group in one.group_arns
    }
    assert all(one.group_arns for one in held)
    assert {(a.subnet_arn, a.arn.rpartition("/")[2], a.interface_arn) for a in tx.list(Address) if a.interface_arn} == {
        (one.subnet_arn, one.address, one.arn) for one in held
    }
    for pool in tx.list(Pool):
        assert pool.used == sum(one.subnet_arn == pool.arn for one in held)
        queued, place = 0, pool.first
        while place is not None:
            queued, before = queued + 1, place
            subnet = ec2.find_subnet(tx, HOME, names.id_of(pool.arn))
            address = tx.get(Address, f"{pool.arn}/{subnet.network[place]}")
            assert address.queued
            place = address.next
        assert pool.last == (before if queued else None)
        assert queued == sum(a.queued for a in tx.list(Address, subnet_arn=pool.arn))
    assert len({(one.vpc_arn, one.mac_address) for one in held}) == len(held)
