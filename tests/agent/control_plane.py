"""A control plane just large enough to drive a real agent process, in a thread of its own.

It answers what an agent calls, remembers what the agent says, and says on ACS what the
test wants said. It decides nothing.
"""

import asyncio
import hashlib
import json
import threading
import time
from secrets import token_hex
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from podium_protocol import Message, acs, decode, encode, tcs
from waiting import until

CLUSTER_ARN = "arn:aws:ecs:us-east-1:123456789012:cluster/default"


class ControlPlane:
    """`submitted` holds every state change in order, `telemetry` and `said` what came on TCS and ACS.

    `is_greeted`: whether the agent has answered the first heartbeat of the connection that stands.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.submitted: list[dict[str, Any]] = []
        self.telemetry: list[Message] = []
        self.said: list[Message] = []
        self.refused_arns: set[str] = set()
        self.clusters = {"default"}
        self.claims: dict[str, str] = {}
        self.credentials_given = 0
        self.credential_seconds = 3600.0
        self.reachable = True
        self.takes_state_changes, self.answers_state_changes = False, True  # on ACS
        self.sequence = 0
        self._instances = 0
        self._name = token_hex(12)
        self._news = asyncio.Event()
        self.is_greeted = False
        self._acs: web.WebSocketResponse | None = None
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()
        self.url = ""

    def __enter__(self) -> "ControlPlane":
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def connected(self) -> bool:
        return self._acs is not None and not self._acs.closed

    def instance_arn(self) -> str:
        """Another in every run: agents of one Docker Engine know their containers by it."""
        return f"arn:aws:ecs:us-east-1:123456789012:container-instance/default/{self._name}{self._instances:08x}"

    def send(self, kind: str, **body: Any) -> str:
        """Send a message with the members every message has. Its id."""
        until(lambda: self.connected, "the agent's ACS connection")
        message_id = str(uuid4())
        whole = {
            "messageId": message_id,
            "clusterArn": CLUSTER_ARN,
            "containerInstanceArn": self.instance_arn(),
            **body,
        }
        frame = encode(Message(type=kind, body=whole))
        assert self._acs is not None
        asyncio.run_coroutine_threadsafe(self._acs.send_str(frame), self._loop).result(5)
        return message_id

    def run(self, task: dict[str, Any]) -> str:
        """Send a task to run; its ARN."""
        self.sequence += 1
        self.send(acs.PAYLOAD, tasks=[task], seqNum=self.sequence)
        return str(task["arn"])

    def stop(self, task: dict[str, Any]) -> None:
        self.sequence += 1
        self.send(acs.PAYLOAD, tasks=[{**task, "desiredStatus": "STOPPED"}], seqNum=self.sequence)

    def hang_up(self) -> None:
        """Returns when nothing that the agent said on that connection is still to be heard."""

        async def close(socket: web.WebSocketResponse) -> None:
            await socket.close()
            self.is_greeted = False

        assert self._acs is not None
        asyncio.run_coroutine_threadsafe(close(self._acs), self._loop).result(5)

    def add_cluster(self, name: str) -> None:
        self.clusters.add(name)
        self._loop.call_soon_threadsafe(self._news.set)

    def reports(self, arn: str) -> list[dict[str, Any]]:
        return [r for r in self.submitted if r["task"] == arn]

    def wait_for(self, arn: str, status: str, *, seconds: float = 45.0) -> dict[str, Any]:
        """The first report of a task with that status."""

        def found() -> dict[str, Any] | None:
            return next((r for r in self.reports(arn) if r["status"] == status), None)

        report = until(found, f"{status} of {arn}", seconds)
        assert report is not None
        return report

    def health(self, arn: str) -> str | None:
        """The last health told of the task's first container."""
        published = [m.body for m in list(self.telemetry) if m.type == tcs.PUBLISH_HEALTH]
        tasks = [t for body in published for t in body["tasks"] if t["taskArn"] == arn]
        return tasks[-1]["containers"][0]["healthStatus"] if tasks else None

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_post("/", self._api)
        app.router.add_get("/acs/ws", self._acs_socket)
        app.router.add_get("/tcs/ws", self._tcs_socket)
        app.router.add_get("/_podium/clusters", self._list_clusters)
        app.router.add_post("/_podium/instance-credentials", self._credentials)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"

    async def _close(self) -> None:
        assert self._runner is not None
        self._news.set()
        if self._acs is not None:
            await self._acs.close()
        await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        body = json.loads(await request.read())
        if not self.reachable:
            return _error(503, "ServerException", "away")
        self.calls.append((operation, body))
        answer = getattr(self, f"_{operation}")(body)
        return answer if isinstance(answer, web.Response) else web.json_response(answer)

    def _RegisterContainerInstance(self, body: dict[str, Any]) -> Any:
        if body["cluster"] not in self.clusters:
            return _error(400, "ClusterNotFoundException", "Cluster not found.")
        given = body.get("containerInstanceArn")
        if given in self.refused_arns:
            return _error(400, "ClientException", "The container instance is not known.")
        if not given:
            self._instances += 1
        arn = given or self.instance_arn()
        self.claims[arn] = json.loads(body["instanceIdentityDocument"])["podiumClaim"]
        return {"containerInstance": {"containerInstanceArn": arn}}

    def _DiscoverPollEndpoint(self, body: dict[str, Any]) -> Any:
        return {"endpoint": f"{self.url}/acs", "telemetryEndpoint": f"{self.url}/tcs"}

    def _CreateCluster(self, body: dict[str, Any]) -> Any:
        self.clusters.add(body["clusterName"])
        self._news.set()
        return {"cluster": {}}

    def _SubmitTaskStateChange(self, body: dict[str, Any]) -> Any:
        self.submitted.append(body)
        return {"acknowledgment": "ok"}

    async def _list_clusters(self, request: web.Request) -> web.Response:
        if int(request.query["after"]) == len(self.clusters):
            await self._news.wait()
            self._news.clear()
        return web.json_response({"revision": len(self.clusters), "clusters": sorted(self.clusters)})

    async def _credentials(self, request: web.Request) -> web.Response:
        """For the claim that was registered, and for a time that a test can wait for twice."""
        asked = await request.json()
        digest = hashlib.sha256(asked["claim"].encode()).hexdigest()
        if not self.reachable or self.claims.get(asked["containerInstanceArn"]) != digest:
            return _error(403, "AccessDeniedException", "no")
        self.credentials_given += 1
        key = {"accessKeyId": f"ASIA{self.credentials_given}", "secretAccessKey": "s", "sessionToken": "token"}
        return web.json_response({**key, "expiration": time.time() + self.credential_seconds})

    async def _acs_socket(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
        if request.query["containerInstanceArn"] in self.refused_arns:
            return web.json_response({"InvalidInstanceException": "unknown"}, status=400)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._acs = socket
        first: acs.HeartbeatMessage = {"messageId": str(uuid4()), "healthy": True}
        if self.takes_state_changes:
            first["takesStateChanges"] = True
        await socket.send_str(encode(acs.heartbeat(first)))
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._heard(socket, decode(frame.data))
        return socket

    async def _heard(self, socket: web.WebSocketResponse, message: Message) -> None:
        self.said.append(message)
        self.is_greeted |= message.type == acs.HEARTBEAT_ACK and socket is self._acs
        if message.type == acs.STATE_CHANGE and self.answers_state_changes:
            self.submitted.append(dict(message.body["change"]))
            await socket.send_str(encode(acs.state_change_ack({"messageId": message.body["messageId"]})))

    async def _tcs_socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            message = decode(frame.data)
            self.telemetry.append(message)
            answer = tcs.acknowledgement(message)
            assert answer is not None
            await socket.send_str(encode(answer))
        return socket


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"__type": code, "message": message}, status=status)
