"""The server: questions by UDP and TCP, answered from the book or by the host's own resolvers."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from ipaddress import ip_address
from pathlib import Path
from random import Random

from dnslib import RCODE, DNSRecord

from podium_protocol import proxy
from podium_proxy.dns import messages, packets, resolvconf
from podium_proxy.dns.answers import Answer, answer
from podium_proxy.dns.book import Book
from podium_proxy.dns.cache import Cache
from podium_proxy.dns.messages import Question, Unanswerable
from podium_proxy.dns.upstream import PATIENCE, NobodyAnswers, Server, Upstream

PORT = 53
MOST_WAITING = 1000  # questions that wait for others' answers
MOST_CONNECTIONS = 200
IDLE = 10.0  # seconds
log = logging.getLogger("podium.proxy.dns")


def of_the_host(path: Path = Path(resolvconf.PATH)) -> list[Server]:
    """The host's own resolvers, as they are now."""
    try:
        return resolvconf.nameservers(path.read_text(errors="replace"))
    except OSError:
        return []


class Resolver:
    """Listens once it is started; `update` may be called at any time, and holds for the next question.

    `public`: load balancers are shown by the addresses that this host alone can reach, where they have any.
    """

    def __init__(
        self,
        *,
        public: bool = False,
        upstreams: Callable[[], Sequence[Server]] = of_the_host,
        chance: Random | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._book, self._chance = Book(public=public), chance or Random()
        self._upstreams = upstreams
        self._upstream = Upstream(self._others, Cache(time.monotonic), patience)
        self._waiting: set[asyncio.Task[None]] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self.address: Server = ("", 0)

    async def start(self, address: str, port: int = PORT) -> None:
        """Raises OSError where the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._connected, address, port)
        self.address = address, self._server.sockets[0].getsockname()[1]
        try:
            self._transport, _ = await loop.create_datagram_endpoint(lambda: _Door(self), local_addr=self.address)
        except OSError:
            await self.close()
            raise
        log.info("answering names address=%s port=%d", *self.address)

    def update(self, configuration: proxy.Configuration) -> None:
        self._book.update(configuration)

    @property
    def domains(self) -> frozenset[str]:
        """All that is answered for here, with what is below it."""
        return self._book.zones | self._book.load_balancers.keys()

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        if self._server is not None:
            self._server.close()
        pending = [*self._waiting, *self._connections]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
        self._transport = self._server = None

    def may_ask(self, source: str) -> bool:
        """Only who is near: answers to a forged source would otherwise hit whoever has it."""
        try:
            address = ip_address(source)
        except ValueError:
            return False
        return not address.is_global or (self._book.vpc is not None and address in self._book.vpc)

    def received(self, packet: bytes, send: Callable[[bytes], None]) -> None:
        """One question by UDP. What is ours is answered before this returns."""
        try:
            question = messages.read(packet)
        except Unanswerable as refusal:
            if refusal.code is not None:
                send(messages.refused(packet, refusal.code))
            return
        found = answer(self._book, question.name, question.kind, self._chance)
        if found is not None and found.asked_elsewhere is None:
            send(messages.written(question, found, question.limit))
        elif len(self._waiting) < MOST_WAITING:
            self._later(self._found(packet, question, found, send))

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _found(
        self, packet: bytes, question: Question, found: Answer | None, send: Callable[[bytes], None]
    ) -> None:
        send(await self._elsewhere(packet, question, found, question.limit, by_tcp=False))

    async def _elsewhere(
        self, packet: bytes, question: Question, found: Answer | None, most: int, *, by_tcp: bool
    ) -> bytes:
        """The reply of others, or with theirs after our own part of a chain of names."""
        try:
            if found is None:
                return await self._upstream.ask(packet, by_tcp=by_tcp)
            rest = await self._rest(str(found.asked_elsewhere), question.kind, by_tcp)
        except NobodyAnswers:
            log.warning("nobody answers name=%s: no resolver of %s did", question.name, resolvconf.PATH)
            return messages.failed(question)
        except packets.Malformed:
            return messages.failed(question)
        except Exception:  # whatever a stranger's bytes make of the parser
            log.exception("not answered name=%s", question.name)
            return messages.failed(question)
        whole = Answer(code=rest.header.rcode, records=[*found.records, *rest.rr], authority=rest.auth)
        return messages.written(question, whole, most, ours=False)

    async def _rest(self, name: str, kind: str, by_tcp: bool) -> DNSRecord:
        """What others have at the end of our part, whole even if it does not fit into a datagram."""
        query = bytes(DNSRecord.question(name, kind).pack())
        reply = await self._upstream.ask(query, by_tcp=by_tcp)
        if packets.is_cut(reply):
            reply = await self._upstream.ask(query, by_tcp=True)
        return DNSRecord.parse(reply)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task"
        self._connections.add(task)
        try:
            source = writer.get_extra_info("peername")[0]
            if len(self._connections) <= MOST_CONNECTIONS and self.may_ask(source):
                await self._serve(reader, writer)
        except (OSError, EOFError, TimeoutError):
            pass  # gone, or silent
        except Exception:
            log.exception("a question could not be answered, by TCP")
        finally:
            self._connections.discard(task)
            with contextlib.suppress(OSError):
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(IDLE):
                packet = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            reply = await self._by_tcp(packet)
            if reply is None:
                return
            writer.write(len(reply).to_bytes(2, "big") + reply)
            async with asyncio.timeout(IDLE):
                await writer.drain()

    async def _by_tcp(self, packet: bytes) -> bytes | None:
        """None for what is better told nothing."""
        try:
            question = messages.read(packet)
        except Unanswerable as refusal:
            return None if refusal.code is None else messages.refused(packet, refusal.code)
        found = answer(self._book, question.name, question.kind, self._chance)
        if found is not None and found.asked_elsewhere is None:
            return messages.written(question, found, messages.MOST_BY_TCP)
        return await self._elsewhere(packet, question, found, messages.MOST_BY_TCP, by_tcp=True)

    def _others(self) -> list[Server]:
        return [server for server in self._upstreams() if server != self.address]


class _Door(asyncio.DatagramProtocol):
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.DatagramTransport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        if not self._resolver.may_ask(source[0]):
            return
        try:
            self._resolver.received(data, lambda reply: self._send(reply, source))
        except Exception:
            log.exception("a question could not be answered source=%s", source[0])
            if len(data) >= messages.HEADER:
                self._send(messages.refused(data, RCODE.SERVFAIL), source)

    def _send(self, reply: bytes, source: tuple[str, int]) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(reply, source)
