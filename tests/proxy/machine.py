"""A proxy as its supervisor starts it, with a control plane that pretends."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from podium_protocol import proxy as words
from waiting import until

_REPOSITORY = Path(__file__).resolve().parent.parent.parent


class Plane:
    """Sends configurations, and keeps what it hears."""

    def __init__(self, port: int = 0) -> None:
        self.revision = 0
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.authorization = ""
        self.keeps = True
        self._balancers: dict[str, Any] = {}
        self._socket: ServerConnection | None = None
        self._server: Server = serve(self._serve, "127.0.0.1", port, max_size=None, compression=None)
        self.port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def put(self, *balancers: dict[str, Any], gone: tuple[str, ...] = ()) -> int:
        """The revision of the configuration that says so."""
        changes = {b["arn"]: b for b in balancers} | dict.fromkeys(gone)
        self._balancers.update(changes)
        return self._say(changes, whole=False)

    def applied(self, *balancers: dict[str, Any], gone: tuple[str, ...] = ()) -> dict[str, str]:
        """What was refused, once Envoy has it."""
        revision = self.put(*balancers, gone=gone)
        until(lambda: any(b["revision"] >= revision for b in self.all(words.APPLIED)), f"revision {revision}")
        return next(b["refused"] for b in reversed(self.all(words.APPLIED)))

    def clear(self) -> None:
        """No load balancer, so that the next test has the place for itself."""
        self.applied(gone=tuple(arn for arn, b in self._balancers.items() if b is not None))

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [body for heard, body in list(self.heard) if heard == kind]

    def doors(self) -> list[dict[str, Any]]:
        told = self.all(words.ADDRESSES)
        return told[-1]["doors"] if told else []

    def health(self, group: str, port: int) -> dict[str, Any]:
        """What was said last of the target at `port`."""
        told = [t for b in self.all(words.HEALTH) for t in b["targets"]]
        return next((t for t in reversed(told) if (t["target_group"], t["port"]) == (group, port)), {})

    def is_healthy(self, group: str, port: int) -> bool:
        return self.health(group, port).get("state") == "healthy"

    def close(self) -> None:
        self._server.shutdown()
        if self._socket is not None:
            self._socket.close()
        self._thread.join()

    def _say(self, changes: dict[str, Any], *, whole: bool) -> int:
        self.revision += 1
        body = {
            "revision": self.revision,
            "whole": whole,
            "load_balancers": changes,
            "names": {},
            "zones": [],
            "vpc": None,
        }
        if self._socket is not None:
            self._socket.send(words.frame(words.CONFIGURATION, body))
        return self.revision

    def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        assert socket.request.path == words.PATH
        self.authorization = socket.request.headers["Authorization"]
        self._socket = socket
        self._say({arn: b for arn, b in self._balancers.items() if b is not None}, whole=True)
        try:
            for frame in socket:
                message = json.loads(frame)
                self.heard.append((message["type"], message["message"]))
                if message["type"] == words.ACCESS_LOG and self.keeps:
                    socket.send(words.frame(words.KEPT, {"id": message["message"]["id"]}))
        except ConnectionClosed:
            return


class Machine:
    def __init__(self, data_dir: Path, plane_port: int) -> None:
        self.data_dir, self._plane_port = data_dir, plane_port
        self._process: subprocess.Popen[bytes] | None = None
        data_dir.mkdir(parents=True, exist_ok=True)
        keys = data_dir / "credentials.json"
        keys.write_text(json.dumps({"proxy": {"accessKeyId": "AKIAPROXY", "secretAccessKey": "secret"}}))

    def start(self, threads: int = 1) -> None:
        command = [sys.executable, "-m", "podium_proxy", "--endpoint", f"http://127.0.0.1:{self._plane_port}"]
        command += ["--data-dir", str(self.data_dir), "--credentials-file", str(self.data_dir / "credentials.json")]
        command += ["--access-logs-every", "2"]
        with (self.data_dir / "proxy.log").open("ab") as log:
            self._process = subprocess.Popen([*command, "--concurrency", str(threads)], stderr=log, env=_environment())

    def kill(self) -> None:
        """As kill -9 does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def envoy(self) -> int:
        """Envoy's process id, 0 for none."""
        try:
            return int(json.loads((self.data_dir / "envoy.json").read_text())["pid"])
        except FileNotFoundError:
            return 0

    def sweep(self) -> None:
        self.stop()
        command = [sys.executable, "-m", "podium_proxy", "sweep", "--data-dir", str(self.data_dir)]
        subprocess.run(command, check=True, env=_environment(), timeout=30)

    def log(self) -> str:
        return (self.data_dir / "proxy.log").read_text()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_REPOSITORY / "src"), "PODIUM_PROXY_METRICS_SECONDS": "1"}


@contextmanager
def running(data_dir: Path) -> Iterator[tuple[Plane, Machine]]:
    plane = Plane()
    machine = Machine(data_dir, plane.port)
    machine.start()
    try:
        until(lambda: plane.authorization, "the link")
        yield plane, machine
    finally:
        machine.sweep()
        plane.close()
