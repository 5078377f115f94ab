"""Agent processes of a test's own, and the tasks that a pretended control plane gives them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from agent.control_plane import ControlPlane
from docker.images import tiny

SRC = Path(__file__).parents[2] / "src"
_numbers = count(1)


class AgentProcess:
    """One agent with its data dir. Restarting keeps the dir. `within` is a command that runs it."""

    def __init__(self, plane: ControlPlane, place: Path, *options: str, within: Sequence[str] = ()) -> None:
        self._within = within
        self.data_dir = place / "agent"
        self._credentials = place / "credentials.json"
        self._credentials.write_text(json.dumps({"agent": {"accessKeyId": "AKIDAGENT", "secretAccessKey": "s3cr3t"}}))
        self._plane = plane
        self._options = options or ("--cluster", "default")
        self.log = place / "agent.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [
            *self._within,
            sys.executable,
            "-m",
            "podium_agent",
            "--endpoint",
            self._plane.url,
            "--data-dir",
            str(self.data_dir),
        ]
        command += ["--credentials-file", str(self._credentials), *self._options]
        environment = {**os.environ, "PYTHONPATH": str(SRC)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log)

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def sweep(self) -> int:
        command = [sys.executable, "-m", "podium_agent", "sweep", "--data-dir", str(self.data_dir)]
        environment = {**os.environ, "PYTHONPATH": str(SRC)}
        return int(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)

    def logged(self) -> str:
        return self.log.read_text()


def a_task(*containers: dict[str, Any], **members: Any) -> dict[str, Any]:
    number = next(_numbers)
    return {
        "arn": f"arn:aws:ecs:us-east-1:123456789012:task/default/{os.getpid():016x}{number:016x}",
        "family": "test",
        "version": "1",
        "desiredStatus": "RUNNING",
        "networkMode": "bridge",
        "overrides": "{}",
        "volumes": [],
        "containers": list(containers),
        **members,
    }


def a_container(*command: str, name: str = "main", **members: Any) -> dict[str, Any]:
    definition = {
        "name": name,
        "image": tiny(),
        "command": list(command) or ["sleep", "1000"],
        "cpu": 10,
        "memory": 32,
        "essential": True,
        "environment": {"A": "b"},
        "overrides": "{}",
        "stopTimeout": 2,
        "dockerConfig": {"version": "1.18", "config": "{}", "hostConfig": "{}"},
    }
    return {**definition, **members}


def with_health_check(test: str, **members: Any) -> dict[str, Any]:
    check = {"Test": ["CMD-SHELL", test], "Interval": 200_000_000, "Timeout": 2_000_000_000, "Retries": 1}
    config = {"version": "1.24", "config": json.dumps({"Healthcheck": check}), "hostConfig": "{}"}
    return a_container(healthCheckType="docker", dockerConfig=config, **members)


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def containers_of(arn: str) -> list[str]:
    label = f"label=com.amazonaws.ecs.task-arn={arn}"
    return docker("ps", "-aq", "--no-trunc", "--filter", label).split()


def inspect(docker_id: str) -> Any:
    return json.loads(docker("inspect", docker_id))[0]
