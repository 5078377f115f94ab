"""Debian's OCI registry on a loopback port, which Docker talks to in plain HTTP."""

import os
import shutil
import socket
import subprocess
import urllib.request
from pathlib import Path

from docker.agents import docker
from docker.images import tiny
from waiting import until

_CONFIGURATION = """
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}", secret: test}}
"""


class Registry:
    def __init__(self, folder: Path) -> None:
        _install()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self._folder = folder
        (folder / "registry.yml").write_text(_CONFIGURATION.format(folder=folder / "blobs", port=port))
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with (self._folder / "registry.log").open("ab") as log:
            command = ["docker-registry", "serve", str(self._folder / "registry.yml")]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, "the registry to answer")

    def end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def holds(self, name: str, source: str | None = None) -> tuple[str, str]:
        """The reference and the digest of a copy of the small image that only the registry has."""
        reference = f"{self.address}/{name}"
        docker("tag", source or tiny(), reference)
        docker("push", "-q", reference)
        digest = docker("inspect", "--format", "{{index .RepoDigests 0}}", reference).rpartition("@")[2]
        pushed = docker("inspect", "--format", "{{json .RepoDigests}}", reference)
        own = [d for d in pushed.strip("[]").replace('"', "").split(",") if d.startswith(self.address)]
        docker("rmi", reference)
        return reference, own[0].rpartition("@")[2] if own else digest

    def forget(self) -> None:
        """Remove from Docker what came from here."""
        listed = docker("images", "--format", "{{.Repository}}:{{.Tag}}@{{.Digest}}").splitlines()
        for line in listed:
            if line.startswith(self.address):
                name, _, digest = line.partition("@")
                repository = name.rpartition(":")[0]
                reference = name if not name.endswith(":<none>") else f"{repository}@{digest}"
                subprocess.run(["docker", "rmi", reference], capture_output=True)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/v2/") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def _install() -> None:
    if shutil.which("docker-registry"):
        return
    assert os.geteuid() == 0, "These tests need Debian's package docker-registry: apt-get install docker-registry"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    subprocess.run([*apt, "update"], check=True, capture_output=True, env=environment)
    install = ["install", "-y", "--no-install-recommends", "docker-registry"]
    subprocess.run([*apt, *install], check=True, capture_output=True, env=environment)
