"""What Docker's awslogs driver takes for CloudWatch Logs: a port on this host's loopback, one path a container.

While the control plane answers, it is the control plane that says whether a stream can be made. While it is away the
stream counts as made, and is made when it is back. Lines are taken from the driver at once.

Source: Docker's daemon/logger/awslogs; environment variables and options of the driver in Docker's documentation.
"""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from podium_agent.api import ApiError
from podium_agent.awslogs.configuration import sender
from podium_agent.awslogs.sending import AT_ONCE_SECONDS, PREFIX, Forwarder, passes
from podium_agent.awslogs.spool import CREATE_GROUP, CREATE_STREAM, PUT, Sender, Spool, SpoolError
from podium_agent.endpoint.doors import Asked, over_tcp
from podium_agent.metadata.residents import Residents
from podium_agent.net.server import Answer
from podium_program.log import Log

CAPABILITIES = (
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
    "ecs.capability.execution-role-awslogs",
)
_LOOPBACK = "127.0.0.1"
_PATH = re.compile(r"/([0-9a-f]{32})/?")
_LARGEST_BODY = 16 * 1024 * 1024
_AT_ONCE = 1024
_OPERATIONS = (CREATE_GROUP, CREATE_STREAM, PUT)


class Relay:
    """Listens from `open` to `close`, at the same port each time, since running containers hold it."""

    def __init__(self, residents: Residents, spool: Spool, forwarder: Forwarder, log: Log) -> None:
        self._residents, self._spool, self._forwarder, self._log = residents, spool, forwarder, log
        self._server: asyncio.Server | None = None

    async def open(self, kept: Path) -> str:
        """The URL. `kept` is the file that holds the port. Raises OSError when nothing can be listened on."""
        serve = over_tcp(self.answer, largest=_LARGEST_BODY, at_once=_AT_ONCE)
        wanted = int(kept.read_text()) if kept.exists() else 0
        try:
            self._server = await asyncio.start_server(serve, _LOOPBACK, wanted)
        except OSError as error:
            self._log("another program has the log relay's port: running containers log nowhere", reason=str(error))
            self._server = await asyncio.start_server(serve, _LOOPBACK, 0)
        port = int(self._server.sockets[0].getsockname()[1])
        kept.write_text(str(port))
        return f"http://{_LOOPBACK}:{port}"

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def answer(self, asked: Asked) -> Answer:
        found = _PATH.fullmatch(asked.head.path)
        known = self._residents.of_endpoint(found[1]) if found else None
        operation = asked.head.header("x-amz-target").removeprefix(f"{PREFIX}.")
        if known is None or operation not in _OPERATIONS:
            return _refused("ResourceNotFoundException", "This host has no such container.")
        try:
            request = json.loads(asked.body)
        except ValueError:
            request = None
        if not _is_sound(operation, request):
            return _refused("SerializationException", f"The body is no request of {operation}.")
        try:
            resident, container = known
            made_for = sender(resident.task, container, resident.home.place.cluster)
            return await self._answered(operation, made_for, request)
        except SpoolError as error:
            self._log("log lines are not taken", reason=str(error))
            return _refused("ServiceUnavailableException", "This host has no room for log lines.", 503)

    async def _answered(self, operation: str, sender: Sender, request: dict[str, Any]) -> Answer:
        if operation != PUT:
            try:
                await self._forwarder.now(operation, sender, request, timeout=AT_ONCE_SECONDS)
                return Answer(body={})
            except ApiError as error:
                if not passes(error):
                    return _refused(error.code, error.message, error.status)
            except (OSError, EOFError):
                pass  # it is made when the control plane is back
        number = self._spool.append(operation, sender, request)
        self._forwarder.wake()
        return Answer(body={"nextSequenceToken": f"{number:056d}"} if operation == PUT else {})


def _is_sound(operation: str, request: Any) -> bool:
    """Whether it is what the driver sends: containers on the host's network reach this port, too."""
    members = ["logGroupName"] if operation == CREATE_GROUP else ["logGroupName", "logStreamName"]
    if not isinstance(request, dict) or not all(isinstance(request.get(member), str) for member in members):
        return False
    if operation != PUT:
        return True
    events = request.get("logEvents")
    if not isinstance(events, list) or not events:
        return False
    return all(
        isinstance(one, dict) and type(one.get("timestamp")) is int and isinstance(one.get("message"), str)
        for one in events
    )


def _refused(code: str, message: str, status: int = 400) -> Answer:
    return Answer(status=status, body={"__type": code, "message": message})
