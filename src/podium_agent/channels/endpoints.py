"""Where the control plane wants its channels opened."""

import time
from typing import Any

from podium_agent.api import Api, ApiError
from podium_agent.version import AGENT_HASH, AGENT_VERSION
from podium_protocol import sessions, upgrades

_KEPT_SECONDS = 12 * 3600.0


class Endpoints:
    """DiscoverPollEndpoint's answer for one container instance. An old answer is better than none."""

    def __init__(self, api: Api, cluster: str, container_instance_arn: str, docker_version: str) -> None:
        self._api = api
        self._cluster = cluster
        self._arn = container_instance_arn
        self._docker_version = docker_version
        self._answer: dict[str, Any] = {}
        self._asked_at = 0.0
        self._send_credentials = True

    async def acs_url(self) -> str:
        """Raises OSError when the control plane was never reached."""
        query = upgrades.acs_query(self._opening(send_credentials=self._send_credentials))
        return upgrades.websocket_url(await self._endpoint("endpoint"), query)

    async def tcs_url(self) -> str:
        query = upgrades.tcs_query(self._opening())
        return upgrades.websocket_url(await self._endpoint("telemetryEndpoint"), query)

    async def session_url(self, session_id: str) -> str:
        """Where to dial for a session of ECS Exec."""
        return sessions.agents_url(await self._endpoint("endpoint"), session_id, self._arn)

    def connected(self) -> None:
        """Credentials are asked for with the first connection only."""
        self._send_credentials = False

    def _opening(self, *, send_credentials: bool = False) -> upgrades.Opening:
        return upgrades.Opening(
            cluster=self._cluster,
            container_instance_arn=self._arn,
            agent_version=AGENT_VERSION,
            agent_hash=AGENT_HASH,
            docker_version=self._docker_version,
            send_credentials=send_credentials,
        )

    async def _endpoint(self, name: str) -> str:
        known = await self._endpoints()
        if name not in known:
            raise ConnectionError(f"the control plane names no {name}")
        return str(known[name])

    async def _endpoints(self) -> dict[str, Any]:
        if self._answer and time.monotonic() - self._asked_at < _KEPT_SECONDS:
            return self._answer
        request = {"cluster": self._cluster, "containerInstance": self._arn, "zoneId": ""}
        try:
            self._answer = await self._api.call("DiscoverPollEndpoint", request)
            self._asked_at = time.monotonic()
        except (ApiError, OSError, EOFError) as error:
            if not self._answer:
                raise ConnectionError(str(error)) from error
        return self._answer
