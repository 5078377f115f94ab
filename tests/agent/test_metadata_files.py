"""The metadata file of a container: when it is asked for, what is in it, and how it is on disk."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from agent.engine_hands import INSTANCE, TASK, Hands, a_container, a_task
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.records import Binding, Container, Key, Status, Task
from podium_agent.engine.saved import to_record
from podium_agent.metadata import files

MAIN = Key(TASK, "main")
NAME = "ecs-container-metadata.json"
KNOWN = {
    "Cluster": "default",
    "ContainerInstanceARN": INSTANCE,
    "TaskARN": TASK,
    "TaskDefinitionFamily": "web",
    "TaskDefinitionRevision": "3",
    "ContainerName": "main",
}
BRIDGE = {"Image": "sha256:1", "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}}


def hands(**settings: Any) -> Hands:
    return Hands(container_metadata=True, metadata_dir="/d/metadata", **settings)


def with_port() -> dict[str, Any]:
    return a_container(portMappings=[{"containerPort": 80, "hostPort": 8080, "protocol": "tcp"}])


def test_a_container_is_made_with_what_is_known_and_finds_it_by_its_environment():
    it = hands()
    it.give(a_task())
    (create,) = it.of(i.Create)
    assert create.metadata == i.MetadataFile(folder="/d/metadata/7/main", document=KNOWN)
    (bind,) = create.body["HostConfig"]["Binds"]
    source, mount, mode = bind.split(":")
    assert (source, mode) == ("/d/metadata/7/main", "ro")
    endpoint_id = it.engine.tasks[TASK].container("main").endpoint_id
    assert mount == f"/opt/ecs/metadata/{endpoint_id}"
    assert f"ECS_CONTAINER_METADATA_FILE={mount}/{NAME}" in create.body["Env"]


def test_once_it_runs_the_rest_is_told_and_only_once():
    it = hands(zone="us-east-1b", host_address="192.0.2.7")
    it.give(a_task(with_port()))
    it.tell(e.Created(key=MAIN, docker_id="d1"))
    (asked,) = it.of_events(e.Started(key=MAIN), i.Describe)
    assert asked.docker_id == "d1"
    assert asked.file.document == {
        **KNOWN,
        "ContainerID": "d1",
        "DockerContainerName": f"/{it.engine.tasks[TASK].container('main').docker_name}",
        "ImageName": "web:1",
        "PortMappings": [{"ContainerPort": 80, "HostPort": 8080, "BindIp": "0.0.0.0", "Protocol": "tcp"}],
        "AvailabilityZone": "us-east-1b",
        "HostPrivateIPv4Address": "192.0.2.7",
        "MetadataFileStatus": "READY",
    }
    assert it.of_events(e.Accepted(task_arn=TASK), i.Describe) == []
    assert it.of_events(e.Tick(), i.Describe) == []


def test_it_is_told_again_after_a_start_in_place():
    policy = {"enabled": True, "ignoredExitCodes": [], "restartAttemptPeriod": 0}
    it = hands()
    it.run(a_task(a_container(restartPolicy=policy)))
    it.end(code=1)
    (again,) = [*it.of(i.Start), *it.of_events(e.Tick(), i.Start)]
    assert again.again
    assert len(it.of_events(e.Started(key=MAIN), i.Describe)) == 1


def test_an_agent_that_starts_anew_and_a_docker_that_comes_back_complete_what_may_be_missing():
    before = hands()
    before.run(a_task())
    name = before.engine.tasks[TASK].container("main").docker_name
    found = e.Found(
        docker_id="docker-main", docker_name=name, state="running", task_arn=TASK, container_name="main", exit=None
    )
    after = hands()
    (look,) = [
        x
        for x in after.tell(e.Restored(records=(to_record(before.engine.tasks[TASK]),), sequence=1))
        if isinstance(x, i.Look)
    ]
    assert len(after.of_events(e.Listed(look=look.number, found=(found,)), i.Describe)) == 1
    after.tell(e.DockerLost())
    (look,) = after.of_events(e.DockerBack(), i.Look)
    assert len(after.of_events(e.Listed(look=look.number, found=(found,)), i.Describe)) == 1


def test_the_files_of_a_task_go_with_it_even_if_none_are_written_any_more():
    it = Hands(metadata_dir="/d/metadata", cleanup_wait=0.0)
    it.run(a_task())
    it.end()
    it.tell(e.Accepted(task_arn=TASK))
    it.tell(e.Tick())
    assert it.of_events(e.Removed(key=MAIN), i.RemoveMetadata) == [i.RemoveMetadata(folder="/d/metadata/7")]


@pytest.mark.parametrize(("settings", "members"), [({}, {}), ({"container_metadata": True}, {"launchType": "FARGATE"})])
def test_there_is_none_unless_asked_for_and_none_on_fargate(settings, members):
    it = Hands(metadata_dir="/d/metadata", **settings)
    it.give(a_task(**members))
    (create,) = it.of(i.Create)
    assert create.metadata is None
    assert "Binds" not in create.body["HostConfig"]
    assert not any(entry.startswith("ECS_CONTAINER_METADATA_FILE=") for entry in create.body["Env"])
    it.tell(e.Created(key=MAIN, docker_id="d1"))
    assert it.of_events(e.Started(key=MAIN), i.Describe) == []


def test_names_from_elsewhere_lead_to_no_other_folder():
    it = hands()
    it.give(a_task(a_container("../../etc"), arn="arn:aws:ecs:us-east-1:123456789012:task/default/.."))
    (create,) = it.of(i.Create)
    assert create.metadata.folder == "/d/metadata/__/______etc"


def a_describe(folder: Path) -> i.Describe:
    container = Container(
        definition={"name": "main"},
        docker_name="n",
        endpoint_id="x",
        status=Status.RUNNING,
        bindings=(Binding(container_port=80, host_port=8080, protocol="tcp"),),
    )
    task = Task(payload={"arn": TASK, "networkMode": "bridge"}, desired=Status.RUNNING, containers=(container,))
    return i.Describe(task=task, docker_id="d1", file=i.MetadataFile(folder=str(folder), document=KNOWN))


def test_on_disk_it_can_be_read_by_any_user_and_nothing_else_is_left_beside_it(tmp_path):
    folder = tmp_path / "metadata" / "7" / "main"
    files.make(i.MetadataFile(folder=str(folder), document=KNOWN))
    files.complete(a_describe(folder), BRIDGE)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    networks = [{"NetworkMode": "bridge", "IPv4Addresses": ["172.17.0.2"]}]
    assert json.loads(path.read_text()) == {**KNOWN, "ImageID": "sha256:1", "Networks": networks}
    files.remove(str(tmp_path / "metadata"))
    assert not (tmp_path / "metadata").exists()


def test_a_write_that_fails_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    file = i.MetadataFile(folder=str(tmp_path), document=KNOWN)
    files.make(file)

    def no_space(descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(files.os, "fsync", no_space)
    with pytest.raises(OSError, match="no space left"):
        files.complete(a_describe(tmp_path), BRIDGE)
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text()) == KNOWN


def test_a_container_that_was_made_without_a_file_gets_none_later(tmp_path):
    files.complete(a_describe(tmp_path / "none"), BRIDGE)
    assert not list(tmp_path.iterdir())
