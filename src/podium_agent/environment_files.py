"""Environment files: objects of S3's with a variable a line.

Source: Amazon ECS Developer Guide, "Pass environment variables to an Amazon ECS container"; the open-source agent reads
values as they stand, with no quotes and nothing expanded.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from podium_agent.execution_role import ExecutionRole, NotHad
from podium_protocol.payload import Task

_OBJECT = ":s3:::"
_FAILED = "ResourceInitializationError: failed to download env files: file download command: non empty error stream: "


class FileError(Exception):
    """The sentence is the reason why the task cannot start, in Fargate's words."""


def variables(text: str) -> dict[str, str]:
    """Lines that begin with # or have no equals sign or nothing before it say nothing; the last of a name counts."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if name and equals and not line.startswith("#"):
            found[name] = value
    return found


async def into(
    role: ExecutionRole, task: Task, files: Sequence[Mapping[str, str]], body: Mapping[str, Any]
) -> dict[str, Any]:
    """Docker's `body` with the files' variables: what it says wins, and earlier files over later ones.

    Raises FileError.
    """
    found: dict[str, str] = {}
    for file in files:
        found = variables(await _text(role, task, file.get("value", ""))) | found
    given = {pair.partition("=")[0] for pair in body.get("Env", ())}
    more = [f"{name}={value}" for name, value in found.items() if name not in given]
    return {**body, "Env": [*body.get("Env", ()), *more]}


async def _text(role: ExecutionRole, task: Task, arn: str) -> str:
    _, _, place = arn.partition(_OBJECT)
    try:
        data = await role.ask(task, "s3", lambda api: api.fetch(f"/{quote(place)}"))
        return data.decode()
    except NotHad as error:
        raise FileError(f"{_FAILED}{error}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{_FAILED}{arn} is not UTF-8.") from error
