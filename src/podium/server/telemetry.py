"""TCS: what one agent tells of its host's and its containers' health, each frame proved and acknowledged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from podium.ecs.acs import links
from podium.kernel.errors import ClientError
from podium.runtime.running import RunningCore
from podium.server.sockets import Socket
from podium.server.usage import Usage
from podium.store.session import Transaction
from podium_protocol import Malformed, Message, decode, encode, split_frame, tcs

HEARTBEAT_SECONDS = 25.0  # an agent that hears nothing for a minute dials again
Prove = Callable[[Mapping[str, str], bytes], Awaitable[object]]
Writes = Callable[[Transaction, str, Mapping[str, Any]], None]
WRITES: Mapping[str, Writes] = {
    tcs.PUBLISH_HEALTH: lambda tx, arn, body: links.health_reported(tx, arn, body.get("tasks")),
    tcs.PUBLISH_INSTANCE_STATUS: lambda tx, arn, body: links.checks_reported(tx, arn, body.get("statuses")),
}
log = logging.getLogger("podium.tcs")


class Telemetry:
    """One TCS socket. `prove` raises the error of a frame whose headers do not sign it for this instance."""

    def __init__(self, core: RunningCore, socket: Socket, instance_arn: str, prove: Prove, usage: Usage) -> None:
        self._core, self._socket, self._arn, self._prove, self._usage = core, socket, instance_arn, prove, usage

    async def serve(self) -> None:
        """Until the socket closes."""
        beating = asyncio.create_task(self._keep_alive())
        try:
            async for text in self._socket.texts():
                await self._heard(text)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _keep_alive(self) -> None:
        while True:
            await self._say(tcs.HEARTBEAT, {"healthy": True})
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _heard(self, text: str) -> None:
        """What is not proved is not acted upon, and not acknowledged either."""
        headers, envelope = split_frame(text)
        try:
            if headers:
                await self._prove(headers, envelope.encode())
            message = decode(envelope)
        except (ClientError, Malformed) as error:
            log.warning("telemetry refused instance=%s reason=%s", self._arn, error)
            await self._say(tcs.BAD_REQUEST, {"message": str(error)})
            return
        if (write := WRITES.get(message.type)) is not None:
            await self._core.call(lambda tx: write(tx, self._arn, message.body))
        if message.type == tcs.PUBLISH_METRICS:
            await self._core.read(lambda tx: self._usage.heard(tx, self._arn, message.body))
        if message.type in tcs.ACKS:
            await self._say(tcs.ACKS[message.type], {"message": "OK"})

    async def _say(self, kind: str, body: dict[str, Any]) -> None:
        await self._socket.send(encode(Message(type=kind, body=body)))
