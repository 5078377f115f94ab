"""Commands of the operator's own, which run where AWS runs Lambda functions. They lie in `hooks` of the data dir.

A command is an executable file with the function's name. It is given the function's event as JSON on its standard
input, and has failed when its exit code is not 0. Only who could change the server itself may have put it there.
"""

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from podium_program import leash

DIRECTORY = "hooks"
LONGEST = timedelta(minutes=15)  # as long as a Lambda function may take
MOST_OUTPUT = 256 * 1024
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Ran:
    """`failure` is empty where the command ended well; `output` is what it wrote, the first 256 KiB."""

    output: str
    failure: str = ""


class Hooks:
    def __init__(self, data_dir: Path, longest: timedelta = LONGEST) -> None:
        self._directory, self._longest = data_dir / DIRECTORY, longest

    async def known(self) -> Mapping[str, str]:
        """All that are there, by name, with why one cannot be run; empty where it can."""
        return await asyncio.to_thread(self._known)

    async def run(self, name: str, event: Mapping[str, Any], environment: Mapping[str, str]) -> Ran:
        """Nothing of the server's own environment goes along but where programs are found.

        What it has started ends with it. All of it ends when this is cancelled, and when the server dies.
        """
        path = self._directory / name
        if trouble := _trouble(path):
            return Ran("", trouble)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), path),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", os.defpath), **environment},
            cwd=self._directory,
            start_new_session=True,
        )
        said = bytearray()
        hearing = asyncio.create_task(_hear(process, said))
        try:
            async with asyncio.timeout(self._longest.total_seconds()):
                await _tell(process, json.dumps(event).encode())
                status = await process.wait()
            failure = "" if status == 0 else _ended(status)
        except TimeoutError:
            failure = f"it was killed, since it took longer than {self._longest.total_seconds() / 60:g} minutes"
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            await hearing
        return Ran(said.decode(errors="replace"), failure)

    def _known(self) -> Mapping[str, str]:
        with suppress(OSError):
            return {path.name: _trouble(path) for path in self._directory.iterdir()}
        return {}


def _trouble(path: Path) -> str:
    """Why the command cannot be run; nothing where it can."""
    try:
        held = path.stat()
    except OSError as error:
        return f"{path} cannot be used: {error.strerror}"
    if not stat.S_ISREG(held.st_mode) or not os.access(path, os.X_OK):
        return f"{path} is not an executable file"
    if held.st_uid not in (0, os.geteuid()) or held.st_mode & OTHERS_MAY_WRITE:
        return f"{path} must belong to the server's user or to root, and be writable by its owner alone"
    return ""


async def _tell(process: asyncio.subprocess.Process, event: bytes) -> None:
    """It need not read the event."""
    assert process.stdin is not None
    with suppress(ConnectionError):
        process.stdin.write(event)
        await process.stdin.drain()
    process.stdin.close()


async def _hear(process: asyncio.subprocess.Process, said: bytearray) -> None:
    """To the end, and keep the beginning."""
    assert process.stdout is not None
    while piece := await process.stdout.read(65536):
        said += piece[: MOST_OUTPUT - len(said)]


def _ended(status: int) -> str:
    return f"it ended with exit code {status}" if status > 0 else f"it was ended by {signal.Signals(-status).name}"
