"""What an enforcer is told is what the rules say, one by one."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium import ec2
from podium.ec2 import defaults, names, records
from podium.runtime.dice import Dice
from podium.store.records import replace
from podium.store.session import Store, Transaction

HOME, NOW = "aws:eu-west-1:123456789012", datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("a", "b", "c")
law = settings(max_examples=examples(150), deadline=None)
ports = st.sampled_from([("-1", None, None), ("tcp", 80, 90), ("tcp", 443, 443), ("udp", 53, 53), ("icmp", 8, -1),
                         ("47", None, None), ("icmpv6", -1, -1)])  # fmt: skip
peers = st.sampled_from([*NAMES, "0.0.0.0/0", "10.0.0.0/8", "172.31.0.4/31", "::/0"])
rules = st.lists(st.tuples(st.sampled_from(NAMES), st.booleans(), ports, peers), max_size=8)
fleets = st.lists(st.sets(st.sampled_from(NAMES), min_size=1), max_size=6)
packets = st.lists(
    st.tuples(st.sampled_from(["tcp", "udp", "icmp", "47", "50"]), st.sampled_from([0, 8, 53, 80, 85, 443]),
              st.sampled_from(["10.1.1.1", "172.31.0.4", "172.31.0.5", "172.31.0.6", "203.0.113.9"])),
    min_size=1, max_size=6,
)  # fmt: skip


def world(
    given: list[tuple[str, bool, tuple[str, int | None, int | None], str]], fleet: list[set[str]]
) -> tuple[Transaction, dict[str, str]]:
    """Groups a, b and c with these rules, and interfaces in them; the ids of the groups."""
    tx, ids = Store(records.ALL).writing(), Dice(1)
    ec2.settle(tx, HOME)
    subnet = ec2.default_subnets(tx, HOME)[0]
    default = ec2.default_group(tx, HOME, subnet.vpc_id)
    groups = {name: group(tx, default, name) for name in NAMES}
    for number, (name, egress, (protocol, first, last), peer) in enumerate(given):
        identity = f"sgr-{number}"
        tx.put(
            ec2.SecurityGroupRule(
                arn=names.arn(HOME, "security-group-rule", identity),
                home=HOME,
                id=identity,
                group_arn=groups[name].arn,
                group_id=groups[name].id,
                egress=egress,
                protocol=protocol,
                from_port=first,
                to_port=last,
                cidr=peer if "." in peer else None,
                cidr6=peer if ":" in peer else None,
                peer_arn=groups[peer].arn if peer in groups else None,
            )
        )
    for wanted in fleet:
        ec2.create_interface(
            tx, HOME, ids, NOW, subnet_id=subnet.id, group_ids=[groups[name].id for name in sorted(wanted)]
        )
    return tx, {name: group.id for name, group in groups.items()}


def group(tx: Transaction, like: ec2.SecurityGroup, name: str) -> ec2.SecurityGroup:
    identity = names.fixed_id("sg", name)
    return tx.put(replace(like, arn=names.arn(HOME, "security-group", identity), id=identity, name=name))


def told(permissions: tuple[ec2.Permission, ...], protocol: str, port: int, address: str) -> bool:
    """Whether an enforcer lets it through."""
    return any(
        p.protocol in ("all", protocol)
        and (p.from_port is None or p.to_port is None or fits(protocol, p.from_port, p.to_port, port))
        and (address in p.addresses or any(IPv4Address(address) in IPv4Network(cidr) for cidr in p.cidrs))
        for p in permissions
    )


def fits(protocol: str, first: int, last: int, port: int) -> bool:
    return first in (-1, port) if protocol == "icmp" else first <= port <= last


@law
@given(rules, fleets, packets)
def test_it_lets_through_what_a_rule_allows_and_nothing_else(rules, fleet, packets) -> None:
    tx, ids = world(rules, fleet)
    interfaces = tx.list(ec2.NetworkInterface, home=HOME)
    inside = {name: {one.address for one in interfaces if ids[name] in one.group_ids} for name in NAMES}
    for made in ec2.firewall(tx, HOME, ids.values()):
        [name] = [n for n in NAMES if ids[n] == made.group_id]
        assert set(made.members) == inside[name]
        for egress, permissions in ((False, made.ingress), (True, made.egress)):
            for protocol, port, address in packets:
                allowed = any(
                    (of, way) == (name, egress)
                    and wanted in ("-1", protocol)
                    and (first is None or last is None or fits(protocol, first, last, port))
                    and (address in inside[peer] if peer in NAMES else in_block(address, peer))
                    for of, way, (wanted, first, last), peer in rules
                )
                assert told(permissions, protocol, port, address) == allowed


def in_block(address: str, cidr: str) -> bool:
    return ":" not in cidr and IPv4Address(address) in IPv4Network(cidr)


@law
@given(rules, fleets, st.sampled_from(NAMES))
def test_who_is_not_affected_by_a_new_member_reads_as_before(rules, fleet, name) -> None:
    tx, ids = world(rules, fleet)
    before = {made.group_id: made for made in ec2.firewall(tx, HOME, ids.values())}
    subnet = ec2.default_subnets(tx, HOME)[1]
    ec2.create_interface(tx, HOME, Dice(2), NOW, subnet_id=subnet.id, group_ids=[ids[name]])
    after = {made.group_id: made for made in ec2.firewall(tx, HOME, ids.values())}
    changed = {identity for identity in ids.values() if before[identity] != after[identity]}
    assert changed <= ec2.affected(tx, HOME, [ids[name]])
    assert ids[name] in changed


def test_a_default_group_lets_its_own_members_in_and_everything_out() -> None:
    tx = Store(records.ALL).writing()
    subnet = ec2.default_subnets(tx, HOME)[0]
    made = ec2.create_interface(tx, HOME, Dice(1), NOW, subnet_id=subnet.id)
    [rules] = ec2.firewall(tx, HOME, made.group_ids)
    assert rules.members == (made.address,) == ("172.31.0.4",)
    assert rules.ingress == (ec2.Permission(protocol="all", addresses=("172.31.0.4",)),)
    assert rules.egress == (ec2.Permission(protocol="all", cidrs=(defaults.EVERYWHERE,)),)


def test_groups_that_are_not_there_have_no_rules() -> None:
    assert ec2.firewall(Store(records.ALL).writing(), HOME, ["sg-0123"]) == ()
