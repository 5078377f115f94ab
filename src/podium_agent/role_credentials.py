"""Credentials of tasks' roles. They are held in memory alone, so that no file of the agent's has a secret of theirs."""

import time
from collections.abc import Callable, Container, Mapping
from datetime import datetime
from math import inf
from typing import Any

from podium_protocol import Message, acs
from podium_protocol.payload import IAMRoleCredentials
from podium_protocol.signing import Credentials, Signer

TASK_ROLE, EXECUTION_ROLE = "roleCredentials", "executionRoleCredentials"
"""The members of a payload's task."""

COMING_SECONDS = 60.0
"""How long after its start an agent waits for a role's: the control plane sends them once it has a link."""
_SECRETS = ("accessKeyId", "secretAccessKey", "sessionToken")


class RoleCredentials:
    """The latest credentials of every task, by their ids. `now` is in seconds since the epoch."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._began = now()
        self._held: dict[str, dict[str, IAMRoleCredentials]] = {}

    def of(self, task_arn: str, credentials_id: str) -> IAMRoleCredentials | None:
        """None while the control plane has not sent them since this process began."""
        return self._held.get(task_arn, {}).get(credentials_id)

    def may_come(self, task_arn: str, credentials_id: str) -> bool:
        """Whether the control plane may be about to send them, to an agent that has just begun."""
        return self.of(task_arn, credentials_id) is None and self._now() < self._began + COMING_SECONDS

    def signer(self, task_arn: str, credentials_id: str, region: str, service: str) -> Signer | None:
        """Signs as the role; None while the control plane has not sent its credentials, or sends no newer ones."""
        given = self.of(task_arn, credentials_id)
        if given is None or _ended(given.get("expiration", "")) <= self._now():
            return None
        keys = Credentials(
            access_key_id=given["accessKeyId"],
            secret_access_key=given["secretAccessKey"],
            session_token=given.get("sessionToken"),
        )
        return Signer(credentials=keys, region=region, service=service)

    def take(self, message: Message) -> Message:
        """Keep the credentials that `message` brings. What is returned names them, and holds no secret."""
        if message.type == acs.CREDENTIALS:
            given = message.body.get("roleCredentials") or {}
            self._keep(str(message.body.get("taskArn", "")), given)
            return Message(type=message.type, body={**message.body, "roleCredentials": _named(given)})
        if message.type != acs.PAYLOAD:
            return message
        tasks = [self._without_secrets(task) for task in message.body.get("tasks") or []]
        return Message(type=message.type, body={**message.body, "tasks": tasks})

    def keep(self, tasks: Container[str]) -> None:
        """Drop the credentials of all others: they are cleaned up. Until then last log lines may be on their way."""
        self._held = {arn: held for arn, held in self._held.items() if arn in tasks}

    def _without_secrets(self, task: Mapping[str, Any]) -> dict[str, Any]:
        bare = dict(task)
        for member in (TASK_ROLE, EXECUTION_ROLE):
            if task.get(member):
                self._keep(task.get("arn", ""), task[member])
                bare[member] = _named(task[member])
        return bare

    def _keep(self, task_arn: str, given: Mapping[str, Any]) -> None:
        if given.get("credentialsId") and given.get("secretAccessKey"):
            kept: IAMRoleCredentials = {**given}  # type: ignore[typeddict-item]
            self._held.setdefault(task_arn, {})[given["credentialsId"]] = kept


def credentials_id(task: Mapping[str, Any], member: str) -> str:
    """Of a payload's task, for the role that `member` is of; empty when the task has no such role."""
    named = task.get(member) or {}
    return str(named.get("credentialsId", ""))


def _ended(expiration: str) -> float:
    """What says nothing of its end has none."""
    try:
        return datetime.fromisoformat(expiration).timestamp()
    except ValueError:
        return inf


def _named(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in _SECRETS}
