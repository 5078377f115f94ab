"""The one port: AWS's APIs, the agents' channels, the proxies' link, and Podium's own few pages under /_podium."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from podium.ecs import bounds, names
from podium.ecs.records import ContainerInstance, InstanceStatus
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.errors import ClientError
from podium.kernel.principal import Principal, PrincipalKind
from podium.runtime.core import NotSaved
from podium.server.admin import Admin
from podium.server.front import Caller, Front
from podium.server.hub import Admitted, Hub, Takes
from podium.server.pacing import Turns
from podium.server.proxies import Proxies
from podium.server.sessions.doors import CHANNEL_PATH, Sessions
from podium.server.sockets import AsgiSocket, Receive, Scope, Send
from podium.server.telemetry import Prove
from podium.wire.failure import Failure
from podium.wire.message import Request, Response
from podium_protocol import proxy, sessions, upgrades

POLL, TELEMETRY = "ecs:Poll", "ecs:StartTelemetrySession"
BIGGEST_BODY = 16 * 1024 * 1024
log = logging.getLogger("podium.door")


class App:
    def __init__(self, front: Front, hub: Hub, proxies: Proxies, sessions: Sessions, admin: Admin, scheme: str) -> None:
        self._front, self._hub, self._proxies, self._admin, self._scheme = front, hub, proxies, admin, scheme
        self._sessions = sessions
        self._turns = Turns()
        self._closing = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, AsgiSocket(receive, send))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            response = Response(413, {"content-type": "text/plain"}, b"The request is larger than 16 MiB.")
        else:
            request = _request(scope, body)
            endpoint, peer = self._endpoint(request), _peer(scope)
            async with self._turns.call(request):
                response = await self._admin.answer(request, endpoint, peer) or await self._front.answer(
                    request, endpoint, peer
                )
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
        if response.flow is not None:
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            await self._flow(response.body, response.flow, receive, send)
            return
        if scope["method"] != "HEAD" or not any(name == b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _flow(self, first: bytes, flow: AsyncGenerator[bytes, None], receive: Receive, send: Send) -> None:
        """Until it ends, the client leaves, or the server does."""
        leaving = [asyncio.create_task(_left(receive)), asyncio.create_task(self._closing.wait())]
        sending = asyncio.create_task(_sent(first, flow, send))
        try:
            await asyncio.wait([*leaving, sending], return_when=asyncio.FIRST_COMPLETED)
            broken = sending.done() and sending.exception()
        finally:
            for task in (*leaving, sending):
                task.cancel()
            await asyncio.gather(*leaving, sending, return_exceptions=True)
            await flow.aclose()
        if broken:
            log.error("a stream of events ended reason=%r", broken)
        if sending.cancelled() or broken:
            await send({"type": "http.response.body", "body": b""})

    def close_all(self) -> None:
        """Answers that would go on."""
        self._closing.set()

    async def _websocket(self, scope: Scope, socket: AsgiSocket) -> None:
        request = _request(scope, b"")
        if request.path == proxy.PATH:
            await self._proxy(request, _peer(scope), socket)
            return
        if request.path.startswith(CHANNEL_PATH):
            await socket.accept()
            await self._sessions.serve_channel(socket, request.path.removeprefix(CHANNEL_PATH))
            return
        if request.path == sessions.EXEC_PATH:
            await self._exec(request, _peer(scope), socket)
            return
        opening = upgrades.parse_opening(request.query)
        try:
            async with self._turns.opening:
                caller, endpoint = await self._caller(request, _peer(scope)), self._endpoint(request)
                instance = await self._admitted(self._front.call(caller, endpoint), opening, _channel(request))
        except ClientError as error:
            log.info("channel refused instance=%r code=%s reason=%s", opening.container_instance_arn, error.code, error)
            await socket.refuse(error.status, upgrades.refusal(error.code, str(error)).encode())
            return
        await socket.accept()
        try:
            if request.path == sessions.PATH:
                await self._sessions.serve_agent(socket, instance.arn, sessions.session_of(request.query))
            elif _channel(request) == TELEMETRY:
                await self._hub.serve_tcs(socket, instance.arn, self._prover(request, _peer(scope), instance))
            else:
                admitted = Admitted(
                    instance=instance,
                    versions=_versions(opening),
                    takes=self._taker(caller, endpoint),
                    until=caller.principal.expires_at,
                    knows_credentials=not opening.send_credentials,
                )
                await self._hub.serve_acs(socket, admitted)
        except NotSaved as error:  # the agent comes again, and says again what was lost
            log.warning("channel closed instance=%s reason=%s", instance.arn, error)
            await socket.close(1011, "NotSaved")

    async def _proxy(self, request: Request, peer: str, socket: AsgiSocket) -> None:
        try:
            self._proxies.admit((await self._called(request, peer)).principal)
        except ClientError as error:
            log.info("proxy refused code=%s reason=%s", error.code, error)
            await socket.refuse(error.status, upgrades.refusal(error.code, str(error)).encode())
            return
        await socket.accept()
        try:
            await self._proxies.serve(socket)
        except NotSaved as error:  # the proxy comes again, and says again what was lost
            log.warning("proxy's link closed reason=%s", error)
            await socket.close(1011, "NotSaved")
        except Exception:
            log.exception("proxy's link failed")
            await socket.close(1011, "Failed")

    async def _exec(self, request: Request, peer: str, socket: AsgiSocket) -> None:
        try:
            call = await self._called(request, peer)
        except ClientError as error:
            log.info("session refused code=%s reason=%s", error.code, error)
            await socket.refuse(error.status, upgrades.refusal(error.code, str(error)).encode())
            return
        await socket.accept()
        await self._sessions.serve_direct(socket, call)

    async def _caller(self, request: Request, peer: str) -> Caller:
        return await self._front.caller(request, self._endpoint(request), peer)

    async def _called(self, request: Request, peer: str) -> Call:
        return self._front.call(await self._caller(request, peer), self._endpoint(request))

    def _taker(self, caller: Caller, endpoint: str) -> Takes:
        """For whoever opened the channel, as often as it tells of a state change there."""

        async def take(told: object) -> Failure | None:
            async with self._turns.report():
                return await self._front.take(told, caller, endpoint)

        return take

    async def _admitted(self, call: Call, opening: upgrades.Opening, action: str) -> ContainerInstance:
        arn = opening.container_instance_arn
        instance = await self._hub.instance(arn)
        if instance is None and action == POLL:
            instance = await self._hub.taken_up(call, arn)
        if instance is None:
            raise UnknownInstance(f"Container instance {arn} is not registered here.")
        if instance.status is InstanceStatus.INACTIVE:
            raise NotAnInstance(f"Container instance {arn} was deregistered.")
        if instance.revoked_at is not None:
            raise NotAnInstance(f"The credential of container instance {arn} was revoked.")
        if names.cluster_name(opening.cluster or instance.cluster_arn) != names.cluster_name(instance.cluster_arn):
            raise WrongCluster(f"Container instance {arn} is not of cluster {opening.cluster}.")
        _may_speak_for(instance, call.principal)
        if call.principal.kind is not PrincipalKind.INSTANCE:
            await self._hub.allow(call, Ask(action=action, resource=arn, context={"ecs:cluster": instance.cluster_arn}))
        return instance

    def _prover(self, upgrade: Request, peer: str, instance: ContainerInstance) -> Prove:
        """A telemetry frame is signed as if it were the body of the request that opened its channel."""

        async def prove(headers: Mapping[str, str], body: bytes) -> None:
            request = Request(upgrade.method, upgrade.path, upgrade.query, dict(headers), body)
            _may_speak_for(instance, (await self._called(request, peer)).principal)

        return prove

    def _endpoint(self, request: Request) -> str:
        return f"{self._scheme}://{request.headers.get('host', 'localhost')}"


def _channel(request: Request) -> str:
    """What IAM calls opening it."""
    return TELEMETRY if request.path.startswith("/tcs") else POLL


def _may_speak_for(instance: ContainerInstance, principal: Principal) -> None:
    """Raises NotYourInstance. Not NotAnInstance: that keeps an agent away for an hour, and a key is soon mended."""
    if not bounds.may_speak_for(instance, principal):
        raise NotYourInstance(f"This key does not belong to container instance {instance.arn}.")


class NotAnInstance(ClientError):
    """The agent stays away for an hour; what runs there runs on."""

    code = upgrades.INACTIVE_INSTANCE


class NotYourInstance(ClientError):
    code = "AccessDeniedException"
    status = 403


class UnknownInstance(ClientError):
    """Podium's agent registers again, with the ARN it remembers."""

    code = upgrades.INVALID_INSTANCE


class WrongCluster(ClientError):
    code = upgrades.INVALID_CLUSTER


def _versions(opening: upgrades.Opening) -> dict[str, str]:
    docker = f"DockerVersion: {opening.docker_version}" if opening.docker_version else ""
    return {"agentVersion": opening.agent_version, "agentHash": opening.agent_hash, "dockerVersion": docker}


async def _sent(first: bytes, flow: AsyncGenerator[bytes, None], send: Send) -> None:
    await send({"type": "http.response.body", "body": first, "more_body": True})
    async for piece in flow:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    """Once the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        continue


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is larger than anyone may send."""
    parts, size = [], 0
    while True:
        event: Any = await receive()
        if event["type"] == "http.disconnect":
            return b""
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        if size > BIGGEST_BODY:
            return None
        if not event.get("more_body"):
            return b"".join(parts)


def _request(scope: Scope, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return Request(
        method=scope.get("method", "GET"),
        path=scope["raw_path"].decode("latin-1").partition("?")[0],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
    )


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "127.0.0.1"
