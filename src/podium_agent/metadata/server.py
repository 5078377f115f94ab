"""Serves the task metadata endpoint to the containers of every membership."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.engine.records import Container, Task
from podium_agent.log import Log
from podium_agent.metadata.documents import Place, container_document, task_document

_REQUEST_SECONDS = 10.0
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}

Tasks = Callable[[], Iterable[tuple[Place, Task]]]
"""Every task of every membership, and where it runs."""


class MetadataServer:
    """Callers are told apart by the id in their path, which nobody else was given."""

    def __init__(self, tasks: Tasks, docker: Docker, log: Log) -> None:
        self._tasks = tasks
        self._docker = docker
        self._log = log
        self._servers: list[asyncio.Server] = []

    async def listen(self, address: str, port: int) -> int:
        """The port it got. Raises OSError when the address cannot be listened on."""
        server = await asyncio.start_server(self._serve, address, port)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def close(self) -> None:
        for server in self._servers:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                status, document = await self._answer(head.split(b"\r\n", 1)[0].decode("latin-1"))
                writer.write(_response(status, document))
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    async def _answer(self, first_line: str) -> tuple[int, Any]:
        method, _, rest = first_line.partition(" ")
        if method != "GET":
            return 405, "only GET is served here"
        path = rest.split(" ")[0].partition("?")[0]
        parts = path.strip("/").split("/")
        if len(parts) < 2 or parts[0] not in ("v3", "v4"):
            return 404, f"no such path: {path}"
        return await self._metadata(int(parts[0][1]), parts[1], "/".join(parts[2:]))

    async def _metadata(self, version: int, endpoint_id: str, rest: str) -> tuple[int, Any]:
        caller = self._find(endpoint_id)
        if caller is None:
            why = f"unable to get task arn from request: unable to get task Arn from v3 endpoint ID: {endpoint_id}"
            return 404, f"V{version} task metadata handler: {why}"
        place, task, container = caller
        match rest:
            case "":
                inspected = await self._inspected([container])
                return 200, container_document(task, container, inspected.get(container.docker_id or "", {}), version)
            case "task" | "taskWithTags":
                return 200, task_document(task, await self._inspected(task.containers), place, version)
            case "stats":
                return 200, await self._stats(container)
            case "task/stats":
                return 200, {c.docker_id: await self._stats(c) for c in task.containers if c.docker_id}
            case _:
                return 404, f"no such path: /v{version}/{endpoint_id}/{rest}"

    def _find(self, endpoint_id: str) -> tuple[Place, Task, Container] | None:
        for place, task in self._tasks():
            for container in task.containers:
                if container.endpoint_id == endpoint_id:
                    return place, task, container
        return None

    async def _inspected(self, containers: Iterable[Container]) -> dict[str, dict[str, Any]]:
        """What Docker tells of them. A Docker that does not answer leaves its part of the document out."""
        known = {}
        for docker_id in (c.docker_id for c in containers if c.docker_id):
            try:
                document = await self._docker.inspect(docker_id)
            except (DockerError, DockerGone):
                continue
            if document is not None:
                known[docker_id] = document
        return known

    async def _stats(self, container: Container) -> dict[str, Any] | None:
        if container.docker_id is None:
            return None
        try:
            return await self._docker.stats(container.docker_id)
        except (DockerError, DockerGone):
            return None


def _response(status: int, document: Any) -> bytes:
    body = json.dumps(document).encode()
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
