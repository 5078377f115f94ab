"""How the agent tells of state changes: over its channel while they are taken there, and by calls otherwise."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import pytest

from podium_agent.api import Api, ApiError
from podium_agent.channels import state_changes
from podium_agent.channels.state_changes import StateChanges
from podium_protocol import acs, decode

CHANGE = {"task": "t", "status": "RUNNING"}


class Calls:
    """The control plane's API, as far as it is called."""

    def __init__(self) -> None:
        self.made: list[tuple[str, Mapping[str, Any]]] = []

    async def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.made.append((operation, request))
        return {}


class Ends:
    def __init__(self) -> None:
        self.calls, self.frames = Calls(), list[str]()
        self.changes = StateChanges(cast(Api, self.calls), self.frames.append)

    @property
    def told(self) -> list[Mapping[str, Any]]:
        """Over the channel."""
        messages = [decode(frame) for frame in self.frames]
        assert {m.type for m in messages} <= {acs.STATE_CHANGE}
        return [m.body for m in messages]

    async def telling(self) -> "asyncio.Task[None]":
        """A change that is on its way over the channel."""
        task = asyncio.create_task(self.changes.tell(CHANGE))
        await asyncio.sleep(0)  # it says so before it waits
        return task


def run(story: Callable[[Ends], Awaitable[None]]) -> None:
    async def told() -> None:
        async with asyncio.timeout(20):
            await story(Ends())

    asyncio.run(told())


@pytest.mark.parametrize("heartbeat", [None, {}, {"healthy": True}, {"takesStateChanges": False}])
def test_a_control_plane_that_does_not_say_so_is_called(heartbeat: Mapping[str, Any] | None) -> None:
    async def story(ends: Ends) -> None:
        if heartbeat is not None:
            ends.changes.heartbeat(heartbeat)
        await ends.changes.tell(CHANGE)
        assert ends.calls.made == [("SubmitTaskStateChange", CHANGE)]
        assert ends.frames == []

    run(story)


def test_it_is_told_once_it_is_answered_and_each_answer_is_its_own() -> None:
    async def story(ends: Ends) -> None:
        ends.changes.heartbeat({"takesStateChanges": True})
        first, second = await ends.telling(), await ends.telling()
        one, two = (body["messageId"] for body in ends.told)
        assert [body["change"] for body in ends.told] == [CHANGE, CHANGE]
        ends.changes.answered({"messageId": two})
        await second
        assert not first.done()
        ends.changes.answered({"messageId": one})
        await first
        assert ends.calls.made == []

    run(story)


def test_a_refusal_is_raised_as_a_call_s_would_be() -> None:
    async def story(ends: Ends) -> None:
        ends.changes.heartbeat({"takesStateChanges": True})
        telling = await ends.telling()
        refusal = {"code": "InvalidParameterException", "message": "The referenced task was not found.", "status": 400}
        ends.changes.answered({"messageId": ends.told[0]["messageId"], **refusal})
        with pytest.raises(ApiError, match="task was not found") as refused:
            await telling
        assert refused.value.code == "InvalidParameterException"

    run(story)


def test_a_channel_that_closes_gives_back_what_is_on_its_way_and_the_next_one_is_asked_anew() -> None:
    async def story(ends: Ends) -> None:
        ends.changes.heartbeat({"takesStateChanges": True})
        telling = await ends.telling()
        ends.changes.closed()
        with pytest.raises(OSError, match="closed before it was answered"):
            await telling
        await ends.changes.tell(CHANGE)
        assert len(ends.calls.made) == 1, "there is no channel: it is called"
        ends.changes.heartbeat({"takesStateChanges": True})
        await ends.telling()
        assert len(ends.frames) == 2

    run(story)


def test_what_nobody_answers_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(ends: Ends) -> None:
        monkeypatch.setattr(state_changes, "_ANSWER_SECONDS", 0.01)
        ends.changes.heartbeat({"takesStateChanges": True})
        with pytest.raises(TimeoutError):
            await ends.changes.tell(CHANGE)
        ends.changes.answered({"messageId": ends.told[0]["messageId"]})
        await ends.changes.tell(CHANGE)
        assert len(ends.calls.made) == 1, "nobody may be at the other end: it is called"
        ends.changes.heartbeat({"takesStateChanges": True})
        await ends.telling()
        assert len(ends.frames) == 2, "somebody is"
        ends.changes.closed()

    run(story)


def test_what_cannot_be_written_is_refused_and_leaves_nothing_behind() -> None:
    async def story(ends: Ends) -> None:
        ends.changes.heartbeat({"takesStateChanges": True})
        with pytest.raises(ApiError):
            await ends.changes.tell({"reason": "\ud800"})
        assert ends.frames == []
        assert ends.changes._waiting == {}

    run(story)


def test_an_answer_to_nothing_is_passed_over() -> None:
    async def story(ends: Ends) -> None:
        ends.changes.answered({"messageId": "?"})
        ends.changes.answered({})
        ends.changes.heartbeat({"takesStateChanges": True})
        telling = await ends.telling()
        for _ in range(2):
            ends.changes.answered({"messageId": ends.told[0]["messageId"]})
        await telling

    run(story)
