"""The telemetry channel keeps itself open: an agent that hears nothing for a minute dials again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from podium.kernel.clock import WallClock
from podium.server import telemetry
from podium.server.usage import Usage
from podium_protocol import Message, decode


class Line:
    def __init__(self) -> None:
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.cut = asyncio.Event()

    async def send(self, text: str) -> None:
        self.said.put_nowait(decode(text))

    async def texts(self) -> AsyncIterator[str]:
        await self.cut.wait()
        for text in ():
            yield text

    async def close(self, code: int, reason: str) -> None:
        self.cut.set()


async def nobody_asks(headers: Mapping[str, str], body: bytes) -> None:
    """A prover that is content."""


def test_a_silent_agent_hears_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "HEARTBEAT_SECONDS", 0.01)

    async def story() -> None:
        line, core = Line(), None
        channel = telemetry.Telemetry(core, line, "instance", nobody_asks, Usage(WallClock()))  # type: ignore[arg-type]
        serving = asyncio.create_task(channel.serve())
        heard: list[Any] = [await line.said.get() for _ in range(3)]
        assert {(m.type, m.body["healthy"]) for m in heard} == {("HeartbeatMessage", True)}
        line.cut.set()
        await serving

    asyncio.run(story())


def test_heartbeats_come_within_half_a_minute() -> None:
    assert telemetry.HEARTBEAT_SECONDS <= 30
