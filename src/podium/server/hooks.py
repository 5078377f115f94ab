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
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

DIRECTORY = "hooks"
LONGEST = timedelta(minutes=15)  # as long as a Lambda function may take
MOST_OUTPUT = 256 * 1024
_ENDS_WITH_SERVER = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    os.kill(os.getpid(), signal.SIGKILL)
try:
    os.execv(sys.argv[2], sys.argv[2:])
except OSError as error:
    sys.exit(f"{sys.argv[2]} cannot be run: {error.strerror}")
"""  # becomes the command, which the kernel kills when the server dies (PR_SET_PDEATHSIG)
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Unusable(Exception):
    """Why there is no such command, for the operator to read."""


@dataclass(frozen=True, slots=True)
class Ran:
    """`failure` is empty where the command ended well; `output` is what it wrote, the first 256 KiB."""

    output: str
    failure: str = ""


class Hooks:
    def __init__(self, data_dir: Path, longest: timedelta = LONGEST) -> None:
        self._directory, self._longest = data_dir / DIRECTORY, longest

    def __contains__(self, name: object) -> bool:
        try:
            self._path(str(name))
        except Unusable:
            return False
        return True

    async def run(self, name: str, event: Mapping[str, Any], environment: Mapping[str, str]) -> Ran:
        """Nothing of the server's own environment goes along but where programs are found. Cancelled: it is killed."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", _ENDS_WITH_SERVER, str(os.getpid()), self._path(name)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={"PATH": os.environ.get("PATH", os.defpath), **environment},
                cwd=self._directory,
                start_new_session=True,
            )
        except (OSError, Unusable) as error:
            return Ran("", str(error))
        try:
            async with asyncio.timeout(self._longest.total_seconds()):
                output = await _spoken_with(process, json.dumps(event).encode())
                status = await process.wait()
        except TimeoutError:
            return Ran("", f"it was killed, since it took longer than {self._longest}")
        finally:
            _end(process.pid)
            await process.wait()
        said = output.decode(errors="replace")
        return Ran(said, "" if status == 0 else _ended(status))

    def _path(self, name: str) -> Path:
        """Raises Unusable."""
        path = self._directory / name
        try:
            held = path.stat()
        except OSError as error:
            raise Unusable(f"{path} cannot be used: {error.strerror}") from error
        if not stat.S_ISREG(held.st_mode) or not os.access(path, os.X_OK):
            raise Unusable(f"{path} is not an executable file")
        if held.st_uid not in (0, os.geteuid()) or held.st_mode & OTHERS_MAY_WRITE:
            raise Unusable(f"{path} must belong to the server's user or to root, and be writable by its owner alone")
        return path


async def _spoken_with(process: asyncio.subprocess.Process, event: bytes) -> bytes:
    """The beginning of what it says, read to the end. It need not read the event."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(event)
    process.stdin.close()
    kept = bytearray()
    while piece := await process.stdout.read(65536):
        kept += piece[: MOST_OUTPUT - len(kept)]
    return bytes(kept)


def _end(group: int) -> None:
    """The command, and whatever it has started and left behind."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _ended(status: int) -> str:
    return f"it ended with exit code {status}" if status > 0 else f"it was ended by {signal.Signals(-status).name}"
