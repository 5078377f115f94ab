"""The agents' channels: which instance is linked by which socket, and what goes over it.

Changes arrive once they are durable, become assignments, and go to the link of the instance they are about.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from podium import audit, ec2, iam
from podium.ecs.acs import assignments, interfaces, links, lost, role_credentials
from podium.ecs.acs.role_credentials import Mint, RoleCredentials
from podium.ecs.acs.session import Assignment, Session, numbers
from podium.ecs.records import ContainerInstance, InstanceStatus, Stranger, Task
from podium.ecs.task_roles import RoleNotAssumable
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.kernel.ids import Ids
from podium.kernel.sealing import Sealer
from podium.runtime.core import NotSaved
from podium.runtime.running import RunningCore
from podium.server.sockets import Socket
from podium.server.telemetry import Prove, Telemetry
from podium.server.usage import Usage
from podium.store.session import Change, Transaction
from podium.wire.failure import Failure
from podium_protocol import acs
from podium_protocol.envelope import Malformed, Message, decode, encode

TICK_SECONDS = 5.0
CHANGES_AT_ONCE = 20  # of one agent; Podium's own tells ten
log = logging.getLogger("podium.acs")


class Fills(Protocol):
    async def __call__(self, link: "Link", message: Message) -> Message | None:
        """`message` with the credentials it names; None when it is not to be sent."""


Takes = Callable[[object], Awaitable[Failure | None]]
"""Takes a state change in. Returns when it is durable, or what SubmitTaskStateChange would be refused with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    """Who speaks over a channel: what its agent is, how its word is taken, and until when its credential counts."""

    instance: ContainerInstance
    versions: Mapping[str, str]
    takes: Takes
    until: datetime | None = None
    knows_credentials: bool = True


class Link:
    """One ACS socket and the session that speaks over it."""

    def __init__(self, session: Session, roles: RoleCredentials, socket: Socket, clock: Clock, fill: Fills) -> None:
        self.session, self.roles = session, roles
        self.gate = asyncio.Semaphore(CHANGES_AT_ONCE)
        self._socket, self._clock, self._fill = socket, clock, fill
        self._outgoing: deque[Message | None] = deque()
        self._idle: asyncio.Future[None] | None = None  # until there is something to send

    def open(self, assignments: Sequence[Assignment], groups: Sequence[acs.SecurityGroup]) -> None:
        """Begin with all that should be there."""
        self.say(self.session.opened(assignments, self._clock.now(), groups))

    def deliver(self, changed: Sequence[Assignment], groups: Sequence[acs.SecurityGroup] | None) -> None:
        """`groups` come first, so that no task is there before its rules. None: they did not change."""
        enforced = [] if groups is None else self.session.enforce(groups)
        self.say([*enforced, *self.session.assign(changed, self._clock.now())])

    def say(self, messages: Sequence[Message]) -> None:
        self._outgoing.extend(messages)
        if messages:
            self._wake()

    def hang_up(self) -> None:
        self._outgoing.append(None)
        self._wake()

    def _wake(self) -> None:
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    async def _next(self) -> Message | None:
        while not self._outgoing:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle
        return self._outgoing.popleft()

    async def pump(self) -> None:
        """Send what is said, in order, until the line is hung up."""
        while (said := await self._next()) is not None:
            message = await self._fill(self, said) if role_credentials.is_wanting(said) else said
            if message is not None:
                await self._socket.send(encode(message))
        await self._socket.close(1000, "ConnectionReplaced")

    async def keep_alive(self, until: datetime | None) -> None:
        """While heartbeats are answered, and until the credential that opened the channel ends: the agent comes again
        with a new one.
        """
        now = self._clock.now()
        while not self.session.dead and (until is None or now < until):
            await asyncio.sleep(TICK_SECONDS)
            now = self._clock.now()
            self.say([*self.session.tick(now), *self.roles.due(now)])
        self.hang_up()


class Hub:
    def __init__(self, core: RunningCore, epoch: int, clock: Clock, ids: Ids, sealer: Sealer) -> None:
        self._core, self._numbers, self._clock, self._ids = core, numbers(epoch), clock, ids
        self.usage = Usage(clock)
        self._mint = Mint(sealer=sealer, ids=ids)
        self._links: dict[str, Link] = {}
        self._telemetry: dict[str, set[Socket]] = {}
        self._ending = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        core.core.watchers += [self._changed, self.usage.changed]

    @property
    def connected(self) -> int:
        return len(self._links)

    def say(self, instance_arn: str, message: Message) -> bool:
        """Tell an agent something that needs no answer; False when it is not connected."""
        link = self._links.get(instance_arn)
        if link is not None:
            link.say([message])
        return link is not None

    async def instance(self, arn: str) -> ContainerInstance | None:
        return await self._core.read(lambda tx: tx.get(ContainerInstance, arn))

    async def allow(self, call: Call, ask: Ask) -> None:
        """Raises the denial when the caller's policies do not allow it."""
        await self._core.read(lambda tx: iam.authorize(call, tx, "ecs", (ask,)))

    async def taken_up(self, call: Call, arn: str) -> ContainerInstance | None:
        """The instance whose record is lost, when the caller may have it taken up. Raises the denial otherwise."""
        asks = lost.asks(call, arn)
        if not asks:
            return None
        await self._core.read(lambda tx: iam.authorize(call, tx, "ecs", asks))

        def take_up(tx: Transaction) -> ContainerInstance | None:
            tx.append(audit.entry(call, "ecs", "RegisterContainerInstance", asks, "ok"))
            return lost.taken_up(call, tx, arn)

        log.warning(
            "instance taken up, its record was lost: restart its agent to have tasks placed there instance=%s", arn
        )
        return await self._core.call(take_up)

    async def serve_acs(self, socket: Socket, admitted: Admitted) -> None:
        """Speak with one agent until its socket closes."""
        arn, versions = admitted.instance.arn, admitted.versions
        session = Session(arn, admitted.instance.cluster_arn, self._numbers, self._ids)
        link = Link(session, RoleCredentials(self._ids), socket, self._clock, self._fill)
        await self._core.read(lambda tx: self._open(tx, arn, link, admitted.knows_credentials))
        log.info("agent connected instance=%s agent_version=%s", arn, versions.get("agentVersion", ""))
        work = (link.pump(), link.keep_alive(admitted.until))
        helpers = [asyncio.create_task(_lasting(one, socket, arn)) for one in work]
        try:
            if await self._core.call(lambda tx: links.connected(tx, arn, versions)) is None:
                link.hang_up()  # it was shut out while it came in
            async for text in socket.texts():
                await self._heard(link, text, admitted.takes)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self._gone(arn, link)

    async def serve_tcs(self, socket: Socket, instance_arn: str, prove: Prove) -> None:
        """Take health and metrics until the socket closes."""
        held = self._telemetry.setdefault(instance_arn, set())
        held.add(socket)
        try:
            await Telemetry(self._core, socket, instance_arn, prove, self.usage).serve()
        finally:
            held.discard(socket)

    def close_all(self) -> None:
        self._ending.set()
        for link in self._links.values():
            link.hang_up()

    def _open(self, tx: Transaction, arn: str, link: Link, knows_credentials: bool) -> None:
        """All that is there is said now, and from this moment on every change of the instance's tasks is."""
        before = self._links.get(arn)
        self._links[arn] = link
        if before is not None:
            before.hang_up()
        current = assignments.of_instance(tx, arn)
        if not knows_credentials:
            link.say(link.roles.of_tasks([a.payload for a in current if a.payload is not None]))
        link.open(current, interfaces.groups_on(tx, arn))

    async def _gone(self, arn: str, link: Link) -> None:
        """Until it is on record: an agent that counts as connected would be given tasks."""
        while not await self._left(arn, link):
            if await self._ends_within(TICK_SECONDS):
                return
        await self._core.read(lambda tx: self._forget(arn, link))

    async def _ends_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        return self._ending.is_set()

    async def _left(self, arn: str, link: Link) -> bool:
        try:
            if await self._core.call(lambda tx: self._leave(tx, arn, link)):
                log.info("agent disconnected instance=%s", arn)
        except NotSaved as error:
            log.warning("agent disconnected, which is not saved yet instance=%s reason=%s", arn, error)
            return False
        return True

    def _leave(self, tx: Transaction, arn: str, link: Link) -> bool:
        """In the core, where links are taken, too: False when another has taken the link's place."""
        if self._links.get(arn) is not link:
            return False
        links.disconnected(tx, arn, self._clock.now())
        return True

    def _forget(self, arn: str, link: Link) -> None:
        if self._links.get(arn) is link:
            del self._links[arn]

    async def _heard(self, link: Link, text: str, takes: Takes) -> None:
        arn = link.session.instance_arn
        message = _understood(text, arn)
        if message is None:
            return
        if message.type == acs.ACK:
            link.session.acknowledged(message.body)
        elif message.type == acs.HEARTBEAT_ACK:
            link.session.heartbeat_answered()
        elif message.type == acs.CREDENTIALS_ACK:
            link.roles.acknowledged(message.body)
        elif message.type == acs.STATE_CHANGE:
            await link.gate.acquire()  # an agent that says more at once is not listened to meanwhile
            self._begin(self._take_in(link, message.body, takes))
        elif message.type == acs.STOP_VERIFICATION:
            await self._verify(link, message.body)

    async def _take_in(self, link: Link, body: Mapping[str, Any], takes: Takes) -> None:
        """Answered once it is durable, whatever else the agent says meanwhile."""
        answer: acs.StateChangeAck = {"messageId": str(body.get("messageId", ""))}
        try:
            refused = await takes(body.get("change"))
        finally:
            link.gate.release()
        if refused is not None:
            answer |= {"code": refused.code, "message": refused.message, "status": refused.status}
        link.say([acs.state_change_ack(answer)])

    async def _verify(self, link: Link, body: Mapping[str, Any]) -> None:
        now, arn = self._clock.now(), link.session.instance_arn
        candidates = body.get("stopCandidates") or ()
        stops = await self._core.call(lambda tx: links.stops_meant(tx, arn, candidates, now))
        log.info("stops verified instance=%s asked=%d meant=%d", arn, len(candidates), len(stops))
        link.say(link.session.verified(str(body.get("messageId", "")), stops, now))

    async def _fill(self, link: Link, message: Message) -> Message | None:
        now = self._clock.now()
        try:
            filled = await self._core.read(lambda tx: self._mint.filled(tx, message, now))
        except RoleNotAssumable as error:
            log.warning("role not assumable instance=%s reason=%s", link.session.instance_arn, error)
            why = str(error)
            if message.type == acs.PAYLOAD:
                await self._core.call(lambda tx: role_credentials.give_up(tx, message, why, now))
            return None
        if filled is None:
            link.roles.over(message)
        else:
            link.roles.sent(filled, now)
        return filled

    def _changed(self, changes: Sequence[Change]) -> None:
        """After the commit: work out what linked instances should hear."""
        tx = self._core.core.store.reading()
        heard: dict[str, list[Assignment]] = {}
        regrouped = self._regrouped(tx, changes)
        for change in changes:
            arn = getattr(change.record, "container_instance_arn", None)
            if arn in self._links and isinstance(change.record, Task | Stranger):
                heard.setdefault(arn, []).append(assignments.of_change(tx, change))
            if isinstance(change.record, ContainerInstance) and shut_out(change):
                self._hang_up(change.key)
        for arn in heard.keys() | regrouped:
            if (link := self._links.get(arn)) is not None:
                groups = interfaces.groups_on(tx, arn) if arn in regrouped else None
                link.deliver(heard.get(arn, []), groups)

    def _regrouped(self, tx: Transaction, changes: Sequence[Change]) -> set[str]:
        """Linked instances for which security groups read differently now, or may."""
        if not any(isinstance(change.record, ec2.Member | ec2.SecurityGroupRule) for change in changes):
            return set()
        return {arn for arn in interfaces.instances_of(tx, changes) if arn in self._links}

    def _hang_up(self, arn: str) -> None:
        """Close both channels of an instance that may not speak any more."""
        if (link := self._links.get(arn)) is not None:
            link.hang_up()
        for socket in self._telemetry.get(arn, ()):
            self._begin(socket.close(1000, "ConnectionReplaced"))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


async def _lasting(work: Coroutine[Any, Any, None], socket: Socket, arn: str) -> None:
    """A channel on which nothing is said any more is closed: its agent comes again."""
    try:
        await work
    except NotSaved as error:
        log.warning("channel closed instance=%s reason=%s", arn, error)
        await socket.close(1011, "NotSaved")
    except Exception:
        log.exception("channel closed instance=%s", arn)
        await socket.close(1011, "Failed")


def shut_out(change: Change) -> bool:
    """Whether the change ends what the instance's credential is good for."""
    after = change.after
    if after is None or after.status is InstanceStatus.INACTIVE:
        return True
    return after.revoked_at is not None and (change.before is None or change.before.revoked_at != after.revoked_at)


def _understood(text: str, instance_arn: str) -> Message | None:
    try:
        return decode(text)
    except Malformed as error:
        log.warning("message not understood instance=%s reason=%s", instance_arn, error)
        return None
