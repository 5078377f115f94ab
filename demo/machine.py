"""The demo's own Podium, and the plain `aws` that speaks to it and to nothing else."""

import json
import os
import shlex
import subprocess
import sys
import urllib.request
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from demo import image, screen

HERE = Path(__file__).resolve().parent.parent
BIN = HERE / ".venv" / "bin"


class Refused(SystemExit):
    """The demo will not do that. The sentence says what and why."""


class Machine:
    """Commands run here. The environment holds Podium's address and keys; ~/.aws is never looked at."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.in_docker = os.environ.get("IN_DOCKER", "") not in ("", "0")
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "PYTHONPATH"
        }
        self.environment |= {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def podium(self, *words: str) -> str:
        screen.command(["podium", *words])
        return self._run([str(BIN / "podium"), *words, "--data-dir", str(self.data_dir)])

    def learn_address(self) -> None:
        """Take the endpoint and the keys from `podium env`, as a person would with eval."""
        screen.say('$ eval "$(podium env)"')
        for line in self._run([str(BIN / "podium"), "env", "--data-dir", str(self.data_dir)]).splitlines():
            if line.startswith("export "):
                name, _, value = shlex.split(line)[1].partition("=")
                self.environment[name] = value

    def aws(self, *words: str) -> Any:
        """The parsed answer of a plain `aws` command, which is shown first."""
        screen.command(["aws", *words])
        self._stay_here()
        answer = self._run([str(BIN / "aws"), *words, "--output", "json"])
        return json.loads(answer) if answer.strip() else {}

    def quietly(self, *words: str) -> Any:
        """The same, for looking again while waiting; not shown."""
        self._stay_here()
        return json.loads(self._run([str(BIN / "aws"), *words, "--output", "json"]))

    def fetch(self, url: str) -> str:
        """What answers at a port of the engine's machine. Raises OSError while nothing does."""
        if not self.in_docker:
            with urllib.request.urlopen(url, timeout=5) as response:
                return str(response.read().decode())
        command = [image.docker(), "exec", self.container, "wget", "-qO-", url]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise OSError(done.stderr)
        return done.stdout

    def remove_volume(self) -> None:
        """Where Podium ran as a container, its records are in a volume."""
        if self.in_docker and (self.data_dir / "in-docker.json").exists():
            self.docker("volume", "rm", self.container)

    @property
    def container(self) -> str:
        """Its name, and its volume's."""
        return str(json.loads((self.data_dir / "in-docker.json").read_text())["name"])

    def docker(self, *words: str) -> str:
        return self._run([image.docker(), *words])

    def _stay_here(self) -> None:
        host = urlsplit(self.environment.get("AWS_ENDPOINT_URL", "")).hostname
        if host is None or not (host == "localhost" or ip_address(host).is_loopback):
            raise Refused(f"The demo only speaks to this machine; AWS_ENDPOINT_URL is {host or 'not set'}.")

    def _run(self, words: list[str]) -> str:
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(done.stdout + done.stderr)
            raise Refused(f"`{shlex.join(words)}` ended with {done.returncode}; the demo stops here.")
        return done.stdout
