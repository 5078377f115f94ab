"""One Envoy's stream: what it asks for, what it is sent, and what it makes of that."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse, Resource

from podium_program.log import Log
from podium_proxy.ads.snapshot import Goal, Name, Snapshot
from podium_proxy.ads.steps import Book, Sending, due, is_settled
from podium_proxy.envoy.messages import Kind

_PATIENCE_SECONDS = 2.0
_KINDS = {str(kind): kind for kind in Kind}

Settled = Callable[[int, dict[Name, str]], None]


class Stream:
    """`on_settled` gets a generation once Envoy has taken it, with what was refused of it."""

    def __init__(self, snapshot: Snapshot, write: Callable[[Any], Any], log: Log) -> None:
        self._snapshot, self._write, self._log = snapshot, write, log
        self.on_settled: Settled = lambda generation, refused: None
        self._book = Book()
        self._nonces = itertools.count(1)
        self._stirred = asyncio.Event()
        self._told = -1

    def stir(self) -> None:
        self._stirred.set()

    async def run(self) -> None:
        """Brings Envoy to one goal after the other, for as long as it is not cancelled."""
        with self._snapshot.watched() as news:
            self._book.doubt(self._snapshot.names())
            while True:
                await self._go_on(news)

    async def _go_on(self, news: dict[Name, None]) -> None:
        self._book.doubt(news)
        news.clear()
        goal = self._snapshot.goal()
        await self._reach(goal)
        if goal.generation != self._told:
            self._told = goal.generation
            self.on_settled(goal.generation, self._refusals(goal))
        while self._snapshot.generation == goal.generation and is_settled(self._book, goal, patient=False):
            await self._stirred.wait()
            self._stirred.clear()

    async def _reach(self, goal: Goal) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE_SECONDS
        while True:
            patient = loop.time() < deadline
            self._stirred.clear()  # before looking: what is heard while we send must be looked at, too
            for sending in due(self._book, goal, patient=patient):
                await self._send(sending, goal)
            if is_settled(self._book, goal, patient=patient):
                return
            try:
                async with asyncio.timeout(max(0.0, deadline - loop.time()) if patient else None):
                    await self._stirred.wait()
            except TimeoutError:
                continue

    async def _send(self, sending: Sending, goal: Goal) -> None:
        kind, nonce = sending.kind, str(next(self._nonces))
        packets = {name: goal.packets[kind][name] for name in sending.names}
        for name, packet in packets.items():
            if kind is Kind.CLUSTER and name in self._book.held[kind]:
                self._book.lacks(Kind.ENDPOINTS, name)  # a cluster that changed waits for its endpoints anew
            self._book.held[kind][name] = packet.version
            self._book.refused.pop((kind, name), None)
        for name in sending.removed:
            self._book.held[kind].pop(name, None)
            self._book.refused.pop((kind, name), None)
        self._book.waiting[nonce] = sending
        self._book.greeted.add(kind)
        resources = [Resource(name=n, version=p.version, resource=p.content) for n, p in packets.items()]
        await self._write(
            DeltaDiscoveryResponse(type_url=kind, nonce=nonce, resources=resources, removed_resources=sending.removed)
        )

    def heard(self, request: DeltaDiscoveryRequest) -> None:
        """A first request of a kind, a subscription, or the answer to something that was sent."""
        kind = _KINDS.get(request.type_url)
        if kind is None:
            return
        book = self._book
        if kind not in book.opened:
            book.opened.add(kind)
            book.holds(kind, dict(request.initial_resource_versions))
        book.asked[kind].update(request.resource_names_subscribe)
        for name in request.resource_names_subscribe:
            if not request.initial_resource_versions:
                book.lacks(kind, name)  # whoever subscribes again must be answered again
        for name in request.resource_names_unsubscribe:
            book.asked[kind].discard(name)
            book.lacks(kind, name)
        sending = book.waiting.pop(request.response_nonce, None)
        if sending is not None and request.HasField("error_detail"):
            self._refused(sending, request.error_detail.message)
        elif sending is not None and sending.removed and kind is Kind.LISTENER:
            book.forgive(kind)
        self._stirred.set()

    def _refused(self, sending: Sending, text: str) -> None:
        """Envoy goes on with what it had. Of several, those that the text names are meant; else each is sent alone."""
        kind, book = sending.kind, self._book
        named = [name for name in sending.names if name in text] if len(sending.names) > 1 else list(sending.names)
        self._log("Envoy refuses a resource", kind=kind.rpartition(".")[2], names=named, reason=text)
        for name in named:
            book.refused[kind, name] = (book.lacks(kind, name), text)
            book.alone.discard((kind, name))
        if not named:
            for name in sending.names:
                book.lacks(kind, name)
                book.alone.add((kind, name))

    def _refusals(self, goal: Goal) -> dict[Name, str]:
        return {name: text for name, (_, text) in self._book.refused.items() if name[1] in goal.packets[name[0]]}
