"""What containers use: from the kernel where this host's files tell, else from Docker's statistics."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from podium_agent.docker import accounts
from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.engine import restarts
from podium_agent.engine.records import Container
from podium_protocol import tcs

_AT_ONCE = 64
"""Docker answers at its next full second, whoever asks: with few at a time, many containers would take minutes."""

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU times in nanoseconds: what the container has used, and what all cores of the host have had meanwhile."""

    cpu: int
    host: int
    memory_mib: int


class Usage:
    """CPU is the share of the whole host between two measurements, so the first one tells none."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker
        self._before: dict[str, Reading] = {}
        self._now: dict[str, Reading] = {}
        self._files: dict[str, accounts.Files | None] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def measure(self, docker_ids: Iterable[str]) -> list[str]:
        """Those of `docker_ids` that `metric` can be asked about now."""
        ids = list(docker_ids)
        self._files = {docker_id: self._files[docker_id] for docker_id in ids if docker_id in self._files}
        await asyncio.gather(*(self._find(docker_id) for docker_id in ids if docker_id not in self._files))
        others = [docker_id for docker_id, files in self._files.items() if files is None]
        told = await asyncio.gather(*(self._told_by_docker(docker_id) for docker_id in others))
        readings = {**self._read_files(), **dict(zip(others, told, strict=True))}
        self._before = self._now
        self._now = {docker_id: reading for docker_id, reading in readings.items() if reading is not None}
        return list(self._now)

    def metric(self, docker_id: str, container: Container) -> tcs.ContainerMetric:
        now, before = self._now[docker_id], self._before.get(docker_id)
        metric: tcs.ContainerMetric = {
            "containerName": container.name,
            "containerArn": container.definition.get("containerArn", ""),
            "cpuStatsSet": _one(cpu_percent(before, now) if before else 0.0),
            "memoryStatsSet": _one(float(now.memory_mib)),
        }
        if restarts.has_policy(container):
            metric["restartStatsSet"] = {"restartCount": container.restarts}
        return metric

    async def _find(self, docker_id: str) -> None:
        """Asked once for each container. One that does not run is passed over, and asked about again."""
        async with self._turns:
            try:
                document = await self._docker.inspect(docker_id)
            except (DockerError, DockerGone):
                return
        pid = 0 if document is None else int(document["State"].get("Pid") or 0)
        if pid:
            self._files[docker_id] = accounts.find(docker_id, pid)

    def _read_files(self) -> dict[str, Reading | None]:
        known = {docker_id: files for docker_id, files in self._files.items() if files is not None}
        host = accounts.host_nanoseconds() if known else 0
        return {docker_id: self._read(docker_id, files, host) for docker_id, files in known.items()}

    def _read(self, docker_id: str, files: accounts.Files, host: int) -> Reading | None:
        """None for a container that has ended; were it to run again, its files are looked for anew."""
        try:
            return Reading(cpu=files.cpu_nanoseconds(), host=host, memory_mib=files.memory_bytes() // _MIB)
        except accounts.NotThere:
            del self._files[docker_id]
            return None

    async def _told_by_docker(self, docker_id: str) -> Reading | None:
        async with self._turns:
            try:
                return from_docker(await self._docker.stats(docker_id))
            except (DockerError, DockerGone):
                return None


def cpu_percent(before: Reading, now: Reading) -> float:
    """100 is every core of the host busy."""
    passed = now.host - before.host
    return max(0.0, 100.0 * (now.cpu - before.cpu) / passed) if passed > 0 else 0.0


def from_docker(stats: dict[str, Any]) -> Reading | None:
    """Memory without the page cache, which the kernel gives up when asked. None where the container does not run."""
    memory = stats.get("memory_stats") or {}
    if not memory:
        return None
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return Reading(
        cpu=int(stats["cpu_stats"]["cpu_usage"]["total_usage"]),
        host=int(stats["cpu_stats"].get("system_cpu_usage", 0)),
        memory_mib=max(0, int(memory.get("usage", 0)) - int(cache)) // _MIB,
    )


def _one(value: float) -> tcs.StatsSet:
    return {"min": value, "max": value, "sampleCount": 1, "sum": value}
