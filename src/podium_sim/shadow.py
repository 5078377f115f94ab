"""What is on disk, kept up change by change, so that each change can be judged by what was true before it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from podium import ec2
from podium.cloudwatch import MetricAlarm
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import (
    CapacityProvider,
    ContainerInstance,
    DaemonServiceReservation,
    Service,
    ServiceDeployment,
    Stranger,
    Task,
    TaskDefinition,
    TaskProtection,
    TaskSet,
    TaskStatus,
)
from podium.store.records import replace
from podium.store.session import Change
from podium_sim.disk import Disk

KINDS: tuple[type[Any], ...] = (
    MetricAlarm,
    CapacityProvider,
    ContainerInstance,
    DaemonServiceReservation,
    Service,
    ServiceDeployment,
    Stranger,
    Task,
    TaskDefinition,
    TaskProtection,
    TaskSet,
    ec2.NetworkInterface,
)


class Shadow:
    """The records of a database after every change that was applied. Indexed anew, by other code than the store's.

    `told` are the ends of deployments that event logs have told of, `problems` when they last told of what,
    `unprotected` the tasks whose protection users ended, `failures_forgotten` how many tasks of each deployment
    counted as failed and are on record no more, and `given_up` when each host was lost last, be it back or not.
    """

    def __init__(self) -> None:
        self.told: set[tuple[str, str]] = set()
        self.unprotected: set[str] = set()
        self.problems: dict[tuple[str, str], list[datetime]] = {}
        self.failures_forgotten: Counter[str | None] = Counter()
        self.given_up: dict[str, datetime] = {}
        self._records: dict[type[Any], dict[str, Any]] = {kind: {} for kind in KINDS}
        self._by_service: dict[str, dict[str, Task]] = {}
        self._by_instance: dict[str, dict[str, Task]] = {}

    def load(self, disk: Disk) -> None:
        self.__init__()  # type: ignore[misc]
        disk.prepare(KINDS)
        for kind in KINDS:
            for record in disk.load(kind):
                self._put(kind, record.arn, record)
        for service in self.all(Service).values():
            for deployment in service.deployments:  # those that were forgotten before are in its count alone
                beyond = deployment.failed_tasks - self.failures_of(service.arn, deployment.id)
                self.failures_forgotten[deployment.id] = max(0, beyond)

    def apply(self, change: Change) -> None:
        if change.kind in self._records:
            self._put(change.kind, change.key, change.after)

    def _put(self, kind: type[Any], key: str, record: Any) -> None:
        old = self._records[kind].pop(key, None)
        if kind is Task and old is not None:
            self._by_service.get(old.service_arn or "", {}).pop(key, None)
            self._by_instance.get(old.container_instance_arn or "", {}).pop(key, None)
        if record is None:
            if kind is Task and old is not None and old.counted_failed:
                self.failures_forgotten[old.started_by] += 1
            return
        self._records[kind][key] = record
        if kind is ContainerInstance and record.lost_at is not None:
            self.given_up[key] = record.lost_at
        if kind is Task:
            self._by_service.setdefault(record.service_arn or "", {})[key] = record
            self._by_instance.setdefault(record.container_instance_arn or "", {})[key] = record

    def all(self, kind: type[Any]) -> dict[str, Any]:
        return self._records[kind]

    def task(self, arn: str) -> Task | None:
        found: Task | None = self._records[Task].get(arn)
        return found

    def service(self, arn: str | None) -> Service | None:
        found: Service | None = self._records[Service].get(arn or "")
        return found

    def instance(self, arn: str | None) -> ContainerInstance | None:
        found: ContainerInstance | None = self._records[ContainerInstance].get(arn or "")
        return found

    def kept(self, instance_arn: str) -> list[DaemonServiceReservation]:
        """What the instance keeps for daemons to come, each with no more than is not there yet."""
        here = (
            one for one in self.all(DaemonServiceReservation).values() if one.container_instance_arn == instance_arn
        )
        groups = {task.group for task in self.holding(instance_arn)}
        beside = (replace(o, cpu=o.more_cpu, memory_mib=o.more_memory_mib) if o.group in groups else o for o in here)
        return [one for one in beside if one.cpu or one.memory_mib or one.ports or one.ports_udp]

    def definition(self, arn: str) -> TaskDefinition | None:
        found: TaskDefinition | None = self._records[TaskDefinition].get(arn)
        return found

    def protection(self, arn: str) -> TaskProtection | None:
        found: TaskProtection | None = self._records[TaskProtection].get(arn)
        return found

    def tasks_of(self, service_arn: str | None) -> Iterable[Task]:
        return self._by_service.get(service_arn or "", {}).values() if service_arn else ()

    def failures_of(self, service_arn: str, deployment_id: str) -> int:
        """How many tasks of the deployment counted as failed, be they still on record or forgotten since."""
        there = [t for t in self.tasks_of(service_arn) if t.started_by == deployment_id and t.counted_failed]
        return len(there) + self.failures_forgotten[deployment_id]

    def wanted(self, service_arn: str | None) -> list[Task]:
        """Its tasks whose desired status is RUNNING."""
        return [t for t in self.tasks_of(service_arn) if t.desired_status is TaskStatus.RUNNING]

    def holding(self, instance_arn: str | None) -> list[Task]:
        """The tasks that hold something of the instance."""
        found = self._by_instance.get(instance_arn or "", {}).values() if instance_arn else ()
        return [t for t in found if t.last_status in HOLDING]
