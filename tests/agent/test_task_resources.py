"""What Docker and the kernel are asked to have ready for a task: volumes, a control group, GPUs."""

import json
from typing import Any

import pytest

from agent.engine_hands import TASK, Hands, a_container, a_task
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.records import Key

MIB = 2**20


def mounting(*names: str, **members: Any) -> dict[str, Any]:
    return a_container(mountPoints=[{"sourceVolume": n, "containerPath": f"/{n}"} for n in names], **members)


def created(task: dict[str, Any], **settings: Any) -> i.Create:
    hands = Hands(**settings)
    hands.give(task)
    (create,) = hands.of(i.Create)
    return create


def test_a_docker_volume_of_a_task_is_made_with_its_driver_options_and_labels_and_ends_with_the_task():
    docker = {"scope": "task", "driver": "local", "driverOpts": {"type": "tmpfs"}, "labels": {"a": "b"}}
    volumes = [{"name": "cache", "type": "docker", "dockerVolumeConfiguration": docker}]
    hands = Hands()
    hands.give(a_task(mounting("cache"), volumes=volumes))
    (create,) = hands.of(i.Create)
    (volume,) = create.volumes
    assert volume.name.startswith("ecs-web-3-cache-")
    assert (volume.driver, volume.options, volume.labels) == ("local", {"type": "tmpfs"}, {"a": "b"})
    assert create.body["HostConfig"]["Binds"] == [f"{volume.name}:/cache"]
    assert hands.engine.tasks[TASK].scratch_volumes == (volume.name,)


@pytest.mark.parametrize(("autoprovision", "must_exist"), [(True, False), (False, True)])
def test_a_shared_volume_keeps_its_own_name_and_is_never_removed(autoprovision, must_exist):
    docker = {"scope": "shared", "autoprovision": autoprovision, "driver": "rexray/ebs"}
    hands = Hands()
    volumes = [{"name": "data", "type": "docker", "dockerVolumeConfiguration": docker}]
    hands.give(a_task(mounting("data"), volumes=volumes))
    (volume,) = hands.of(i.Create)[0].volumes
    assert (volume.name, volume.driver, volume.shared, volume.must_exist) == ("data", "rexray/ebs", True, must_exist)
    assert hands.engine.tasks[TASK].scratch_volumes == ()


def test_an_efs_file_system_is_an_nfs_volume_of_the_local_driver():
    efs = {"fileSystemId": "fs-12345678", "rootDirectory": "/exports"}
    volumes = [{"name": "files", "type": "efs", "efsVolumeConfiguration": efs}]
    (volume,) = created(a_task(mounting("files"), volumes=volumes)).volumes
    assert volume.driver == "local"
    assert volume.options == {
        "type": "nfs",
        "device": ":/exports",
        "o": "addr=fs-12345678.efs.us-east-1.amazonaws.com,nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,"
        "retrans=2,noresvport",
    }


def test_encryption_in_transit_is_refused_rather_than_left_out():
    hands = Hands()
    efs = {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"}
    hands.give(a_task(volumes=[{"name": "f", "type": "efs", "efsVolumeConfiguration": efs}]))
    assert "encryption in transit" in hands.submitted()["reason"]


def test_a_container_gets_only_the_volumes_it_mounts_and_host_paths_are_nobodys_to_make():
    docker = {"scope": "shared"}
    volumes = [
        {"name": "other", "type": "docker", "dockerVolumeConfiguration": docker},
        {"name": "host", "type": "host", "host": {"sourcePath": "/srv"}},
        {"name": "empty", "type": "host", "host": {}},
    ]
    assert created(a_task(mounting("host", "empty"), volumes=volumes)).volumes == ()


def test_a_task_is_bounded_by_its_control_group_and_its_containers_by_their_own_limits():
    create = created(a_task(a_container(memory=32), cpu=0.5, memory=64), cgroup_naming="/ecs/{}", task_pids_limit=9)
    assert create.cgroup == i.Cgroup(name="/ecs/7", cpu_quota=50_000, memory_bytes=64 * MIB, pids=9)
    host_config = create.body["HostConfig"]
    assert host_config["CgroupParent"] == "/ecs/7"
    assert host_config["Memory"] == 32 * MIB
    assert "CpuQuota" not in host_config


def test_a_task_without_cpu_has_the_shares_of_its_containers_in_sum():
    hands = Hands(cgroup_naming="ecstasks-{}.slice")
    hands.give(a_task(a_container(cpu=100), a_container("side", cpu=0)))
    assert {c.cgroup for c in hands.of(i.Create)} == {i.Cgroup(name="ecstasks-7.slice", cpu_shares=102)}


def test_the_control_group_goes_with_the_task():
    hands = Hands(cgroup_naming="/ecs/{}", cleanup_wait=0)
    hands.run(a_task())
    hands.end()
    hands.tell(e.Accepted(task_arn=TASK))
    hands.tell(e.Removed(key=Key(TASK, "main")))
    assert [c.name for c in hands.of(i.RemoveCgroup)] == ["/ecs/7"]


GPUS = [
    {"type": "gpu", "name": "GPU-1", "containers": ["main"]},
    {"type": "gpu", "name": "GPU-2", "containers": ["main"]},
]


def test_gpus_are_named_to_nvidias_runtime():
    body = created(a_task(a_container(), associations=GPUS)).body
    assert "NVIDIA_VISIBLE_DEVICES=GPU-1,GPU-2" in body["Env"]
    assert body["HostConfig"]["Runtime"] == "nvidia"


def test_on_an_external_instance_docker_hands_the_gpus_out():
    body = created(a_task(a_container(), associations=GPUS, launchType="EXTERNAL")).body
    requests = body["HostConfig"]["DeviceRequests"]
    assert requests == [{"DeviceIDs": ["GPU-1", "GPU-2"], "Capabilities": [["gpu"]]}]
    assert "Runtime" not in body["HostConfig"]


def test_a_container_without_gpus_sees_none_of_them():
    hands = Hands()
    hands.give(a_task(a_container(), a_container("side"), associations=GPUS))
    (side,) = [c for c in hands.of(i.Create) if c.key.name == "side"]
    assert "NVIDIA" not in json.dumps(side.body)


@pytest.mark.parametrize(
    ("options", "size"),
    [({"mode": "non-blocking"}, "10m"), ({"mode": "non-blocking", "max-buffer-size": "1m"}, "1m"), ({}, None)],
)
def test_a_log_driver_that_blocks_nobody_holds_ten_megabytes_unless_told_otherwise(options, size):
    docker = {"hostConfig": json.dumps({"LogConfig": {"Type": "syslog", "Config": options}})}
    log = created(a_task(a_container(dockerConfig=docker))).body["HostConfig"]["LogConfig"]
    assert log["Config"].get("max-buffer-size") == size
