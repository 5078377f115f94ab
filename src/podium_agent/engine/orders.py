"""What the control plane says on ACS: payloads, manifests, verified stops, heartbeats."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from podium_agent.engine import lives, payloads
from podium_agent.engine.book import Book
from podium_agent.engine.instructions import Enforce, Instruction, Note, SaveSequence, Send
from podium_agent.engine.payloads import NewId
from podium_agent.engine.ports import Ports
from podium_agent.engine.records import Status, Task
from podium_agent.engine.settings import Settings
from podium_protocol import Message, acs, payload

Body = Mapping[str, Any]


class Orders:
    """`sequence` is the largest number seen in payloads and manifests; it orders manifests only.

    A payload that comes again changes nothing but a desired status further along; for a task whose end was told it
    has that told once more.
    """

    def __init__(self, settings: Settings, book: Book, new_id: NewId, ports: Ports) -> None:
        self.settings = settings
        self.sequence = -1
        self._book = book
        self._new_id = new_id
        self._ports = ports
        self._manifest_id: str | None = None
        self._candidates: frozenset[str] = frozenset()
        self._handlers: dict[str, Callable[[Body], list[Instruction]]] = {
            acs.PAYLOAD: self._payload,
            acs.MANIFEST: self._manifest,
            acs.STOP_VERIFICATION_ACK: self._verified,
            acs.HEARTBEAT: self._heartbeat,
            acs.CREDENTIALS: self._credentials,
            acs.SECURITY_GROUPS: self._security_groups,
        }

    def handle(self, message: Message) -> list[Instruction]:
        handler = self._handlers.get(message.type)
        if handler is None:
            return [Note(text="passed over a message of an unknown type", fields={"type": message.type})]
        return handler(message.body)

    def _payload(self, body: Body) -> list[Instruction]:
        if not self._is_for_us(body):
            return [Note(text="passed over a payload for another container instance")]
        given: list[payload.Task] = body.get("tasks") or []
        for task in sorted(given, key=lambda t: t.get("desiredStatus") != "STOPPED"):
            self._take(task)
        answers = [self._role_ack(body, named) for task in given for named in _roles(task)]
        return [*self._advance(body.get("seqNum")), self._ack(body), *answers]

    def _take(self, given: payload.Task) -> None:
        known = self._book.tasks.get(given["arn"])
        stop = given.get("desiredStatus") == "STOPPED"
        if known is not None:
            known = _to_be_told_anew(known)
            self._book.put(lives.told_to_stop(known, given.get("stopTimeout")) if stop else known)
        else:
            self._book.put(payloads.already_over(given) if stop else self._accept(given))

    def _accept(self, given: payload.Task) -> Task:
        return payloads.accept(given, new_id=self._new_id, ports=self._ports, taken=self._book.taken_ports())

    def _manifest(self, body: Body) -> list[Instruction]:
        """Tasks it does not list are asked about, never stopped for that alone."""
        if not self._is_for_us(body):
            return [Note(text="passed over a manifest for another container instance")]
        timeline = body.get("timeline", -1)
        if timeline <= self.sequence:
            return [Note(text="passed over a manifest that is no news", fields={"timeline": timeline})]
        wanted = {t.get("taskArn") for t in body.get("tasks") or [] if t.get("desiredStatus") == "RUNNING"}
        missing = [t for t in self._book.tasks.values() if t.desired is Status.RUNNING and t.arn not in wanted]
        self._manifest_id = body["messageId"]
        self._candidates = frozenset(t.arn for t in missing)
        answers = [*self._advance(timeline), self._ack(body)]
        return [*answers, self._ask_to_verify(missing)] if missing else answers

    def _ask_to_verify(self, missing: list[Task]) -> Instruction:
        candidates = [_told_of(task.payload) for task in missing]
        assert self._manifest_id is not None, "candidates come from a manifest"
        return Send(message=acs.stop_verification({"messageId": self._manifest_id, "stopCandidates": candidates}))

    def _verified(self, body: Body) -> list[Instruction]:
        if body.get("messageId") != self._manifest_id or self._manifest_id is None:
            return [Note(text="passed over a stop verification for a manifest that is not the latest")]
        verified = [t.get("taskArn", "") for t in body.get("stopTasks") or []]
        stops = [arn for arn in verified if arn in self._candidates]
        for arn in stops:
            self._book.put(lives.told_to_stop(self._book.tasks[arn]))
        self._manifest_id, self._candidates = None, frozenset()
        return [Note(text="stops a task the control plane does not want here", fields={"task": arn}) for arn in stops]

    def _heartbeat(self, body: Body) -> list[Instruction]:
        return [Send(message=acs.heartbeat_ack({"messageId": body.get("messageId", "")}))]

    def _credentials(self, body: Body) -> list[Instruction]:
        """The credentials themselves are held elsewhere: nothing that the engine knows is a secret."""
        return [self._role_ack(body, body.get("roleCredentials") or {})]

    def _role_ack(self, body: Body, given: Body) -> Instruction:
        answer: acs.IAMRoleCredentialsAckRequest = {
            "messageId": body.get("messageId", ""),
            "credentialsId": given.get("credentialsId", ""),
            "expiration": given.get("expiration", ""),
        }
        return Send(message=Message(type=acs.CREDENTIALS_ACK, body=answer))

    def _security_groups(self, body: Body) -> list[Instruction]:
        return [Enforce(groups=tuple(body.get("groups") or ()))]

    def _is_for_us(self, body: Body) -> bool:
        named = body.get("messageId") and body.get("clusterArn")
        return bool(named) and body.get("containerInstanceArn") == self.settings.container_instance_arn

    def _advance(self, number: int | None) -> list[Instruction]:
        if number is None or number <= self.sequence:
            return []
        self.sequence = number
        return [SaveSequence(sequence=number)]

    def _ack(self, body: Body) -> Instruction:
        answer: acs.AckRequest = {
            "cluster": self.settings.cluster,
            "containerInstance": self.settings.container_instance_arn,
            "messageId": body["messageId"],
        }
        return Send(message=acs.ack(answer))


def _to_be_told_anew(task: Task) -> Task:
    """Whoever still speaks of a task whose end was told has forgotten it: a database that went back in time has."""
    if task.reported is not Status.STOPPED or task.report is not None:
        return task
    containers = tuple(replace(c, reported=Status.PENDING) for c in task.containers)
    return replace(task, reported=Status.RUNNING, containers=containers)


def _told_of(given: payload.Task) -> acs.TaskIdentifier:
    told: acs.TaskIdentifier = {
        "taskArn": given["arn"],
        "taskClusterArn": given.get("taskClusterArn", ""),
        "desiredStatus": "STOPPED",
        "family": given.get("family", ""),
        "version": given.get("version", ""),
        "group": given.get("group", ""),
    }
    if interfaces := given.get("elasticNetworkInterfaces"):
        told["elasticNetworkInterfaces"] = interfaces
    return told


def _roles(task: payload.Task) -> list[Body]:
    named = (task.get("roleCredentials"), task.get("executionRoleCredentials"))
    return [given for given in named if given]
