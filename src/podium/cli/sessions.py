"""What `podium exec` and `podium port-forward` share: the task that is meant, and a socket for a session in it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podium.cli.survey import pages
from podium.launch import running
from podium.launch.client import Client
from podium.launch.errors import Trouble
from podium.launch.paths import DataDir
from podium_program import dialing
from podium_protocol import decode, sessions
from podium_protocol.signing import Credentials, Signer

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

TaskArgument = Annotated[str, typer.Argument(help="A running task's id, the beginning of one, or its ARN.")]
ContainerOption = Annotated[
    str, typer.Option("--container", "-c", help="Its container, where the task has more than one.")
]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A running task of the Podium at `url`, and the key to call it with."""

    url: str
    key: Credentials
    region: str
    cluster: str
    task: str


def find(paths: DataDir, task: str) -> Place:
    """Raises Trouble when nothing runs, and when no running task or more than one is meant."""
    found = running.need(paths)
    client = running.client(paths, found)
    cluster, arn = _the_task(client, task)
    return Place(url=found.url, key=running.key(paths), region=found.region, cluster=cluster, task=arn)


def _the_task(client: Client, task: str) -> tuple[str, str]:
    """The ARNs of its cluster and itself."""
    wanted = task.rpartition("/")[2]
    found = [
        (cluster, arn)
        for cluster in pages(client, "ListClusters", {}, "clusterArns")
        for arn in pages(client, "ListTasks", {"cluster": cluster}, "taskArns")
        if arn.rpartition("/")[2].startswith(wanted)
    ]
    if not found:
        raise Trouble(f"No task {task} is running. `podium status` lists the tasks.")
    if len(found) > 1:
        raise Trouble(f"{task} is the beginning of {len(found)} tasks. Give more of the id.")
    return found[0]


@asynccontextmanager
async def dialed(place: Place, asked: Mapping[str, Any]) -> "AsyncIterator[ClientConnection]":
    """A socket over which the session has been asked for. Raises Trouble when it is refused at the door."""
    from websockets.exceptions import InvalidStatus

    signer = Signer(credentials=place.key, region=place.region)
    url = f"{sessions.websocket_origin(place.url)}{sessions.EXEC_PATH}"
    members = {"cluster": place.cluster, "task": place.task, **{n: v for n, v in asked.items() if v not in (None, "")}}
    try:
        socket = await dialing.dialed(url, signer, largest=2 * sessions.LARGEST_FRAME)
    except InvalidStatus as error:
        body = (error.response.body or b"").decode(errors="replace")
        raise Trouble(f"The session was refused: {body}") from error
    except OSError as error:
        raise Trouble(f"{place.url} does not answer ({error}). `podium status` says whether Podium runs.") from error
    async with socket:
        await socket.send(sessions.asked(members))
        yield socket


@dataclass(frozen=True, kw_only=True)
class End:
    """How a session ended. Without an exit code, `reason` says why there is none."""

    exit_code: int | None
    reason: str = ""


def end(frame: str) -> End | None:
    """What a text frame says of the session's end; None when it says something else."""
    message = decode(frame)
    if message.type != sessions.ENDED:
        return None
    code = message.body.get("exitCode")
    return End(exit_code=code if isinstance(code, int) else None, reason=str(message.body.get("reason") or ""))


LOST = End(exit_code=None, reason="The connection was lost.")
