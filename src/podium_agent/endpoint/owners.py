"""Whether an address is that of a task of this agent's, for requests that name no task themselves."""

import time

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.endpoint.callers import addresses_of, container_addresses, is_this_host
from podium_agent.engine.specs import TASK_LABEL
from podium_agent.metadata.residents import Residents

_FRESH_SECONDS = 1.0


class Owners:
    """Containers' addresses on Docker's bridge are remembered for a second: nothing secret hangs on them."""

    def __init__(self, residents: Residents, docker: Docker) -> None:
        self._residents, self._docker = residents, docker
        self._on_bridge: dict[str, str] = {}
        self._asked_at = float("-inf")

    async def owns(self, caller: str) -> bool:
        running = self._residents.running()
        if any(caller in addresses_of(r.task) for r in running):
            return True
        if is_this_host(caller):
            return any(r.task.network_mode == "host" for r in running)
        arn = await self._task_on_bridge(caller)
        return any(r.task.arn == arn for r in running)

    async def _task_on_bridge(self, caller: str) -> str:
        now = time.monotonic()
        if now - self._asked_at > _FRESH_SECONDS or caller not in self._on_bridge:
            self._on_bridge, self._asked_at = await self._listed(), now
        return self._on_bridge.get(caller, "")

    async def _listed(self) -> dict[str, str]:
        try:
            listed = await self._docker.containers({TASK_LABEL: None})
        except (DockerError, DockerGone):
            return {}
        return {
            address: (entry.get("Labels") or {}).get(TASK_LABEL, "")
            for entry in listed
            for address in container_addresses(entry)
        }
