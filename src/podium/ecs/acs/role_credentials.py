"""The credentials of tasks' roles on their way to one agent.

They are minted when a message goes out and kept nowhere: what waits to be sent, or to be sent again, names the role
and the credentials' id alone. The id stays the same for the task's whole life, since its containers know it; what it
stands for is renewed halfway.
Source: the open-source agent's handling of PayloadMessage and IAMRoleCredentialsMessage.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from podium import sts
from podium.ecs import lifecycle, task_roles
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import StopCode, Task, TaskDefinition, TaskStatus
from podium.ecs.scheduling.launching import ROLES
from podium.kernel.ids import Ids
from podium.kernel.sealing import Sealer
from podium.store.session import Transaction
from podium_protocol import acs
from podium_protocol import payload as wire
from podium_protocol.envelope import Message

LIFETIME = timedelta(hours=6)
SEND_AGAIN_AFTER = timedelta(seconds=30)
TRY_AGAIN_AFTER = timedelta(minutes=1)
MEMBERS = {"TaskApplication": "roleCredentials", "TaskExecution": "executionRoleCredentials"}


def named(task: Task, definition: TaskDefinition) -> dict[str, wire.IAMRoleCredentials]:
    """The members of a payload that say which credentials the task has. They hold no secret yet."""
    arns = task_roles.named(definition, task.overrides)
    return {
        MEMBERS[kind]: {"credentialsId": task.credentials_ids[kind], "roleArn": arns[kind]}
        for kind in ROLES
        if kind in arns and kind in task.credentials_ids
    }


def is_wanting(message: Message) -> bool:
    """Whether credentials must be minted before the message can go out."""
    if message.type == acs.PAYLOAD:
        return any(member in task for task in message.body["tasks"] for member in MEMBERS.values())
    return message.type == acs.CREDENTIALS


@dataclass(frozen=True, kw_only=True, slots=True)
class Mint:
    """What credentials are made with, and for how long."""

    sealer: Sealer
    ids: Ids
    lifetime: timedelta = LIFETIME

    def filled(self, tx: Transaction, message: Message, now: datetime) -> Message | None:
        """`message` with credentials that begin now; None when the task they would be for is over.

        Raises RoleNotAssumable, except for the payload of a task that has started: that goes out without.
        """
        if message.type == acs.CREDENTIALS:
            return self._renewed(tx, message, now)
        tasks = [self._with_roles(tx, task, now) for task in message.body["tasks"]]
        return acs.payload(cast(acs.PayloadMessage, {**message.body, "tasks": tasks}))

    def _renewed(self, tx: Transaction, message: Message, now: datetime) -> Message | None:
        task = tx.get(Task, message.body["taskArn"])
        if task is None or task.last_status not in HOLDING:
            return None
        made = self._made(tx, task.arn, message.body["roleCredentials"], now)
        return Message(
            type=message.type, body={**message.body, "taskClusterArn": task.cluster_arn, "roleCredentials": made}
        )

    def _with_roles(self, tx: Transaction, given: wire.Task, now: datetime) -> wire.Task:
        filled: dict[str, Any] = dict(given)
        for member in MEMBERS.values():
            if member not in filled:
                continue
            try:
                filled[member] = self._made(tx, given["arn"], filled[member], now)
            except task_roles.RoleNotAssumable:
                task = tx.get(Task, given["arn"])
                if task is None or task.started_at is None:
                    raise
                del filled[member]
        return cast(wire.Task, filled)

    def _made(
        self, tx: Transaction, task_arn: str, wanted: wire.IAMRoleCredentials, now: datetime
    ) -> wire.IAMRoleCredentials:
        role = task_roles.assumable(tx, wanted["roleArn"], task_arn)
        if role is None:
            raise task_roles.RoleNotAssumable(wanted["roleArn"])
        session = task_roles.session(role, task_arn)
        made = sts.begun_by_service(self.sealer, self.ids, session, now, self.lifetime)
        return {
            **wanted,
            "accessKeyId": made.access_key_id,
            "secretAccessKey": made.secret,
            "sessionToken": made.token,
            "expiration": made.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


@dataclass(slots=True)
class Sent:
    """What was last sent of one role of one task. `expiration` is empty once the agent has it."""

    task_arn: str
    kind: str
    named: wire.IAMRoleCredentials
    at: datetime
    renew_at: datetime
    expiration: str = ""


class RoleCredentials:
    """What one agent was sent, by the credentials' ids, without the secrets. It ends with the agent's connection."""

    def __init__(self, ids: Ids, lifetime: timedelta = LIFETIME) -> None:
        self._ids, self._lifetime = ids, lifetime
        self._sent: dict[str, Sent] = {}

    def of_tasks(self, payloads: Iterable[Mapping[str, Any]]) -> list[Message]:
        """For an agent that has just started and knows no credentials: a message for each role of each task."""
        return [
            self._message(task["arn"], kind, task[member])
            for task in payloads
            for kind, member in MEMBERS.items()
            if member in task
        ]

    def sent(self, message: Message, now: datetime) -> None:
        """`message`, filled, is on its way."""
        if message.type == acs.CREDENTIALS:
            self._note(message.body["taskArn"], message.body["roleType"], message.body["roleCredentials"], now)
            return
        for task in message.body["tasks"]:
            for kind, member in MEMBERS.items():
                if member in task:
                    self._note(task["arn"], kind, task[member], now)

    def over(self, message: Message) -> None:
        """The task that `message` was for is no more."""
        self._sent.pop(message.body["roleCredentials"]["credentialsId"], None)

    def acknowledged(self, body: Mapping[str, Any]) -> None:
        """An acknowledgement of earlier credentials says nothing of these."""
        sent = self._sent.get(str(body.get("credentialsId", "")))
        if sent is not None and body.get("expiration") == sent.expiration:
            sent.expiration = ""

    def due(self, now: datetime) -> list[Message]:
        """What nobody acknowledged, and what is to be renewed."""
        late = [
            s for s in self._sent.values() if s.renew_at <= now or (s.expiration and s.at + SEND_AGAIN_AFTER <= now)
        ]
        for sent in late:
            sent.at, sent.renew_at = now, now + TRY_AGAIN_AFTER
        return [self._message(s.task_arn, s.kind, s.named) for s in late]

    def _note(self, task_arn: str, kind: str, given: Mapping[str, Any], now: datetime) -> None:
        named: wire.IAMRoleCredentials = {"credentialsId": given["credentialsId"], "roleArn": given["roleArn"]}
        halfway = now + self._lifetime / 2
        self._sent[given["credentialsId"]] = Sent(task_arn, kind, named, now, halfway, given["expiration"])

    def _message(self, task_arn: str, kind: str, named: wire.IAMRoleCredentials) -> Message:
        body: acs.IAMRoleCredentialsMessage = {
            "messageId": self._ids.uuid(),
            "taskArn": task_arn,
            "roleType": kind,
            "roleCredentials": named,
        }
        return Message(type=acs.CREDENTIALS, body=body)


def give_up(tx: Transaction, message: Message, why: str, now: datetime) -> None:
    """Stop tasks that have yet to start, since ECS may not assume their roles any more."""
    for given in message.body["tasks"]:
        task = tx.get(Task, given["arn"])
        if task is not None and task.last_status is TaskStatus.PENDING:
            tx.put(lifecycle.asked_to_stop(task, StopCode.TASK_FAILED_TO_START, why, now))
