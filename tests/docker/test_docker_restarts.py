"""Docker that is not there yet, goes away, and comes back: what survived is adopted, the rest reported and replaced."""

import pytest

from docker.own_engine import OwnEngine
from docker.test_up import Machine
from waiting import until


@pytest.fixture
def engine(tmp_path_factory):
    engine = OwnEngine(tmp_path_factory.mktemp("engine"))
    yield engine
    engine.close()


@pytest.fixture
def machine(tmp_path, engine):
    machine = Machine(tmp_path, docker_host=engine.host)
    yield machine
    machine.close()


def running(engine):
    return set(engine("ps", "-q", "--no-trunc").split())


def stopped_tasks(machine):
    arns = machine.aws("ecs", "list-tasks", "--desired-status", "STOPPED")["taskArns"]
    return machine.aws("ecs", "describe-tasks", "--tasks", *arns)["tasks"] if arns else []


def test_podium_joins_a_docker_that_appears_later(machine, engine):
    assert "No task can run yet" in machine.up()
    engine.start()
    engine.load_tiny()
    until(lambda: machine.status()["containerInstances"], "the instance to join")
    machine.serve("web", 1)
    assert len(running(engine)) == 1


def test_after_a_restart_of_docker_tasks_are_reported_and_replaced_once(machine, engine):
    engine.start()
    engine.load_tiny()
    machine.up()
    machine.serve("web", 2)
    before = running(engine)
    engine.end()
    engine.start()
    until(lambda: machine.running("web") == 2 and len(running(engine)) == 2, "the tasks to be replaced")
    assert before.isdisjoint(running(engine))
    ended = {
        c["runtimeId"]: c.get("exitCode") for t in stopped_tasks(machine) for c in t["containers"] if "runtimeId" in c
    }
    assert before <= ended.keys(), "every task that ended was reported"
    assert all(isinstance(ended[container], int) for container in before)
