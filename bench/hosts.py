"""A thousand container instances without hosts, in one process: they join, are linked, and report every task RUNNING.

They speak the real protocol: registration with a claim, credentials of their own, a WebSocket each, acknowledgements,
answers to manifests, and a state change a task, told as Podium's agent tells it: over the channel. Nothing is started
anywhere, and nothing is learned of images first, so that one report a task is all there is.

The parent's lines on standard input are commands, this process's on standard output are JSON, one event each.
"""

import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Mapping
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.raw import REGION, TARGET, signed, signer
from podium_protocol import Message, acs, decode, encode, upgrades
from podium_protocol.signing import Signer

JOINING_AT_ONCE = 20
DIAL_AGAIN = (0.1, 0.3, 1.0, 2.0)  # seconds; the last one from then on
CAPABILITIES = (
    "com.amazonaws.ecs.capability.docker-remote-api.1.18",
    "com.amazonaws.ecs.capability.docker-remote-api.1.21",
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.task-cpu-mem-limit",
)


def tell(event: str, **members: Any) -> None:
    print(json.dumps({"event": event, "at": time.time(), **members}), flush=True)


class Line:
    """One HTTP connection, dialed when it is needed, with one call under way."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def call(self, message: bytes) -> tuple[int, bytes]:
        """Status and body. Raises OSError when the server cannot be reached."""
        async with self._turn:
            try:
                return await self._exchange(message)
            except (OSError, EOFError):
                self._streams = None
                raise

    async def _exchange(self, message: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            name, _, port = self._host.partition(":")
            self._streams = await asyncio.open_connection(name, int(port))
        reader, writer = self._streams
        writer.write(message)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        return int(head[9:12]), await reader.readexactly(int(length))


class Host:
    """One container instance."""

    def __init__(self, members: "Hosts", number: int) -> None:
        self._members, self._number = members, number
        self._line = Line(members.host)
        self.arn = ""
        self._signer: Signer | None = None
        self._running: dict[str, str] = {}  # task -> its runtime id
        self._socket: ClientConnection | None = None
        self.linked = self.verified = self._takes_changes = False
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}

    async def join(self) -> None:
        claim = token_hex()
        document = json.dumps({"podiumClaim": hashlib.sha256(claim.encode()).hexdigest()})
        zone = f"{REGION}{'abc'[self._number % 3]}"
        attributes = [{"name": name} for name in CAPABILITIES]
        attributes.append({"name": "ecs.availability-zone", "value": zone})
        answer = await self._post(
            self._members.joining, "RegisterContainerInstance",
            {
                "cluster": self._members.cluster,
                "instanceIdentityDocument": document,
                "attributes": attributes,
                "totalResources": [
                    {"name": "CPU", "type": "INTEGER", "integerValue": 1 << 17},
                    {"name": "MEMORY", "type": "INTEGER", "integerValue": 1 << 17},
                ],
            },
        )  # fmt: skip
        self.arn = str(answer["containerInstance"]["containerInstanceArn"])
        body = json.dumps({"containerInstanceArn": self.arn, "claim": claim}).encode()
        path = "/_podium/instance-credentials"
        headers = self._members.joining.headers("POST", self._members.host, path, body=body)
        lines = "".join(f"{n}: {v}\r\n" for n, v in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: {self._members.host}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        status, told = await self._line.call(head.encode() + body)
        assert status == 200, told
        self._signer = signer(json.loads(told))

    async def stay_linked(self) -> None:
        tries = 0
        while True:
            try:
                await self._link()
                tries = 0
            except (OSError, EOFError, WebSocketException):
                pass
            self._takes_changes = False
            for waiting in self._waiting.values():
                waiting.set_exception(ConnectionError("the channel closed"))
            self._waiting = {}
            self._set(linked=False, verified=False)
            await asyncio.sleep(DIAL_AGAIN[min(tries, len(DIAL_AGAIN) - 1)] * (0.5 + self._number % 100 / 100))
            tries += 1

    async def _link(self) -> None:
        assert self._signer is not None
        opening = upgrades.Opening(
            cluster=self._members.cluster, container_instance_arn=self.arn, agent_version="1.0.0", agent_hash="bench",
            docker_version="20", send_credentials=False,
        )  # fmt: skip
        url = upgrades.websocket_url(f"http://{self._members.host}/acs", upgrades.acs_query(opening))
        parts = urlsplit(url)
        headers = self._signer.headers("GET", parts.netloc, f"{parts.path}?{parts.query}")
        async with connect(
            url, additional_headers=headers, proxy=None, user_agent_header=None, max_size=None, compression=None,
            open_timeout=30,
        ) as socket:  # fmt: skip
            self._socket = socket
            self._set(linked=True, verified=False)
            async for frame in socket:
                await self._heard(socket, decode(frame))

    async def _heard(self, socket: ClientConnection, message: Message) -> None:
        body = message.body
        if message.type == acs.STATE_CHANGE_ACK:
            self._waiting.pop(body["messageId"]).set_result(body)
            return
        if message.type == acs.HEARTBEAT:
            self._takes_changes = bool(body.get("takesStateChanges"))
            await socket.send(encode(acs.heartbeat_ack({"messageId": body.get("messageId", "")})))
            return
        if message.type == acs.STOP_VERIFICATION_ACK:
            for stop in body.get("stopTasks", ()):
                self._running.pop(stop["taskArn"], None)
            self._set(linked=True, verified=True)
            return
        if message.type == acs.MANIFEST:
            await self._compare(socket, body)
        if message.type == acs.PAYLOAD:
            for task in body["tasks"]:
                self._told(task)
        if "messageId" in body and message.type != acs.MANIFEST:
            answer = {"cluster": self._members.cluster, "containerInstance": self.arn, "messageId": body["messageId"]}
            await socket.send(encode(acs.ack(answer)))  # type: ignore[arg-type]

    async def _compare(self, socket: ClientConnection, manifest: Mapping[str, Any]) -> None:
        """Ask about every task that runs and is not listed; with none, the manifest is verified as it is."""
        listed = {task["taskArn"] for task in manifest["tasks"]}
        unknown = [arn for arn in self._running if arn not in listed]
        if not unknown:
            self._set(linked=True, verified=True)
            return
        candidates = [{"taskArn": arn, "desiredStatus": "STOPPED"} for arn in unknown]
        await socket.send(
            encode(acs.stop_verification({"messageId": manifest["messageId"], "stopCandidates": candidates}))  # type: ignore[typeddict-item]
        )

    def _told(self, task: Mapping[str, Any]) -> None:
        arn = task["arn"]
        if task.get("desiredStatus") == "STOPPED":
            if self._running.pop(arn, None) is not None:
                self._members.report(self, arn, task, "STOPPED")
        elif arn not in self._running:
            self._running[arn] = token_hex(32)
            self._members.report(self, arn, task, "RUNNING")

    async def submit(self, arn: str, task: Mapping[str, Any], status: str) -> None:
        containers = [
            {"containerName": c["name"], "status": status, "runtimeId": self._running.get(arn) or token_hex(32)}
            for c in task["containers"]
        ]
        members = {"cluster": self._members.cluster, "task": arn, "status": status, "containers": containers}
        while True:
            try:
                if self._takes_changes:
                    await self._tell(members)
                else:
                    await self._post(self._signer, "SubmitTaskStateChange", members)
            except (OSError, EOFError):
                await asyncio.sleep(0.5)
            else:
                return

    async def _tell(self, change: Mapping[str, Any]) -> None:
        assert self._socket is not None
        number = token_hex(8)
        self._waiting[number] = waiting = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send(encode(acs.state_change({"messageId": number, "change": change})))
        except WebSocketException as error:
            self._waiting.pop(number, None)
            raise ConnectionError(str(error)) from error
        answer = await waiting
        assert "code" not in answer, answer

    async def _post(self, key: Signer | None, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        assert key is not None
        status, body = await self._line.call(signed(self._members.host, key, operation, members))
        assert status == 200, f"{TARGET}.{operation}: {status} {body[:300]!r}"
        return dict(json.loads(body))

    def _set(self, *, linked: bool, verified: bool) -> None:
        self.linked, self.verified = linked, verified
        self._members.changed()


class Hosts:
    def __init__(self, host: str, key: Mapping[str, str], cluster: str, count: int) -> None:
        self.host, self.cluster, self.joining = host, cluster, signer(key)
        self._hosts = [Host(self, number) for number in range(count)]
        self._tasks: set[asyncio.Task[None]] = set()
        self._reported = 0
        self._wanted = 0
        self._waits_for_links = False
        self.latencies: list[float] = []

    async def run(self) -> None:
        gate = asyncio.Semaphore(JOINING_AT_ONCE)

        async def join(host: Host) -> None:
            async with gate:
                await host.join()

        await asyncio.gather(*(join(host) for host in self._hosts))
        tell("joined", count=len(self._hosts))
        links = [asyncio.create_task(host.stay_linked()) for host in self._hosts]
        self._waits_for_links = True
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self._command(json.loads(line))
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    def _command(self, command: Mapping[str, Any]) -> None:
        if "reports" in command:  # tell when so many more reports were accepted
            self._wanted = self._reported + command["reports"]
        if "links" in command:  # tell when every host is linked anew
            self._waits_for_links = True
            for host in self._hosts:
                host.verified = False

    def report(self, host: Host, arn: str, task: Mapping[str, Any], status: str) -> None:
        made = asyncio.create_task(self._submit(host, arn, task, status))
        self._tasks.add(made)
        made.add_done_callback(self._tasks.discard)

    async def _submit(self, host: Host, arn: str, task: Mapping[str, Any], status: str) -> None:
        await host.submit(arn, task, status)
        self._reported += 1
        if self._reported == self._wanted:
            tell("reported", count=self._reported)

    def changed(self) -> None:
        if self._waits_for_links and all(host.verified for host in self._hosts):
            self._waits_for_links = False
            tell("verified", count=len(self._hosts))


if __name__ == "__main__":
    host_, cluster_, count_ = sys.argv[1:]
    key_ = json.loads(sys.stdin.readline())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Hosts(host_, key_, cluster_, int(count_)).run())
