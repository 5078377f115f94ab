"""The images that this agent has pulled, remembered over restarts, and given up when nobody needs them."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from podium_agent.config import Habits
from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.engine.images import Disk, Image, Policy, to_collect
from podium_agent.engine.settings import PREFER_CACHED
from podium_program.log import Log

InUse = Callable[[], Iterable[str]]
"""The references of all images that tasks name which are not cleaned up yet."""


class Images:
    """When each was pulled and last used, in seconds since the epoch. On disk after every pull and clean-up."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._times: dict[str, dict[str, float]] = _read(path)

    def pulled(self, reference: str) -> None:
        now = time.time()
        self._times[reference] = {"pulledAt": now, "usedAt": now}
        self.save()

    def used(self, reference: str) -> None:
        if reference in self._times:
            self._times[reference]["usedAt"] = time.time()

    def were_pulled(self, reference: str) -> bool:
        return reference in self._times

    def forget(self, reference: str) -> None:
        self._times.pop(reference, None)

    def times(self) -> dict[str, tuple[float, float]]:
        """By reference, when it was pulled and when it was used."""
        return {reference: (t["pulledAt"], t["usedAt"]) for reference, t in self._times.items()}

    def save(self) -> None:
        made = self._path.with_suffix(".new")
        made.write_text(json.dumps(self._times))
        made.replace(self._path)


class Cleaner:
    """Gives images up, once every so often."""

    def __init__(self, docker: Docker, images: Images, habits: Habits, docker_root: str, in_use: InUse, log: Log):
        self._docker = docker
        self._images = images
        self._habits = habits
        self._docker_root = docker_root
        self._in_use = in_use
        self._log = log

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._habits.image_cleanup_interval)
            try:
                await self.clean()
            except (DockerGone, DockerError) as error:
                self._log("could not look for images to give up", reason=str(error))

    async def clean(self) -> None:
        present = [image for image in [await self._image(r) for r in self._images.times()] if image is not None]
        for image in to_collect(present, _disk(self._docker_root), _policy(self._habits), time.time()):
            await self._remove(image)
        self._images.save()

    async def _image(self, reference: str) -> Image | None:
        """None, and forgotten, when somebody else has removed it."""
        document = await self._docker.image(reference)
        if document is None:
            self._images.forget(reference)
            return None
        pulled_at, used_at = self._images.times()[reference]
        return Image(
            reference=reference,
            pulled_at=pulled_at,
            used_at=used_at,
            size_bytes=int(document.get("Size") or 0),
            in_use=reference in set(self._in_use()),
        )

    async def _remove(self, image: Image) -> None:
        """Docker itself refuses when a container of anybody's needs it."""
        if image.reference in set(self._in_use()):
            return
        try:
            await self._docker.remove_image(image.reference)
        except DockerError as error:
            self._log("keeps an image", image=image.reference, reason=str(error))
            return
        self._images.forget(image.reference)
        self._log("gave up an image that no task uses", image=image.reference, bytes=image.size_bytes)


def _policy(habits: Habits) -> Policy:
    return Policy(
        by_age=habits.image_pull_behavior != PREFER_CACHED,
        minimum_age=habits.image_minimum_cleanup_age,
        at_most=habits.num_images_delete_per_cycle,
        high_percent=habits.image_high_watermark,
        low_percent=habits.image_low_watermark,
    )


def _disk(root: str) -> Disk | None:
    """None where Docker's files are not to be seen, as when it runs on another machine."""
    try:
        told = os.statvfs(root)
    except OSError:
        return None
    used = (told.f_blocks - told.f_bfree) * told.f_frsize
    return Disk(used_bytes=used, total_bytes=used + told.f_bavail * told.f_frsize)


def _read(path: Path) -> dict[str, dict[str, float]]:
    """What was kept. A file that cannot be read only costs the memory of what was pulled."""
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}
