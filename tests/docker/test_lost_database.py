"""A database that is gone, on the real engine: nothing unknown is stopped until someone says so."""

from collections.abc import Iterator

import pytest

from docker.test_up import Machine
from waiting import until


@pytest.fixture
def machine(tmp_path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.close()


def test_an_emptied_database_lists_what_runs_and_stops_it_only_when_told(machine):
    machine.up()
    machine.aws("ecs", "create-cluster", "--cluster-name", "demo")
    machine.serve("web", 2)
    before = machine.containers()
    machine.down("--leave-tasks")
    for file in machine.data_dir.glob("podium.db*"):
        file.unlink()
    machine.up()
    strangers = until(lambda: len(s := machine.status()["strangers"]) == 2 and s, "the tasks to be listed")
    assert machine.containers() == before

    machine.aws("ecs", "stop-task", "--task", strangers[0]["taskArn"])
    until(lambda: len(machine.containers()) == 1, "the one that was told to stop")
    until(lambda: len(machine.status()["strangers"]) == 1, "the other to be listed alone")
    assert machine.containers() < before


def test_a_task_in_another_cluster_survives_the_emptied_database_too(machine):
    machine.up()
    machine.aws("ecs", "create-cluster", "--cluster-name", "demo")
    machine.serve("web", 1)
    machine.aws("ecs", "run-task", "--cluster", "demo", "--task-definition", "web")
    until(lambda: len(machine.containers()) == 2, "both tasks to run")
    before = machine.containers()
    machine.down("--leave-tasks")
    for file in machine.data_dir.glob("podium.db*"):
        file.unlink()
    machine.up()
    until(lambda: len(machine.status()["strangers"]) == 2, "both to be listed")
    assert "demo" in [cluster["name"] for cluster in machine.status()["clusters"]]
    assert machine.containers() == before
