"""The one port: AWS's APIs, the agents' channels, and Podium's own few pages under /_podium."""

import logging
from typing import Any

from podium.ecs import bounds
from podium.ecs.records import ContainerInstance, InstanceStatus
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.errors import ClientError
from podium.kernel.principal import PrincipalKind
from podium.runtime.core import NotSaved
from podium.server.admin import Admin
from podium.server.front import Front
from podium.server.hub import Hub
from podium.server.sockets import AsgiSocket, Receive, Scope, Send
from podium.wire.message import Request, Response
from podium_protocol import upgrades

TELEMETRY = "ecs:StartTelemetrySession"
BIGGEST_BODY = 16 * 1024 * 1024
log = logging.getLogger("podium.door")


class App:
    def __init__(self, front: Front, hub: Hub, admin: Admin, scheme: str) -> None:
        self._front, self._hub, self._admin, self._scheme = front, hub, admin, scheme

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
            response = await self._admin.answer(request, endpoint, peer) or await self._front.answer(
                request, endpoint, peer
            )
        headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
        headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _websocket(self, scope: Scope, socket: AsgiSocket) -> None:
        request = _request(scope, b"")
        opening = upgrades.parse_opening(request.query)
        try:
            call = self._front.call(
                await self._front.caller(request, self._endpoint(request), _peer(scope)), self._endpoint(request)
            )
            instance = await self._admitted(call, opening.container_instance_arn, _channel(request))
        except ClientError as error:
            log.info("channel refused instance=%r code=%s reason=%s", opening.container_instance_arn, error.code, error)
            await socket.refuse(error.status, upgrades.refusal(error.code, str(error)).encode())
            return
        await socket.accept()
        try:
            if _channel(request) == TELEMETRY:
                await self._hub.serve_tcs(socket, instance.arn)
            else:
                await self._hub.serve_acs(
                    socket, instance, _versions(opening), knows_credentials=not opening.send_credentials
                )
        except NotSaved as error:  # the agent comes again, and says again what was lost
            log.warning("channel closed instance=%s reason=%s", instance.arn, error)
            await socket.close(1011, "NotSaved")

    async def _admitted(self, call: Call, arn: str, action: str) -> ContainerInstance:
        instance = await self._hub.instance(arn)
        if instance is None:
            raise UnknownInstance(f"Container instance {arn} is not registered here.")
        if instance.status is InstanceStatus.INACTIVE:
            raise NotAnInstance(f"Container instance {arn} was deregistered.")
        if not bounds.may_speak_for(instance, call.principal):
            raise NotAnInstance(f"This key does not belong to container instance {arn}.")
        if call.principal.kind is not PrincipalKind.INSTANCE:
            await self._hub.allow(call, Ask(action=action, resource=arn, context={"ecs:cluster": instance.cluster_arn}))
        return instance

    def _endpoint(self, request: Request) -> str:
        return f"{self._scheme}://{request.headers.get('host', 'localhost')}"


def _channel(request: Request) -> str:
    """What IAM calls opening it."""
    return TELEMETRY if request.path.startswith("/tcs") else "ecs:Poll"


class NotAnInstance(ClientError):
    code = upgrades.INACTIVE_INSTANCE


class UnknownInstance(ClientError):
    """The agent registers again, with the ARN it remembers."""

    code = upgrades.INVALID_INSTANCE


def _versions(opening: upgrades.Opening) -> dict[str, str]:
    docker = f"DockerVersion: {opening.docker_version}" if opening.docker_version else ""
    return {"agentVersion": opening.agent_version, "agentHash": opening.agent_hash, "dockerVersion": docker}


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
