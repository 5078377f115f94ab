"""What is asked of others for the metadata of a task: Docker about its containers, the control plane about its tags."""

import asyncio
from collections.abc import Iterable
from typing import Any

from podium_agent.api import ApiError
from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.engine.records import Container
from podium_agent.metadata.residents import Resident
from podium_agent.metadata.statistics import Statistics

_TAGS_SECONDS = 30.0


class Inspection:
    """Whoever does not answer leaves its part of the document out."""

    def __init__(self, docker: Docker) -> None:
        self._docker, self._statistics = docker, Statistics(docker)

    async def of(self, containers: Iterable[Container]) -> dict[str, dict[str, Any]]:
        """Docker's documents by the containers' ids."""
        ids = [c.docker_id for c in containers if c.docker_id]
        documents = await asyncio.gather(*(self._inspected(docker_id) for docker_id in ids))
        return {docker_id: document for docker_id, document in zip(ids, documents, strict=True) if document}

    async def stats(self, container: Container) -> dict[str, Any] | None:
        return await self._statistics.of(container.docker_id)

    async def stats_of_all(self, containers: Iterable[Container]) -> dict[str, dict[str, Any] | None]:
        ids = [c.docker_id for c in containers if c.docker_id]
        found = await asyncio.gather(*(self._statistics.of(docker_id) for docker_id in ids))
        return dict(zip(ids, found, strict=True))

    async def tags(self, resident: Resident, version: int) -> dict[str, Any]:
        """The tags of the task and of its container instance, asked for with the instance's credential."""
        wanted = {
            "ContainerInstanceTags": resident.home.place.container_instance_arn,
            "TaskTags": resident.task.arn,
        }
        answers = await asyncio.gather(*(self._tags_of(resident, name, arn) for name, arn in wanted.items()))
        tags = {name: value for name, (value, _) in zip(wanted, answers, strict=True) if value}
        errors = [error for _, error in answers if error is not None]
        return {**tags, "Errors": errors} if errors and version == 4 else tags

    async def _tags_of(
        self, resident: Resident, field: str, arn: str
    ) -> tuple[dict[str, str] | None, dict[str, Any] | None]:
        try:
            answer = await resident.home.api.call("ListTagsForResource", {"resourceArn": arn}, timeout=_TAGS_SECONDS)
        except ApiError as error:
            message = str(error).partition(": ")[2]
            return None, _error(field, error.code, message, arn, error.status)
        except (OSError, EOFError) as error:
            return None, _error(field, "ServiceUnavailable", str(error) or "no answer", arn, 503)
        return {tag["key"]: tag.get("value", "") for tag in answer.get("tags") or ()}, None

    async def _inspected(self, docker_id: str) -> dict[str, Any] | None:
        try:
            return await self._docker.inspect(docker_id)
        except (DockerError, DockerGone):
            return None


def _error(field: str, code: str, message: str, arn: str, status: int) -> dict[str, Any]:
    """As the endpoint shows what went wrong on the way to the control plane."""
    return {
        "ErrorField": field,
        "ErrorCode": code,
        "ErrorMessage": message,
        "StatusCode": status,
        "ResourceARN": arn,
    }
