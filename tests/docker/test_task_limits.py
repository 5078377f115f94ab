"""CPU, memory and processes of a task as a whole, on a real Docker Engine and kernel."""

from pathlib import Path

import pytest

from docker.agents import AgentProcess, a_container, a_task, containers_of, docker, inspect
from waiting import until

CGROUPS = Path("/sys/fs/cgroup")


@pytest.fixture
def agent(plane, tmp_path):
    agent = AgentProcess(plane, tmp_path, "--cleanup-wait", "1", "--task-pids-limit", "50")
    yield agent
    if agent.process.poll() is None:
        agent.end()
    agent.sweep()


def is_version_two() -> bool:
    return docker("info", "--format", "{{.CgroupVersion}}") == "2"


def limit(arn: str, one: str, two: str) -> str:
    """What the kernel holds of the task's group, in the words of its version."""
    task_id = arn.rpartition("/")[2]
    if not is_version_two():
        controller, _, file = one.partition("/")
        return (CGROUPS / controller / "ecs" / task_id / file).read_text().strip()
    (folder,) = [*CGROUPS.glob(f"ecs/{task_id}"), *CGROUPS.rglob(f"ecstasks-{task_id}.slice")]
    return (folder / two).read_text().strip()


def groups(arn: str) -> list[Path]:
    """The task's own. Folders of other tasks come and go while they are looked through: then they are so again."""
    task_id = arn.rpartition("/")[2]
    patterns = (f"*/ecs/{task_id}", f"ecs/{task_id}", f"**/ecstasks-{task_id}*")
    while True:
        try:
            return [folder for pattern in patterns for folder in CGROUPS.glob(pattern)]
        except FileNotFoundError:
            continue


def test_the_containers_of_a_task_share_its_limits_and_its_group_goes_with_it(plane, agent):
    task = a_task(a_container(memory=16), a_container(name="side", memory=0), cpu=0.5, memory=64)
    arn = plane.run(task)
    plane.wait_for(arn, "RUNNING")
    assert limit(arn, "memory/memory.limit_in_bytes", "memory.max") == str(64 * 2**20)
    assert limit(arn, "cpu/cpu.cfs_quota_us", "cpu.max").split()[0] == "50000"
    assert limit(arn, "pids/pids.max", "pids.max") == "50"
    parents = {inspect(c)["HostConfig"]["CgroupParent"] for c in containers_of(arn)}
    assert len(parents) == 1
    assert arn.rpartition("/")[2] in parents.pop()
    assert sorted(inspect(c)["HostConfig"]["Memory"] // 2**20 for c in containers_of(arn)) == [0, 16]
    plane.stop(task)
    plane.wait_for(arn, "STOPPED")
    until(lambda: not groups(arn), "the group to go")
    assert not containers_of(arn)


def test_memory_that_runs_out_for_the_task_is_told_of_the_container_that_was_killed_alone(plane, agent):
    eater = a_container("sh", "-c", "x=a; while :; do x=$x$x; done", memory=0, name="eater", essential=False)
    arn = plane.run(a_task(a_container(memory=0), eater, memory=24))
    told = until(
        lambda: [c for r in plane.reports(arn) for c in r["containers"] if c["status"] == "STOPPED"],
        "an end",
    )
    assert [(c["containerName"], c["exitCode"], c["reason"]) for c in told] == [
        ("eater", 137, "OutOfMemoryError: Container killed due to memory usage")
    ]
    (main,) = [c for c in containers_of(arn) if inspect(c)["State"]["Running"]]
    docker("kill", "-s", "KILL", main)
    ended = plane.wait_for(arn, "STOPPED")
    assert "reason" not in next(c for c in ended["containers"] if c["containerName"] == "main")


def test_an_agent_killed_at_any_moment_leaves_no_group_in_the_end(plane, agent):
    task = a_task(a_container(), cpu=0.25, memory=32)
    arn = plane.run(task)
    until(lambda: groups(arn), "the group")
    agent.end(9)
    agent.start()
    plane.wait_for(arn, "RUNNING")
    assert limit(arn, "memory/memory.limit_in_bytes", "memory.max") == str(32 * 2**20)
    agent.end(9)
    assert agent.sweep() == 1
    assert not groups(arn)
