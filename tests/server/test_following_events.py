"""Following events with a filter: what did not match is looked at once."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from inprocess import ACCOUNT, REGION, Plane
from podium.events import Event
from podium.kernel import principal as principals
from podium.kernel.call import Call
from podium.server.pages.events import EventPages
from podium.server.pages.page import Visit
from podium.wire.message import Request


class Looked:
    """The plane's database, which counts the events that it is made to read; and the core that leads to it."""

    def __init__(self, plane: Plane) -> None:
        self.core, self._database, self.events = plane.core, plane.database, 0

    def page(self, kind: type[Event], start: str, end: str, limit: int) -> list[Any]:
        rows = self._database.page(kind, start, end, limit)
        self.events += len(rows)
        return rows

    async def ask(self, question: Callable[[Any], Any]) -> Any:
        return question(self)


@pytest.fixture
def plane() -> Plane:
    made = Plane(events=True)
    made.ready(instances=3)
    return made


def visit(plane: Plane, **asked: str) -> Visit:
    request = Request("GET", "/_podium/events", urlencode(asked), {}, b"")
    call = Call(
        account=ACCOUNT,
        region=REGION,
        principal=principals.root(ACCOUNT),
        now=plane.clock.now(),
        ids=plane.ids,
        sealer=plane.sealer,
    )
    return Visit(request, call)


def pages_of(plane: Plane, looked: Looked) -> Any:
    pages = EventPages(looked, plane.clock, timedelta(hours=1))  # type: ignore[arg-type]
    return pages.pages()["GET", "/_podium/events"]


def test_what_did_not_match_is_not_read_again_while_one_waits(plane: Plane) -> None:
    async def story() -> tuple[Any, int]:
        looked = Looked(plane)
        page = pages_of(plane, looked)
        waiting = asyncio.create_task(page(visit(plane, resource="task/", wait="1")))
        for _ in range(3):
            await asyncio.sleep(0)
        before = looked.events
        assert before >= 3
        plane.join(instances=1)
        for _ in range(3):
            await asyncio.sleep(0)
        between = looked.events - before
        plane.ecs.run_task(taskDefinition="web")
        answer = await waiting
        return json.loads(answer.body), between

    told, between = asyncio.run(story())
    assert [event["event"]["detail-type"] for event in told["events"]] == ["ECS Task State Change"]
    assert told["last"] == told["events"][0]["key"]
    assert between == 3, "that it registered, that it connected, and the newest of these; nothing from before"


def test_the_answer_says_up_to_where_it_looked(plane: Plane) -> None:
    async def asked(**asked: str) -> Any:
        return json.loads((await pages_of(plane, Looked(plane))(visit(plane, **asked))).body)

    [newest] = asyncio.run(asked(limit="1"))["events"]
    told = asyncio.run(asked(resource="task/"))
    assert told == {"kept": True, "last": newest["key"], "events": []}
    assert asyncio.run(asked(resource="task/", after=told["last"])) == told


class Fake:
    """Answers as the page does, from a list of kinds that grows with every question that waits."""

    def __init__(self, *batches: list[str]) -> None:
        self.kinds: list[str] = []
        self.batches = list(batches)
        self.read: list[int] = []  # of each question, how many it looked at

    def page(self, path: str, timeout: float) -> dict[str, Any]:
        asked = dict(part.split("=") for part in path.partition("?")[2].split("&"))
        if "wait" in asked:
            if not self.batches:
                raise KeyboardInterrupt
            self.kinds += self.batches.pop(0)
        first = int(asked.get("after", "-1")) + 1
        looked = range(first, min(len(self.kinds), int(asked.get("before", "1000"))))
        self.read.append(len(looked))
        found = [n for n in reversed(looked) if asked.get("type", "") in self.kinds[n]][: int(asked["limit"])]
        events = [{"key": str(n), "event": {"detail-type": self.kinds[n]}} for n in found]
        return {"kept": True, "last": str(looked[-1] if looked else first - 1), "events": events}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what typer imports
def test_the_command_goes_on_from_where_the_page_looked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from podium.cli import events as command

    fake = Fake(["task 1", "instance 2"], ["instance 3"], ["instance 4", "task 5"])
    fake.kinds = ["instance 0"]
    monkeypatch.setattr(command.running, "need", lambda paths: None)
    monkeypatch.setattr(command.running, "client", lambda paths, door: fake)
    with pytest.raises(KeyboardInterrupt):
        command.events(kind="task", follow=True, as_json=True)
    assert [json.loads(line)["detail-type"] for line in capsys.readouterr().out.splitlines()] == ["task 1", "task 5"]
    assert fake.read == [1, 1, 2, 1, 2]
