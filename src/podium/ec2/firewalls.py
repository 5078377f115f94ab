"""Security groups as whoever enforces them needs them: addresses instead of names.

There is no IPv6 in these networks: rules about it are kept and shown, and let nobody in or out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from podium.ec2 import lookups
from podium.ec2.records import SecurityGroup, SecurityGroupRule
from podium.store.session import Transaction

Ports = tuple[str, int | None, int | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Permission:
    """Lets a protocol and a range of ports through, to or from any of `cidrs` and `addresses`.

    `protocol` is tcp, udp, icmp, a number in digits, or all. For tcp and udp `from_port` and `to_port` are both there,
    and inclusive. For icmp they are type and code, -1 for any. For all else they are None: every port. `addresses`
    are those that the interfaces of the groups named in the rules have now, without a prefix length.
    """

    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    cidrs: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRules:
    """A group: what it lets its `members` receive and send. Answers to what was let through need no rule.

    An interface in several groups may do whatever any of them lets it do; in none, nothing. `peers` are the ids of
    the groups whose members' addresses are in here: when one of them gains or loses a member, this changes too.
    """

    group_id: str
    members: tuple[str, ...] = ()
    ingress: tuple[Permission, ...] = ()
    egress: tuple[Permission, ...] = ()
    peers: tuple[str, ...] = ()


def firewall(tx: Transaction, home: str, group_ids: Iterable[str]) -> tuple[GroupRules, ...]:
    """Of each group that there is, in the order of their ids. The same records always give the same answer."""
    found = (lookups.find(tx, home, SecurityGroup, identity) for identity in sorted(set(group_ids)))
    return tuple(_of_group(tx, group) for group in found if group is not None)


def affected(tx: Transaction, home: str, group_ids: Iterable[str]) -> frozenset[str]:
    """The groups whose rules read differently once the members of `group_ids` change: they and those that name them."""
    ids = set(group_ids)
    groups = [g for identity in ids if (g := lookups.find(tx, home, SecurityGroup, identity)) is not None]
    return frozenset(ids | {rule.group_id for group in groups for rule in lookups.rules_naming(tx, group)})


@dataclass(slots=True)
class _Gathered:
    cidrs: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)


def _of_group(tx: Transaction, group: SecurityGroup) -> GroupRules:
    rules = [rule for rule in lookups.rules_of(tx, group) if rule.cidr6 is None and rule.protocol != "icmpv6"]
    peers = sorted({rule.peer_arn for rule in rules if rule.peer_arn is not None})
    known = {arn: _addresses(tx, arn) for arn in {group.arn, *peers}}
    return GroupRules(
        group_id=group.id,
        members=known[group.arn],
        ingress=_permissions((rule for rule in rules if not rule.egress), known),
        egress=_permissions((rule for rule in rules if rule.egress), known),
        peers=tuple(arn.rpartition("/")[2] for arn in peers),
    )


def _permissions(rules: Iterable[SecurityGroupRule], known: dict[str, tuple[str, ...]]) -> tuple[Permission, ...]:
    """One for each protocol and range of ports, in a fixed order."""
    gathered: dict[Ports, _Gathered] = {}
    for rule in rules:
        held = gathered.setdefault(_ports(rule), _Gathered())
        if rule.cidr is not None:
            held.cidrs.add(rule.cidr)
        if rule.peer_arn is not None:
            held.addresses.update(known[rule.peer_arn])
    ordered = sorted(gathered.items(), key=lambda item: (item[0][0], item[0][1] or 0, item[0][2] or 0))
    return tuple(
        Permission(
            protocol=protocol,
            from_port=first,
            to_port=last,
            cidrs=tuple(sorted(held.cidrs)),
            addresses=tuple(sorted(held.addresses)),
        )
        for (protocol, first, last), held in ordered
    )


def _ports(rule: SecurityGroupRule) -> Ports:
    if rule.protocol == "-1":
        return "all", None, None
    if rule.protocol in ("tcp", "udp", "icmp"):
        return rule.protocol, rule.from_port, rule.to_port
    return rule.protocol, None, None


def _addresses(tx: Transaction, group_arn: str) -> tuple[str, ...]:
    return tuple(sorted(member.address for member in lookups.members(tx, group_arn)))
