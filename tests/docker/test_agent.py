"""The agent as a process, on a real Docker Engine, under a control plane that only listens and tells."""

import json
import os
import signal
import subprocess
import sys

import pytest

from docker.agents import SRC, AgentProcess, a_container, a_task, containers_of, docker, inspect, with_health_check
from docker.asking import of_endpoint
from docker.images import tiny
from waiting import until


def test_a_task_runs_and_is_stopped_on_request(plane, agent):
    task = a_task(a_container(portMappings=[{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}]))
    arn = plane.run(task)
    report = plane.wait_for(arn, "RUNNING")
    (entry,) = report["containers"]
    (docker_id,) = containers_of(arn)
    shown = inspect(docker_id)
    assert entry["runtimeId"] == docker_id
    assert entry["networkBindings"][0]["containerPort"] == 80
    published = shown["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"]
    assert int(published) == entry["networkBindings"][0]["hostPort"]
    assert shown["Config"]["Labels"]["podium.container-instance"] == plane.instance_arn()
    assert shown["HostConfig"]["Memory"] == 32 * 2**20
    plane.stop(task)
    ended = plane.wait_for(arn, "STOPPED")
    assert ended["containers"][0]["exitCode"] in (137, 143)
    assert [r["status"] for r in plane.reports(arn)] == ["RUNNING", "STOPPED"]
    assert plane.said[0].type == "HeartbeatAckRequest"


def test_an_exit_code_is_told_after_running_was(plane, agent):
    arn = plane.run(a_task(a_container("sh", "-c", "exit 7")))
    ended = plane.wait_for(arn, "STOPPED")
    assert ended["containers"][0]["exitCode"] == 7
    assert [r["status"] for r in plane.reports(arn)] == ["RUNNING", "STOPPED"]


def test_who_ignores_sigterm_is_killed_after_its_stop_timeout(plane, agent):
    task = a_task(a_container("sh", "-c", "trap '' TERM; while :; do sleep 1; done", stopTimeout=1))
    arn = plane.run(task)
    plane.wait_for(arn, "RUNNING")
    plane.stop(task)
    assert plane.wait_for(arn, "STOPPED")["containers"][0]["exitCode"] == 137


def test_an_image_nobody_has_is_told(plane, agent):
    until(lambda: plane.connected, "the agent to connect")
    arn = plane.run(a_task(a_container(image="podium/no-such-image:9")))
    ended = plane.wait_for(arn, "STOPPED")
    assert ended["containers"][0]["reason"].startswith("CannotPullImageManifestError: ")
    assert "exitCode" not in ended["containers"][0]
    assert ended["pullStoppedAt"] >= ended["pullStartedAt"]


def test_a_command_that_cannot_start_is_told_with_docker_s_words(plane, agent):
    arn = plane.run(a_task(a_container("/no/such/program")))
    ended = plane.wait_for(arn, "STOPPED")
    assert ended["containers"][0]["reason"].startswith("CannotStartContainerError: Error response from daemon: ")
    assert [r["status"] for r in plane.reports(arn)] == ["STOPPED"]


def test_running_out_of_memory_is_told_apart_from_being_killed(plane, agent):
    eater = a_container("sh", "-c", "x=a; while :; do x=$x$x; done", memory=8)

    def is_told() -> bool:
        """The engine hears of the end and of its cause in two ways; on a busy machine the end may come first."""
        ended = plane.wait_for(plane.run(a_task(eater)), "STOPPED")
        assert ended["containers"][0]["exitCode"] == 137
        return ended["containers"][0].get("reason") == "OutOfMemoryError: Container killed due to memory usage"

    assert any(is_told() for _ in range(3))
    arn = plane.run(a_task(a_container()))
    plane.wait_for(arn, "RUNNING")
    docker("kill", *containers_of(arn))
    killed = plane.wait_for(arn, "STOPPED")
    assert killed["containers"][0]["exitCode"] == 137
    assert "reason" not in killed["containers"][0]


def test_health_is_told_as_it_changes(plane, agent):
    arn = plane.run(a_task(with_health_check("test ! -e /sick")))
    plane.wait_for(arn, "RUNNING")
    until(lambda: plane.health(arn) == "HEALTHY", "health")
    docker("exec", containers_of(arn)[0], "touch", "/sick")
    until(lambda: plane.health(arn) == "UNHEALTHY", "sickness")


def test_a_container_waits_for_the_success_of_another(plane, agent):
    first = a_container("sh", "-c", "exit 0", name="first", essential=False)
    second = a_container(name="second", dependsOn=[{"containerName": "first", "condition": "SUCCESS"}])
    arn = plane.run(a_task(second, first))
    told = {c["containerName"]: c for c in plane.wait_for(arn, "RUNNING")["containers"]}
    assert (told["first"]["status"], told["first"]["exitCode"]) == ("STOPPED", 0)
    assert told["second"]["status"] == "RUNNING"


def test_an_essential_end_stops_the_rest(plane, agent):
    arn = plane.run(a_task(a_container("sh", "-c", "sleep 0.2; exit 3"), a_container(name="side", essential=False)))
    ended = plane.wait_for(arn, "STOPPED")
    codes = {c["containerName"]: c["exitCode"] for c in ended["containers"]}
    assert codes["main"] == 3
    assert codes["side"] in (137, 143)


def test_a_container_reads_its_own_metadata(plane, agent):
    script = "wget -q -O /tmp/me $ECS_CONTAINER_METADATA_URI_V4/task && sleep 1000"
    arn = plane.run(a_task(a_container("sh", "-c", script)))
    plane.wait_for(arn, "RUNNING")
    docker_id = containers_of(arn)[0]

    def read() -> str:
        command = ["docker", "exec", docker_id, "cat", "/tmp/me"]
        return subprocess.run(command, capture_output=True, text=True).stdout

    document = json.loads(until(read, "the metadata"))
    assert (document["TaskARN"], document["Family"], document["Revision"]) == (arn, "test", "1")
    assert document["Containers"][0]["DockerId"] == docker_id
    environment = dict(line.split("=", 1) for line in inspect(docker_id)["Config"]["Env"])
    assert of_endpoint(environment["ECS_CONTAINER_METADATA_URI_V4"])[1]["Name"] == "main"


def test_host_networking_publishes_nothing(plane, agent):
    mapping = {"containerPort": 8123, "hostPort": 8123, "protocol": "tcp"}
    arn = plane.run(a_task(a_container(portMappings=[mapping]), networkMode="host"))
    assert "networkBindings" not in plane.wait_for(arn, "RUNNING")["containers"][0]
    assert inspect(containers_of(arn)[0])["HostConfig"]["NetworkMode"] == "host"


def test_a_task_this_agent_cannot_run_says_so(plane, agent):
    arn = plane.run(a_task(a_container(), networkMode="awsvpc"))
    assert "awsvpc" in plane.wait_for(arn, "STOPPED")["reason"]
    assert containers_of(arn) == []


def test_a_killed_agent_takes_its_containers_up_again(plane, agent):
    task = a_task(a_container("sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.1; done"))
    arn = plane.run(task)
    plane.wait_for(arn, "RUNNING")
    before = containers_of(arn)
    agent.end(signal.SIGKILL)
    agent.start()
    until(lambda: "takes up the tasks" in agent.logged(), "the agent to take up its tasks")
    plane.stop(task)
    assert plane.wait_for(arn, "STOPPED")["containers"][0]["exitCode"] == 5
    assert containers_of(arn) == before
    registrations = [body for operation, body in plane.calls if operation == "RegisterContainerInstance"]
    assert registrations[-1]["containerInstanceArn"] == plane.instance_arn()


@pytest.mark.parametrize("made", [0, 1, 3])
def test_killed_in_the_middle_of_a_launch_it_runs_nothing_twice_and_forgets_nothing(plane, agent, made):
    tasks = [a_task(a_container(portMappings=[{"containerPort": 80, "hostPort": 0}])) for _ in range(4)]
    for task in tasks:
        plane.run(task)
    until(lambda: len([c for t in tasks for c in containers_of(t["arn"])]) >= made, "some containers")
    until(lambda: len([m for m in plane.said if m.type == "AckRequest"]) == len(tasks), "every task to be taken")
    agent.end(signal.SIGKILL)
    agent.start()
    for task in tasks:
        plane.wait_for(task["arn"], "RUNNING")
        (container,) = containers_of(task["arn"])
        assert inspect(container)["State"]["Running"]


def test_a_sweep_leaves_nothing_of_the_agent_and_touches_nothing_else(plane, agent):
    volumes = [{"name": "scratch", "host": {}}]
    mounts = [{"sourceVolume": "scratch", "containerPath": "/data"}]
    arn = plane.run(a_task(a_container(mountPoints=mounts), volumes=volumes))
    plane.wait_for(arn, "RUNNING")
    (docker_id,) = containers_of(arn)
    volume = inspect(docker_id)["Mounts"][0]["Name"]
    other = docker("create", "--pull", "never", "--label", "podium.container-instance=another", tiny(), "true")
    try:
        agent.end()
        assert agent.sweep() == 1
        assert agent.sweep() == 0
        assert containers_of(arn) == []
        assert volume not in docker("volume", "ls", "-q").split()
        assert inspect(other)
    finally:
        docker("rm", "-f", other)


def test_docker_gone_for_a_while_is_waited_for(plane, tmp_path):
    late = tmp_path / "docker.sock"
    agent = AgentProcess(plane, tmp_path, "--cluster", "default", "--docker-host", f"unix://{late}")
    try:
        until(lambda: "waits for Docker" in agent.logged(), "the agent to say so")
        assert plane.calls == []
        late.symlink_to("/var/run/docker.sock")
        until(lambda: plane.connected, "the agent to connect")
    finally:
        agent.end()
        agent.sweep()


def test_what_ended_while_the_agent_was_away_is_told(plane, agent):
    arn = plane.run(a_task(a_container("sh", "-c", "trap 'exit 6' USR1; while :; do sleep 0.1; done")))
    plane.wait_for(arn, "RUNNING")
    assert agent.end() == 0
    (docker_id,) = containers_of(arn)
    assert inspect(docker_id)["State"]["Running"]
    docker("kill", "-s", "USR1", docker_id)
    docker("wait", docker_id)
    agent.start()
    assert plane.wait_for(arn, "STOPPED")["containers"][0]["exitCode"] == 6


def test_what_was_removed_behind_its_back_has_vanished(plane, agent):
    arn = plane.run(a_task(a_container()))
    plane.wait_for(arn, "RUNNING")
    agent.end()
    docker("rm", "-f", *containers_of(arn))
    agent.start()
    ended = plane.wait_for(arn, "STOPPED")
    assert ended["containers"][0]["reason"] == "ContainerVanishedError: No container matching saved ID found"


def test_reports_wait_for_a_control_plane_that_is_away(plane, agent):
    until(lambda: plane.connected, "the agent to connect")
    plane.reachable = False
    arn = plane.run(a_task(a_container("true")))
    until(lambda: "a state change" in agent.logged(), "a report to be held back")
    plane.reachable = True
    plane.wait_for(arn, "STOPPED")
    assert [r["status"] for r in plane.reports(arn)] == ["RUNNING", "STOPPED"]


def test_where_they_are_taken_state_changes_go_over_the_channel_and_again_when_it_closes(plane, agent):
    until(lambda: plane.connected, "the agent to connect")
    plane.takes_state_changes, plane.answers_state_changes = True, False
    plane.hang_up()  # what is taken is said when a connection begins
    until(lambda: plane.is_greeted, "the next connection")
    task = a_task(a_container())
    arn = plane.run(task)
    until(lambda: [m for m in plane.said if m.type == "PodiumStateChangeMessage"], "a state change on the channel")
    assert plane.reports(arn) == [], "it is not answered"
    plane.answers_state_changes = True
    plane.hang_up()
    plane.wait_for(arn, "RUNNING")
    until(lambda: plane.is_greeted, "the next connection")
    called = len(plane.calls)
    plane.stop(task)
    plane.wait_for(arn, "STOPPED")
    assert [r["status"] for r in plane.reports(arn)] == ["RUNNING", "STOPPED"]
    assert [operation for operation, _ in plane.calls[called:] if operation.startswith("Submit")] == []


def test_a_manifest_stops_only_what_was_verified(plane, agent):
    kept, dropped = a_task(a_container()), a_task(a_container())
    for task in (kept, dropped):
        plane.run(task)
        plane.wait_for(task["arn"], "RUNNING")
    plane.sequence += 1
    manifest_id = plane.send("TaskManifestMessage", tasks=[], timeline=plane.sequence)
    asked = until(
        lambda: next((m for m in plane.said if m.type == "TaskStopVerificationMessage"), None), "the question"
    )
    assert {c["taskArn"] for c in asked.body["stopCandidates"]} == {kept["arn"], dropped["arn"]}
    assert asked.body["messageId"] == manifest_id
    plane.send("TaskStopVerificationAck", messageId=manifest_id, stopTasks=[{"taskArn": dropped["arn"]}])
    plane.wait_for(dropped["arn"], "STOPPED")
    assert inspect(containers_of(kept["arn"])[0])["State"]["Running"]


def test_a_forgotten_instance_registers_anew_and_keeps_its_containers(plane, agent):
    arn = plane.run(a_task(a_container()))
    plane.wait_for(arn, "RUNNING")
    before = plane.instance_arn()
    plane.submitted.clear()
    plane.refused_arns.add(before)
    plane.hang_up()
    plane.wait_for(arn, "RUNNING")
    assert plane.instance_arn() != before
    docker("kill", *containers_of(arn))
    assert plane.wait_for(arn, "STOPPED")["containers"][0]["exitCode"] == 137


def test_a_taken_dynamic_port_is_chosen_again(plane, agent):
    mapping = {"containerPort": 80, "hostPort": 0, "protocol": "tcp"}
    ports = set()
    for _ in range(3):
        arn = plane.run(a_task(a_container(portMappings=[mapping])))
        ports.add(plane.wait_for(arn, "RUNNING")["containers"][0]["networkBindings"][0]["hostPort"])
    assert len(ports) == 3


def test_every_cluster_is_joined_and_the_default_one_made(plane, tmp_path):
    plane.clusters.clear()
    agent = AgentProcess(plane, tmp_path, "--cluster", "*")
    try:
        until(lambda: plane.connected, "the agent to connect")
        assert plane.clusters == {"default"}
        plane.add_cluster("second")
        until(lambda: "second" in [body.get("cluster") for _, body in list(plane.calls)], "the second cluster")
    finally:
        agent.end()
        agent.sweep()


def test_two_agents_never_share_a_data_dir(plane, agent):
    until(lambda: plane.connected, "the agent to connect")
    second = subprocess.run(
        [sys.executable, "-m", "podium_agent", "--endpoint", plane.url, "--data-dir", str(agent.data_dir)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert second.returncode == 3
    assert "Another agent is using" in second.stderr


def test_its_credential_is_renewed_before_it_ends(plane, tmp_path):
    plane.credential_seconds = 2.0
    agent = AgentProcess(plane, tmp_path)
    try:
        until(lambda: plane.credentials_given >= 3, "the second renewal")
        agent.end()
        agent.start()
        until(lambda: plane.credentials_given >= 4, "a credential for the same claim")
        assert len(plane.claims) == 1
    finally:
        agent.end()


def test_the_secret_is_in_no_log(plane, agent):
    arn = plane.run(a_task(a_container("true")))
    plane.wait_for(arn, "STOPPED")
    assert "s3cr3t" not in agent.logged()
