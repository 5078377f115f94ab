"""What containers write and how a shell in one feels, on the real engine: beside `docker logs` and `docker exec`."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import report
from bench.engine import IMAGE
from bench.plane import LAUNCH, Podium
from bench.process import cpu_seconds, running
from bench.raw import until

ECHO_MS = 10.0
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
_PATIENCE_SECONDS = 15.0
_ECHOES = ("sh", "-c", "echo ready; exec cat")
_IDLE = "while :; do sleep 0.1; done"
_WRITES = (
    "trap 'exit 0' TERM; while [ ! -e /go ]; do sleep 0.01; done; "
    f"yes 'INFO request method=GET path=/orders status=200' | head -n {{count}}; echo done; {_IDLE}"
)


def rows(lines: int, keys: int) -> list[dict[str, Any]]:
    podium = Podium()
    try:
        role = _role(podium)
        return [_written(podium, role, lines), _typed(podium, role, keys)]
    finally:
        podium.close()


def _role(podium: Podium) -> str:
    iam = podium.client("iam")
    made = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="bench", PolicyArn=_MANAGED)
    return str(made)


def _run(podium: Podium, role: str, command: str, **more: Any) -> tuple[str, str]:
    """The ARN of a task that runs, and Docker's id of its container."""
    container = {
        "name": "main",
        "image": IMAGE,
        "command": ["sh", "-c", command],
        "memory": 64,
        "stopTimeout": 2,
        **more,
    }
    podium.ecs.register_task_definition(
        family="inside", containerDefinitions=[container], executionRoleArn=role, taskRoleArn=role
    )
    arn = podium.ecs.run_task(**LAUNCH, taskDefinition="inside", enableExecuteCommand=True)["tasks"][0]["taskArn"]
    until(lambda: _task(podium, arn)["lastStatus"] == "RUNNING", "the task")
    return arn, str(_task(podium, arn)["containers"][0]["runtimeId"])


def _task(podium: Podium, arn: str) -> dict[str, Any]:
    return dict(podium.ecs.describe_tasks(**LAUNCH, tasks=[arn])["tasks"][0])


def _written(podium: Podium, role: str, lines: int) -> dict[str, Any]:
    """From the first line that a container writes until FilterLogEvents shows the last."""
    print(f"bench: {lines:,} lines of a container, by awslogs and by docker logs", flush=True)
    logs = podium.client("logs")
    logs.create_log_group(logGroupName="inside")
    options = {
        "awslogs-group": "inside",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "b",
        "mode": "blocking",
    }
    driver = {"logDriver": "awslogs", "options": {**options, "awslogs-force-flush-interval-seconds": "1"}}
    command = _WRITES.format(count=lines)
    arn, docker_id = _run(podium, role, command, logConfiguration=driver)
    agent = running("podium_agent", str(podium.data_dir / "agents" / "1"))
    spent, began = cpu_seconds(agent), time.monotonic()
    _docker("exec", docker_id, "touch", "/go")
    since = int(time.time() * 1000) - 60_000
    asked = {"logGroupName": "inside", "startTime": since, "filterPattern": "done"}
    until(lambda: bool(logs.filter_log_events(**asked)["events"]), "the last line", 120)
    took = time.monotonic() - began
    cpu = cpu_seconds(agent) - spent
    podium.ecs.stop_task(**LAUNCH, task=arn)
    arn, docker_id = _run(podium, role, command)
    began = time.monotonic()
    _docker("exec", docker_id, "touch", "/go")
    until(lambda: "done" in _docker("logs", "--tail", "1", docker_id), "docker logs")
    peer = time.monotonic() - began
    podium.ecs.stop_task(**LAUNCH, task=arn)
    return {
        "figure": "lines a second from a container to FilterLogEvents",
        "ours": round(lines / took),
        "agent_cpu_seconds_per_10000_lines": round(cpu / lines * 10_000, 3),
        "floor": None,
        "peer": round(lines / peer),
        "ratio": None,
        "goal": "10,000 a second",
        "met": lines / took >= 10_000,
    }


def _typed(podium: Podium, role: str, keys: int) -> dict[str, Any]:
    """From a key until its echo is on the terminal."""
    print("bench: a key and its echo, by podium exec and by docker exec", flush=True)
    arn, docker_id = _run(podium, role, f"trap 'exit 0' TERM; {_IDLE}")
    podium_exec = [sys.executable, "-m", "podium.cli", "exec", "--data-dir", str(podium.data_dir), arn, "--", *_ECHOES]
    ours = _echoes(podium_exec, keys)
    peer = _echoes(["docker", "exec", "-it", docker_id, *_ECHOES], keys)
    podium.ecs.stop_task(**LAUNCH, task=arn)
    more = report.median(ours) - report.median(peer)
    return {
        "figure": "ms from a key in podium exec to its echo",
        "ours": round(report.median(ours), 2),
        "floor": None,
        "peer": round(report.median(peer), 2),
        "ratio": round(report.median(ours) / report.median(peer), 2),
        "goal": f"within {ECHO_MS:.0f} ms more than docker exec",
        "met": more <= ECHO_MS,
    }


def _echoes(command: list[str], keys: int) -> list[float]:
    with _terminal(command) as terminal:
        _shown(terminal, b"ready")  # from here on nothing echoes but the terminal in the container
        return [_press(terminal) * 1000 for _ in range(keys)]


def _press(terminal: int) -> float:
    """Seconds until a key comes back."""
    began = time.perf_counter()
    os.write(terminal, b"k")
    _shown(terminal, b"k")
    return time.perf_counter() - began


def _shown(terminal: int, what: bytes) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        if select.select([terminal], [], [], _PATIENCE_SECONDS)[0] and what in os.read(terminal, 4096):
            return
    raise AssertionError("the terminal does not answer")


@contextmanager
def _terminal(command: list[str]) -> Iterator[int]:
    """A terminal whose program is `command`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    try:
        yield terminal
    finally:
        os.write(terminal, b"\x03")
        os.close(terminal)
        os.waitpid(pid, 0)


def _docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout
