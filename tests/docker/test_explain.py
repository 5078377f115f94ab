"""`podium explain` of what really happened on a Docker Engine, and images by digest."""

import json

import pytest

from docker.agents import docker
from docker.images import tiny
from docker.registry import Registry
from docker.test_up import STOPS_AT_ONCE, Machine
from waiting import until


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.close()


@pytest.fixture
def registry(tmp_path):
    (tmp_path / "registry").mkdir()
    registry = Registry(tmp_path / "registry")
    yield registry
    registry.end()
    registry.forget()


@pytest.fixture
def newer():
    """An image that differs from the small one."""
    container = docker("create", tiny())
    docker("commit", "--change", "LABEL newer=yes", container, "podium/newer:1")
    docker("rm", container)
    yield "podium/newer:1"
    docker("rmi", "podium/newer:1")


def explained(machine, what):
    told = machine("explain", what, "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def define(machine, family, image, **members):
    container = {"name": "web", "image": image, "memory": 32, **members}
    words = ("--family", family, "--container-definitions", json.dumps([container]))
    machine.aws("ecs", "register-task-definition", *words)


def create(machine, name, desired):
    machine.aws(
        "ecs", "create-service", "--service-name", name, "--task-definition", name, f"--desired-count={desired}"
    )


def sentences(machine, what):
    return " ".join(finding["sentence"] for finding in explained(machine, what)["findings"])


def test_a_command_that_is_not_there_and_what_a_container_uses_are_told(machine):
    machine.up()
    machine.serve("well", 1)
    [task] = [one for one in machine.status()["tasks"] if one["group"] == "service:well"]
    define(machine, "broken", tiny(), command=["no-such-program"])
    create(machine, "broken", 1)
    until(lambda: "no-such-program" in sentences(machine, "broken"), "the failure to be explained")
    assert "Docker could not start the container." in sentences(machine, "broken")
    define(machine, "huge", tiny(), memory=10_000_000)
    create(machine, "huge", 1)
    until(lambda: explained(machine, "huge")["placement"], "the table")
    [row] = explained(machine, "huge")["placement"]["rows"]
    assert (row["requirement"], row["needs"], row["ruled_out"]) == ("memory", "10000000 MiB", 1)
    used = lambda: explained(machine, task["id"])["containers"][0]["usedMiB"]  # noqa: E731
    until(lambda: used() is not None, "what the container uses")
    assert 0 <= used() < 32


def test_a_service_goes_on_with_the_image_that_its_first_task_found(machine, registry, newer):
    """The tag has moved on in the meantime; a new deployment follows it."""
    image, first = registry.holds("moving:1")
    machine.up()
    define(machine, "moving", image, command=["sh", "-c", STOPS_AT_ONCE])
    create(machine, "moving", 1)
    until(lambda: machine.running("moving") == 1, "the first task")
    _, second = registry.holds("moving:1", newer)
    assert second != first
    machine.aws("ecs", "update-service", "--service", "moving", "--desired-count=2")
    until(lambda: machine.running("moving") == 2, "another task")
    assert digests(machine) == {first}
    machine.aws("ecs", "update-service", "--service", "moving", "--force-new-deployment")
    until(lambda: digests(machine) == {second}, "the new deployment")


def digests(machine):
    arns = machine.aws("ecs", "list-tasks", "--service-name", "moving")["taskArns"]
    tasks = machine.aws("ecs", "describe-tasks", "--tasks", *arns)["tasks"]
    return {container.get("imageDigest") for task in tasks for container in task["containers"]}
