"""An imitation of the open-source ECS agent 1.105: what it sends, what it minds, and how it comes back.

Written from the description of that agent's behavior alone. Containers are scripted; waits that take the real
one minutes are noted in `delays` and kept short.
"""

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from uuid import uuid4

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from officialagent.docker import Container, Docker
from officialagent.payloads import Unacceptable, accepted
from officialagent.tasks import Task
from officialagent.wire import ApiError, Channel, Wire

UNREACHABLE = (ApiError, OSError, EOFError, HTTPException, WebSocketException)
ROLES = {"roleCredentials": "TaskApplication", "executionRoleCredentials": "TaskExecution"}
CLEAN_CLOSES = (1000, 1001, 1006, 1011)
CAPABILITIES = (
    *(f"com.amazonaws.ecs.capability.docker-remote-api.1.{n}" for n in (*range(17, 26), 28, 29, 30, 32)),
    "com.amazonaws.ecs.capability.privileged-container",
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "com.amazonaws.ecs.capability.logging-driver.none",
    "com.amazonaws.ecs.capability.logging-driver.awsfirelens",
    "com.amazonaws.ecs.capability.ecr-auth",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.task-cpu-mem-limit",
    "ecs.capability.increased-task-cpu-limit",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.full-sync",
    "ecs.capability.ecr-endpoint",
    "ecs.capability.env-files.s3",
    "ecs.capability.container-restart-policy",
    "ecs.capability.network.container-port-range",
    "ecs.capability.private-registry-authentication.secretsmanager",
    "ecs.capability.secrets.ssm.environment-variables",
    "ecs.capability.docker-plugin.local",
    "ecs.capability.firelens.fluentd",
    "ecs.capability.efs",
    "ecs.capability.pid-ipc-namespace-sharing",
    "ecs.capability.ipv6-only",
)


class Exits(Exception):
    """The process ends. 1: a supervisor starts it again; 5: nobody does."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"exit code {code}: {why}")
        self.code = code


@dataclass
class Saved:
    """The agent's database. An agent without ECS_DATADIR begins with a new one every time."""

    arn: str = ""
    sequence: int = -1
    tasks: dict[str, Task] = field(default_factory=dict)


@dataclass
class Faults:
    """What goes wrong on the way. `deaf_to` are the types of messages that never arrive."""

    deaf_to: set[str] = field(default_factory=set)
    mute_about: set[str] = field(default_factory=set)
    every_report_twice: bool = False
    lost_answers: int = 0
    reports_held: bool = False


class Agent:
    def __init__(self, wire: Wire, docker: Docker, saved: Saved | None = None, **configuration: Any) -> None:
        self.wire, self.docker, self.saved = wire, docker, saved or Saved()
        self.cluster: str = configuration.get("cluster", "")
        self.external: bool = configuration.get("external", False)
        self.attributes: dict[str, str] = configuration.get("attributes", {})
        self.client_token = str(uuid4())
        self.faults = Faults()
        self.delays: list[float] = []
        self.closes: list[int] = []
        self.refusals: list[str] = []
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.heard_of_telemetry: list[tuple[str, dict[str, Any]]] = []
        self.dropped: list[str] = []
        self.credentials: dict[tuple[str, str], dict[str, Any]] = {}
        self.acs: Channel | None = None
        self.tcs: Channel | None = None
        self.connections = 0
        self._endpoints: dict[str, Any] = {}
        self._manifest: str | None = None
        self._lock = threading.RLock()
        self._news = threading.Event()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> "Agent":
        """Registers, takes up what it left, reports, and opens its channels."""
        self.register()
        self.docker.told = self._ended
        with self._lock:
            for task in self.saved.tasks.values():
                task.move(self.docker)
        for work in (self._report, self._talk, self._measure):
            thread = threading.Thread(target=work, daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def kill(self) -> None:
        """kill -9: what is saved and what Docker runs stays."""
        self._over.set()
        self._news.set()
        self.docker.told = lambda container: None
        self.hang_up()
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()

    def hang_up(self) -> None:
        for channel in (self.acs, self.tcs):
            if channel is not None:
                channel.socket.close()

    def register(self) -> None:
        request: dict[str, Any] = {
            "cluster": self.cluster or "default",
            "clientToken": self.client_token,
            "instanceIdentityDocument": "",
            "instanceIdentityDocumentSignature": "",
            "totalResources": [
                {"name": "CPU", "type": "INTEGER", "integerValue": 2048},
                {"name": "MEMORY", "type": "INTEGER", "integerValue": 3900},
                {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22", "2375", "2376", "51678", "51679"]},
                {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": []},
            ],
            "attributes": self._attributes(),
        }
        if self.saved.arn:
            request["containerInstanceArn"] = self.saved.arn
        instance = self._registered(request)["containerInstance"]
        told = {a["name"]: a.get("value", "") for a in instance["attributes"]}
        for sent in request["attributes"]:
            if told.get(sent["name"]) != sent.get("value", ""):
                raise Exits(5, f"attribute {sent['name']} did not come back")
        self.zone = told["ecs.availability-zone"]
        self.saved.arn = instance["containerInstanceArn"]

    def _registered(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.wire.call("RegisterContainerInstance", request)
        except ApiError as error:
            if not self.cluster and "Cluster not found." in str(error):
                self.wire.call("CreateCluster", {"clusterName": "default"})
                return self.wire.call("RegisterContainerInstance", request)
            raise Exits(
                5 if error.code in ("InvalidParameterException", "ClientException") else 1, str(error)
            ) from error

    def _attributes(self) -> list[dict[str, str]]:
        named = [{"name": name} for name in CAPABILITIES]
        named += [{"name": f"ecs.os-{n}", "value": v} for n, v in (("type", "linux"), ("family", "LINUX"))]
        if self.external:
            named += [{"name": "ecs.capability.external"}, {"name": "ecs.cpu-architecture", "value": "x86_64"}]
        if not self.saved.arn:  # its operator's own are told the first time alone
            named += [{"name": name, "value": value} for name, value in self.attributes.items()]
        return named

    def _discover(self) -> dict[str, Any]:
        """Kept for twelve hours, and longer when nobody answers."""
        if not self._endpoints:
            named = {"cluster": self.cluster or "default", "containerInstance": self.saved.arn, "zoneId": ""}
            self._endpoints = self.wire.call("DiscoverPollEndpoint", named)
        return self._endpoints

    def _talk(self) -> None:
        while not self._over.is_set():
            channel = self._opened("endpoint", self._acs_query)
            if channel is None:
                return
            self.acs = channel
            self.connections += 1
            self._until_closed(channel, self._hear)

    def _acs_query(self) -> dict[str, str]:
        return {
            "agentHash": "a8b3e7d3",
            "agentVersion": "1.105.1",
            "clusterArn": self.cluster or "default",
            "containerInstanceArn": self.saved.arn,
            "dockerVersion": "DockerVersion: 20.10.24+dfsg1",
            "protocolVersion": "2",
            "seqNum": "1",
            "sendCredentials": "false" if self.connections else "true",
        }

    def _opened(self, which: str, query: Callable[[], dict[str, str]]) -> Channel | None:
        """A channel; None once the process is over or the instance is told to be inactive."""
        delay = 0.25
        while not self._over.is_set():
            try:
                return self.wire.upgrade(self._discover()[which], query())
            except InvalidStatus as refused:
                body = (refused.response.body or b"").decode()
                self.refusals.append(body)
                if "InactiveInstanceException" in body:
                    self.delays.append(3600.0)
                    return None
            except UNREACHABLE as error:
                self.refusals.append(str(error))
            self.delays.append(delay)
            delay = min(120.0, delay * 1.5)
            self._over.wait(0.05)
        return None

    def _until_closed(self, channel: Channel, hear: Callable[[Channel, str, dict[str, Any]], None]) -> None:
        try:
            while not self._over.is_set():
                frame = json.loads(channel.socket.recv())
                if frame["type"] not in self.faults.deaf_to:
                    hear(channel, frame["type"], frame.get("message") or {})
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd is not None else 1006
            self.closes.append(code)
            if code not in CLEAN_CLOSES:
                self.delays.append(0.25)
        finally:
            channel.opening.close()

    def _hear(self, channel: Channel, kind: str, message: dict[str, Any]) -> None:
        with self._lock:
            self.heard.append((kind, message))
            handlers = {
                "PayloadMessage": self._payload,
                "TaskManifestMessage": self._task_manifest,
                "TaskStopVerificationAck": self._verified,
                "HeartbeatMessage": self._heartbeat,
                "IAMRoleCredentialsMessage": self._credentials,
            }
            if (handler := handlers.get(kind)) is not None:
                handler(channel, message)

    def _say(self, channel: Channel, kind: str, message: dict[str, Any]) -> None:
        if kind not in self.faults.mute_about:
            channel.say(kind, message)

    def _heartbeat(self, channel: Channel, message: dict[str, Any]) -> None:
        self._say(channel, "HeartbeatAckRequest", {"messageId": message["messageId"]})

    def _credentials(self, channel: Channel, message: dict[str, Any]) -> None:
        self._keep(channel, message["messageId"], message["taskArn"], message["roleType"], message["roleCredentials"])

    def _keep(self, channel: Channel, message_id: str, task: str, kind: str, given: dict[str, Any]) -> None:
        """In memory alone: after a start there are none until they are sent."""
        for name in ("credentialsId", "roleArn", "accessKeyId", "secretAccessKey", "sessionToken", "expiration"):
            assert isinstance(given[name], str), f"{name} is a text"
        self.credentials[task, kind] = given
        told = {"messageId": message_id, "credentialsId": given["credentialsId"], "expiration": given["expiration"]}
        self._say(channel, "IAMRoleCredentialsAckRequest", told)

    def _payload(self, channel: Channel, message: dict[str, Any]) -> None:
        if not all(message.get(n) for n in ("messageId", "clusterArn", "containerInstanceArn")):
            self.dropped.append("PayloadMessage")
            return
        refused = False
        for given in message["tasks"]:
            for member, kind in ROLES.items():
                if given.get(member):
                    self._keep(channel, message["messageId"], given["arn"], kind, given[member])
            try:
                self._take(accepted(given))
            except Unacceptable as why:
                refused = True
                self.saved.tasks[given["arn"]] = Task({"arn": given["arn"]}, desired="STOPPED", reason=str(why))
        self.saved.sequence = max(self.saved.sequence, message.get("seqNum", -1))
        if not refused:
            self._ack(channel, message)
        self._news.set()

    def _take(self, given: dict[str, Any]) -> None:
        known = self.saved.tasks.get(given["arn"])
        if known is None:
            known = self.saved.tasks[given["arn"]] = Task(given, desired=given["desiredStatus"])
        elif given["desiredStatus"] == "STOPPED":
            known.desired = "STOPPED"
        known.move(self.docker)

    def _task_manifest(self, channel: Channel, message: dict[str, Any]) -> None:
        if message["timeline"] <= self.saved.sequence:
            self.dropped.append("TaskManifestMessage")
            return
        self.saved.sequence, self._manifest = message["timeline"], message["messageId"]
        self._ack(channel, message)
        wanted = {t["taskArn"] for t in message["tasks"] if t["desiredStatus"] == "RUNNING"}
        unlisted = [t for t in self.saved.tasks.values() if t.desired == "RUNNING" and t.arn not in wanted]
        if unlisted:
            candidates = [
                {"taskArn": t.arn, "taskClusterArn": t.payload["taskClusterArn"], "desiredStatus": "STOPPED"}
                for t in unlisted
            ]
            asked = {"messageId": message["messageId"], "stopCandidates": candidates}
            self._say(channel, "TaskStopVerificationMessage", asked)

    def _verified(self, channel: Channel, message: dict[str, Any]) -> None:
        if message["messageId"] != self._manifest:
            self.dropped.append("TaskStopVerificationAck")
            return
        self._manifest = None
        for told in message["stopTasks"]:
            task = self.saved.tasks[told["taskArn"]]
            task.desired = "STOPPED"
            task.move(self.docker)
        self._news.set()

    def _ack(self, channel: Channel, message: dict[str, Any]) -> None:
        named = {"cluster": self.cluster or "default", "containerInstance": self.saved.arn}
        self._say(channel, "AckRequest", {**named, "messageId": message["messageId"]})

    def _measure(self) -> None:
        while not self._over.is_set():
            channel = self._opened("telemetryEndpoint", self._tcs_query)
            if channel is None:
                return
            self.tcs = channel
            self.publish("PublishMetricsRequest", {"metadata": self._metadata(idle=True), "timestamp": 1795374428.921})
            self._until_closed(channel, lambda _, kind, message: self.heard_of_telemetry.append((kind, message)))

    def _tcs_query(self) -> dict[str, str]:
        return {
            "agentHash": "a8b3e7d3",
            "agentVersion": "1.105.1",
            "cluster": self.cluster or "default",
            "containerInstance": self.saved.arn,
            "dockerVersion": "20.10.24+dfsg1",
        }

    def _metadata(self, idle: bool = False) -> dict[str, Any]:
        named = {"cluster": self.cluster or "default", "containerInstance": self.saved.arn}
        return {**named, "messageId": str(uuid4()), "fin": True, **({"idle": True} if idle else {})}

    def publish(self, kind: str, message: dict[str, Any]) -> None:
        assert self.tcs is not None, "the telemetry channel is open"
        with contextlib.suppress(ConnectionClosed):
            self.tcs.publish(kind, {"metadata": self._metadata(), **message})

    def _ended(self, container: Container) -> None:
        with self._lock:
            task = self.saved.tasks.get(container.task)
            if task is not None:
                task.move(self.docker)
        self._news.set()

    def _report(self) -> None:
        """Each task's in order, until each is accepted or refused as an invalid parameter."""
        while not self._over.is_set():
            self._news.wait(0.05)
            self._news.clear()
            for task in list(self.saved.tasks.values()):
                while not self._over.is_set() and not self.faults.reports_held and self._submit(task):
                    pass

    def _submit(self, task: Task) -> bool:
        """Whether something was told, and there may be more."""
        with self._lock:
            report = task.report(self.docker)
        if report is None:
            return False
        try:
            for _ in range(2 if self.faults.every_report_twice else 1):
                self.wire.call("SubmitTaskStateChange", {"cluster": self.cluster or "default", **report})
            if self.faults.lost_answers:
                self.faults.lost_answers -= 1
                return False
        except ApiError as error:
            if error.code != "InvalidParameterException":
                return False
            self.dropped.append("SubmitTaskStateChange")
        except UNREACHABLE:
            return False
        with self._lock:
            task.accepted(report)
        return True
