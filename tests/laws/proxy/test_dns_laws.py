"""Whatever comes and goes, names are answered for as they are now; and the host's file is always as it was."""

from contextlib import suppress
from random import Random
from typing import Any

from dnslib import RCODE
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium_protocol import proxy
from podium_proxy.dns import packets, resolvconf
from podium_proxy.dns.answers import MOST, answer
from podium_proxy.dns.book import Book
from podium_proxy.dns.cache import Cache
from proxy.dns.documents import configuration, endpoint, name

NAMES = ("web.local", "db.local", "a.b.local", "x.other")
ZONES = ("local", "other")
endpoints = st.lists(
    st.builds(
        lambda n, healthy: endpoint(f"i{n}", ipv4=f"10.0.0.{n}", port=80, healthy=healthy),
        st.integers(1, 30),
        st.booleans(),
    ),
    max_size=20,
    unique_by=lambda one: one["id"],
)
documents = st.one_of(st.none(), st.tuples(endpoints, st.sampled_from([{"A": 10}, {"SRV": 5}])))
updates = st.lists(st.tuples(st.booleans(), st.dictionaries(st.sampled_from(NAMES), documents, max_size=4)), max_size=8)
LINES = st.one_of(
    st.sampled_from(["nameserver 10.0.0.2", "nameserver", "search a b", "# podium", resolvconf.BEGIN, resolvconf.END]),
    st.text(max_size=20),
)
texts = st.lists(LINES, max_size=6).map("\n".join)
law = settings(max_examples=examples(60), deadline=None, derandomize=True)


def made(full: str, given: tuple[list[proxy.Endpoint], dict[str, int]] | None) -> proxy.Name | None:
    return None if given is None else name(full, *given[0], **given[1])


@law
@given(updates, st.integers())
def test_after_any_updates_what_is_there_is_answered_and_what_is_gone_is_not(
    told: list[tuple[bool, dict[str, Any]]], seed: int
) -> None:
    book, truth = Book(), dict[str, proxy.Name]()
    book.update(configuration(zones=ZONES))
    for whole, changed in told:
        now = {full: made(full, document) for full, document in changed.items()}
        gone = [full for full, document in now.items() if document is None]
        held = [document for document in now.values() if document is not None]
        book.update(configuration(*held, zones=ZONES, gone=gone, whole=whole))
        truth = {} if whole else {full: kept for full, kept in truth.items() if full not in gone}
        truth |= {document["name"]: document for document in held}
    for full in NAMES:
        agrees(book, full, truth.get(full), Random(seed))


def agrees(book: Book, full: str, expected: proxy.Name | None, chance: Random) -> None:
    found = answer(book, full, "A", chance)
    assert found is not None
    if expected is None:
        assert (found.code, found.records) == (RCODE.NXDOMAIN, [])
        found = answer(book, f"i1.{full}", "A", chance)
        assert found is not None
        assert found.code == RCODE.NXDOMAIN
        return
    assert found.code == RCODE.NOERROR
    healthy = {one["ipv4"] for one in expected["endpoints"] if one["healthy"]}
    able = healthy or {one["ipv4"] for one in expected["endpoints"]}
    given = {str(each.rdata) for each in found.records}
    assert given <= able
    assert len(given) == (min(MOST, len(able)) if "A" in expected["records"] else 0)
    for one in expected["endpoints"]:
        host = answer(book, f"{one['id']}.{full}", "A", chance)
        assert host is not None
        assert len(host.records) == ("SRV" in expected["records"])


@law
@given(texts, st.sampled_from(["127.0.63.53", "127.0.0.1"]))
def test_undone_the_file_is_as_it_was(text: str, address: str) -> None:
    clean = resolvconf.undone(text)
    while resolvconf.undone(clean) != clean:
        clean = resolvconf.undone(clean)
    assert resolvconf.undone(resolvconf.done(clean, address)) == clean
    assert resolvconf.done(resolvconf.done(clean, address), address) == resolvconf.done(clean, address)
    assert resolvconf.nameservers(resolvconf.done(clean, address)) == resolvconf.nameservers(clean)


@law
@given(st.binary(max_size=120))
def test_no_bytes_of_others_stop_us(packet: bytes) -> None:
    for work in (packets.least_ttl, packets.question, lambda p: packets.aged(p, 1)):
        with suppress(packets.Malformed):
            work(packet)
    if len(packet) >= packets.HEADER:
        Cache(lambda: 0.0).keep(b"k", packet)


@law
@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 5))
def test_no_more_is_remembered_than_there_is_room_for(keys: list[int], most: int) -> None:
    reply = bytes.fromhex("00008180000000010000000000000100010000003c00040a000001")
    cache = Cache(lambda: 0.0, most)
    for key in keys:
        cache.keep(bytes([key]), reply)
        assert cache.get(bytes([key])) == reply
        assert len(cache) <= most
