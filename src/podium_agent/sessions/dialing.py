"""A session for each message that asks for one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.engine.records import Container, Status, Task
from podium_agent.sessions import commands, ports
from podium_agent.sessions.leg import Leg
from podium_program.dialing import dialed
from podium_program.log import Log
from podium_protocol import sessions
from podium_protocol.sessions import LARGEST_FRAME
from podium_protocol.signing import Signs

_MOST_ON_THE_WIRE = 64 * 1024  # bytes: Ctrl-C stops what scrolls by, and what is on its way then still comes


class Sessions:
    """`find` is the task of an ARN, if there is one here. `is_docker_s_host`: processes of containers are seen here."""

    def __init__(
        self,
        *,
        docker: Docker,
        find: Callable[[str], Task | None],
        url: Callable[[str], Awaitable[str]],
        signer: Signs,
        is_docker_s_host: bool,
        log: Log,
    ) -> None:
        self._docker, self._find, self._url, self._signer = docker, find, url, signer
        self._is_docker_s_host, self._log = is_docker_s_host, log
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, asked: Mapping[str, Any]) -> None:
        running = asyncio.create_task(self._session(asked))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """End all of them, and what runs in them."""
        running = list(self._running)
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _session(self, asked: Mapping[str, Any]) -> None:
        from websockets.exceptions import WebSocketException

        identity = str(asked.get("sessionId", ""))
        try:
            url = await self._url(identity)
            async with dialed(url, self._signer, largest=2 * LARGEST_FRAME) as socket:
                held = socket.transport.get_extra_info("socket")
                held.setsockopt(SOL_SOCKET, SO_SNDBUF, _MOST_ON_THE_WIRE)
                self._log("session begins", session=identity)
                await self._serve(Leg(socket), asked)
                self._log("session ended", session=identity)
        except (OSError, EOFError, WebSocketException) as error:
            self._log("a session could not be dialed", session=identity, reason=str(error) or type(error).__name__)

    async def _serve(self, leg: Leg, asked: Mapping[str, Any]) -> None:
        container = self._container(asked)
        if container is None or container.docker_id is None:
            await leg.ends(None, f"The container {asked.get('containerName')} does not run.")
            return
        try:
            if "port" in asked:
                await ports.serve(self._docker, container.docker_id, int(asked["port"]), leg, self._is_docker_s_host)
            else:
                command, terminal = list(map(str, asked.get("command") or ())), bool(asked.get("terminal"))
                size = sessions.size(asked) if terminal and "columns" in asked else None
                await commands.serve(self._docker, container.docker_id, command, terminal, size, leg)
        except (DockerError, DockerGone) as error:
            await leg.ends(None, str(error))

    def _container(self, asked: Mapping[str, Any]) -> Container | None:
        """One that runs, by its name in the task."""
        task = self._find(str(asked.get("taskArn", "")))
        found = task.find(str(asked.get("containerName", ""))) if task is not None else None
        return found if found is not None and found.status is Status.RUNNING and not found.internal else None
