"""Asking the host's own resolvers, one after the other, for what is not ours."""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence

from podium_proxy.dns import packets
from podium_proxy.dns.cache import Cache

PATIENCE = 2.0  # seconds for each of them; who asks us waits five
MOST_AT_ONCE = 400
ASKED_LAST = 30.0  # seconds, for who said nothing
Server = tuple[str, int]


class NobodyAnswers(Exception):
    """None of the host's resolvers did, or it has none."""


class Upstream:
    """`servers` is asked for each time: the host's may change."""

    def __init__(self, servers: Callable[[], Sequence[Server]], cache: Cache, patience: float = PATIENCE) -> None:
        self._servers, self._cache, self._patience = servers, cache, patience
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._silent: dict[Server, float] = {}  # until when each is asked last

    async def ask(self, query: bytes, *, by_tcp: bool) -> bytes:
        """The reply to a query that could be read, under its id. Raises NobodyAnswers."""
        asked = packets.question(query)
        key = _key(query, asked, by_tcp)
        reply = self._cache.get(key)
        if reply is None:
            async with self._room:
                reply = await self._from_servers(query, asked, by_tcp)
            self._cache.keep(key, reply)
        return packets.with_question(packets.with_identity(reply, packets.identity(query)), asked)

    async def _from_servers(self, query: bytes, asked: bytes, by_tcp: bool) -> bytes:
        fresh = packets.with_identity(query, secrets.randbelow(1 << 16))
        ask = _by_tcp if by_tcp else _by_udp
        last: bytes | None = None
        for server in self._in_order():
            try:
                async with asyncio.timeout(self._patience):
                    last = await ask(server, fresh, asked)
            except (OSError, TimeoutError, EOFError):
                self._silent[server] = time.monotonic() + ASKED_LAST
                continue
            self._silent.pop(server, None)
            if packets.code(last) in (packets.NOERROR, packets.NXDOMAIN):
                return last
        if last is None:
            raise NobodyAnswers
        return last

    def _in_order(self) -> list[Server]:
        """As the host has them, but first those that answer: nobody should wait for a dead one every time."""
        servers, now = list(self._servers()), time.monotonic()
        self._silent = {server: until for server, until in self._silent.items() if server in servers and until > now}
        return sorted(servers, key=lambda server: server in self._silent)


def _key(query: bytes, asked: bytes, by_tcp: bool) -> bytes:
    """Everything but the id and the case of letters."""
    rest = query[packets.HEADER + len(asked) :]
    return bytes([by_tcp]) + query[2 : packets.HEADER] + asked.lower() + rest


def _answers(reply: bytes, query: bytes, asked: bytes) -> bool:
    """Whether a packet is the reply to this query and no other."""
    if len(reply) < packets.HEADER or reply[:2] != query[:2] or not reply[2] & 0x80:
        return False
    try:
        return packets.question(reply).lower() == asked.lower()
    except packets.Malformed:
        return False


class _Waiting(asyncio.DatagramProtocol):
    """The socket of one question."""

    def __init__(self, query: bytes, asked: bytes) -> None:
        self._query, self._asked = query, asked
        self.reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, address: object) -> None:
        if not self.reply.done() and _answers(data, self._query, self._asked):
            self.reply.set_result(data)

    def error_received(self, error: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(error)


async def _by_udp(server: Server, query: bytes, asked: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    transport, waiting = await loop.create_datagram_endpoint(lambda: _Waiting(query, asked), remote_addr=server)
    try:
        transport.sendto(query)
        return await waiting.reply
    finally:
        transport.close()


async def _by_tcp(server: Server, query: bytes, asked: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*server)
    try:
        writer.write(len(query).to_bytes(2, "big") + query)
        reply = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
    finally:
        writer.close()
    if not _answers(reply, query, asked):
        raise EOFError
    return reply
