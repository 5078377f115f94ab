"""Security groups as nftables rules: the whole table as one text, put in place of the last one. No I/O.

A packet that a task sends passes `out`, one that a task is sent passes `into`; between two tasks of this
host it passes both. What a load balancer on this host sends passes `into`, too. What belongs to a connection
that was let through is let through. What no rule of any group of the address lets through is dropped without
a word, as on AWS.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, collapse_addresses

from podium_agent.engine.interfaces import LINK_PREFIX, Interface
from podium_protocol.acs import SecurityGroup, SecurityGroupRule

ENDPOINT = "169.254.170.2"
_INSTANCE_METADATA = "169.254.169.254"
_EVERYWHERE = "0.0.0.0/0"


def table_name(prefix: str) -> str:
    return f"podium_{prefix}"


def absent(prefix: str) -> str:
    """Commands after which there is no such table, whether there was one or not."""
    name = table_name(prefix)
    return f"table inet {name}\ndelete table inet {name}\n"


def ruleset(
    prefix: str,
    interfaces: Sequence[Interface],
    groups: Mapping[str, SecurityGroup],
    link_of: Callable[[Interface], str],
) -> str:
    """For `nft -f`: this table instead of the last one, in one step. `prefix` is that of the links."""
    ours = f'"{prefix}*"'
    own = [i.address for i in interfaces]
    bound = [f'"{link_of(i)}" . {i.address}' for i in interfaces]
    networks = sorted({network for i in interfaces for network in i.networks})
    body = [
        _set("own", "ipv4_addr", own),
        _set("bound", "ifname . ipv4_addr", bound),
        *_chain(
            "out",
            "iifname . ip saddr != @bound drop",
            f"ip daddr {_INSTANCE_METADATA} drop",
            "ct state established,related accept",
            *_rules("saddr", "daddr", interfaces, groups, "egress"),
            "drop",
        ),
        *_chain(
            "into",
            "ct state established,related accept",
            *_rules("daddr", "saddr", interfaces, groups, "ingress"),
            "drop",
        ),
        *_chain("sent", "type filter hook forward priority -10; policy accept;", f"iifname {ours} jump out"),
        *_chain("received", "type filter hook forward priority -9; policy accept;", f"oifname {ours} jump into"),
        *_chain(
            "to_host",
            "type filter hook input priority -10; policy accept;",
            f"iifname {ours} ip saddr @own ip daddr {ENDPOINT} accept",
            f"iifname {ours} jump out",
        ),
        *_chain(
            "from_host", "type filter hook output priority -10; policy accept;", *_from_host(networks, interfaces, ours)
        ),
        *_chain(
            "outside", "type nat hook postrouting priority 100; policy accept;", *_masquerading(networks, LINK_PREFIX)
        ),
    ]
    return absent(prefix) + f"table inet {table_name(prefix)} {{\n" + "\n".join(body) + "\n}\n"


def _from_host(networks: list[str], interfaces: Sequence[Interface], ours: str) -> Iterator[str]:
    """The host itself reaches every task, as the gateway. Load balancers on it have addresses of the VPC, and are held
    to the groups by these.
    """
    gateways = sorted({i.gateway for i in interfaces})
    if networks:
        own, others = ", ".join(gateways), ", ".join(networks)
        yield f"oifname {ours} ip saddr {{ {others} }} ip saddr != {{ {own} }} jump into"


def _masquerading(networks: list[str], links: str) -> Iterator[str]:
    """Beyond its VPC a task is seen with the host's address."""
    if networks:
        yield f'ip saddr @own ip daddr != {{ {", ".join(networks)} }} oifname != "{links}*" masquerade'


def _rules(
    mine: str, other: str, interfaces: Sequence[Interface], groups: Mapping[str, SecurityGroup], way: str
) -> Iterator[str]:
    """One line for each rule of each group that an interface here is in; both are lists, read in any order."""
    for group_id in sorted({g for i in interfaces for g in i.groups}):
        members = [i.address for i in interfaces if group_id in i.groups]
        group = groups.get(group_id, {})
        for rule in group["ingress" if way == "ingress" else "egress"] if group else ():
            for match in _matches(rule):
                yield from _line(mine, members, other, rule.get("cidrs") or [], match)


def _line(mine: str, members: list[str], other: str, cidrs: list[str], match: str) -> Iterator[str]:
    """A rule that names a group without members lets nobody through, and is no line."""
    if _EVERYWHERE in cidrs:
        yield f"ip {mine} {_either(members)} {match}accept"
    elif cidrs:
        yield f"ip {mine} {_either(members)} ip {other} {_either(cidrs)} {match}accept"


def _matches(rule: SecurityGroupRule) -> Iterator[str]:
    protocol, first, last = rule.get("protocol", "all"), rule.get("fromPort"), rule.get("toPort")
    if protocol in ("all", "-1"):
        yield ""
    elif protocol in ("tcp", "udp"):
        yield f"meta l4proto {protocol} " if first is None else f"{protocol} dport {first}-{last} "
    elif protocol in ("icmp", "1"):
        kind = "" if first in (None, -1) else f"icmp type {first} "
        yield "meta l4proto icmp " + kind + ("" if last in (None, -1) or not kind else f"icmp code {last} ")
    else:
        yield f"meta l4proto {protocol} "


def _either(values: Iterable[str]) -> str:
    """nftables takes no set whose ranges overlap."""
    ranges = collapse_addresses(IPv4Network(value, strict=False) for value in values)
    return "{ " + ", ".join(str(r.network_address if r.num_addresses == 1 else r) for r in ranges) + " }"


def _set(name: str, kind: str, elements: Sequence[str]) -> str:
    held = f" elements = {{ {', '.join(elements)} }};" if elements else ""
    return f"  set {name} {{ type {kind};{held} }}"


def _chain(name: str, *lines: str) -> list[str]:
    return [f"  chain {name} {{", *(f"    {line}" for line in lines), "  }"]
