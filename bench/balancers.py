"""The proxy as its supervisor starts it, a control plane that pretends, and documents for it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from bench.raw import until
from podium_protocol import proxy as words

HERE = Path(__file__).resolve().parent.parent
_ACCOUNT = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
_START_SECONDS = 600.0

Document = dict[str, Any]


class Plane:
    """Says what should be. `applied` has the moment at which each revision was acknowledged."""

    def __init__(self) -> None:
        self.applied: list[tuple[int, float]] = []
        self.healthy: set[tuple[str, str, int]] = set()
        self._revision, self._held = 0, dict[str, Document]()
        self._socket: ServerConnection | None = None
        self._server = serve(self._serve, "127.0.0.1", 0, max_size=None, compression=None)
        self.port = int(self._server.socket.getsockname()[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def is_linked(self) -> bool:
        return self._socket is not None

    def say(self, *documents: Document) -> int:
        """The revision that these are."""
        changes = {document["arn"]: document for document in documents}
        self._held.update(changes)
        return self._send(changes, whole=False)

    def wait(self, revision: int, seconds: float = _START_SECONDS) -> None:
        until(lambda: any(reached >= revision for reached, _ in self.applied[-1:]), f"revision {revision}", seconds)

    def close(self) -> None:
        self._server.shutdown()
        if self._socket is not None:
            self._socket.close()

    def _send(self, changes: dict[str, Document], *, whole: bool) -> int:
        self._revision += 1
        body = {"revision": self._revision, "whole": whole, "load_balancers": changes, "names": {}, "zones": [],
                "vpc": None}  # fmt: skip
        if self._socket is not None:
            self._socket.send(words.frame(words.CONFIGURATION, body))
        return self._revision

    def _serve(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._send(self._held, whole=True)
        try:
            for frame in socket:
                self._hear(json.loads(frame), time.monotonic())
        except ConnectionClosed:
            return

    def _hear(self, message: dict[str, Any], now: float) -> None:
        body = message["message"]
        if message["type"] == words.APPLIED:
            assert not body["refused"], f"Envoy refused {body['refused']}"
            self.applied.append((body["revision"], now))
        elif message["type"] == words.HEALTH:
            for target in body["targets"]:
                if target["state"] == "healthy":
                    self.healthy.add((target["target_group"], target["id"], target["port"]))


@contextmanager
def proxy(threads: int) -> Iterator[tuple[Plane, Path]]:
    """The proxy and its data dir, gone with its Envoy at the end."""
    plane, data_dir = Plane(), Path(tempfile.mkdtemp(prefix="podium-bench-proxy-"))
    keys = data_dir / "credentials.json"
    keys.write_text(json.dumps({"proxy": {"accessKeyId": "AKIAPROXY", "secretAccessKey": "secret"}}))
    command = [sys.executable, "-m", "podium_proxy"]
    place = ["--data-dir", str(data_dir)]
    told = ["--endpoint", f"http://127.0.0.1:{plane.port}", "--credentials-file", str(keys)]
    environment = {**os.environ, "PYTHONPATH": str(HERE / "src")}
    with (data_dir / "proxy.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *told, *place, "--concurrency", str(threads)], stderr=log, env=environment
        )
        try:
            until(lambda: plane.is_linked, "the proxy's link", 30)
            yield plane, data_dir
        finally:
            process.terminate()
            process.wait()
            subprocess.run([*command, "sweep", *place], check=True, env=environment, stderr=log)
            plane.close()
            shutil.rmtree(data_dir, ignore_errors=True)


def balancer(number: int, port: int, targets: list[tuple[str, int]], weights: tuple[int, int] = (1, 0)) -> Document:
    """The load balancer of that number: internet-facing, with one listener and two target groups.

    Its first group has all targets, its second none; the weights are those of its only rule.
    """
    third, fourth = divmod(number, 250)
    address = {"zone": "us-east-1a", "private": f"127.0.{third + 140}.{fourth + 1}", "prefix": 24,
               "public": f"127.0.{third + 64}.{fourth + 1}"}  # fmt: skip
    name = f"bench-{number}"
    return {
        "arn": f"{_ACCOUNT}:loadbalancer/app/{name}/0123456789abcdef",
        "name": name,
        "type": "application",
        "scheme": "internet-facing",
        "dns_name": f"{name}-1234567890.us-east-1.elb.amazonaws.com",
        "addresses": [address],
        "attributes": {},
        "listeners": [_listener(name, port, weights)],
        "target_groups": [_group(f"{name}-a", targets), _group(f"{name}-b", [])],
    }


def group_arn(name: str) -> str:
    return f"{_ACCOUNT}:targetgroup/{name}/0123456789abcdef"


def _listener(name: str, port: int, weights: tuple[int, int]) -> Document:
    shares = [
        {"TargetGroupArn": group_arn(f"{name}-{letter}"), "Weight": weight}
        for letter, weight in zip("ab", weights, strict=True)
    ]
    sticky = {"Enabled": False, "DurationSeconds": 3600}
    forward = {"Type": "forward", "Order": 1,
               "ForwardConfig": {"TargetGroups": shares, "TargetGroupStickinessConfig": sticky}}  # fmt: skip
    arn = f"{_ACCOUNT}:listener/app/{name}/0123456789abcdef/{port:016x}"
    rule = {"arn": f"{arn}/default", "priority": None, "conditions": [], "actions": [forward]}
    return {"arn": arn, "port": port, "protocol": "HTTP", "ssl_policy": None, "alpn_policy": None,
            "certificates": [], "attributes": {}, "rules": [rule]}  # fmt: skip


def _group(name: str, targets: list[tuple[str, int]]) -> Document:
    check = {"enabled": True, "protocol": "HTTP", "port": "traffic-port", "path": "/", "interval": 30, "timeout": 5,
             "healthy_threshold": 2, "unhealthy_threshold": 2, "matcher": "200"}  # fmt: skip
    return {
        "arn": group_arn(name),
        "name": name,
        "protocol": "HTTP",
        "protocol_version": "HTTP1",
        "health_check": check,
        "eager": True,
        "attributes": {},
        "targets": [_target(address, port) for address, port in targets],
    }


def _target(address: str, port: int) -> Document:
    return {"id": address, "address": address, "port": port, "zone": "us-east-1a", "draining": False, "usable": True,
            "since": 1.0}  # fmt: skip
