"""The control plane in the world: the real core, operations and controllers on a simulated disk."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import msgspec

from podium import elbv2
from podium.ecs import bounds
from podium.ecs.acs import assignments, links
from podium.ecs.acs.session import Session, numbers
from podium.ecs.records import ContainerInstance, InstanceStatus, Stranger, Task
from podium.ecs.service import ecs
from podium.ecs.timing import Timing
from podium.kernel import principal as principals
from podium.kernel.call import Call
from podium.kernel.principal import Principal, PrincipalKind
from podium.runtime.core import Batch
from podium.runtime.dice import Dice
from podium.server.plane import assembled
from podium.server.services import SERVICES
from podium.store.database import Deposed, StoreError
from podium.store.session import Change, Transaction
from podium.wire import json
from podium.wire.message import Request
from podium_protocol import Message, acs
from podium_sim.clock import Clock, Timeline
from podium_sim.disk import Disk

ACCOUNT, REGION = "123456789012", "us-east-1"
SEALED_EARLY = 0.25  # the share of turns after which a batch is sealed, though there is more to do
TOGETHER = 0.3  # the share of calls after which another may come before the controllers have a turn
Done = Callable[[Any, BaseException | None], None]
Say = Callable[[Message], None]


def _over_the_wire(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """The request as the operation gets it: written as JSON and read by the model."""
    message = Request("POST", "/", "", {}, msgspec.json.encode(request))
    return json.parse(ecs.model.operation_model(operation), message)


def _instance(arn: str) -> Principal:
    return Principal(kind=PrincipalKind.INSTANCE, arn=arn, account=ACCOUNT, user_id="", issuer_arn=arn)


class _Glass:
    """Seals nothing: there are no secrets in the world."""

    def seal(self, text: str, about: str) -> str:
        return text

    def unseal(self, sealed: str, about: str) -> str:
        return sealed

    def mac(self, purpose: str, data: bytes) -> bytes:
        return hashlib.sha256(purpose.encode() + data).digest()


@dataclass
class Doom:
    """The process ends at one of its next commits: at that of the so manieth, and either before it or after it."""

    commits: int
    before: bool


class SimPlane:
    """One server process. `crash` ends it between any two steps; what had not landed is gone.

    `doom` ends it in the middle of a commit. `died` is called when it ends by itself, `hung_up`
    when it ends an instance's line.
    """

    def __init__(
        self, time: Timeline, clock: Clock, random: Random, disk: Disk, timing: Timing, events: bool = False
    ) -> None:
        self.time, self.clock, self.disk = time, clock, disk
        self.is_up, self.sealer = True, _Glass()
        self.doom: Doom | None = None
        self.died: Callable[[], None] = lambda: None
        self.hung_up: Callable[[str], None] = lambda instance_arn: None
        self._wakes_at: datetime | None = None
        self._random, self._ids = random, Dice(random.getrandbits(64))
        self.plane = assembled(disk, clock, self._ids, timing, events=events)
        self.core = self.plane.core
        self._numbers = numbers(self.plane.epoch)
        self.core.watchers.append(self._changed)
        self._lines: dict[str, tuple[Session, Say]] = {}
        self.pump()

    def crash(self) -> None:
        self.is_up = False
        self._lines.clear()

    def call(self, operation: str, request: dict[str, Any], done: Done, instance_arn: str = "") -> None:
        """An API call that has arrived, root's or an instance's. `done` hears of it when it would be answered.

        `operation` is ECS's, or begins with the name of another service and a colon.
        """
        call = Call(
            account=ACCOUNT,
            region=REGION,
            principal=_instance(instance_arn) if instance_arn else principals.root(ACCOUNT),
            now=self.clock.now(),
            ids=self._ids,
            sealer=self.sealer,
            endpoint="http://plane",
        )
        name, _, operation = operation.rpartition(":")
        service = SERVICES[name or "ecs"]
        function = service.operations[operation]
        run = self.core.read if operation in service.reading else self.core.write
        given = _over_the_wire(operation, request) if service is ecs else request

        def work(tx: Transaction) -> Any:
            if service is ecs:
                bounds.check(call, tx, operation, given)
            return function(call, tx, given)

        run(work, done)
        if self._random.random() < TOGETHER:
            self.time.after(0.0002, self.pump)
        else:
            self.pump()

    def read(self) -> Transaction:
        """What everyone may see."""
        return self.core.store.reading()

    def connect(self, instance_arn: str, say: Say, broke: Callable[[], None]) -> bool:
        """An agent dials in. False when its instance is not known here; `broke` when that could not be saved."""
        instance = self.read().get(ContainerInstance, instance_arn)
        if instance is None or instance.status is InstanceStatus.INACTIVE:
            return False
        session = Session(instance_arn, instance.cluster_arn, self._numbers, self._ids)

        def opened(result: Any, error: BaseException | None) -> None:
            if error is not None:
                broke()
                return
            self._lines[instance_arn] = (session, say)
            self._speak(
                instance_arn, session.opened(assignments.of_instance(self.read(), instance_arn), self.clock.now())
            )

        self.core.write(lambda tx: links.connected(tx, instance_arn, {}), opened)
        self.pump()
        return True

    def hang_up(self, instance_arn: str) -> None:
        if self._lines.pop(instance_arn, None) is not None:
            self.core.write(
                lambda tx: links.disconnected(tx, instance_arn, self.clock.now()), lambda result, error: None
            )
            self.pump()

    def hear(self, instance_arn: str, message: Message) -> None:
        """A message of the agent's, as the hub treats it."""
        line = self._lines.get(instance_arn)
        if line is None:
            return
        session, now = line[0], self.clock.now()
        if message.type == acs.ACK:
            session.acknowledged(message.body)
        elif message.type == acs.HEARTBEAT_ACK:
            session.heartbeat_answered()
        elif message.type == acs.STOP_VERIFICATION:
            told = message.body.get("stopCandidates") or ()
            message_id = str(message.body.get("messageId", ""))

            def answer(stops: list[str], error: BaseException | None) -> None:
                if error is None:
                    self._speak(instance_arn, session.verified(message_id, stops, now))
                else:  # as in the hub, what could not be saved ends the link, and the agent asks anew
                    self.hang_up(instance_arn)
                    self.hung_up(instance_arn)

            self.core.write(lambda tx: links.stops_meant(tx, instance_arn, told, now), answer)
            self.pump()

    def hear_proxy(self, found: Sequence[Any], drained: Sequence[Any]) -> None:
        def work(tx: Transaction) -> None:
            elbv2.reported(tx, found, self.clock.now())
            elbv2.drained(tx, drained, self.clock.now())

        self.core.write(work, lambda result, error: None)
        self.pump()

    def hear_health(self, instance_arn: str, tasks: Sequence[Any]) -> None:
        self.core.write(lambda tx: links.health_reported(tx, instance_arn, tasks), lambda result, error: None)
        self.pump()

    @property
    def unacknowledged(self) -> bool:
        """Whether an agent was told something and has not said that it heard."""
        return any(session.unacknowledged for session, _ in self._lines.values())

    def tick(self) -> None:
        """What the hub does every few seconds: heartbeats, and payloads that nobody acknowledged."""
        for arn, (session, _) in list(self._lines.items()):
            self._speak(arn, session.tick(self.clock.now()))

    def pump(self) -> None:
        """Let the controllers work, and send what there is to the disk: between any two of their turns, by chance."""
        if not self.is_up:
            return
        while busy := self.core.turn():
            if self._random.random() < SEALED_EARLY:
                break
        batch = self.core.seal()
        if busy:
            self.time.after(0.0001, self.pump)
        if batch is not None:
            self.time.after(self._random.uniform(0.0002, 0.005), lambda: self._land(batch))
        self._set_alarm()

    def _set_alarm(self) -> None:
        """For the next key that is due, unless one is set for as early a moment."""
        due = self.core.queue.next_due()
        if due is None or (self._wakes_at is not None and self._wakes_at <= due):
            return
        self._wakes_at = due
        self.clock.at(due, lambda: self._wake(due))

    def _wake(self, alarm: datetime) -> None:
        if alarm != self._wakes_at or not self.is_up:
            return
        self._wakes_at = None
        due = self.core.queue.next_due()
        if due is not None and due <= self.clock.now():
            self.pump()
        else:
            self._set_alarm()

    def look_everywhere(self) -> None:
        """The full look that is due every few minutes, now."""
        self.core.look_everywhere(self.clock.now())
        self.pump()

    def clock_was_set(self) -> None:
        """It looks at least once a minute, and so at what its clock shows."""
        self._wakes_at = None
        self.pump()

    def _land(self, batch: Batch) -> None:
        if not self.is_up:
            return
        doomed = self._is_doomed(batch)
        if doomed is not None and doomed.before:
            self._die()
            return
        try:
            if batch.group is not None:
                self.disk.commit(batch.group.changes, self.plane.epoch)
        except Deposed as error:
            self.core.lost(error)
            self._die()
            return
        except StoreError as error:
            self.core.lost(error)
        else:
            if doomed is not None:
                self._die()
                return
            self.core.landed(batch)
        self.pump()

    def _is_doomed(self, batch: Batch) -> Doom | None:
        if self.doom is None or batch.group is None:
            return None
        self.doom.commits -= 1
        return self.doom if self.doom.commits <= 0 else None

    def _die(self) -> None:
        self.crash()
        self.died()

    def _changed(self, changes: Sequence[Change]) -> None:
        tx = self.read()
        for change in changes:
            arn = getattr(change.record, "container_instance_arn", None)
            if change.kind is ContainerInstance and change.record.status is InstanceStatus.INACTIVE:
                self._shut_out(change.key)
            if arn in self._lines and isinstance(change.record, Task | Stranger):
                self._speak(arn, self._lines[arn][0].assign([assignments.of_change(tx, change)], self.clock.now()))

    def _shut_out(self, instance_arn: str) -> None:
        """An instance that was deregistered may not speak any more."""
        if self._lines.pop(instance_arn, None) is not None:
            self.hung_up(instance_arn)

    def _speak(self, instance_arn: str, messages: Sequence[Message]) -> None:
        line = self._lines.get(instance_arn)
        for message in messages if line is not None and self.is_up else ():
            line[1](message)  # type: ignore[index]
