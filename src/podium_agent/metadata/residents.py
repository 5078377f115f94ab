"""The tasks of every membership, and finding the one that a request is about."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from podium_agent.api import Api
from podium_agent.engine.records import Container, Status, Task
from podium_agent.role_credentials import EXECUTION_ROLE, TASK_ROLE, RoleCredentials, credentials_id
from podium_protocol.payload import IAMRoleCredentials

_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a task runs."""

    cluster: str
    zone: str
    container_instance_arn: str = ""


@dataclass(frozen=True, kw_only=True)
class Home:
    """A membership, as far as its tasks are served by it. `api` signs as the container instance."""

    place: Place
    api: Api
    region: str
    roles: RoleCredentials


@dataclass(frozen=True, kw_only=True)
class Resident:
    task: Task
    home: Home

    def credentials_id(self, member: str) -> str:
        """The id of the task's credentials of that kind, empty when it has no such role."""
        return credentials_id(self.task.payload, member)

    def credentials(self, member: str) -> IAMRoleCredentials | None:
        return self.home.roles.of(self.task.arn, self.credentials_id(member))

    def api_as_task(self) -> Api | None:
        """The control plane, called with the credentials of the task's role; None when there are none."""
        signer = self.home.roles.signer(self.task.arn, self.credentials_id(TASK_ROLE), self.home.region, "ecs")
        return None if signer is None else self.home.api.signed_by(signer)


Everyone = Callable[[], Iterable[Resident]]


class Residents:
    """Looked up anew each time: tasks come and go."""

    def __init__(self, everyone: Everyone) -> None:
        self._everyone = everyone

    def all(self) -> list[Resident]:
        return list(self._everyone())

    def running(self) -> list[Resident]:
        return [r for r in self._everyone() if r.task.status is not Status.STOPPED]

    def of_endpoint(self, endpoint_id: str) -> tuple[Resident, Container] | None:
        """By the id that each container has in its environment."""
        found = ((r, c) for r in self._everyone() for c in r.task.containers if c.endpoint_id == endpoint_id)
        return next(found, None) if _ID.fullmatch(endpoint_id) else None

    def of_credentials(self, credentials_id: str) -> tuple[Resident, str] | None:
        """By the id of a role's credentials, with the kind of role. A task that is over has none."""
        if not _ID.fullmatch(credentials_id):
            return None
        for resident in self.running():
            for member in (TASK_ROLE, EXECUTION_ROLE):
                if resident.credentials_id(member) == credentials_id:
                    return resident, member
        return None
