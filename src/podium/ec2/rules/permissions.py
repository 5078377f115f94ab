"""Security group rules as callers write them: permissions with many peers each become rules with one.

Source: API Reference, IpPermission and AuthorizeSecurityGroupIngress; Amazon VPC User Guide, "Security group rules".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from podium.ec2.errors import Invalid, Missing
from podium.ec2.missing import PrefixListNotFound
from podium.ec2.records import SecurityGroup, SecurityGroupRule
from podium.ec2.rules import cidrs

Given = Mapping[str, Any]
FindGroup = Callable[[str | None, str | None], SecurityGroup]  # by id, or by name
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_NAMES = ("tcp", "udp", "icmp", "icmpv6", "-1")
MOST_PORT, MOST_ICMP = 65535, 255
_DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
_FLAT = ("CidrIp", "FromPort", "IpProtocol", "ToPort", "SourceSecurityGroupName")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A rule that has no id yet."""

    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    cidr: str | None = None
    cidr6: str | None = None
    peer_arn: str | None = None
    description: str | None = None

    def same(self, egress: bool) -> tuple[object, ...]:
        """As SecurityGroupRule.same: two rules with this in common cannot both be."""
        return egress, self.protocol, self.from_port, self.to_port, self.cidr, self.cidr6, self.peer_arn

    def told(self) -> str:
        """The rule in the words of AWS's refusals."""
        peer = self.cidr or self.cidr6 or (self.peer_arn or "").rpartition("/")[2]
        if self.protocol == "-1":
            return f"peer: {peer}, ALL, ALLOW"
        if self.from_port is None:
            return f"peer: {peer}, protocol: {self.protocol}, ALLOW"
        if self.protocol in ("icmp", "icmpv6"):
            return f"peer: {peer}, {self.protocol.upper()}, type: {self.from_port}, code: {self.to_port}, ALLOW"
        return f"peer: {peer}, {self.protocol.upper()}, from port: {self.from_port}, to port: {self.to_port}, ALLOW"


def wanted(request: Given, find: FindGroup) -> list[Wanted]:
    """Every rule that the request speaks of, in its order."""
    found = [rule for given in _permissions(request) for rule in _rules(given, find)]
    if len({rule.same(False) for rule in found}) != len(found):
        raise Invalid("The same permission must not appear multiple times")
    return found


def _permissions(request: Given) -> list[Given]:
    """`IpPermissions`, or the one that is written flat into the request."""
    if request.get("IpPermissions"):
        return list(request["IpPermissions"])
    flat = {name: request[name] for name in _FLAT if request.get(name) is not None}
    if not flat:
        raise Missing("The request must contain the parameter ipPermissions")
    if "CidrIp" in flat:
        flat["IpRanges"] = [{"CidrIp": flat["CidrIp"]}]
    if "SourceSecurityGroupName" in flat:
        flat["UserIdGroupPairs"] = [{"GroupName": flat["SourceSecurityGroupName"]}]
        flat.setdefault("IpProtocol", "-1")
    return [flat]


def _rules(given: Given, find: FindGroup) -> Iterator[Wanted]:
    if given.get("IpProtocol") is None:
        raise Missing("The request must contain the parameter ipProtocol")
    protocol, first, last = ports(given["IpProtocol"], given.get("FromPort"), given.get("ToPort"))
    many = list(_peers(given, find))
    if not many:
        raise Missing("The request must contain a CIDR block, a security group or a prefix list for each permission")
    for peer, about in many:
        yield Wanted(
            protocol=protocol, from_port=first, to_port=last, description=described(about.get("Description")), **peer
        )


def _peers(given: Given, find: FindGroup) -> Iterator[tuple[dict[str, str], Given]]:
    for item in given.get("IpRanges") or ():
        yield {"cidr": cidrs.of_rule(item.get("CidrIp", ""))}, item
    for item in given.get("Ipv6Ranges") or ():
        yield {"cidr6": cidrs.six_of_rule(item.get("CidrIpv6", ""))}, item
    for item in given.get("UserIdGroupPairs") or ():
        yield {"peer_arn": find(item.get("GroupId"), item.get("GroupName")).arn}, item
    for item in given.get("PrefixListIds") or ():
        raise PrefixListNotFound(item.get("PrefixListId", ""))


def from_rule(given: Given, find: FindGroup) -> Wanted:
    """ModifySecurityGroupRules writes one peer and its ports as one structure."""
    protocol, first, last = ports(given.get("IpProtocol") or "-1", given.get("FromPort"), given.get("ToPort"))
    peer: dict[str, str] = {}
    if given.get("PrefixListId"):
        raise PrefixListNotFound(given["PrefixListId"])
    if given.get("CidrIpv4"):
        peer["cidr"] = cidrs.of_rule(given["CidrIpv4"])
    if given.get("CidrIpv6"):
        peer["cidr6"] = cidrs.six_of_rule(given["CidrIpv6"])
    if given.get("ReferencedGroupId"):
        peer["peer_arn"] = find(given["ReferencedGroupId"], None).arn
    if len(peer) != 1:
        raise Missing("Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be specified")
    description = described(given.get("Description"))
    return Wanted(protocol=protocol, from_port=first, to_port=last, description=description, **peer)


def ports(protocol: str, first: int | None, last: int | None) -> tuple[str, int | None, int | None]:
    """The protocol's name as it is shown, and the ports that count for it."""
    name = _NUMBERS.get(protocol, protocol.lower())
    if name not in _NAMES and not (protocol.isdecimal() and len(protocol) <= 3 and int(protocol) <= MOST_ICMP):
        raise Invalid(f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")
    if name in ("tcp", "udp"):
        return name, *_port_range(name, first, last)
    if name in ("icmp", "icmpv6"):
        return name, *_type_and_code(first, last)
    return name if name in _NAMES else str(int(protocol)), None, None


def _port_range(name: str, first: int | None, last: int | None) -> tuple[int, int]:
    if first is None or last is None or first == -1 or last == -1:
        raise Invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
    if not 0 <= first <= last <= MOST_PORT:
        raise Invalid(f"Invalid {name.upper()} port range ({first},{last})")
    return first, last


def _type_and_code(first: int | None, last: int | None) -> tuple[int, int]:
    if first is None or last is None:
        raise Invalid("Invalid value 'ICMP code (to_port) and type (from_port) must both be specified' for portRange.")
    if not (-1 <= first <= MOST_ICMP and -1 <= last <= MOST_ICMP) or (first == -1 and last != -1):
        raise Invalid(f"Invalid ICMP type and code ({first},{last})")
    return first, last


def described(given: str | None) -> str | None:
    if given and not _DESCRIPTION.fullmatch(given):
        raise Invalid(
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following "
            "set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        )
    return given or None


def matching(rules: list[SecurityGroupRule], egress: bool, asked: Wanted) -> SecurityGroupRule | None:
    return next((rule for rule in rules if rule.same == asked.same(egress)), None)
