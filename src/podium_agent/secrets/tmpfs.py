"""The tmpfs on which secrets lie as files: no value on it is ever on a disk, nor, where the kernel can, in swap.

It is root's alone, with a folder for each container that is open to every user: the container may run as any, and
nobody else comes to it. It is mounted where Docker sees it when the first container needs it, outlives the agent, as
containers do, and goes when `podium_agent sweep` removes them.
"""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from podium_agent.engine.secret_files import FAILED, LABEL
from podium_agent.secrets import namespaces
from podium_agent.secrets.namespaces import MountNamespace
from podium_agent.secrets.values import SecretError
from podium_program.shell import ShellError, run

_RUN = "/run/podium/secrets"
_OPTIONS = "nosuid,nodev,noexec,mode=0700,size=64m"
_ENTERABLE, _READABLE = 0o755, 0o444


class Tmpfs:
    """One for each data dir, found again after a restart. `folder` is what Docker calls it.

    Agents in containers may all call their data dir /var/lib/podium: its device and inode tell them apart.
    """

    def __init__(self, data_dir: Path, docker_host: str) -> None:
        of = data_dir.stat()
        self.folder = f"{_RUN}/{of.st_dev:x}-{of.st_ino:x}"
        self._docker_host = docker_host
        self._turn = asyncio.Lock()

    async def write(self, folder: str, values: Mapping[str, str]) -> None:
        """A file for each value. Raises SecretError rather than write one anywhere else."""
        try:
            async with self._turn:
                there = await self._namespace()
                await self._mount(there)
                await asyncio.to_thread(_write, there.path(folder), values)
        except ShellError as error:
            raise _refusal(str(error)) from error
        except OSError as error:
            raise _refusal(f"{error.strerror}: {folder}") from error
        except ValueError as error:
            raise _refusal("a secret's name is none that a file can have") from error

    async def keep(self, folder: str, names: frozenset[str]) -> None:
        """Of all that is in `folder`, only `names` are kept."""
        async with self._turn:
            there = await self._namespace()
            await asyncio.to_thread(_keep, there.path(folder), names)

    async def remove(self, folder: str) -> None:
        async with self._turn:
            there = await self._namespace()
            await asyncio.to_thread(_remove, there.path(folder))

    async def unmount(self) -> None:
        """With all that is on it. Raises ShellError."""
        there = await self._namespace()
        if _is_mounted(there.path(self.folder)):
            await run(*there.command("umount", "-l", self.folder))
            there.path(self.folder).rmdir()

    async def _namespace(self) -> MountNamespace:
        return await asyncio.to_thread(namespaces.of_docker, self._docker_host)

    async def _mount(self, there: MountNamespace) -> None:
        if os.geteuid() != 0:
            raise ShellError("only root may mount a tmpfs for them, and the agent does not run as root")
        here = there.path(self.folder)
        if _is_mounted(here):
            return
        here.mkdir(parents=True, exist_ok=True, mode=0o700)
        mount = ("mount", "-t", "tmpfs", "podium-secrets", self.folder, "-o")
        try:
            await run(*there.command(*mount, f"{_OPTIONS},noswap"))
        except ShellError:  # before Linux 6.4
            await run(*there.command(*mount, _OPTIONS))
        if not _is_mounted(here):
            raise ShellError(f"a tmpfs was mounted at {self.folder}, and is not there")


def _refusal(why: str) -> SecretError:
    return SecretError(
        f"{FAILED}{why}. See to that on the host, or leave out the label {LABEL}: then the container has its secrets "
        "in its environment"
    )


def _is_mounted(folder: Path) -> bool:
    """Where this process may not look, it has mounted nothing."""
    try:
        return folder.stat().st_dev != folder.parent.stat().st_dev
    except OSError:
        return False


def _write(folder: Path, values: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(_ENTERABLE)
    for name, value in values.items():
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _READABLE)
        with os.fdopen(file, "wb") as written:
            written.write(value.encode(errors="surrogatepass"))
            os.fchmod(file, _READABLE)


def _keep(folder: Path, names: frozenset[str]) -> None:
    """There is no folder before the first container needs one, and none is seen where none can be mounted."""
    try:
        others = [path for path in folder.iterdir() if path.name not in names]
    except OSError:
        return
    for path in others:
        _remove(path)


def _remove(folder: Path) -> None:
    """Best effort: the next start of an agent removes what is left."""
    shutil.rmtree(folder, ignore_errors=True)
