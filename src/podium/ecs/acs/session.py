"""One agent's channel, without the socket: what to send it, and what its messages ask of us.

Assignments go out once, are sent again while nobody answers, and are dropped when the agent
reports about the task. Numbers rise over every connection and every restart, because one count
serves all sessions of a server and starts from its epoch: an agent passes over a number that is
not news.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec

from podium.kernel.ids import Ids
from podium_protocol import acs
from podium_protocol.envelope import Message
from podium_protocol.payload import Task

HEARTBEAT_EVERY = timedelta(seconds=25)
SEND_AGAIN_AFTER = timedelta(seconds=30)
GIVE_UP_AFTER = 3  # heartbeats without an answer


COUNTER_BITS = 24  # of a number; the bits above are the epoch


def numbers(epoch: int) -> Iterator[int]:
    """What one server numbers its payloads and manifests with, all instances together."""
    return count((epoch << COUNTER_BITS) + 1)


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What the instance should know of one task. No `desired` status: nothing any more.

    `payload` None: no other than before. `reported`: its agent has told of it, and so has heard of it, whatever became
    of the acknowledgement.
    """

    task_arn: str
    desired: str = ""
    payload: Task | None = None
    reported: bool = False


@dataclass(slots=True)
class Sent:
    message: Message
    at: datetime


@dataclass
class Session:
    """State of one connection. Every method returns the messages to send, in order."""

    instance_arn: str
    cluster_arn: str
    numbers: Iterator[int]
    ids: Ids
    told: dict[str, str] = field(default_factory=dict)  # task ARN -> the desired status it was told
    unacknowledged: dict[str, Sent] = field(default_factory=dict)  # message id -> payload on its way
    _heartbeat_due: datetime | None = None
    _unanswered: int = 0
    _groups: tuple[acs.SecurityGroup, ...] = ()
    _listed: Sent | None = None  # a manifest that the agent has not acknowledged

    def opened(
        self, assignments: Iterable[Assignment], now: datetime, groups: Iterable[acs.SecurityGroup] = ()
    ) -> list[Message]:
        """A heartbeat, the rules of networks, the manifest of all that should be there, then every assignment."""
        current = list(assignments)
        first = [*self._heartbeat(now), *self.enforce(groups)]
        return [*first, self._manifest({a.task_arn: a.desired for a in current}, now), *self.assign(current, now)]

    def enforce(self, groups: Iterable[acs.SecurityGroup]) -> list[Message]:
        """The security groups of the instance's tasks, unless it was told just these."""
        told = tuple(groups)
        if told == self._groups:
            return []
        self._groups = told
        return [
            acs.security_groups(
                {
                    "messageId": self.ids.uuid(),
                    "clusterArn": self.cluster_arn,
                    "containerInstanceArn": self.instance_arn,
                    "groups": list(told),
                }
            )
        ]

    def assign(self, assignments: Iterable[Assignment], now: datetime) -> list[Message]:
        """The difference between what the instance should know and what it was told."""
        messages = []
        for wanted in assignments:
            if not wanted.desired:
                self._settle(wanted.task_arn)
                self.told.pop(wanted.task_arn, None)
            elif wanted.payload is not None and self.told.get(wanted.task_arn) != wanted.desired:
                messages.append(self._payload(wanted, wanted.payload, now))
            elif wanted.reported:
                self._settle(wanted.task_arn)
        return messages

    def acknowledged(self, body: Mapping[str, Any]) -> None:
        message_id = str(body.get("messageId", ""))
        self.unacknowledged.pop(message_id, None)
        if self._listed is not None and self._listed.message.body["messageId"] == message_id:
            self._listed = None

    def heartbeat_answered(self) -> None:
        self._unanswered = 0

    def verified(self, message_id: str, arns: Iterable[str], now: datetime) -> list[Message]:
        """The stops that are really meant, for the manifest that the agent asked about."""
        stops: list[acs.TaskIdentifier] = [
            {"taskArn": arn, "taskClusterArn": self.cluster_arn, "desiredStatus": "STOPPED"} for arn in arns
        ]
        return [
            acs.stop_verification_ack({"messageId": message_id, "generatedAt": _milliseconds(now), "stopTasks": stops})
        ]

    def tick(self, now: datetime) -> list[Message]:
        """Heartbeats, and what nobody has acknowledged: payloads, and a manifest of what should be there by now.

        An agent drops a manifest that a payload of a higher number has overtaken, and says nothing.
        """
        messages = self._heartbeat(now) if self._heartbeat_due is None or now >= self._heartbeat_due else []
        if self._listed is not None and now - self._listed.at >= SEND_AGAIN_AFTER:
            messages.append(self._manifest(self.told, now))
        for sent in self.unacknowledged.values():
            if now - sent.at >= SEND_AGAIN_AFTER:
                sent.at = now
                messages.append(sent.message)
        return messages

    @property
    def dead(self) -> bool:
        """Whether so many heartbeats went unanswered that the link should be closed."""
        return self._unanswered > GIVE_UP_AFTER

    def _settle(self, task_arn: str) -> None:
        for message_id, sent in list(self.unacknowledged.items()):
            if sent.message.body["tasks"][0]["arn"] == task_arn:
                del self.unacknowledged[message_id]

    def _payload(self, wanted: Assignment, task: Task, now: datetime) -> Message:
        self._settle(wanted.task_arn)
        self.told[wanted.task_arn] = wanted.desired
        message_id = self.ids.uuid()
        message = acs.payload(
            {
                "messageId": message_id,
                "clusterArn": self.cluster_arn,
                "containerInstanceArn": self.instance_arn,
                "tasks": [task],
                "seqNum": next(self.numbers),
                "generatedAt": _milliseconds(now),
            }
        )
        self.unacknowledged[message_id] = Sent(message, now)
        return message

    def _manifest(self, desired: Mapping[str, str], now: datetime) -> Message:
        """`desired` statuses by task ARN."""
        listed: list[acs.TaskIdentifier] = [
            {
                "taskArn": arn,
                "taskClusterArn": self.cluster_arn,
                "desiredStatus": "STOPPED" if status == "STOPPED" else "RUNNING",
            }
            for arn, status in desired.items()
        ]
        message = acs.manifest(
            {
                "messageId": self.ids.uuid(),
                "clusterArn": self.cluster_arn,
                "containerInstanceArn": self.instance_arn,
                "tasks": listed,
                "timeline": next(self.numbers),
                "generatedAt": _milliseconds(now),
            }
        )
        self._listed = Sent(message, now)
        return message

    def _heartbeat(self, now: datetime) -> list[Message]:
        self._heartbeat_due = now + HEARTBEAT_EVERY
        self._unanswered += 1
        return [acs.heartbeat({"messageId": self.ids.uuid(), "healthy": True, "takesStateChanges": True})]


def _milliseconds(now: datetime) -> int:
    return int(now.timestamp() * 1000)
