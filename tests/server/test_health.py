"""A server that cannot write any more says so; and what is old is forgotten, though it once could not be."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from podium.kernel.clock import WallClock
from podium.server import main
from podium.server.admin import Admin
from podium.store.database import Deposed
from podium.wire.message import Request


class Core:
    def __init__(self) -> None:
        self.over: Exception | None = None
        self.core = SimpleNamespace(watchers=[])

    async def read(self, work: Any) -> Any:
        return work(SimpleNamespace(list=lambda kind: []))


@pytest.mark.parametrize("path", ["/readyz", "/_podium/health"])
def test_a_server_is_ready_while_it_can_write(path: str) -> None:
    async def story() -> None:
        core, config = Core(), SimpleNamespace(account="1", region="us-east-1")
        admin = Admin(config, core, SimpleNamespace(after={}), None, WallClock())  # type: ignore[arg-type]
        asked = Request("GET", path, "", {}, b"")
        ready = await admin.answer(asked, "", "127.0.0.1")
        assert ready is not None
        assert ready.status == 200
        core.over = Deposed()
        answer = await admin.answer(asked, "", "127.0.0.1")
        assert answer is not None
        assert answer.status == 503
        assert json.loads(answer.body) == {"status": "over", "message": str(Deposed())}

    asyncio.run(story())


def test_what_is_old_is_forgotten_the_next_time_though_it_failed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "FORGET_EVERY_SECONDS", 0.0)
    tried, forgot = list[int](), asyncio.Event()

    class Kept:
        async def forget_old(self) -> None:
            tried.append(1)
            if len(tried) == 1:
                raise RuntimeError("disk I/O error")
            forgot.set()

    async def story() -> None:
        forgetting = asyncio.create_task(main._forget_old(Kept()))  # type: ignore[arg-type]
        await asyncio.wait_for(forgot.wait(), 20)
        forgetting.cancel()

    asyncio.run(story())
