"""Data directories that earlier versions wrote, opened by this one."""

import shutil
from pathlib import Path

import pytest

from inprocess import Plane
from podium.ecs import records
from podium.store.database import FORMAT
from podium.store.sqlite import SqliteDatabase

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FORMATS = sorted(path.name for path in GOLDEN.glob("format-*"))


@pytest.fixture(params=FORMATS)
def plane(request: pytest.FixtureRequest, tmp_path: Path) -> Plane:
    """A control plane on a copy of the golden data."""
    shutil.copy(GOLDEN / request.param / "podium.db", tmp_path / "podium.db")
    return Plane(database=SqliteDatabase(tmp_path / "podium.db"))


def test_every_format_there_was_has_its_golden_data() -> None:
    assert [f"format-{n}" for n in range(1, FORMAT + 1)] == FORMATS


def test_every_kind_of_record_is_there(plane: Plane) -> None:
    assert [kind.__name__ for kind in records.ALL if not plane.records(kind)] == []


def test_everything_is_shown_as_it_was_left(plane: Plane) -> None:
    ecs = plane.ecs
    [cluster] = ecs.describe_clusters(clusters=["default"], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"]
    assert cluster["tags"] == [{"key": "team", "value": "größe"}]
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    assert cluster["configuration"] == {"executeCommandConfiguration": {"logging": "DEFAULT"}}
    [service] = ecs.describe_services(services=["web"])["services"]
    assert (service["desiredCount"], len(service["deployments"])) == (2, 2)
    assert "(service web) has reached a steady state." in [e["message"] for e in service["events"]]
    assert ecs.describe_task_definition(taskDefinition="old:1")["taskDefinition"]["status"] == "INACTIVE"
    [stopped] = ecs.list_tasks(desiredStatus="STOPPED")["taskArns"]
    [task] = ecs.describe_tasks(tasks=[stopped])["tasks"]
    assert (task["containers"][0]["exitCode"], task["stopCode"]) == (3, "EssentialContainerExited")
    assert len(ecs.list_container_instances()["containerInstanceArns"]) == 3


def test_life_goes_on(plane: Plane) -> None:
    for instance in plane.ecs.list_container_instances()["containerInstanceArns"]:
        plane.connect(instance)
    plane.obey()
    for task in plane.tasks("web"):
        plane.health(task.arn, "HEALTHY")
    plane.settle()
    assert plane.define("web").endswith("/web:3")
    [service] = plane.ecs.describe_services(services=["web"])["services"]
    assert (service["runningCount"], len(service["deployments"])) == (2, 1)
