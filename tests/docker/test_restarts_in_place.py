"""Restart policies on a real Docker Engine."""

import signal

from docker.agents import a_container, a_task, containers_of, docker, inspect
from docker.asking import of_endpoint
from waiting import until

HEEDFUL = "trap 'exit 7' USR1; trap 'exit 0' USR2; echo ready; while :; do sleep 0.05; done"


def restarting(period: int = 0):
    policy = {"enabled": True, "ignoredExitCodes": [0], "restartAttemptPeriod": period}
    return a_container("sh", "-c", HEEDFUL, restartPolicy=policy)


def metadata(docker_id: str):
    environment = dict(line.split("=", 1) for line in inspect(docker_id)["Config"]["Env"])
    return of_endpoint(environment["ECS_CONTAINER_METADATA_URI_V4"])[1]


def starts(docker_id: str) -> str:
    return inspect(docker_id)["State"]["StartedAt"]


def heeds(docker_id: str, times: int) -> None:
    """Until the shell has set its traps it heeds no signal."""
    until(lambda: docker("logs", docker_id).split().count("ready") == times, "the program to heed signals")


def let_fail(docker_id: str, plane_says_count: int) -> None:
    before = starts(docker_id)
    heeds(docker_id, times=plane_says_count)
    docker("kill", "-s", "USR1", docker_id)
    until(lambda: inspect(docker_id)["State"]["Running"] and starts(docker_id) != before, "a start in place")
    until(lambda: metadata(docker_id)["RestartCount"] == plane_says_count, "the count of restarts")


def test_a_container_that_fails_is_started_again_in_place_and_counted(plane, agent):
    arn = plane.run(a_task(restarting()))
    plane.wait_for(arn, "RUNNING")
    (docker_id,) = containers_of(arn)
    assert metadata(docker_id)["RestartCount"] == 0
    let_fail(docker_id, 1)
    agent.end(signal.SIGKILL)
    agent.start()
    until(lambda: "takes up the tasks" in agent.logged(), "the agent to take up its tasks")
    until(lambda: plane.connected, "the agent to connect")
    let_fail(docker_id, 2)
    assert containers_of(arn) == [docker_id]
    assert [r["status"] for r in plane.reports(arn)] == ["RUNNING"]
    heeds(docker_id, times=3)
    docker("kill", "-s", "USR2", docker_id)
    (ended,) = plane.wait_for(arn, "STOPPED")["containers"]
    assert (ended["exitCode"], ended["runtimeId"]) == (0, docker_id)


def test_what_failed_while_the_agent_was_away_is_started_again_once_it_is_back(plane, agent):
    arn = plane.run(a_task(restarting()))
    plane.wait_for(arn, "RUNNING")
    (docker_id,) = containers_of(arn)
    agent.end()
    heeds(docker_id, times=1)
    docker("kill", "-s", "USR1", docker_id)
    docker("wait", docker_id)
    agent.start()
    until(lambda: inspect(docker_id)["State"]["Running"], "a start in place")
    until(lambda: metadata(docker_id)["RestartCount"] == 1, "the count of restarts")


def test_a_container_that_fails_too_soon_ends_its_task(plane, agent):
    arn = plane.run(a_task(restarting(period=60)))
    plane.wait_for(arn, "RUNNING")
    (docker_id,) = containers_of(arn)
    heeds(docker_id, times=1)
    docker("kill", "-s", "USR1", docker_id)
    assert plane.wait_for(arn, "STOPPED")["containers"][0]["exitCode"] == 7
