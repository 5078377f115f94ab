"""What services use, as CloudWatch's metrics."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from handcore import finished
from inprocess import ACCOUNT, REGION, Plane
from podium.ecs.metering import utilization
from podium.ecs.records import Task
from podium.ecs.records.instances import VCPUS_ATTRIBUTE
from podium.journals.metrics import Sample
from podium.server import metering
from podium.server.usage import Usage

MINUTE = 1_772_366_400


@pytest.fixture
def heard(plane: Plane) -> Usage:
    return Usage(plane.clock)


def tell(plane: Plane, heard: Usage, task: Task, cpu: Any, memory: float, container: str = "app") -> None:
    metric = {"containerName": container, "memoryStatsSet": {"max": memory}, "cpuStatsSet": cpu}
    body = {"taskMetrics": [{"taskArn": task.arn, "containerMetrics": [metric]}]}
    plane.read(lambda tx: heard.heard(tx, task.container_instance_arn or "", body))


def found(plane: Plane, heard: Usage) -> dict[str, list[float]]:
    """Values by metric, of the only service."""
    samples = plane.read(lambda tx: utilization(tx, heard.samples().items(), MINUTE))
    names: dict[str, list[float]] = {}
    for one in samples:
        names.setdefault(one.metric.name, []).extend(one.summary.values or ())
    return names


def test_a_task_uses_a_share_of_what_was_reserved_for_it(plane: Plane, heard: Usage) -> None:
    """Half of a host of 4 vCPUs is 2,048 units: twice what the task has."""
    plane.ready(instances=1)
    plane.define("web", {"cpu": 1024, "memory": 500})
    plane.serve("web", desired=1)
    plane.settle()
    [task] = plane.tasks("web")
    tell(plane, heard, task, {"max": 70.0, "sum": 100.0, "sampleCount": 2}, 100.0)
    samples: list[Sample] = plane.read(lambda tx: utilization(tx, heard.samples().items(), MINUTE))
    assert {one.metric.name: one.summary.total for one in samples} == {
        "CPUUtilization": 200.0,
        "MemoryUtilization": 20.0,
    }
    assert {(one.at, one.unit, one.metric.namespace, one.metric.home) for one in samples} == {
        (MINUTE, "Percent", "AWS/ECS", f"aws:{REGION}:{ACCOUNT}")
    }
    assert {one.metric.dimensions for one in samples} == {(("ClusterName", "default"), ("ServiceName", "web"))}


def test_usage_is_of_the_machine_whatever_of_it_is_promised(plane: Plane, heard: Usage) -> None:
    plane.ecs.create_cluster()
    plane.join(instances=1, cpu=8192, attributes={VCPUS_ATTRIBUTE: "2"})
    plane.define("web", {"cpu": 1024})
    plane.serve("web", desired=1)
    plane.settle()
    tell(plane, heard, plane.tasks("web")[0], {"max": 25.0}, 64.0)
    assert found(plane, heard)["CPUUtilization"] == [50.0]


def test_every_task_is_a_value_and_its_containers_are_added_up(plane: Plane, heard: Usage) -> None:
    plane.ready(instances=1)
    plane.define("web", {"memory": 100}, {"name": "side", "memory": 100})
    plane.serve("web", desired=2)
    plane.settle()
    first, second = plane.tasks("web")
    tell(plane, heard, first, {"max": 1.0}, 50.0)
    tell(plane, heard, first, {"max": 1.0}, 50.0, "side")
    tell(plane, heard, second, {"max": 1.0}, 20.0)
    assert found(plane, heard) == {"MemoryUtilization": [50.0, 10.0]}


def test_who_is_silent_for_a_minute_is_not_counted(plane: Plane, heard: Usage) -> None:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    plane.settle()
    tell(plane, heard, plane.tasks("web")[0], {"max": 1.0}, 64.0)
    plane.advance(61)
    assert found(plane, heard) == {}


def test_standalone_tasks_are_in_no_service_s_metrics(plane: Plane, heard: Usage) -> None:
    plane.ready(instances=1)
    plane.ecs.run_task(taskDefinition="web")
    while plane.obey():
        pass
    [task] = plane.records(Task)
    tell(plane, heard, task, {"max": 1.0}, 64.0)
    assert found(plane, heard) == {}


def test_many_tasks_are_looked_at_a_part_at_a_time(plane: Plane, heard: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metering, "TASKS_AT_ONCE", 2)
    plane.ready(instances=1)
    plane.serve("web", desired=5)
    plane.settle()
    for task in plane.tasks("web"):
        tell(plane, heard, task, {"max": 1.0}, 64.0)
    told = finished(metering.used(plane.hands, heard, MINUTE))  # type: ignore[arg-type]
    assert len([one for one in told if one.metric.name == "MemoryUtilization"]) == 5


def test_it_is_written_at_the_end_of_the_minute_as_of_its_start(plane: Plane, heard: Usage) -> None:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    plane.settle()
    plane.clock.time = datetime.fromtimestamp(MINUTE + 10 * 60 + 59.99, UTC)
    tell(plane, heard, plane.tasks("web")[0], {"max": 1.0}, 64.0)
    written: asyncio.Queue[list[Sample]] = asyncio.Queue()

    class Journals:
        append = staticmethod(written.put)

    async def story() -> list[Sample]:
        each = metering.write_each_minute(plane.hands, plane.clock, heard, Journals())  # type: ignore[arg-type]
        writing = asyncio.create_task(each)
        async with asyncio.timeout(20):
            first = await written.get()
        writing.cancel()
        return first

    assert {one.at for one in asyncio.run(story())} == {MINUTE + 10 * 60}
