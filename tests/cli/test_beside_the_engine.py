"""`podium up --in-docker` and `podium doctor`, as far as they go without an engine that runs containers."""

import json
from pathlib import Path

import pytest

from cli.docker_engine import a_docker_engine
from podium.launch.in_docker import box, told
from podium.launch.in_docker.box import Box
from podium.launch.paths import DataDir
from podium.launch.settings import Settings
from podium_agent.options import OPTIONS


def settings(**members):
    return Settings(data_dir=Path("/x"), cpu=1, memory=1, docker_host="unix:///x", **members)


def test_the_container_is_told_what_was_asked_and_no_secret():
    words = told.options(settings(instances=3, zones=("a", "b"), throttle=True, fargate=False), None, 2048)
    asked = dict(zip(words[::2], words[1::2], strict=False))
    assert (asked["--instances"], asked["--zones"], asked["--memory"]) == ("3", "a,b", "2048")
    assert words[-2:] == ["--throttle", "--no-fargate"]
    assert "--cpu" not in words
    assert not any("key" in word for word in words)


def test_what_the_environment_says_to_agents_goes_along_and_nothing_else():
    said = {option.variable: "x" for option in OPTIONS} | {"PODIUM_ACCEPTED_KEYS": "test:test"}
    others = {"PODIUM_DATA_DIR": "/x", "HOME": "/root", "AWS_ACCESS_KEY_ID": "AKIA"}
    assert told.variables(said | others) == said


@pytest.fixture
def boxed(podium):
    """A data dir whose Podium ran in a container."""
    podium.data_dir.mkdir()
    there = Box(name="podium-1a2b3c4d", docker_host="unix:///there.sock", image="podium/podium:1")
    box.keep(DataDir(root=podium.data_dir), there)
    return podium


@pytest.mark.parametrize("command", ["up --detach --port 0", "server", "agent", "backup FILE", "restore FILE"])
def test_a_data_dir_of_a_container_is_for_no_podium_outside_of_it(boxed, command):
    refused = boxed(*command.split())
    assert refused.returncode == 1
    assert "are in volume podium-1a2b3c4d of the engine at unix:///there.sock" in refused.stderr


def test_a_data_dir_with_records_is_for_no_podium_in_a_container(running):
    running("down")
    DataDir(root=running.data_dir).database.touch()
    refused = running("up", "--in-docker", "--detach", "--port", "0")
    assert "has the records of a Podium outside a container" in refused.stderr


def test_the_door_is_open_to_this_machine_alone(podium):
    refused = podium("up", "--in-docker", "--insecure", "--host", "0.0.0.0", "--port", "0")
    assert "--host 0.0.0.0 does not go with --in-docker" in refused.stderr


def test_status_tells_how_to_start_it_again(boxed):
    assert "podium up --in-docker --detach" in boxed("status").stderr


def test_another_engine_is_not_taken_for_the_one_with_the_records(boxed):
    refused = boxed("up", "--in-docker", "--docker-host", "unix:///elsewhere.sock", "--port", "0")
    assert "of the engine at unix:///there.sock. Name that one with --docker-host" in refused.stderr


def test_without_an_engine_no_container_is_promised(podium):
    refused = podium("up", "--in-docker", "--detach", "--port", "0")
    assert refused.returncode == 1
    assert "There is no Docker Engine" in refused.stderr
    assert box.read(DataDir(root=podium.data_dir)) is None


@pytest.mark.parametrize(("subnet", "level"), [("127.0.0.0/8", "ok"), ("203.0.113.0/24", "warn")])
def test_the_doctor_says_when_podium_has_to_be_beside_the_engine(podium, tmp_path, subnet, level):
    with a_docker_engine(tmp_path / "docker.sock", subnet=subnet):
        said = podium("doctor", "--json", "--port", "0", "--docker-host", f"unix://{tmp_path}/docker.sock")
    network = next(finding for finding in json.loads(said.stdout) if finding["check"] == "network")
    assert network["level"] == level
    assert ("--in-docker" in network["remedy"]) == (level == "warn")
