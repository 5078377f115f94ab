"""What containers use, from Docker's statistics."""

import asyncio
from collections.abc import Iterable
from typing import Any

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.engine import restarts
from podium_agent.engine.records import Container
from podium_protocol import tcs

_AT_ONCE = 4
_MIB = 2**20


class Usage:
    """CPU is the share of the whole host between two measurements, so the first one tells none."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker
        self._before: dict[str, dict[str, Any]] = {}
        self._now: dict[str, dict[str, Any]] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def measure(self, docker_ids: Iterable[str]) -> list[str]:
        """Those of `docker_ids` that `metric` can be asked about now."""
        ids = list(docker_ids)
        answers = await asyncio.gather(*(self._stats(docker_id) for docker_id in ids))
        self._before = self._now
        self._now = {docker_id: answer for docker_id, answer in zip(ids, answers, strict=True) if answer}
        return list(self._now)

    def metric(self, docker_id: str, container: Container) -> tcs.ContainerMetric:
        now, before = self._now[docker_id], self._before.get(docker_id)
        metric: tcs.ContainerMetric = {
            "containerName": container.name,
            "containerArn": container.definition.get("containerArn", ""),
            "cpuStatsSet": _one(cpu_percent(before, now) if before else 0.0),
            "memoryStatsSet": _one(float(memory_mib(now))),
        }
        if restarts.has_policy(container):
            metric["restartStatsSet"] = {"restartCount": container.restarts}
        return metric

    async def _stats(self, docker_id: str) -> dict[str, Any] | None:
        async with self._turns:
            try:
                return await self._docker.stats(docker_id)
            except (DockerError, DockerGone):
                return None


def cpu_percent(before: dict[str, Any], now: dict[str, Any]) -> float:
    """100 is every core of the host busy."""
    used = _cpu(now, "cpu_usage", "total_usage") - _cpu(before, "cpu_usage", "total_usage")
    passed = now["cpu_stats"].get("system_cpu_usage", 0) - before["cpu_stats"].get("system_cpu_usage", 0)
    return max(0.0, 100.0 * used / passed) if passed > 0 else 0.0


def memory_mib(stats: dict[str, Any]) -> int:
    """Without the page cache, which the kernel gives up when asked."""
    memory = stats.get("memory_stats") or {}
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return max(0, int(memory.get("usage", 0)) - int(cache)) // _MIB


def _cpu(stats: dict[str, Any], group: str, member: str) -> int:
    return int(stats["cpu_stats"][group][member])


def _one(value: float) -> tcs.StatsSet:
    return {"min": value, "max": value, "sampleCount": 1, "sum": value}
