"""Addresses: unique in their subnet, inside it, never AWS's own, and slow to come back."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium import ec2
from podium.ec2 import lookups, records
from podium.kernel.errors import ClientError
from podium.runtime.dice import Dice
from podium.store.records import replace
from podium.store.session import Store, Transaction

HOME, NOW = "aws:eu-west-1:123456789012", datetime(2026, 3, 1, tzinfo=UTC)
law = settings(max_examples=examples(150), deadline=None)
# A number takes the next address, or gives back the n-th that is in use; a text asks for that host.
steps = st.lists(st.integers(-3, 14) | st.integers(0, 15).map(str), max_size=60)


def small_subnet(cidr: str) -> tuple[Transaction, ec2.Subnet]:
    tx = Store(records.ALL).writing()
    return tx, tx.put(replace(ec2.default_subnets(tx, HOME)[0], cidr=cidr))


def take(tx: Transaction, ids: Dice, subnet: ec2.Subnet, wanted: str | None = None) -> ec2.NetworkInterface:
    return ec2.create_interface(tx, HOME, ids, NOW, subnet_id=subnet.id, wanted=wanted)


@law
@given(steps, st.sampled_from(["172.31.0.0/28", "10.1.2.16/28"]))
def test_addresses_are_as_a_plain_list_of_them_would_have_it(steps: list[int | str], cidr: str) -> None:
    (tx, subnet), ids = small_subnet(cidr), Dice(1)
    hosts = [str(address) for address in IPv4Network(cidr)]
    usable, used = hosts[4:-1], dict[str, str]()  # address -> interface
    for step in steps:
        wanted = hosts[int(step)] if isinstance(step, str) else None
        if isinstance(step, int) and step >= 0 and used:
            address = sorted(used)[step % len(used)]
            ec2.release_interface(tx, HOME, used.pop(address))
            assert len(used) == len(usable) - 1 or take_and_drop(tx, ids, subnet) != address
        elif (wanted is None and len(used) < len(usable)) or (wanted in usable and wanted not in used):
            made = take(tx, ids, subnet, wanted)
            assert made.address not in used
            assert made.address in usable
            assert wanted in (None, made.address)
            used[made.address] = made.id
        else:
            with pytest.raises(ClientError):
                take(tx, ids, subnet, wanted)
        assert ec2.available(tx, subnet) == len(usable) - len(used)
    held = tx.list(ec2.NetworkInterface, subnet_arn=subnet.arn)
    assert {one.address: one.id for one in held} == used
    assert len({one.mac_address for one in held}) == len(held)


def take_and_drop(tx: Transaction, ids: Dice, subnet: ec2.Subnet) -> str:
    """The address that the next interface would have."""
    after = Transaction(tx._tables, (*tx._below, tx.written()), tx._views, writable=True)
    return take(after, ids, subnet).address


def test_no_allocation_looks_at_more_than_a_few_records() -> None:
    """The last free address of a subnet costs what the first did, and so does one that was given back."""
    (tx, subnet), ids, looked = small_subnet("10.0.0.0/24"), Dice(1), list[int]()
    count, get = [0], tx.get

    def counting(kind, key):
        count[0] += 1
        return get(kind, key)

    tx.get = counting
    made = []
    for _ in range(lookups.capacity(subnet)):
        count[0] = 0
        made.append(take(tx, ids, subnet))
        looked.append(count[0])
    for one in made[::2]:
        ec2.release_interface(tx, HOME, one.id)
    for _ in made[::2]:
        count[0] = 0
        take(tx, ids, subnet)
        looked.append(count[0])
    assert max(looked) < 40
    assert ec2.available(tx, subnet) == 0


def test_the_first_four_addresses_and_the_last_are_never_given() -> None:
    tx, subnet = small_subnet("172.31.0.0/28")
    given = [IPv4Address(take(tx, Dice(n), subnet).address) for n in range(11)]
    assert (str(min(given)), str(max(given))) == ("172.31.0.4", "172.31.0.14")
    with pytest.raises(ec2.NoFreeAddresses, match=r"The specified subnet subnet-\w+ does not have enough free"):
        take(tx, Dice(99), subnet)
