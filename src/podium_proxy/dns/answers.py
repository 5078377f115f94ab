"""What is answered for a name: a decision over the book, with chance handed in.

Source: AWS Cloud Map API Reference, DnsConfig and DnsRecord; Amazon Route 53 Developer Guide, "Multivalue answer
routing" and "How Amazon Route 53 chooses records when health checking is configured".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from random import Random
from typing import Literal

from dnslib import AAAA, CLASS, CNAME, NS, QTYPE, RCODE, RR, SOA, SRV, A

from podium_protocol import proxy
from podium_proxy.dns.book import Book, above, fits, host_of

MOST = 8  # of the records of a name that are given at once
LOAD_BALANCER_TTL = 60  # seconds
NEGATIVE_TTL = 5  # so that what is registered after a question is found soon
LONGEST_CHAIN = 8
SRV_PRIORITY = SRV_WEIGHT = 1


@dataclass(kw_only=True)
class Answer:
    """`asked_elsewhere` is where the chain of names leaves us: its records are to be found and added."""

    code: int = RCODE.NOERROR
    records: list[RR] = field(default_factory=list)
    authority: list[RR] = field(default_factory=list)
    additional: list[RR] = field(default_factory=list)
    asked_elsewhere: str | None = None


def answer(book: Book, name: str, kind: str, chance: Random, chain: int = 0) -> Answer | None:
    """None where the name is not ours. `name` in lower case without the last dot, `kind` such as A or SRV."""
    if name in book.load_balancers:
        return _of_load_balancer(book, name, kind, chance)
    if name in book.names:
        return _or_nothing(book, name, _of_name(book, book.names[name], kind, chance, chain))
    if name in book.hosts:
        return _or_nothing(book, name, Answer(records=_of_host(*book.hosts[name], (kind,))))
    zone = book.zone_of(name)
    if zone is None:
        return None
    if zone == name and kind in ("SOA", "NS"):
        return Answer(records=[_soa(zone) if kind == "SOA" else _record(zone, "NS", NEGATIVE_TTL, NS(f"ns.{zone}"))])
    there = book.is_there(name)
    return Answer(code=RCODE.NOERROR if there else RCODE.NXDOMAIN, authority=[_soa(zone)])


def _or_nothing(book: Book, name: str, found: Answer) -> Answer:
    """The name is there, but there may be nothing of that kind."""
    if not found.records:
        found.authority.append(_soa(book.zone_of(name) or _parent(name)))
    return found


def _parent(name: str) -> str:
    return next(above(name), name)


def _soa(zone: str) -> RR:
    times = (1, NEGATIVE_TTL, NEGATIVE_TTL, 3600, NEGATIVE_TTL)
    return _record(zone, "SOA", NEGATIVE_TTL, SOA(f"ns.{zone}", f"hostmaster.{zone}", times))


def _record(name: str, kind: str, ttl: int, data: object) -> RR:
    return RR(name, getattr(QTYPE, kind), CLASS.IN, ttl, data)


def _of_load_balancer(book: Book, name: str, kind: str, chance: Random) -> Answer:
    addresses = chosen(book.load_balancers[name], chance) if kind == "A" else []
    found = Answer(records=[_record(name, "A", LOAD_BALANCER_TTL, _DATA["A"](address)) for address in addresses])
    return _or_nothing(book, name, found)


def chosen(addresses: Sequence[str], chance: Random) -> list[str]:
    """Up to eight of them, in any order."""
    return chance.sample(addresses, min(MOST, len(addresses)))


def _of_name(book: Book, name: proxy.Name, kind: str, chance: Random, chain: int) -> Answer:
    if "CNAME" in name["records"]:
        return _of_cname(book, name, kind, chance, chain)
    if kind not in name["records"]:
        return Answer()
    ttl, own = name["records"][kind], name["name"].lower()
    endpoints = picked(name, _HAS[kind], chance)
    if endpoints and kind in ("A", "AAAA") and endpoints[0][_MEMBER[kind]] is None:
        return _of_alias(book, name, str(endpoints[0]["cname"]), kind, chance, chain)
    if kind == "SRV":
        return _of_srv(name, ttl, endpoints)
    endpoints = [one for one in endpoints if one[_MEMBER[kind]] is not None]
    return Answer(records=[_record(own, kind, ttl, _DATA[kind](one[_MEMBER[kind]])) for one in endpoints])


def picked(name: proxy.Name, fitting: Callable[[proxy.Endpoint], bool], chance: Random) -> list[proxy.Endpoint]:
    """Up to eight of the healthy ones, or of all if none is healthy; one of them when they are weighted."""
    able = [one for one in name["endpoints"] if fitting(one)]
    healthy = [one for one in able if one["healthy"]] or able
    if name["routing"] == "MULTIVALUE":
        return chance.sample(healthy, min(MOST, len(healthy)))
    weighed = [one for one in healthy if one["weight"] > 0]
    return chance.choices(weighed, [one["weight"] for one in weighed]) if weighed else []


_MEMBER: dict[str, Literal["ipv4", "ipv6"]] = {"A": "ipv4", "AAAA": "ipv6"}
_DATA: dict[str, Callable[[str | None], object]] = {
    "A": lambda text: A(tuple(ip_address(text or "").packed)),
    "AAAA": lambda text: AAAA(tuple(ip_address(text or "").packed)),  # dnslib does not read every way to write one
}
_HAS: dict[str, Callable[[proxy.Endpoint], bool]] = {
    "A": lambda one: one["ipv4"] is not None or one["cname"] is not None,
    "AAAA": lambda one: one["ipv6"] is not None or one["cname"] is not None,
    "SRV": lambda one: one["port"] is not None,
    "CNAME": lambda one: one["cname"] is not None and fits(one["cname"].removesuffix(".")),
}


def _of_srv(name: proxy.Name, ttl: int, endpoints: Sequence[proxy.Endpoint]) -> Answer:
    found = Answer()
    for one in endpoints:
        host = host_of(name, one)
        if fits(host):
            data = SRV(SRV_PRIORITY, SRV_WEIGHT, one["port"], host)
            found.records.append(_record(name["name"].lower(), "SRV", ttl, data))
            found.additional += _of_host(name, one, ("A", "AAAA"))
    return found


def _of_host(name: proxy.Name, endpoint: proxy.Endpoint, kinds: Sequence[str]) -> list[RR]:
    """The addresses of one instance, under its own name."""
    host, ttl = host_of(name, endpoint), name["records"]["SRV"]
    wanted = [kind for kind in kinds if kind in _MEMBER and endpoint[_MEMBER[kind]] is not None]
    return [_record(host, kind, ttl, _DATA[kind](endpoint[_MEMBER[kind]])) for kind in wanted]


def _of_cname(book: Book, name: proxy.Name, kind: str, chance: Random, chain: int) -> Answer:
    found = picked(name, _HAS["CNAME"], chance)
    if not found:
        return Answer()
    target = str(found[0]["cname"]).removesuffix(".").lower()
    link = _record(name["name"].lower(), "CNAME", name["records"]["CNAME"], CNAME(target))
    return Answer(records=[link]) if kind == "CNAME" else _followed(book, link, target, kind, chance, chain)


def _followed(book: Book, link: RR, target: str, kind: str, chance: Random, chain: int) -> Answer:
    if chain >= LONGEST_CHAIN:
        return Answer(code=RCODE.SERVFAIL)
    rest = answer(book, target, kind, chance, chain + 1)
    if rest is None:
        return Answer(records=[link], asked_elsewhere=target)
    rest.records.insert(0, link)
    return rest


def _of_alias(book: Book, name: proxy.Name, target: str, kind: str, chance: Random, chain: int) -> Answer:
    """The load balancer's addresses under the name's own; an alias for what is elsewhere is shown as a CNAME."""
    own, target = name["name"].lower(), target.removesuffix(".").lower()
    if target in book.load_balancers:
        addresses = chosen(book.load_balancers[target], chance) if kind == "A" else []
        return Answer(records=[_record(own, "A", LOAD_BALANCER_TTL, _DATA["A"](address)) for address in addresses])
    return _followed(book, _record(own, "CNAME", LOAD_BALANCER_TTL, CNAME(target)), target, kind, chance, chain)
