"""What a container uses, in Docker's own words, with what it used before and how fast its network is."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from podium_agent.docker.client import Docker, DockerError, DockerGone

_LEAST_APART_SECONDS = 0.9
_FORGOTTEN_AFTER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Sample:
    at: float
    document: dict[str, Any]


class Statistics:
    """Rates need two samples. The first request for a container waits until it has them; later ones do not."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker
        self._last: dict[str, _Sample] = {}

    async def of(self, docker_id: str | None) -> dict[str, Any] | None:
        """None for a container that does not run."""
        if docker_id is None:
            return None
        before = self._last.get(docker_id)
        if before is None or time.monotonic() - before.at > _FORGOTTEN_AFTER_SECONDS:
            before = await self._sample(docker_id)
        if before is None:
            return None
        await asyncio.sleep(max(0.0, before.at + _LEAST_APART_SECONDS - time.monotonic()))
        now = await self._sample(docker_id)
        if now is None:
            return None
        self._last[docker_id] = now
        self._forget(now.at)
        return with_rates(before.document, now.document, now.at - before.at)

    async def _sample(self, docker_id: str) -> _Sample | None:
        try:
            document = await self._docker.stats(docker_id)
        except (DockerError, DockerGone):
            return None
        return _Sample(time.monotonic(), document) if (document.get("memory_stats") or {}) else None

    def _forget(self, now: float) -> None:
        self._last = {i: s for i, s in self._last.items() if now - s.at <= _FORGOTTEN_AFTER_SECONDS}


def with_rates(before: dict[str, Any], now: dict[str, Any], seconds: float) -> dict[str, Any]:
    """`now`, with the CPU's earlier figures, and bytes a second where there is a network of the container's own."""
    document = {**now, "preread": before.get("read", now.get("preread")), "precpu_stats": before.get("cpu_stats", {})}
    if now.get("networks") and seconds > 0:
        rates = {f"{way}_bytes_per_sec": _rate(before, now, f"{way}_bytes", seconds) for way in ("rx", "tx")}
        document["network_rate_stats"] = rates
    return document


def _rate(before: dict[str, Any], now: dict[str, Any], member: str, seconds: float) -> float:
    passed = _total(now, member) - _total(before, member)
    return max(0.0, passed / seconds)


def _total(document: dict[str, Any], member: str) -> int:
    return sum(int(interface.get(member, 0)) for interface in (document.get("networks") or {}).values())
