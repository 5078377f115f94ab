"""What /metrics tells Prometheus."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from podium.ecs.records import Cluster, ContainerInstance, Service, ServiceStatus, Stranger, Task
from podium.runtime.core import Core
from podium.runtime.running import RunningCore
from podium.store.session import Transaction

Family = GaugeMetricFamily | CounterMetricFamily


def counted(tx: Transaction, core: Core) -> dict[str, Any]:
    """In the core: what there is, and what waits."""
    instances = tx.list(ContainerInstance)
    oldest = core.queue.next_due()
    return {
        "queue_length": len(core.queue),
        "queue_age": max(0.0, (core.clock.now() - oldest).total_seconds()) if oldest else 0.0,
        "clusters": sum(c.status == "ACTIVE" for c in tx.list(Cluster)),
        "services": sum(s.status is ServiceStatus.ACTIVE for s in tx.list(Service)),
        "tasks": Counter(t.last_status.value for t in tx.list(Task)),
        "agents_connected": sum(i.agent_connected for i in instances),
        "strangers": sum(not s.is_left_over for s in tx.list(Stranger)),
    }


def rendered(core: RunningCore, counts: dict[str, Any], answered: Counter[tuple[str, str, str]]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Once(_families(core, counts, answered)))
    return generate_latest(registry)


class _Once:
    """A collector of families that were made beforehand."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Family]:
        return self._families


def _families(core: RunningCore, counts: dict[str, Any], answered: Counter[tuple[str, str, str]]) -> Iterator[Family]:
    yield _gauge("podium_queue_length", "Keys waiting to be reconciled", counts["queue_length"])
    yield _gauge("podium_queue_age_seconds", "How overdue the oldest waiting key is", counts["queue_age"])
    yield _count("podium_commits", "Groups made durable", core.commits)
    yield _count("podium_commit_seconds", "Time spent making groups durable", core.commit_seconds)
    yield _gauge("podium_slowest_commit_seconds", "The slowest commit since the start", core.slowest_commit)
    yield _count("podium_reconcile_errors", "Reconciles that raised", core.core.bugs)
    yield _gauge("podium_agents_connected", "Agents with an open channel", counts["agents_connected"])
    yield _gauge("podium_clusters", "ACTIVE clusters", counts["clusters"])
    yield _gauge("podium_services", "ACTIVE services", counts["services"])
    yield _gauge("podium_strangers", "Tasks that agents run and no record knows", counts["strangers"])
    tasks = GaugeMetricFamily("podium_tasks", "Tasks by last status", labels=["last_status"])
    for status, number in counts["tasks"].items():
        tasks.add_metric([status], number)
    yield tasks
    requests = CounterMetricFamily("podium_requests", "Answers", labels=["service", "operation", "outcome"])
    for labels, number in answered.items():
        requests.add_metric(list(labels), number)
    yield requests


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def _count(name: str, meaning: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, meaning, value=value)
