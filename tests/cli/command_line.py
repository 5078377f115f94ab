"""`podium` as the tests run it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from launch.podium_for_tests import NO_DOCKER

WITH_STAND_INS = (str(Path(__file__).parent / "programs" / "podium_with_stand_ins.py"),)
THE_REAL_ONE = ("-m", "podium.cli")
IMPORTS = os.pathsep.join(str(Path(__file__).parents[2] / folder) for folder in ("src", "tests"))


class CommandLine:
    """`podium …` as a process of its own, on a data dir of its own, with nothing of the caller's AWS settings."""

    def __init__(self, data_dir, home, program=WITH_STAND_INS, docker_host=NO_DOCKER):
        self.program = [sys.executable, *program]
        self.data_dir = data_dir
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PODIUM_"))}
        self.environment = kept | {
            "PYTHONPATH": IMPORTS,
            "PODIUM_DATA_DIR": str(data_dir),
            "DOCKER_HOST": docker_host,
            "HOME": str(home),
        }
        self.processes = []

    def __call__(self, *words, stdin=None, **environment):
        return subprocess.run(
            [*self.program, *words],
            env=self.environment | environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *words):
        process = subprocess.Popen(
            [*self.program, *words],
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
