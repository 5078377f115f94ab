"""The gRPC server on the socket. Of several Envoys, while one takes over from another, all are told the same."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from envoy.service.discovery.v3 import ads_pb2_grpc

from podium_program.log import Log
from podium_proxy.ads.snapshot import Name, Snapshot
from podium_proxy.ads.stream import Settled, Stream

Reached = tuple[int, dict[Name, str]]


class Server(ads_pb2_grpc.AggregatedDiscoveryServiceServicer):  # type: ignore[misc]
    def __init__(self, snapshot: Snapshot, on_settled: Settled, log: Log) -> None:
        self._snapshot, self._on_settled, self._log = snapshot, on_settled, log
        self._streams: dict[Stream, Reached | None] = {}
        self._server: Any = None

    async def start(self, socket: Path) -> None:
        socket.unlink(missing_ok=True)
        self._server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])
        ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(self, self._server)
        self._server.add_insecure_port(f"unix:{socket}")
        await self._server.start()

    async def close(self) -> None:
        if self._server is not None:
            await self._server.stop(grace=0)

    def stir(self) -> None:
        """The snapshot has changed."""
        for stream in list(self._streams):
            stream.stir()

    @property
    def settled(self) -> Reached | None:
        """The generation that every Envoy has taken, and what was refused of it. None while there is no such."""
        reached = [each for each in self._streams.values() if each is not None]
        if not reached or len(reached) < len(self._streams):
            return None
        return min(reached, key=lambda each: each[0])

    def _heard_of(self, stream: Stream, generation: int, refused: dict[Name, str]) -> None:
        self._streams[stream] = (generation, refused)
        if (reached := self.settled) is not None:
            self._on_settled(*reached)

    async def DeltaAggregatedResources(self, _: Any, context: Any) -> None:
        stream = Stream(self._snapshot, context.write, self._log)
        stream.on_settled = partial(self._heard_of, stream)
        self._streams[stream] = None
        running = asyncio.create_task(stream.run())
        try:
            while (request := await context.read()) is not grpc.aio.EOF:
                stream.heard(request)
        finally:
            self._streams.pop(stream)
            running.cancel()
