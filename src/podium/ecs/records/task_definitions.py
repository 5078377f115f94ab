"""Task definitions: versioned blueprints that never change."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from podium.store.records import record


class TaskDefinitionStatus(StrEnum):
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"


@record(table="ecs_families", indexes=("home",))
class Family:
    """The counter of a family. It outlives every revision, so that none is used twice."""

    arn: str
    home: str
    name: str
    last_revision: int = 0


@record(table="ecs_task_definitions", indexes=("family_arn", "home"))
class TaskDefinition:
    """One revision. `document` is the request as AWS stores it, normalised, in the API's own names."""

    arn: str
    home: str
    family_arn: str
    family: str
    revision: int
    status: TaskDefinitionStatus = TaskDefinitionStatus.ACTIVE
    document: dict[str, Any]
    tags: dict[str, str] = {}
    registered_at: datetime
    registered_by: str
    deregistered_at: datetime | None = None
    delete_requested_at: datetime | None = None

    @property
    def containers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document["containerDefinitions"]
        return found
