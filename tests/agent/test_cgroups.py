"""Control groups of both versions, and through systemd, as far as files and commands go."""

from pathlib import Path

import pytest

from podium_agent import cgroups
from podium_agent.cgroups import CgroupError, Systemd, VersionOne, VersionTwo
from podium_agent.engine.instructions import Cgroup

LIMITED = Cgroup(name="/ecs/7", cpu_quota=50_000, memory_bytes=2**26, pids=9)
SHARED = Cgroup(name="/ecs/7", cpu_shares=1024)


@pytest.fixture
def one(tmp_path: Path) -> Path:
    for controller in ("cpu", "memory", "pids"):
        (tmp_path / controller).mkdir()
        (tmp_path / controller / "tasks").touch()
    return tmp_path


def files(root: Path) -> dict[str, str]:
    return {str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file() and p.name != "tasks"}


def test_version_one_has_a_group_in_each_tree(one):
    VersionOne(one).make(LIMITED)
    assert files(one) == {
        "cpu/ecs/7/cpu.cfs_period_us": "100000",
        "cpu/ecs/7/cpu.cfs_quota_us": "50000",
        "memory/ecs/7/memory.limit_in_bytes": str(2**26),
        "pids/ecs/7/pids.max": "9",
    }


def test_version_one_without_limits_has_shares_and_is_removed_whole(one):
    groups = VersionOne(one)
    groups.make(SHARED)
    assert files(one) == {"cpu/ecs/7/cpu.shares": "1024"}
    (one / "cpu/ecs/7/cpu.shares").unlink()  # the kernel's files do not count as content
    groups.remove("/ecs/7")
    assert not list(one.glob("*/ecs/7"))


def test_version_two_opens_the_controllers_and_writes_one_group(tmp_path):
    VersionTwo(tmp_path).make(LIMITED)
    assert files(tmp_path) == {
        "cgroup.subtree_control": "+cpu +memory +pids",
        "ecs/cgroup.subtree_control": "+cpu +memory +pids",
        "ecs/7/cpu.max": "50000 100000",
        "ecs/7/memory.max": str(2**26),
        "ecs/7/pids.max": "9",
    }


def test_systemd_is_told_of_the_slice():
    said: list[list[str]] = []
    groups = Systemd(said.append)
    groups.make(Cgroup(name="ecstasks-7.slice", cpu_quota=50_000, memory_bytes=64, pids=9))
    groups.make(Cgroup(name="ecstasks-7.slice", cpu_shares=1024))
    groups.remove("ecstasks-7.slice")
    first = ["set-property", "--runtime", "ecstasks-7.slice", "CPUQuota=50%", "MemoryMax=64", "TasksMax=9"]
    assert said[0] == first
    assert said[1][3:] == ["CPUWeight=39"]
    assert said[2:] == [["stop", "ecstasks-7.slice"], ["revert", "ecstasks-7.slice"]]


@pytest.mark.parametrize(("shares", "weight"), [(2, 1), (1024, 39), (262144, 10000)])
def test_shares_become_weights_as_runc_has_it(shares, weight):
    assert cgroups.weight(shares) == weight


def test_a_tree_that_is_not_mounted_is_no_place_for_a_group(tmp_path):
    with pytest.raises(CgroupError, match="the controller cpu is not mounted"):
        VersionOne(tmp_path).make(SHARED)
    assert not list(tmp_path.iterdir())


def test_what_docker_uses_decides_what_is_made(one):
    assert isinstance(cgroups.find({"CgroupVersion": "1", "CgroupDriver": "cgroupfs"}, one), VersionOne)
    assert not list(one.glob("*/ecs/*")), "the trial was left behind"
    assert cgroups.find({"CgroupVersion": "1", "CgroupDriver": "systemd"}, one) == (
        "Docker uses the cgroup driver systemd with version 1"
    )
    assert "not mounted" in str(cgroups.find({"CgroupVersion": "1", "CgroupDriver": "cgroupfs"}, one / "none"))
