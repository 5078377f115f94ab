"""Volumes of every kind on a real Docker Engine."""

import json

import pytest

from docker.agents import AgentProcess, a_container, a_task, containers_of, docker, inspect
from waiting import until


@pytest.fixture
def agent(plane, tmp_path):
    agent = AgentProcess(plane, tmp_path, "--cleanup-wait", "0.5")
    yield agent
    if agent.process.poll() is None:
        agent.end()
    agent.sweep()


def mounting(*names, command=("sleep", "1000")):
    return a_container(*command, mountPoints=[{"sourceVolume": n, "containerPath": f"/{n}"} for n in names])


def of_docker(name, **configuration):
    return {"name": name, "type": "docker", "dockerVolumeConfiguration": configuration}


def volume(name):
    return json.loads(docker("volume", "inspect", name))[0]


def names():
    return docker("volume", "ls", "-q").split()


def test_task_volumes_are_made_as_asked_and_go_with_the_task_and_shared_ones_stay(plane, agent, tmp_path):
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    shared = f"shared-{tmp_path.name}"
    volumes = [
        of_docker("scratch", scope="task", driver="local", driverOpts=options, labels={"who": "me"}),
        of_docker(shared, scope="shared", autoprovision=True, labels={"kept": "yes"}),
        {"name": "empty", "type": "host", "host": {}},
        {"name": "path", "type": "host", "host": {"sourcePath": str(tmp_path / "made")}},
    ]
    task = a_task(mounting("scratch", shared, "empty", "path"), volumes=volumes)
    arn = plane.run(task)
    try:
        plane.wait_for(arn, "RUNNING")
        mounts = {m["Destination"]: m for m in inspect(containers_of(arn)[0])["Mounts"]}
        scratch, empty = mounts["/scratch"]["Name"], mounts["/empty"]["Name"]
        assert scratch.startswith("ecs-test-1-scratch-")
        assert (volume(scratch)["Options"], volume(scratch)["Labels"]) == (options, {"who": "me"})
        assert (mounts[f"/{shared}"]["Name"], volume(shared)["Labels"]) == (shared, {"kept": "yes"})
        assert mounts["/path"]["Source"] == str(tmp_path / "made")
        assert (tmp_path / "made").is_dir()
        plane.stop(task)
        plane.wait_for(arn, "STOPPED")
        until(lambda: not {scratch, empty} & set(names()), "the task's volumes to go")
        assert shared in names()
        again = plane.run(a_task(mounting(shared), volumes=[of_docker(shared, scope="shared", autoprovision=False)]))
        plane.wait_for(again, "RUNNING")
    finally:
        agent.end()
        agent.sweep()
        docker("volume", "rm", "-f", shared)


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        (
            {"scope": "shared", "autoprovision": False},
            "InvalidVolumeError: initialize volume: volume detection failed, volume 'absent' does not exist and "
            "autoprovision is set to false",
        ),
        ({"scope": "task", "driver": "nowhere"}, "CannotCreateVolumeError: Error response from daemon: "),
    ],
)
def test_a_volume_that_is_not_to_be_had_stops_the_task_and_says_so(plane, agent, configuration, reason):
    arn = plane.run(a_task(mounting("absent"), volumes=[of_docker("absent", **configuration)]))
    (entry,) = plane.wait_for(arn, "STOPPED", seconds=40)["containers"]
    assert entry["reason"].startswith(reason)
    assert not containers_of(arn)


def test_one_container_mounts_what_another_mounts(plane, agent):
    first = a_container(
        "sh",
        "-c",
        "echo hello >/data/x; sleep 1000",
        name="first",
        mountPoints=[{"sourceVolume": "data", "containerPath": "/data"}],
    )
    second = a_container(name="second", volumesFrom=[{"sourceContainer": "first", "readOnly": True}])
    arn = plane.run(a_task(second, first, volumes=[of_docker("data", scope="task")]))
    plane.wait_for(arn, "RUNNING")
    (reader,) = [c for c in containers_of(arn) if inspect(c)["Config"]["Labels"][NAME] == "second"]
    written = "until test -s /data/x; do sleep 0.05; done; cat /data/x"
    assert docker("exec", reader, "timeout", "60", "sh", "-c", written) == "hello"
    assert [m["RW"] for m in inspect(reader)["Mounts"]] == [False]


NAME = "com.amazonaws.ecs.container-name"
