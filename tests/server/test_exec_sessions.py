"""ECS Exec's doors: tokens, agents that dial in, permission that is taken away, lines that break."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from ecs.test_exec_sessions import ask, call, enabled, plane
from inprocess import ACCOUNT, Plane
from people import allow, deny, permit, user
from podium import audit
from podium.ecs import exec_sessions
from podium.ecs.records import ContainerInstance, ExecSession
from podium.server.sessions.doors import REVOKED, Sessions
from podium.store.records import replace
from podium_protocol import decode, sessions
from protocol.plugin import TICK, Plugin
from server.exec_ends import Echo, Pipe

__all__ = ["plane"]
PATIENCE = 10.0


class Scene:
    """The doors of one control plane, with an agent behind them."""

    def __init__(self, plane: Plane) -> None:
        self.plane, self.echo = plane, Echo()
        self.doors = Sessions(plane.hands, self.echo, plane.clock, plane.ids, plane.sealer)  # type: ignore[arg-type]
        self.echo.doors, self.echo.instance = self.doors, plane.tasks()[0].container_instance_arn or ""

    def dials(self, session: dict[str, Any], plugin: Plugin) -> "Line":
        return Line(self.doors, session["sessionId"], plugin)

    def open_sessions(self) -> list[ExecSession]:
        return self.plane.records(ExecSession)


class Line:
    """A plugin on one socket."""

    def __init__(self, doors: Sessions, session_id: str, plugin: Plugin) -> None:
        self.pipe, self.plugin = Pipe(), plugin
        self.pipe.says(plugin.opening())
        self.serving = asyncio.create_task(doors.serve_channel(self.pipe, session_id))
        self._pumping = asyncio.create_task(self._pump())

    async def breaks(self) -> None:
        self.pipe.breaks()
        await self.serving
        self._pumping.cancel()

    async def _pump(self) -> None:
        while True:
            self.plugin.tick(time.monotonic())
            while self.plugin.outbox:
                self.pipe.says(self.plugin.outbox.pop(0))
            try:
                async with asyncio.timeout(TICK / 5):
                    frame = await self.pipe.heard.get()
            except TimeoutError:
                continue
            if frame is None:
                return
            assert isinstance(frame, bytes)
            self.plugin.hears(frame, time.monotonic())


async def until(condition: Callable[[], Any], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited for {what}") from None


def told(scene: Scene, task: str, **members: Any) -> tuple[dict[str, Any], Plugin]:
    session = ask(scene.plane, task, **members)["session"]
    return session, Plugin(token=session["tokenValue"])


def test_a_plugin_and_an_agent_are_brought_together(plane: Plane, caplog: pytest.LogCaptureFixture) -> None:
    task = enabled(plane)
    caplog.set_level(logging.INFO)

    async def story() -> None:
        scene = Scene(plane)
        session, plugin = told(scene, task, command="sh -c 'ls  /'")
        line = scene.dials(session, plugin)
        await until(lambda: plugin.has_told_size, "the plugin's terminal")
        plugin.types(b"hello")
        await until(lambda: plugin.shown == b"hello", "what was typed to come back")
        [asked] = scene.echo.told
        assert asked == {
            "sessionId": session["sessionId"],
            "taskArn": task,
            "containerName": "app",
            "command": ["sh", "-c", "ls  /"],
            "terminal": True,
            "columns": 80,
            "rows": 24,
        }
        assert scene.echo.heard == [sessions.RESIZED]
        plugin.types(b"exit")
        await line.serving
        await until(lambda: plugin.farewell and not scene.open_sessions(), "the end")
        assert line.pipe.code == 1000
        assert session["tokenValue"] not in caplog.text
        assert "hello" not in caplog.text
        ended = next(record.getMessage() for record in caplog.records if "session ended" in record.getMessage())
        for part in (session["sessionId"], f"arn:aws:iam::{ACCOUNT}:root", task, "container=app", "ls  /"):
            assert part in ended

    asyncio.run(story())


@pytest.mark.parametrize("fault", ["wrong", "used", "expired", "another's", "no session", "no opening", "too long"])
def test_a_channel_that_may_not_be_opened_is_closed(plane: Plane, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    task = enabled(plane)
    caplog.set_level(logging.INFO)

    async def story() -> None:
        scene = Scene(plane)
        (session, plugin), (other, _) = told(scene, task), told(scene, task)
        pipe, identity = Pipe(), session["sessionId"]
        frame: str | bytes = plugin.opening()
        if fault == "wrong":
            frame = Plugin(token="f" * 64).opening()
        elif fault == "used":
            plane.write(lambda tx: exec_sessions.attached(tx, identity, session["tokenValue"], plane.clock.time))
        elif fault == "expired":
            plane.clock.time += exec_sessions.TOKEN_LIFE
        elif fault == "another's":
            frame = Plugin(token=other["tokenValue"]).opening()
        elif fault == "no session":
            identity = "../secrets"
        elif fault == "no opening":
            frame = b"\xff\x00"
        else:
            frame = "[" * 70_000
        pipe.says(frame)
        await scene.doors.serve_channel(pipe, identity)
        assert pipe.code == 1008
        assert pipe.heard.get_nowait() is None, "nothing is answered"
        assert not scene.echo.told
        assert session["tokenValue"] not in caplog.text
        assert "channel refused" in caplog.text

    asyncio.run(story())


def test_a_session_goes_on_after_its_line_broke(plane: Plane) -> None:
    task = enabled(plane)

    async def story() -> None:
        scene = Scene(plane)
        session, plugin = told(scene, task)
        first = scene.dials(session, plugin)
        await until(lambda: plugin.has_told_size, "the plugin's terminal")
        plugin.types(b"before;")
        await until(lambda: plugin.shown == b"before;", "what was typed")
        await first.breaks()
        plugin.types(b"meanwhile;")
        resumed = plane.write(lambda tx: exec_sessions.resume(call(plane), tx, session["sessionId"]))
        plugin.token = resumed["TokenValue"]
        second = scene.dials(session, plugin)
        plugin.types(b"after;")
        await until(lambda: plugin.shown == b"before;meanwhile;after;", "all that was typed, once")
        assert len(scene.echo.told) == 1
        plugin.types(b"exit")
        await second.serving
        await until(lambda: plugin.farewell, "the end")

    asyncio.run(story())


def test_a_line_that_stays_broken_ends_the_session(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    task = enabled(plane)
    monkeypatch.setattr("podium.server.sessions.visitors.RESUME_SECONDS", 0.2)

    async def story() -> None:
        scene = Scene(plane)
        session, plugin = told(scene, task)
        line = scene.dials(session, plugin)
        await until(lambda: plugin.has_told_size and scene.echo.told, "the session")
        await line.breaks()
        await until(scene.echo.left.is_set, "the agent to be let go")
        await until(lambda: not scene.open_sessions(), "the session's record to go")

    asyncio.run(story())


def test_whoever_falls_asleep_is_told_so(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    task = enabled(plane)
    monkeypatch.setattr("podium.server.sessions.visitors.IDLE_SECONDS", 0.5)

    async def story() -> None:
        scene = Scene(plane)
        session, plugin = told(scene, task)
        scene.dials(session, plugin)
        await until(lambda: plugin.farewell, "the end")
        assert plugin.farewell is not None
        assert plugin.farewell["Output"] == "Your session timed out due to inactivity."

    asyncio.run(story())


@pytest.mark.parametrize("hears", [False, True])
def test_an_agent_that_does_not_dial_in_is_not_waited_for_in_vain(
    plane: Plane, monkeypatch: pytest.MonkeyPatch, hears: bool
) -> None:
    task = enabled(plane)
    monkeypatch.setattr("podium.server.sessions.live.DIAL_SECONDS", 0.2)

    async def story() -> None:
        scene = Scene(plane)
        scene.echo.say = lambda instance, message: hears  # type: ignore[method-assign]
        session, plugin = told(scene, task)
        scene.dials(session, plugin)
        await until(lambda: plugin.farewell, "the end")
        assert plugin.farewell is not None
        assert plugin.farewell["Output"] == "The container's host did not answer. Try again later."

    asyncio.run(story())


def test_permission_that_is_taken_away_ends_the_session(plane: Plane) -> None:
    task = enabled(plane)
    key = user(plane, "ann", allow("ecs:ExecuteCommand"))

    async def story() -> None:
        scene = Scene(plane)
        answer = plane.client("ecs", key=key).execute_command(task=task, command="sh", interactive=True)
        plugin = Plugin(token=answer["session"]["tokenValue"])
        scene.dials(answer["session"], plugin)
        await until(lambda: plugin.has_told_size, "the session")
        permit(plane, "ann", allow("ecs:ExecuteCommand"), deny("ecs:RunTask"))
        plugin.types(b"still")
        await until(lambda: plugin.shown == b"still", "it to go on, as nothing that bears on it was denied")
        permit(plane, "ann", allow("ecs:ExecuteCommand", Condition={"StringEquals": {"ecs:container-name": "x"}}))
        await until(lambda: plugin.farewell, "the end")
        assert plugin.farewell is not None
        assert plugin.farewell["Output"] == REVOKED
        await until(scene.echo.left.is_set, "the agent to be let go")

    asyncio.run(story())


def test_permission_is_asked_again_when_the_channel_is_opened(plane: Plane) -> None:
    task = enabled(plane)
    key = user(plane, "ann", allow("ecs:ExecuteCommand"))

    async def story() -> None:
        scene = Scene(plane)
        answer = plane.client("ecs", key=key).execute_command(task=task, command="sh", interactive=True)
        permit(plane, "ann", deny("ecs:ExecuteCommand"))
        line = scene.dials(answer["session"], Plugin(token=answer["session"]["tokenValue"]))
        await line.serving
        assert line.pipe.code == 1008

    asyncio.run(story())


def test_a_session_that_is_terminated_ends(plane: Plane) -> None:
    task = enabled(plane)

    async def story() -> None:
        scene = Scene(plane)
        session, plugin = told(scene, task)
        scene.dials(session, plugin)
        await until(lambda: plugin.has_told_size, "the session")
        assert plane.write(lambda tx: exec_sessions.terminate(call(plane), tx, session["sessionId"]))
        await until(lambda: plugin.farewell, "the end")

    asyncio.run(story())


def test_a_host_that_was_shut_out_takes_its_sessions_along(plane: Plane) -> None:
    task = enabled(plane)

    async def story() -> None:
        scene = Scene(plane)
        session, plugin = told(scene, task)
        scene.dials(session, plugin)
        await until(lambda: plugin.has_told_size and scene.echo.told, "the session")
        instance = plane.record(ContainerInstance, scene.echo.instance)
        plane.write(lambda tx: tx.put(replace(instance, revoked_at=plane.clock.time)))
        await until(lambda: plugin.farewell, "the end")
        await until(scene.echo.left.is_set, "the agent to be let go")

    asyncio.run(story())


def test_no_other_agent_has_the_session(plane: Plane) -> None:
    task = enabled(plane)

    async def story() -> None:
        scene = Scene(plane)
        session, plugin = told(scene, task)
        scene.echo.say = lambda instance, message: True  # type: ignore[method-assign]
        scene.dials(session, plugin)
        await until(lambda: plugin.has_told_size, "the handshake")
        pipe = Pipe()
        await scene.doors.serve_agent(pipe, f"{scene.echo.instance}x", session["sessionId"])
        assert pipe.code == 1000
        scene.doors.close_all()
        await until(lambda: plugin.farewell, "the end")

    asyncio.run(story())


def test_the_podium_command_says_what_it_wants_in_its_first_frame(plane: Plane) -> None:
    task = enabled(plane)

    async def story() -> None:
        scene = Scene(plane)
        pipe = Pipe()
        pipe.says(sessions.asked({"task": task, "command": "cat", "terminal": False}))
        serving = asyncio.create_task(scene.doors.serve_direct(pipe, call(plane)))
        pipe.says(sessions.piece(b"hello"))
        assert await pipe.heard.get() == sessions.piece(b"hello")
        pipe.says(sessions.input_ended())
        pipe.says(sessions.piece(b"exit"))
        last = decode(str(await pipe.heard.get()))
        assert (last.type, last.body) == (sessions.ENDED, {"exitCode": 3})
        await serving
        [entry] = audit.page(plane.database, "", "~", {"operation": "ExecuteCommand"}, 10)
        assert (entry.outcome, task in entry.resources) == ("ok", True)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({}, "InvalidParameterException"),
        ({"task": "0" * 32, "command": "ls"}, "InvalidParameterException"),
        ({"task": "TASK", "command": ""}, "InvalidParameterException"),
        ({"task": "TASK", "port": 70_000}, "InvalidParameterException"),
        ({"task": "TASK", "cluster": "none", "command": "ls"}, "ClusterNotFoundException"),
    ],
)
def test_what_the_podium_command_may_not_have_is_refused_in_words(
    plane: Plane, first: dict[str, Any], code: str
) -> None:
    task = enabled(plane)

    async def story() -> None:
        scene, pipe = Scene(plane), Pipe()
        pipe.says(sessions.asked({**first, **({"task": task} if first.get("task") == "TASK" else {})}))
        await scene.doors.serve_direct(pipe, call(plane))
        said = decode(str(pipe.heard.get_nowait()))
        assert said.body["reason"].startswith(code)
        assert not scene.echo.told

    asyncio.run(story())
