"""What containers use, as their agents last said. Kept in memory alone: after a restart it is not known for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podium.ecs.explaining.usage import Sample
from podium.ecs.records import Task, TaskStatus
from podium.kernel.clock import Clock
from podium.store.session import Change, Transaction


@dataclass(frozen=True, slots=True)
class _Told:
    memory_mib: float
    cpu_percent: float
    at: datetime


class Usage:
    """The last sample of every container, until its task is STOPPED."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, dict[str, _Told]] = {}

    def heard(self, tx: Transaction, instance_arn: str, body: Mapping[str, Any]) -> None:
        """A PublishMetricsRequest. Of others' tasks than its own an instance's word does not count."""
        now = self._clock.now()
        for told in _objects(body.get("taskMetrics")):
            task = tx.get(Task, str(told.get("taskArn", "")))
            if task is None or task.container_instance_arn != instance_arn or _is_over(task):
                continue
            known = {c.name for c in task.containers}
            for metric in _objects(told.get("containerMetrics")):
                name = str(metric.get("containerName", ""))
                memory, cpu = _most(metric.get("memoryStatsSet")), _mean(metric.get("cpuStatsSet"))
                if name in known and memory is not None:
                    self._told.setdefault(task.arn, {})[name] = _Told(memory, cpu or 0.0, now)

    def changed(self, changes: Sequence[Change]) -> None:
        """Forgets what is over."""
        for change in changes:
            if change.kind is Task and (change.after is None or _is_over(change.after)):
                self._told.pop(change.key, None)

    def samples(self) -> dict[str, dict[str, Sample]]:
        """By task and container name."""
        now = self._clock.now()
        return {
            arn: {name: Sample(s.memory_mib, s.cpu_percent, (now - s.at).total_seconds()) for name, s in told.items()}
            for arn, told in list(self._told.items())
        }


def _is_over(task: Task) -> bool:
    return task.last_status is TaskStatus.STOPPED


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _most(stats: object) -> float | None:
    """The greatest of a set of samples; None for what is no such set."""
    value = stats.get("max") if isinstance(stats, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _mean(stats: object) -> float | None:
    """Of a set that has no sum, the greatest."""
    total, count = (stats.get("sum"), stats.get("sampleCount")) if isinstance(stats, Mapping) else (None, None)
    numbers = isinstance(total, int | float) and isinstance(count, int | float)
    return float(total / count) if numbers and total is not None and count else _most(stats)
