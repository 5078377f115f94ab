"""Carrying out what the engine asks of Docker, and saying how it went."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from podium_agent import pause
from podium_agent.cgroups import CgroupError, Cgroups
from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.docker.pulling import PullError, digest_of, pull
from podium_agent.docker.reading import from_inspect, from_list
from podium_agent.docker.volumes import VolumeError, provide
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.internal import PAUSE_IMAGE
from podium_agent.engine.specs import INSTANCE_LABEL, TASK_LABEL
from podium_agent.images import Images
from podium_agent.metadata import files
from podium_agent.net.backoff import delays

_STARTS_AT_ONCE = 8
"""Two cores take about eight starts at once; more gain nothing and slow every one of them."""

_CREATES_AT_ONCE = 3
"""Few, so that the first containers start while the last ones are still being made."""

_PULL_TRIES_SECONDS = 4.0
_PORT_TAKEN = ("port is already allocated", "address already in use")


class Hands:
    """Shared by all memberships of a process, so that what they ask of Docker takes turns."""

    def __init__(self, docker: Docker, cgroups: Cgroups | None = None, images: Images | None = None) -> None:
        self._docker = docker
        self.cgroups = cgroups
        self.images = images
        self._starts = asyncio.Semaphore(_STARTS_AT_ONCE)
        self._creates = asyncio.Semaphore(_CREATES_AT_ONCE)
        self._deeds: dict[type[Any], Callable[[Any], Awaitable[e.Event]]] = {
            i.Pull: self._pull,
            i.Create: self._create,
            i.Start: self._start,
            i.Stop: self._stop,
            i.Remove: self._remove,
        }

    def can(self, instruction: object) -> bool:
        return type(instruction) in self._deeds

    async def do(self, instruction: Any) -> e.Event:
        """The event that answers `instruction`."""
        try:
            return await self._deeds[type(instruction)](instruction)
        except DockerGone:
            return e.Unanswered(key=instruction.key)

    async def look(self, instances: Iterable[str], settled: frozenset[str]) -> tuple[e.Found, ...]:
        """All containers of these container instances. Raises DockerGone or DockerError."""
        found = []
        for arn in instances:
            found += [from_list(entry) for entry in await self._docker.containers({INSTANCE_LABEL: arn})]
        return tuple([await self._in_full(f, settled) for f in found])

    async def discard(self, docker_id: str) -> None:
        """Best effort: a later look finds it again."""
        try:
            await self._docker.remove(docker_id)
        except (DockerError, DockerGone):
            return

    async def remove_volume(self, name: str) -> None:
        """Best effort: a volume in use is somebody else's by now."""
        try:
            await self._docker.remove_volume(name)
        except (DockerError, DockerGone):
            return

    async def remove_cgroup(self, name: str) -> None:
        if self.cgroups is not None:
            await asyncio.to_thread(self.cgroups.remove, name)

    async def describe(self, asked: i.Describe) -> None:
        """Raises DockerGone, DockerError or OSError."""
        document = await self._docker.inspect(asked.docker_id)
        if document is not None:
            await asyncio.to_thread(files.complete, asked, document)

    async def remove_metadata(self, folder: str) -> None:
        await asyncio.to_thread(files.remove, folder)

    async def _in_full(self, found: e.Found, settled: frozenset[str]) -> e.Found:
        """How a container ended is only told by inspecting it."""
        if found.state in ("running", "created", "paused", "restarting") or found.docker_id in settled:
            return found
        document = await self._docker.inspect(found.docker_id)
        return found if document is None else from_inspect(document, time.time())

    async def _create(self, asked: i.Create) -> e.Event:
        async with self._creates:
            try:
                await self._provide(asked)
                image = str(asked.body["Image"])
                creating = self._docker.create(asked.docker_name, asked.body)
                docker_id, document = await asyncio.gather(creating, self._docker.image(image))
                if self.images is not None:
                    self.images.used(image)
                return e.Created(key=asked.key, docker_id=docker_id, image_digest=digest_of(image, document))
            except DockerError as error:
                if error.status == 404 and "image" in error.message.lower():
                    return e.ImageMissing(key=asked.key)
                if error.status == 409 and (made := await self._made_before(asked)) is not None:
                    return e.Created(key=asked.key, docker_id=made)
                return e.CreateFailed(key=asked.key, reason=f"CannotCreateContainerError: {error}")
            except VolumeError as error:
                return e.CreateFailed(key=asked.key, reason=str(error))
            except (CgroupError, OSError) as error:
                arn = asked.key.task_arn
                reason = f"ResourceInitializationError: resource cannot be initialized for task {arn}: {error}"
                return e.CreateFailed(key=asked.key, reason=reason)

    async def _provide(self, asked: i.Create) -> None:
        for volume in asked.volumes:
            await provide(self._docker, volume)
        if asked.cgroup is not None and self.cgroups is not None:
            await asyncio.to_thread(self.cgroups.make, asked.cgroup)
        if asked.metadata is not None:
            await asyncio.to_thread(files.make, asked.metadata)

    async def _made_before(self, asked: i.Create) -> str | None:
        """The id of the same container, made by a call whose answer was lost."""
        document = await self._docker.inspect(asked.docker_name)
        labels = {} if document is None else (document["Config"].get("Labels") or {})
        same = document is not None and labels.get(TASK_LABEL) == asked.key.task_arn
        return str(document["Id"]) if document is not None and same else None

    async def _start(self, asked: i.Start) -> e.Event:
        async with self._starts:
            try:
                await self._begin(asked.docker_id)
            except DockerError as error:
                taken = any(words in error.message for words in _PORT_TAKEN)
                reason = f"CannotStartContainerError: {error}"
                return e.StartFailed(key=asked.key, reason=reason, port_taken=taken)
        return e.Started(key=asked.key)

    async def _begin(self, docker_id: str) -> None:
        """Docker at times answers that there is no such container a moment after it made it: it is asked once more."""
        try:
            await self._docker.start(docker_id)
        except DockerError as error:
            if error.status != 404 or await self._docker.inspect(docker_id) is None:
                raise
            await self._docker.start(docker_id)

    async def _stop(self, asked: i.Stop) -> e.Event:
        try:
            await self._docker.stop(asked.docker_id, asked.timeout)
        except DockerError as error:
            if error.status != 404:
                return e.StopFailed(key=asked.key, reason=f"CannotStopContainerError: {error}")
        document = await self._docker.inspect(asked.docker_id)
        found = None if document is None else from_inspect(document, time.time())
        return e.Observed(key=asked.key, found=found)

    async def _remove(self, asked: i.Remove) -> e.Event:
        try:
            await self._docker.remove(asked.docker_id, force=True)
        except DockerError as error:
            return e.RemoveFailed(key=asked.key, reason=f"CannotRemoveContainerError: {error}")
        return e.Removed(key=asked.key)

    async def process(self, docker_id: str) -> int:
        """The id of a running container's first process; 0 when it does not run. Raises DockerGone or DockerError."""
        document = await self._docker.inspect(docker_id)
        return 0 if document is None else int(document["State"].get("Pid") or 0)

    async def _load_pause(self, asked: i.Pull) -> e.Event:
        began = time.time()
        try:
            await self._docker.load(
                pause.archive(asked.image, str((await self._docker.info()).get("Architecture", "")))
            )
        except DockerError as error:
            reason = f"CannotPullContainerError: {error}"
            return e.PullFailed(key=asked.key, reason=reason, began_at=began, ended_at=time.time())
        return e.Pulled(key=asked.key, began_at=began, ended_at=time.time())

    async def _pull(self, asked: i.Pull) -> e.Event:
        if asked.image == PAUSE_IMAGE:
            return await self._load_pause(asked)
        if asked.once and self.images is not None and self.images.were_pulled(asked.image):
            return e.Pulled(key=asked.key)
        began = time.time()
        for delay in delays(0.5, 2.0, factor=2.0):
            try:
                await pull(self._docker, asked.image)
            except PullError as error:
                if error.final or time.time() + delay > began + _PULL_TRIES_SECONDS:
                    return e.PullFailed(key=asked.key, reason=str(error), began_at=began, ended_at=time.time())
                await asyncio.sleep(delay)
                continue
            if self.images is not None:
                self.images.pulled(asked.image)
            return e.Pulled(key=asked.key, began_at=began, ended_at=time.time())
        raise AssertionError("delays never end")
