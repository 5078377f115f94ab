import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launch.podium_for_tests import NO_DOCKER, Podium, eventually

PROGRAM = str(Path(__file__).parent / "programs" / "podium_with_stand_ins.py")
IMPORTS = os.pathsep.join(str(Path(__file__).parents[2] / folder) for folder in ("src", "tests"))


class CommandLine:
    """`podium …` as a process of its own, on a data dir of its own, with nothing of the caller's AWS settings."""

    def __init__(self, data_dir, home):
        self.data_dir = data_dir
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PODIUM_"))}
        self.environment = kept | {
            "PYTHONPATH": IMPORTS,
            "PODIUM_DATA_DIR": str(data_dir),
            "DOCKER_HOST": NO_DOCKER,
            "HOME": str(home),
        }
        self.processes = []

    def __call__(self, *words, **environment):
        return subprocess.run(
            [sys.executable, PROGRAM, *words],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, *words):
        process = subprocess.Popen(
            [sys.executable, PROGRAM, *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def status(self):
        return json.loads(self("status", "--json").stdout)

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.communicate()
        self("down", "--leave-tasks")


@pytest.fixture
def podium(tmp_path):
    command_line = CommandLine(tmp_path / "data", tmp_path)
    yield command_line
    command_line.close()


@pytest.fixture
def parts(podium):
    """What the stand-ins of `podium` wrote down."""
    return Podium(podium.data_dir)


@pytest.fixture
def running(podium):
    assert podium("up", "--detach", "--port", "0").returncode == 0
    return podium


@pytest.fixture
def patience():
    return eventually
