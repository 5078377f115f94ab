"""Documents as the control plane sends them, and a server that stands for the host's own resolver."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from dnslib import DNSRecord

from podium_protocol import proxy

TRIES = 20


def endpoint(identity: str = "a", **members: Any) -> proxy.Endpoint:
    known: dict[str, Any] = {
        "id": identity,
        "ipv4": None,
        "ipv6": None,
        "cname": None,
        "port": None,
        "healthy": True,
        "weight": 1,
    }
    return {**known, **members}  # type: ignore[typeddict-item]


def name(full: str, *endpoints: proxy.Endpoint, routing: Any = "MULTIVALUE", **records: int) -> proxy.Name:
    return {"name": full, "routing": routing, "records": records or {"A": 10}, "endpoints": list(endpoints)}


def load_balancer(dns_name: str, *addresses: str, public: str | None = None) -> proxy.LoadBalancer:
    found: list[proxy.Address] = [{"zone": "z", "private": a, "prefix": 20, "public": public} for a in addresses]
    known: dict[str, Any] = {"arn": dns_name, "name": "web", "type": "application", "scheme": "internal"}
    empty: dict[str, Any] = {"attributes": {}, "listeners": [], "target_groups": []}
    return {**known, **empty, "dns_name": dns_name, "addresses": found}  # type: ignore[typeddict-item]


def configuration(
    *names: proxy.Name,
    zones: Iterable[str] = ("local",),
    load_balancers: Mapping[str, proxy.LoadBalancer | None] | None = None,
    gone: Iterable[str] = (),
    whole: bool = True,
) -> proxy.Configuration:
    held: dict[str, proxy.Name | None] = {one["name"]: one for one in names}
    return {
        "revision": 1,
        "whole": whole,
        "load_balancers": dict(load_balancers or {}),
        "names": held | dict.fromkeys(gone),
        "zones": list(zones),
        "vpc": None,
    }


async def on_a_free_port(start: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A port that is free for TCP may be taken for UDP: then it is another one."""
    for _ in range(TRIES):
        with suppress(OSError):
            return await start()
    return await start()


class Elsewhere(asyncio.DatagramProtocol):
    """A resolver on loopback, by UDP and TCP, that answers what it is told to and counts what it is asked."""

    def __init__(self, answer: Callable[[DNSRecord], bytes | None]) -> None:
        self.answer, self.asked = answer, 0

    async def __aenter__(self) -> Self:
        await on_a_free_port(self._start)
        return self

    async def _start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = ("127.0.0.1", int(self.server.sockets[0].getsockname()[1]))
        loop = asyncio.get_running_loop()
        try:
            self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.address)
        except OSError:
            self.server.close()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.transport.close()
        self.server.close()
        await self.server.wait_closed()

    def datagram_received(self, data: bytes, source: Any) -> None:
        self.asked += 1
        reply = self.answer(DNSRecord.parse(data))
        if reply is not None:
            self.transport.sendto(reply, source)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        reply = self.answer(DNSRecord.parse(query)) or b""
        writer.write(len(reply).to_bytes(2, "big") + reply)
        await writer.drain()
        writer.close()
