"""ECS Exec on real containers: a plugin-exact client, the podium command, and what they leave behind."""

import json
import os
import pty
import signal
import subprocess
import termios
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from docker.agents import docker
from docker.asking import answer
from docker.images import tiny
from docker.test_up import STOPS_AT_ONCE, Machine
from protocol.plugin_session import PluginSession
from waiting import until

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
SERVES = "mkdir -p /www; echo inside > /www/index.html; httpd -p 127.0.0.1:8080 -h /www; " + STOPS_AT_ONCE
IDLE = STOPS_AT_ONCE
MODES = ("bridge", "awsvpc", "host")


class Place:
    """A Podium on this machine, and its API."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.up("--timing", "fast")
        self._url = json.loads((machine.data_dir / "run" / "server.json").read_text())["url"]
        self._keys = json.loads((machine.data_dir / "credentials.json").read_text())["root"]
        self.ecs, self.iam = self.client("ecs"), self.client("iam")
        self.role = self.iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]

    def client(self, service: str, key: dict[str, str] | None = None) -> Any:
        held = key or {"AccessKeyId": self._keys["accessKeyId"], "SecretAccessKey": self._keys["secretAccessKey"]}
        return boto3.session.Session(
            aws_access_key_id=held["AccessKeyId"],
            aws_secret_access_key=held["SecretAccessKey"],
            region_name="us-east-1",
        ).client(service, endpoint_url=self._url)

    def starts(self, mode: str, *, enabled: bool = True, command: str = SERVES) -> str:
        """The ARN of a task of one container, which is on its way."""
        container = {"name": "app", "image": tiny(), "memory": 32, "command": ["sh", "-c", command]}
        self.ecs.register_task_definition(
            family=mode, networkMode=mode, taskRoleArn=self.role, containerDefinitions=[container]
        )
        how: dict[str, Any] = {"taskDefinition": mode, "enableExecuteCommand": enabled}
        if mode == "awsvpc":
            subnet = self.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
            how["networkConfiguration"] = {"awsvpcConfiguration": {"subnets": [subnet]}}
        return str(self.ecs.run_task(**how)["tasks"][0]["taskArn"])

    def task(self, arn: str) -> dict[str, Any]:
        return dict(self.ecs.describe_tasks(tasks=[arn])["tasks"][0])

    def runs(self, arn: str) -> str:
        until(lambda: self.task(arn)["lastStatus"] == "RUNNING", f"{arn} to run", 30, 0.1)
        return arn

    def session(self, task: str, command: str = "sh") -> dict[str, Any]:
        return dict(self.ecs.execute_command(task=task, command=command, interactive=True)["session"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    machine = Machine(tmp_path_factory.mktemp("exec"))
    try:
        yield Place(machine)
    finally:
        machine.close()


@pytest.fixture(scope="module")
def tasks(place: Place) -> dict[str, str]:
    """The ARN of a running task with ECS Exec, for each network mode."""
    started = {mode: place.starts(mode, command=IDLE if mode == "host" else SERVES) for mode in MODES}
    return {mode: place.runs(arn) for mode, arn in started.items()}


def granted(machine: Machine, task: str, command: str = "sh") -> dict[str, Any]:
    """What the aws CLI hands to the plugin that it starts: here one that only prints it."""
    programs = machine.data_dir.parent / "programs"
    if not programs.exists():
        programs.mkdir()
        (programs / "session-manager-plugin").write_text('#!/bin/sh\nfor one; do echo "$one"; done\n')
        (programs / "session-manager-plugin").chmod(0o755)
    words = ("ecs", "execute-command", "--interactive", "--task", task, "--command", command)
    answer = machine("aws", *words, PATH=f"{programs}:{machine.environment['PATH']}")
    assert answer.returncode == 0, answer.stderr
    told, region, kind, _, target, endpoint = answer.stdout.splitlines()
    assert (region, kind, list(json.loads(target))) == ("us-east-1", "StartSession", ["Target"])
    session = dict(json.loads(told))
    assert session["streamUrl"].startswith(endpoint.replace("http:", "ws:"))
    return session


def processes(place: Place, task: str) -> str:
    return docker("top", place.task(task)["containers"][0]["runtimeId"])


def test_the_managed_agent_runs(place: Place, tasks: dict[str, str]) -> None:
    [container] = place.task(tasks["bridge"])["containers"]
    [agent] = container["managedAgents"]
    assert (agent["name"], agent["lastStatus"], "lastStartedAt" in agent) == ("ExecuteCommandAgent", "RUNNING", True)


@pytest.mark.parametrize("mode", MODES)
def test_a_plugin_attaches_types_resizes_and_leaves(place: Place, tasks: dict[str, str], mode: str) -> None:
    plugin = PluginSession(place.session(tasks[mode]), terminal=(100, 40))
    plugin.types(b"id -u; stty size\n")
    plugin.shows("40 100")
    plugin.resizes(132, 50)
    until(lambda: plugin.types(b"stty size\n") or b"50 132" in plugin.plugin.shown, "the new size", 10, 0.3)
    plugin.types(b"echo b''egun; sleep 1000\n")
    plugin.shows("begun")
    plugin.types(b"\x03")
    plugin.types(b"echo a''fter=$?\n")
    plugin.shows("after=130")
    plugin.types(b"exit\n")
    assert plugin.ends()["MessageType"] == "channel_closed"
    assert "sleep 1000" not in processes(place, tasks[mode])


def test_the_aws_cli_hands_its_plugin_a_session(place: Place, tasks: dict[str, str]) -> None:
    """And the program begins with the terminal's size."""
    session = granted(place.machine, tasks["bridge"], f"sh -c \"{sized(22, 77)}; echo 'one  word' two\"")
    plugin = PluginSession(session, terminal=(77, 22))
    plugin.shows("one  word two\r\n")
    assert plugin.ends()["Output"] == ""


def test_two_sessions_at_once_and_no_third(place: Place, tasks: dict[str, str]) -> None:
    first, second = (PluginSession(place.session(tasks["bridge"])) for _ in range(2))
    for plugin, word in ((first, b"one"), (second, b"two")):
        plugin.types(b"echo is-''" + word + b"; exec sleep 4321\n")
    first.shows("is-one")
    second.shows("is-two")
    assert b"two" not in first.plugin.shown
    with pytest.raises(ClientError, match="The container app has 2 sessions already"):
        place.session(tasks["bridge"])
    until(lambda: processes(place, tasks["bridge"]).count("sleep 4321") == 2, "what was typed to run")
    for plugin in (first, second):
        plugin.terminates()
        plugin.ends()
    until(lambda: "sleep 4321" not in processes(place, tasks["bridge"]), "the end of what ran in them")


def test_no_session_in_a_task_that_was_run_without(place: Place) -> None:
    task = place.runs(place.starts("bridge", enabled=False))
    with pytest.raises(ClientError, match="execute command was not enabled when the task was run") as refused:
        place.session(task)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"


def test_podium_exec_hands_streams_and_the_exit_status_on(place: Place, tasks: dict[str, str]) -> None:
    task = tasks["bridge"].rpartition("/")[2]
    ended = place.machine("exec", task[:12], "--", "sh", "-c", "cat; echo wrong >&2; exit 7", stdin="a\nb")
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, "a\nb", "wrong\n")
    assert place.machine("exec", task, "-c", "nobody", "--", "true").returncode == 1
    missing = place.machine("exec", "f" * 32, "--", "true")
    assert (missing.returncode, "podium status" in missing.stderr) == (1, True)


def sized(rows: int, columns: int) -> str:
    """Shell that waits for its terminal to be so large."""
    return f"until [ $(stty size | tr ' ' x) = {rows}x{columns} ]; do sleep 0.05; done"


def read(terminal: int) -> bytes:
    """What is there to read, if anything."""
    try:
        return os.read(terminal, 1024)
    except BlockingIOError:
        return b""


def test_podium_exec_is_a_terminal_and_its_end_is_the_command_s(place: Place, tasks: dict[str, str]) -> None:
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (33, 111))
    before = termios.tcgetattr(slave)
    command = [
        *place.machine.program,
        "exec",
        tasks["awsvpc"],
        "--",
        "sh",
        "-c",
        f"{sized(33, 111)}; echo sized; exec sleep 8765",
    ]
    process = subprocess.Popen(command, env=place.machine.environment, stdin=slave, stdout=slave, stderr=slave)
    os.set_blocking(master, False)
    try:
        until(lambda: b"sized" in read(master), "the terminal's size in the container")
        until(lambda: "sleep 8765" in processes(place, tasks["awsvpc"]), "the command")
        os.write(master, b"\x03")
        assert process.wait(20) == 130
        assert termios.tcgetattr(slave) == before
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


def test_what_runs_in_a_session_ends_with_it(place: Place, tasks: dict[str, str]) -> None:
    command = [*place.machine.program, "exec", tasks["host"], "--", "sh", "-c", "trap '' HUP; sleep 5432; true"]
    process = subprocess.Popen(command, env=place.machine.environment, stdin=subprocess.PIPE)
    until(lambda: "sleep 5432" in processes(place, tasks["host"]), "the command")
    process.kill()
    process.communicate()
    until(lambda: "sleep 5432" not in processes(place, tasks["host"]), "its end")


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
def test_podium_port_forward_reaches_what_listens_inside(place: Place, tasks: dict[str, str], mode: str) -> None:
    """Even on the container's loopback alone."""
    command = [*place.machine.program, "port-forward", tasks[mode], "0:8080"]
    environment = place.machine.environment | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split(" ")[0]
        try:
            until(lambda: answer(f"http://{address}/") == "inside", "what listens inside")
            assert [answer(f"http://{address}/") for _ in range(3)] == ["inside"] * 3
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        finally:
            process.kill()


def test_podium_port_forward_says_that_nothing_listens(place: Place, tasks: dict[str, str]) -> None:
    command = [*place.machine.program, "port-forward", tasks["bridge"], "0:9"]
    environment = place.machine.environment | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert answer(f"http://{process.stdout.readline().split(' ')[0]}/") == ""
        assert "Nothing answers on port 9 in the container" in process.stderr.readline()
        process.terminate()
