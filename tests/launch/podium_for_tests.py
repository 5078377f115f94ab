"""A Podium of stand-ins on a data dir of its own."""

import json
import os
import signal
from pathlib import Path

from podium.launch.down import down
from podium.launch.settings import Programs, Settings
from podium.launch.start import start
from waiting import until

FOLDER = Path(__file__).parent / "programs"
STAND_INS = Programs(
    server=(str(FOLDER / "server.py"),), agent=(str(FOLDER / "agent.py"),), proxy=(str(FOLDER / "proxy.py"),)
)
NO_DOCKER = "unix:///nowhere/docker.sock"


def eventually(true, seconds=60.0):
    return until(true, "that", seconds)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def lines_of(path):
    """Without one that is only half written."""
    return path.read_text().split("\n")[:-1] if path.exists() else []


class Podium:
    """Ends with the test, whatever happened in it."""

    def __init__(self, root, **settings):
        self.settings = Settings(
            **(
                {
                    "data_dir": root,
                    "port": 0,
                    "cpu": 2048,
                    "memory": 4096,
                    "docker_host": NO_DOCKER,
                    "programs": STAND_INS,
                }
                | settings
            )
        )
        self.paths = self.settings.paths
        self.root = self.paths.root
        self.children = []

    def up(self, attached=False, **secrets):
        started = start(self.settings, secrets, attached=attached)
        self.children.append(started.supervisor)
        return started

    def down(self, leave_tasks=False):
        return down(self.settings, leave_tasks=leave_tasks, progress=lambda line: None)

    def starts(self, agent=None):
        path = self.paths.agent(agent) / "starts" if agent else self.root / "starts"
        return [json.loads(line) for line in lines_of(path)]

    def ends(self):
        return lines_of(self.root / "ends")

    def asked(self):
        return [json.loads(line) for line in lines_of(self.root / "asked")]

    def told(self):
        return json.loads(self.paths.supervisor_file.read_text())

    def close(self):
        for child in self.children:
            if child.poll() is None:
                os.kill(child.pid, signal.SIGTERM)
            child.wait()
