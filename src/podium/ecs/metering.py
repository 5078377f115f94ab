"""CPUUtilization and MemoryUtilization of services: what their tasks use of what was reserved for them, in percent.

Every running task whose containers were heard of lately is one value; standalone tasks are in none. A task that
reserved nothing of a thing has no share of it.
Source: Amazon ECS Developer Guide, "Amazon ECS CloudWatch metrics".
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from podium.ecs import names
from podium.ecs.explaining.usage import Sample as Used
from podium.ecs.records import ContainerInstance, Task, TaskStatus
from podium.ecs.records.instances import VCPUS_ATTRIBUTE
from podium.journals import summaries
from podium.journals.metrics import Metric, Sample
from podium.store.session import Transaction

NAMESPACE = "AWS/ECS"
LATELY = timedelta(minutes=1)
UNITS = 1024  # of CPU, to a vCPU


def utilization(tx: Transaction, tasks: Iterable[tuple[str, Mapping[str, Used]]], at: int) -> list[Sample]:
    """Of tasks by ARN, each with what its containers used. `at` is when the minute began."""
    return [
        Sample(metric, at, "Percent", summaries.of_values([(percent, 1.0)]))
        for arn, used in tasks
        if (task := tx.get(Task, arn)) is not None and task.service_arn and task.last_status is TaskStatus.RUNNING
        for metric, percent in _of_task(tx, task, used)
    ]


def _of_task(tx: Transaction, task: Task, used: Mapping[str, Used]) -> Iterator[tuple[Metric, float]]:
    fresh = [one for one in used.values() if one.age <= LATELY.total_seconds()]
    if not fresh:
        return
    if task.cpu:
        units = sum(one.cpu_percent for one in fresh) / 100 * _units_of_host(tx, task)
        yield _metric(task, "CPUUtilization"), 100 * units / task.cpu
    if task.memory_mib:
        yield _metric(task, "MemoryUtilization"), 100 * sum(one.memory_mib for one in fresh) / task.memory_mib


def _units_of_host(tx: Transaction, task: Task) -> float:
    """All that the machine has, since usage is told as a share of that; it may have promised less, or more."""
    host = tx.get(ContainerInstance, task.container_instance_arn or "")
    if host is None:
        return 0.0
    vcpus = host.attributes.get(VCPUS_ATTRIBUTE) or ""
    return float(int(vcpus) * UNITS if vcpus.isdecimal() else host.cpu)


def _metric(task: Task, name: str) -> Metric:
    _, partition, _, region, account, _ = task.arn.split(":", 5)
    service = names.service_name(task.service_arn or "")
    dimensions = (("ClusterName", names.cluster_name(task.cluster_arn)), ("ServiceName", service))
    return Metric(f"{partition}:{region}:{account}", NAMESPACE, name, dimensions)
