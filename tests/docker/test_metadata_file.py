"""The container metadata file, in a real container."""

import json
from pathlib import Path

import pytest

from docker.agents import AgentProcess, a_container, a_task, containers_of, docker, inspect
from waiting import until

SHOW = 'while ! grep -q READY "$ECS_CONTAINER_METADATA_FILE"; do sleep 0.05; done; cat "$ECS_CONTAINER_METADATA_FILE"'
WRITE = '(echo x > "${ECS_CONTAINER_METADATA_FILE%/*}/x") 2> /dev/null && echo written'


@pytest.fixture
def agent(plane, tmp_path):
    agent = AgentProcess(plane, tmp_path, "--cleanup-wait", "1", "--enable-container-metadata", "true")
    yield agent
    if agent.process.poll() is None:
        agent.end()
    agent.sweep()


def files(agent: AgentProcess, arn: str) -> list[Path]:
    return [*(agent.data_dir / "metadata" / arn.rpartition("/")[2]).rglob("*.json")]


def test_a_container_reads_who_it_is_as_any_user_and_across_a_restart_of_the_agent(plane, agent):
    ports = [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}]
    config = {"version": "1.18", "config": json.dumps({"User": "65534:65534"}), "hostConfig": "{}"}
    main = a_container("sh", "-c", f"{SHOW}; echo; {WRITE}; sleep 1000", portMappings=ports, dockerConfig=config)
    task = a_task(main)
    arn = plane.run(task)
    plane.wait_for(arn, "RUNNING")
    (docker_id,) = containers_of(arn)
    until(lambda: docker("logs", docker_id).rstrip().endswith("}"), "the file in the log")
    told = json.loads(docker("logs", docker_id))
    seen = inspect(docker_id)
    (network,) = seen["NetworkSettings"]["Networks"].values()
    (published,) = seen["NetworkSettings"]["Ports"]["80/tcp"][:1]
    assert told["TaskARN"] == arn
    assert told["ContainerID"] == docker_id
    assert told["DockerContainerName"] == seen["Name"]
    assert (told["ImageName"], told["ImageID"]) == (main["image"], seen["Image"])
    assert told["Networks"] == [{"NetworkMode": "bridge", "IPv4Addresses": [network["IPAddress"]]}]
    port = {"ContainerPort": 80, "HostPort": int(published["HostPort"]), "BindIp": "0.0.0.0", "Protocol": "tcp"}
    assert told["PortMappings"] == [port]
    (path,) = files(agent, arn)
    path.unlink()
    agent.end(9)
    agent.start()
    until(lambda: files(agent, arn) and json.loads(path.read_text()) == told, "the same file again")
    inside = docker("exec", docker_id, "sh", "-c", 'cat "$ECS_CONTAINER_METADATA_FILE"')
    assert json.loads(inside) == told
    plane.stop(task)
    plane.wait_for(arn, "STOPPED")
    until(lambda: not path.parent.parent.exists(), "the files to go")


def test_sweeping_leaves_no_file(plane, agent):
    arn = plane.run(a_task(a_container()))
    plane.wait_for(arn, "RUNNING")
    assert files(agent, arn)
    agent.end(9)
    assert agent.sweep() == 1
    assert not (agent.data_dir / "metadata").exists()
