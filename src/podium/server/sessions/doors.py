"""The doors to sessions: who may open a channel, which agent belongs to it, and when permission is taken away."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from podium import audit
from podium.ecs import exec_sessions
from podium.ecs.errors import InvalidParameter
from podium.ecs.exec_sessions import TokenRefused
from podium.ecs.records import Cluster, ContainerInstance, ExecSession, Task
from podium.ecs.service import ecs
from podium.iam import records as iam_records
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.kernel.ids import Ids
from podium.kernel.sealing import Sealer
from podium.runtime.core import NotSaved
from podium.runtime.running import RunningCore
from podium.server import permission
from podium.server.hub import Hub, shut_out
from podium.server.sessions.live import LOST, Live
from podium.server.sessions.transcripts import Keeps, Nowhere
from podium.server.sessions.visitors import Direct, Plugin
from podium.server.sockets import Socket
from podium.store.session import Change, Transaction
from podium_protocol import Malformed, acs, datachannel, decode, sessions

CHANNEL_PATH = "/v1/data-channel/"
OPENING_SECONDS = 10.0
LARGEST_OPENING = 64 * 1024
POLICY_VIOLATION = 1008
OPERATION = "ExecuteCommand"
REVOKED = "You may not execute commands in this container any more."
OVER = "The session was terminated."
STOPPING = "Podium is stopping."

log = logging.getLogger("podium.exec")


class Sessions:
    """All that are going on. They end with the server."""

    def __init__(
        self, core: RunningCore, hub: Hub, clock: Clock, ids: Ids, sealer: Sealer, keeps: Keeps | None = None
    ) -> None:
        self._core, self._hub, self._clock, self._ids, self._sealer = core, hub, clock, ids, sealer
        self._keeps = keeps or Nowhere()
        self._live: dict[str, Live] = {}
        self._plugins: dict[str, Plugin] = {}
        self._running: set[asyncio.Task[None]] = set()
        core.core.watchers.append(self._changed)

    def close_all(self) -> None:
        for live in list(self._live.values()):
            live.end(STOPPING)

    async def serve_channel(self, socket: Socket, session_id: str) -> None:
        """A data channel. Its first frame has the token; a wrong one closes it without a word."""
        try:
            opening = datachannel.opening(await _first(socket))
            session = await self._attached(session_id, opening.token)
        except (Malformed, TokenRefused, ClientError, NotSaved, TimeoutError) as error:
            log.warning("channel refused session=%r reason=%s", session_id[:64], error or type(error).__name__)
            await socket.close(POLICY_VIOLATION, "Refused")
            return
        plugin = self._plugins.get(session.arn)
        if plugin is None:
            plugin = self._plugins[session.arn] = Plugin(session.id, session.command)
            running = asyncio.create_task(self._run(Live(session, plugin, self._call_agent, self._keeps)))
            self._running.add(running)
            running.add_done_callback(self._running.discard)
        with suppress(OSError):
            await plugin.attend(socket)

    async def serve_direct(self, socket: Socket, call: Call) -> None:
        """The podium command's. Its first frame says what it wants; a refusal is the last."""
        try:
            asked = decode(await _first(socket)).body
            session = await self._granted(call, _given(asked))
            size = sessions.size(asked) if session.terminal and "columns" in asked else None
        except (ClientError, Malformed, NotSaved, TimeoutError) as error:
            code = getattr(error, "code", "InvalidParameterException")
            await socket.send(sessions.ended(None, f"{code}: {error}"))
            await socket.close(1000, "Refused")
            return
        await self._run(Live(session, Direct(socket, size), self._call_agent, self._keeps))

    async def serve_agent(self, socket: Socket, instance_arn: str, session_id: str) -> None:
        """The agent's end of a session in a container of its own."""
        for live in list(self._live.values()):
            if live.session.id == session_id and live.session.container_instance_arn == instance_arn:
                await live.attend_agent(socket)
                return
        await socket.close(1000, "NoSuchSession")

    async def _run(self, live: Live) -> None:
        session = live.session
        self._live[session.arn] = live
        log.info("session began %s", _in_words(session))
        try:
            end = await live.run()
            log.info("session ended %s exit_code=%s reason=%s", _in_words(session), end.exit_code, end.reason or "-")
        finally:
            await self._keeps.over(session)
            try:
                await self._core.call(lambda tx: exec_sessions.ended(tx, session.arn))
            except NotSaved as error:  # what is left on record ends with the server
                log.warning("session ended, which is not saved session=%s reason=%s", session.id, error)
            del self._live[session.arn]  # last, so that no token of a session that is over begins it again
            self._plugins.pop(session.arn, None)

    async def _attached(self, session_id: str, token: str) -> ExecSession:
        """Raises TokenRefused, and the denial when the caller's permission was taken away meanwhile."""

        def attach(tx: Transaction) -> ExecSession:
            session = exec_sessions.attached(tx, session_id, token, self._clock.now())
            self._check(tx, session)
            return session

        return await self._core.call(attach)

    async def _granted(self, call: Call, given: dict[str, Any]) -> ExecSession:
        """A session that the podium command may have; who asks is in the journal, whatever comes of it."""

        def grant(tx: Transaction) -> ExecSession:
            asks = permission.asked(call, tx, ecs, OPERATION, given)
            permission.check(call, tx, ecs, asks)
            found = exec_sessions.target(call, tx, given)
            tx.append(audit.entry(call, "ecs", OPERATION, asks, "ok"))
            port = given.get("port")
            return exec_sessions.granted(call, found, given["command"], terminal=given["terminal"], port=port)

        try:
            return await self._core.call(grant)
        except ClientError as error:
            code = error.code
            await self._core.call(lambda tx: tx.append(audit.entry(call, "ecs", OPERATION, (), code)))
            raise

    def _call_agent(self, session: ExecSession, size: tuple[int, int] | None) -> bool:
        body: acs.SessionMessage = {
            "sessionId": session.id,
            "taskArn": session.task_arn,
            "containerName": session.container_name,
        }
        if session.port is not None:
            body["port"] = session.port
        else:
            body["command"], body["terminal"] = exec_sessions.words(session.command), session.terminal
        if size is not None:
            body["columns"], body["rows"] = size
        return self._hub.say(session.container_instance_arn, acs.session(body))

    def _check(self, tx: Transaction, session: ExecSession) -> None:
        call = exec_sessions.call_again(session, self._clock.now(), self._ids, self._sealer)
        permission.check(
            call, tx, ecs, permission.asked(call, tx, ecs, OPERATION, exec_sessions.request_again(session))
        )

    def _changed(self, changes: Sequence[Change]) -> None:
        """After the commit: what was ended or is not permitted any more is cut."""
        if not self._live:
            return
        tx = self._core.core.store.reading()
        for live in list(self._live.values()):
            reason = self._why_over(tx, live.session, changes)
            if reason:
                live.end(reason)

    def _why_over(self, tx: Transaction, session: ExecSession, changes: Sequence[Change]) -> str:
        for change in changes:
            if change.key == session.arn and change.after is None:
                return OVER
            if change.key == session.container_instance_arn and change.kind is ContainerInstance and shut_out(change):
                return LOST
        if any(_bears_on(change, session) for change in changes):
            try:
                self._check(tx, session)
            except ClientError:
                return REVOKED
        return ""


def _bears_on(change: Change, session: ExecSession) -> bool:
    """Whether permission may be another after it: policies say who, and tags of what."""
    if change.kind in (Task, Cluster):
        return change.key in (session.task_arn, session.cluster_arn)
    return change.kind in iam_records.ALL


def _in_words(session: ExecSession) -> str:
    """For the log: everything but what was typed and shown."""
    what = f"command={session.command!r}" if session.port is None else f"port={session.port}"
    where = f"task={session.task_arn} container={session.container_name}"
    return f"session={session.id} principal={session.principal.arn} {where} {what}"


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    """ExecuteCommand's request from the podium command's first frame. Raises InvalidParameter."""
    given: dict[str, Any] = {"interactive": True, "command": "", "terminal": body.get("terminal") is True}
    for name in ("cluster", "task", "container", "command"):
        if body.get(name) is not None:
            given[name] = str(body[name])
    port = body.get("port")
    if "task" not in given:
        raise InvalidParameter("A session needs a task.")
    if port is None:
        exec_sessions.words(given["command"])
    elif not isinstance(port, int) or not 0 < port < 1 << 16:
        raise InvalidParameter(f"{port} is no port.")
    else:
        given["port"] = port
    return given


async def _first(socket: Socket) -> str | bytes:
    """Raises Malformed for one that is too large or never came, and TimeoutError."""
    async with asyncio.timeout(OPENING_SECONDS):
        async for frame in socket.frames():
            if len(frame) > LARGEST_OPENING:
                raise Malformed("The first frame is too large.")
            return frame
    raise Malformed("Nothing was said.")
