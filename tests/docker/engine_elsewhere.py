"""A Docker Engine in a network that this machine's programs are not in, as one in a virtual machine is."""

import os
import subprocess
from pathlib import Path

from docker.images import tiny
from packing import podium
from podium import __version__
from waiting import until


class EngineElsewhere:
    """Only its socket is within reach. `inside` runs a command in its network. `close` leaves nothing behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._network = f"podium-test-{os.getpid()}"
        self.socket = folder / "docker.sock"
        self.host = f"unix://{self.socket}"
        subprocess.run(["ip", "netns", "add", self._network], check=True)
        self.inside("ip", "link", "set", "lo", "up")
        places = {"data-root": "data", "exec-root": "exec", "pidfile": "docker.pid"}
        options = [f"--{name}={folder / place}" for name, place in places.items()]
        with (folder / "dockerd.log").open("ab") as log:
            command = [*self._enter(), "dockerd", *options, f"--host={self.host}", "--bip=192.168.251.1/24"]
            self._daemon = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        until(lambda: self._answers(), "the engine elsewhere to answer")

    def load_images(self) -> None:
        """The small image, and Podium's as `make image` makes it."""
        saved = subprocess.run(["docker", "save", tiny()], check=True, capture_output=True).stdout
        self("load", "-q", stdin=saved)
        self("load", "-q", stdin=podium.made(f"podium/podium:{__version__}", print))

    def __call__(self, *words: str, stdin: bytes | None = None) -> str:
        done = subprocess.run(["docker", "-H", self.host, *words], input=stdin, check=True, capture_output=True)
        return done.stdout.decode()

    def inside(self, *command: str, must: bool = True) -> str:
        """What a command in its network says. It `must` succeed, unless told otherwise."""
        return subprocess.run([*self._enter(), *command], check=must, capture_output=True, text=True).stdout

    def close(self) -> None:
        if ids := self("ps", "-aq").split():
            self("rm", "-f", *ids)
        self._daemon.terminate()
        self._daemon.wait(60)
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for place in sorted((m for m in mounted if m.startswith(str(self._folder))), reverse=True):
            subprocess.run(["umount", place], check=False)
        subprocess.run(["ip", "netns", "del", self._network], check=True)

    def _enter(self) -> tuple[str, ...]:
        return ("nsenter", f"--net=/run/netns/{self._network}")

    def _answers(self) -> bool:
        assert self._daemon.poll() is None, (self._folder / "dockerd.log").read_text()[-2000:]
        return subprocess.run(["docker", "-H", self.host, "version"], capture_output=True).returncode == 0
