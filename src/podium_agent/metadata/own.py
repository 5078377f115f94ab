"""All that this agent itself knows of its tasks, as the host's task endpoint asks for it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from podium_agent.docker.client import Docker
from podium_agent.endpoint.owners import Owners
from podium_agent.metadata import introspection
from podium_agent.metadata.inspection import Inspection
from podium_agent.metadata.residents import Everyone, Place
from podium_agent.metadata.server import TaskServer
from podium_program.log import Log


class OwnAnswers(TaskServer):
    """`places` are the container instances that this agent plays, `control_plane` the URL it was given."""

    def __init__(
        self, everyone: Everyone, places: Callable[[], Iterable[Place]], control_plane: str, docker: Docker, log: Log
    ) -> None:
        super().__init__(everyone, docker, log)
        self._places, self._control_plane = places, control_plane
        self._owners = Owners(self.residents, docker)
        self._docker_says = Inspection(docker)

    async def control_plane_of(self, caller: str) -> str:
        return self._control_plane if await self._owners.owns(caller) else ""

    async def share(self) -> Mapping[str, Any]:
        residents = self.residents.all()
        inspected = await self._docker_says.of(c for r in residents for c in r.task.containers)
        return introspection.part(self._places(), residents, inspected)
