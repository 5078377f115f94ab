"""The gRPC server on the socket. Of several Envoys, while one takes over from another, all are told the same."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
from envoy.service.discovery.v3 import ads_pb2_grpc

from podium_proxy.ads.snapshot import Snapshot
from podium_proxy.ads.stream import Settled, Stream
from podium_proxy.log import Log


class Server(ads_pb2_grpc.AggregatedDiscoveryServiceServicer):  # type: ignore[misc]
    def __init__(self, snapshot: Snapshot, on_settled: Settled, log: Log) -> None:
        self._snapshot, self._on_settled, self._log = snapshot, on_settled, log
        self._streams: set[Stream] = set()
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
        for stream in self._streams:
            stream.stir()

    async def DeltaAggregatedResources(self, _: Any, context: Any) -> None:
        stream = Stream(self._snapshot, context.write, self._on_settled, self._log)
        self._streams.add(stream)
        running = asyncio.create_task(stream.run())
        try:
            while (request := await context.read()) is not grpc.aio.EOF:
                stream.heard(request)
        finally:
            self._streams.discard(stream)
            running.cancel()
