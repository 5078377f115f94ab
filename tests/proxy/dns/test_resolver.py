"""Over real sockets on loopback."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from dnslib import EDNS0, QTYPE, RCODE, RR, A, DNSRecord

from podium_proxy.dns import Resolver
from proxy.dns.documents import Elsewhere, configuration, endpoint, name, on_a_free_port

WEB = name("web.local", endpoint("a", ipv4="10.0.0.1"))


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


@asynccontextmanager
async def running(*upstreams: tuple[str, int], patience: float = 2.0) -> AsyncIterator[Resolver]:
    resolver = Resolver(upstreams=lambda: upstreams, chance=Random(1), patience=patience)
    await on_a_free_port(lambda: resolver.start("127.0.0.1", 0))
    resolver.update(configuration(WEB))
    try:
        yield resolver
    finally:
        await resolver.close()


class Asking(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, source: Any) -> None:
        self.heard.put_nowait(data)


@asynccontextmanager
async def a_socket(resolver: Resolver) -> AsyncIterator[tuple[asyncio.DatagramTransport, Asking]]:
    loop = asyncio.get_running_loop()
    transport, asking = await loop.create_datagram_endpoint(Asking, remote_addr=resolver.address)
    try:
        yield transport, asking
    finally:
        transport.close()


async def asked(resolver: Resolver, query: DNSRecord | bytes) -> DNSRecord:
    async with a_socket(resolver) as (transport, asking):
        transport.sendto(query if isinstance(query, bytes) else query.pack())
        async with asyncio.timeout(10):
            return DNSRecord.parse(await asking.heard.get())


async def asked_by_tcp(resolver: Resolver, *queries: DNSRecord) -> list[DNSRecord]:
    reader, writer = await asyncio.open_connection(*resolver.address)
    replies = []
    for query in queries:
        packet = query.pack()
        writer.write(len(packet).to_bytes(2, "big") + packet)
        async with asyncio.timeout(10):
            replies.append(
                DNSRecord.parse(await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big")))
            )
    writer.close()
    return replies


def question(full: str, kind: str = "A", edns: int | None = None) -> DNSRecord:
    made = DNSRecord.question(full, kind)
    if edns is not None:
        made.add_ar(EDNS0(udp_len=edns))
    return made


def data(reply: DNSRecord) -> Sequence[str]:
    return sorted(str(each.rdata) for each in reply.rr)


def everything_is(address: str, ttl: int = 60) -> Any:
    def answered(query: DNSRecord) -> bytes:
        reply = query.reply()
        reply.add_answer(RR(query.q.qname, QTYPE.A, ttl=ttl, rdata=A(address)))
        return bytes(reply.pack())

    return answered


def test_a_name_is_answered_with_authority_in_whatever_letters_it_is_asked_for() -> None:
    async def story() -> None:
        async with running() as resolver:
            query = question("WeB.LoCaL")
            reply = await asked(resolver, query)
            assert data(reply) == ["10.0.0.1"]
            assert (reply.header.aa, reply.header.ra, reply.header.id) == (1, 1, query.header.id)
            assert str(reply.q.qname) == "WeB.LoCaL."

    run(story())


def test_an_instance_is_answered_for_at_once_and_one_that_is_withdrawn_never_again() -> None:
    async def story() -> None:
        async with running() as resolver:
            assert (await asked(resolver, question("db.local"))).header.rcode == RCODE.NXDOMAIN
            new = name("db.local", endpoint("b", ipv4="10.0.0.2"))
            resolver.update(configuration(new, whole=False))
            assert data(await asked(resolver, question("db.local"))) == ["10.0.0.2"]
            assert data(await asked(resolver, question("web.local"))) == ["10.0.0.1"]
            resolver.update(configuration(gone=["db.local"], whole=False))
            assert (await asked(resolver, question("db.local"))).header.rcode == RCODE.NXDOMAIN

    run(story())


def test_what_is_too_long_for_udp_is_cut_off_and_given_by_tcp() -> None:
    many = [endpoint("x" * 60 + str(n), ipv4=f"10.0.0.{n}", port=n) for n in range(1, 9)]

    async def story() -> None:
        async with running() as resolver:
            resolver.update(configuration(name("long-name-of-a-service.local", *many, SRV=5)))
            query = question("long-name-of-a-service.local", "SRV")
            short = await asked(resolver, query)
            assert (short.header.tc, len(short.rr), str(short.q.qname)) == (1, 0, "long-name-of-a-service.local.")
            [whole] = await asked_by_tcp(resolver, query)
            assert (whole.header.tc, len(whole.rr), len(whole.ar)) == (0, 8, 8)
            wide = await asked(resolver, question("long-name-of-a-service.local", "SRV", edns=4096))
            assert (wide.header.tc, len(wide.rr)) == (0, 8)
            assert [each.rtype for each in wide.ar][-1] == QTYPE.OPT

    run(story())


def test_several_questions_come_by_one_connection() -> None:
    async def story() -> None:
        async with running() as resolver:
            one, other = await asked_by_tcp(resolver, question("web.local"), question("nobody.local"))
            assert (data(one), other.header.rcode) == (["10.0.0.1"], RCODE.NXDOMAIN)

    run(story())


def test_other_names_are_asked_for_elsewhere_and_remembered_for_as_long_as_they_may_be() -> None:
    async def story() -> None:
        async with Elsewhere(everything_is("192.0.2.1")) as other, running(other.address) as resolver:
            for letters in ("example.com", "EXAMPLE.com"):
                reply = await asked(resolver, question(letters))
                assert (data(reply), str(reply.q.qname)) == (["192.0.2.1"], f"{letters}.")
            assert other.asked == 1
            [by_tcp] = await asked_by_tcp(resolver, question("example.com"))
            assert data(by_tcp) == ["192.0.2.1"]

    run(story())


def test_what_may_not_be_remembered_is_asked_for_again() -> None:
    async def story() -> None:
        async with Elsewhere(everything_is("192.0.2.1", ttl=0)) as other, running(other.address) as resolver:
            for _ in range(2):
                assert data(await asked(resolver, question("example.com"))) == ["192.0.2.1"]
            assert other.asked == 2

    run(story())


def test_names_of_ours_are_never_asked_for_elsewhere() -> None:
    async def story() -> None:
        async with Elsewhere(everything_is("192.0.2.1")) as other, running(other.address) as resolver:
            for full in ("web.local", "nobody.local", "local"):
                await asked(resolver, question(full))
            assert other.asked == 0

    run(story())


def test_a_resolver_that_says_nothing_is_passed_over_and_so_is_one_that_fails() -> None:
    def failing(query: DNSRecord) -> bytes:
        reply = query.reply()
        reply.header.rcode = RCODE.SERVFAIL
        return bytes(reply.pack())

    async def story() -> None:
        async with (
            Elsewhere(lambda query: None) as silent,
            Elsewhere(failing) as ill,
            Elsewhere(everything_is("192.0.2.1")) as well,
            running(silent.address, ill.address, well.address, patience=1.0) as resolver,
        ):
            assert data(await asked(resolver, question("example.com"))) == ["192.0.2.1"]
            assert (silent.asked, ill.asked) == (1, 1)

    run(story())


def test_a_resolver_that_said_nothing_is_asked_last_for_a_while() -> None:
    async def story() -> None:
        async with (
            Elsewhere(lambda query: None) as silent,
            Elsewhere(everything_is("192.0.2.1")) as well,
            running(silent.address, well.address, patience=1.0) as resolver,
        ):
            for number in range(3):
                assert data(await asked(resolver, question(f"{number}.example.com"))) == ["192.0.2.1"]
            assert (silent.asked, well.asked) == (1, 3)

    run(story())


def test_where_nobody_answers_the_question_has_failed() -> None:
    async def story() -> None:
        async with running() as resolver:
            assert (await asked(resolver, question("example.com"))).header.rcode == RCODE.SERVFAIL
        async with Elsewhere(lambda query: None) as silent, running(silent.address, patience=0.1) as resolver:
            assert (await asked(resolver, question("example.com"))).header.rcode == RCODE.SERVFAIL

    run(story())


def test_it_does_not_ask_itself() -> None:
    async def story() -> None:
        known: list[tuple[str, int]] = []
        resolver = Resolver(upstreams=lambda: known)
        await on_a_free_port(lambda: resolver.start("127.0.0.1", 0))
        known.append(resolver.address)
        assert (await asked(resolver, question("example.com"))).header.rcode == RCODE.SERVFAIL
        await resolver.close()

    run(story())


def test_a_reply_to_another_question_is_not_believed() -> None:
    def forged(query: DNSRecord) -> bytes:
        return everything_is("192.0.2.66")(DNSRecord.question("evil.com"))  # type: ignore[no-any-return]

    async def story() -> None:
        async with Elsewhere(forged) as other, running(other.address, patience=0.1) as resolver:
            assert (await asked(resolver, question("example.com"))).header.rcode == RCODE.SERVFAIL

    run(story())


def test_a_name_that_leads_elsewhere_comes_with_what_is_found_there() -> None:
    async def story() -> None:
        async with Elsewhere(everything_is("192.0.2.1")) as other, running(other.address) as resolver:
            link = name("out.local", endpoint(cname="example.com"), routing="WEIGHTED", CNAME=5)
            resolver.update(configuration(link))
            assert data(await asked(resolver, question("out.local"))) == ["192.0.2.1", "example.com."]
            [by_tcp] = await asked_by_tcp(resolver, question("out.local"))
            assert data(by_tcp) == ["192.0.2.1", "example.com."]

    run(story())


def test_what_is_found_elsewhere_is_whole_even_if_it_is_long() -> None:
    def at_length(query: DNSRecord) -> bytes:
        """By UDP it is cut off, since that is what we ask by first."""
        reply = query.reply()
        if len(seen) == 0:
            reply.header.tc = 1
        else:
            reply.add_answer(*(RR(query.q.qname, QTYPE.A, ttl=9, rdata=A(f"192.0.2.{n}")) for n in range(40)))
        seen.append(1)
        return bytes(reply.pack())

    seen: list[int] = []

    async def story() -> None:
        async with Elsewhere(at_length) as other, running(other.address) as resolver:
            link = name("out.local", endpoint(cname="example.com"), routing="WEIGHTED", CNAME=5)
            resolver.update(configuration(link))
            assert len((await asked(resolver, question("out.local", edns=1232))).rr) == 41

    run(story())


def test_kinds_of_records_that_nobody_has_heard_of_are_nothing_here_and_asked_for_elsewhere() -> None:
    async def story() -> None:
        async with Elsewhere(everything_is("192.0.2.1")) as other, running(other.address) as resolver:
            odd = question("web.local")
            for kind in (65, 255, 12345):
                odd.q.qtype = kind
                reply = await asked(resolver, odd)
                assert (reply.header.rcode, reply.rr) == (RCODE.NOERROR, [])
            assert other.asked == 0
            odd.q.qname = "example.com"
            assert data(await asked(resolver, odd)) == ["192.0.2.1"]

    run(story())


def test_what_is_no_question_is_refused_or_passed_over() -> None:
    async def story() -> None:
        async with running() as resolver:
            update = question("web.local")
            update.header.opcode = 5
            assert (await asked(resolver, update)).header.rcode == RCODE.NOTIMP
            assert (await asked(resolver, question("web.local", "AXFR"))).header.rcode == RCODE.NOTIMP
            assert (await asked(resolver, b"\x12\x34" + bytes(10))).header.rcode == RCODE.FORMERR
            chaos = question("web.local")
            chaos.q.qclass = 3
            assert (await asked(resolver, chaos)).header.rcode == RCODE.REFUSED

    run(story())


def test_no_packet_stops_it_and_no_reply_is_ever_answered() -> None:
    chance, good = Random(4), question("web.local", edns=1232).pack()

    def spoiled() -> bytes:
        packet = bytearray(good if chance.random() < 0.7 else os.urandom(chance.randrange(600)))
        for _ in range(chance.randrange(6)):
            if packet:
                packet[chance.randrange(len(packet))] = chance.randrange(256)
        return bytes(packet[: chance.randrange(len(packet) + 1)] if chance.random() < 0.3 else packet)

    async def story() -> None:
        async with running() as resolver, a_socket(resolver) as (transport, asking):
            for _ in range(1500):
                transport.sendto(spoiled())
                await asyncio.sleep(0)
            reply = question("web.local")
            reply.header.qr = 1
            while not asking.heard.empty():
                asking.heard.get_nowait()
            assert data(await asked(resolver, question("web.local"))) == ["10.0.0.1"]
            for half in (b"", b"\x00", b"\x00\x05ab", b"\xff\xff" + bytes(30)):
                reader, writer = await asyncio.open_connection(*resolver.address)
                writer.write(half)
                writer.write_eof()
                assert await reader.read() == b""
                writer.close()
            [by_tcp] = await asked_by_tcp(resolver, question("web.local"))
            assert data(by_tcp) == ["10.0.0.1"]

    run(story())


def test_it_answers_who_is_near_and_nobody_else() -> None:
    resolver = Resolver()
    assert all(resolver.may_ask(near) for near in ("127.0.0.1", "10.0.0.9", "172.17.0.2", "192.168.1.4", "100.64.0.1"))
    assert not any(resolver.may_ask(far) for far in ("8.8.8.8", "93.184.216.34", "", "x"))
    resolver.update({**configuration(), "vpc": "44.0.0.0/16"})
    assert resolver.may_ask("44.0.1.2")


def test_once_closed_its_address_is_free_again() -> None:
    async def story() -> None:
        async with running() as first:
            address = first.address
        again = Resolver()
        await again.start(*address)
        await again.close()

    run(story())
