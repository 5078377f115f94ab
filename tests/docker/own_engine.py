"""A Docker daemon of a test's own, to be stopped and started while Podium looks on."""

import os
import subprocess
from pathlib import Path

from docker.images import tiny
from waiting import until

BRIDGE = "podiumtest0"


class OwnEngine:
    """Its data, socket and bridge are apart from the machine's own daemon. `close` leaves nothing behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.host = f"unix://{folder}/docker.sock"
        self._daemon: subprocess.Popen[bytes] | None = None
        subprocess.run(["ip", "link", "del", BRIDGE], capture_output=True)  # a killed run may have left it
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("addr", "add", "172.31.250.1/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")

    def start(self) -> None:
        (self._folder / "docker.pid").unlink(missing_ok=True)
        places = {"data-root": "data", "exec-root": "exec", "pidfile": "docker.pid"}
        options = [f"--{name}={self._folder / place}" for name, place in places.items()]
        options += [f"--host={self.host}", f"--bridge={BRIDGE}", "--iptables=false", "--ip-masq=false"]
        with (self._folder / "dockerd.log").open("ab") as log:
            self._daemon = subprocess.Popen(["dockerd", *options], stdout=log, stderr=log, start_new_session=True)
        until(lambda: self._answers(), "the test's own dockerd to answer")

    def load_tiny(self) -> str:
        """The small image, carried over from the machine's own daemon."""
        saved = subprocess.run(["docker", "save", tiny()], check=True, capture_output=True).stdout
        self("load", "-q", stdin=saved)
        return tiny()

    def __call__(self, *words: str, stdin: bytes | None = None) -> str:
        done = subprocess.run(["docker", "-H", self.host, *words], input=stdin, check=True, capture_output=True)
        return done.stdout.decode()

    def end(self) -> None:
        """Ends the daemon and, as it does that, every container."""
        assert self._daemon is not None
        self._daemon.terminate()
        self._daemon.wait(60)
        self._daemon = None

    def close(self) -> None:
        if self._daemon is not None:
            ids = self("ps", "-aq").split()
            if ids:
                self("rm", "-f", *ids)
            self.end()
        _ip("link", "del", BRIDGE)
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for place in sorted((m for m in mounted if m.startswith(str(self._folder))), reverse=True):
            subprocess.run(["umount", place], check=False)

    def _answers(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, (self._folder / "dockerd.log").read_text()[-2000:]
        asked = subprocess.run(["docker", "-H", self.host, "version"], capture_output=True, env={**os.environ})
        return asked.returncode == 0


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
