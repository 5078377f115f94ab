"""What the agent knows of its tasks, and what it owes the control plane about them."""

import time
from dataclasses import dataclass, field
from typing import Any

from officialagent.docker import Container, Docker

DIGEST = "sha256:" + "d" * 64


@dataclass
class Task:
    """`sent` and `sent_containers` are what was accepted: with the rest they are in the agent's database."""

    payload: dict[str, Any]
    desired: str = "RUNNING"
    reason: str = ""
    failures: dict[str, str] = field(default_factory=dict)  # container -> why it never ran
    begun: bool = False
    ran: bool = False
    digest_sent: bool = False
    sent: str = "NONE"
    sent_containers: dict[str, str] = field(default_factory=dict)
    pulled_at: float | None = None

    @property
    def arn(self) -> str:
        return str(self.payload["arn"])

    @property
    def definitions(self) -> list[dict[str, Any]]:
        return list(self.payload.get("containers") or ())

    def move(self, docker: Docker) -> None:
        """As far as it goes at once: start it, see who ended, stop the rest after an essential one."""
        if self.desired == "RUNNING" and not self.begun:
            self._begin(docker)
        ended = [d for d in self.definitions if self.state(docker, d) == "STOPPED"]
        if any(d.get("essential") for d in ended):
            self.desired = "STOPPED"
        if self.desired == "STOPPED":
            for container in [c for c in docker.running() if c.task == self.arn]:
                container.state, container.exit_code = "exited", 143

    def state(self, docker: Docker, definition: dict[str, Any]) -> str:
        container = docker.of(self.arn, definition["name"])
        if container is not None:
            return "RUNNING" if container.state == "running" else "STOPPED"
        return "STOPPED" if definition["name"] in self.failures or self.desired == "STOPPED" else "PENDING"

    def is_over(self, docker: Docker) -> bool:
        return self.desired == "STOPPED" and all(self.state(docker, d) == "STOPPED" for d in self.definitions)

    def report(self, docker: Docker) -> dict[str, Any] | None:
        """The next SubmitTaskStateChange without its cluster; None when all was accepted."""
        if self.begun and not self.digest_sent and self.sent == "NONE":
            entries = [
                {"containerName": d["name"], "imageDigest": DIGEST, "status": "PENDING"} for d in self.definitions
            ]
            return {"task": self.arn, "status": "PENDING", "reason": "", "containers": entries}
        if self.ran and self.sent == "NONE":
            return self._told("RUNNING", [self._entry(docker, d, "RUNNING") for d in self.definitions])
        news = [d for d in self.definitions if self._is_news(docker, d)]
        if self.is_over(docker) and self.sent != "STOPPED":
            return self._told("STOPPED", [self._entry(docker, d, "STOPPED") for d in news])
        if self.sent == "RUNNING" and news and self.desired == "RUNNING":
            return self._told("RUNNING", [self._entry(docker, d, "STOPPED") for d in news])
        return None

    def accepted(self, report: dict[str, Any]) -> None:
        self.digest_sent = True
        if report["status"] != "PENDING":
            self.sent = report["status"]
            self.sent_containers |= {c["containerName"]: c["status"] for c in report.get("containers", ())}

    def _begin(self, docker: Docker) -> None:
        self.begun, self.pulled_at = True, time.time()
        for definition in self.definitions:
            image = definition["image"]
            if image == "missing":
                self.failures[definition["name"]] = "CannotPullContainerError: no such image"
                self.desired = "STOPPED"
                return
        for definition in self.definitions:
            docker.run(self.arn, definition["name"], definition["image"], definition.get("portMappings") or [])
        self.ran = True
        for definition in self.definitions:
            if definition["image"].startswith("exits-"):
                container = docker.of(self.arn, definition["name"])
                assert container is not None
                container.state, container.exit_code = "exited", int(definition["image"].removeprefix("exits-"))

    def _is_news(self, docker: Docker, definition: dict[str, Any]) -> bool:
        over = self.state(docker, definition) == "STOPPED"
        return over and self.sent_containers.get(definition["name"]) != "STOPPED"

    def _told(self, status: str, containers: list[dict[str, Any]]) -> dict[str, Any]:
        told: dict[str, Any] = {"task": self.arn, "status": status, "reason": self.reason, "containers": containers}
        if self.pulled_at is not None:
            told |= {"pullStartedAt": self.pulled_at, "pullStoppedAt": self.pulled_at + 0.25}
        if status == "STOPPED" and self.ran:
            told["executionStoppedAt"] = time.time()
        return told

    def _entry(self, docker: Docker, definition: dict[str, Any], status: str) -> dict[str, Any]:
        """A snapshot: one with status RUNNING already has the exit code of what ended meanwhile."""
        name = definition["name"]
        entry: dict[str, Any] = {"containerName": name, "status": status}
        container: Container | None = docker.of(self.arn, name)
        if container is not None:
            entry |= {"runtimeId": container.runtime_id, "imageDigest": DIGEST}
            entry |= {"networkBindings": container.bindings} if container.bindings else {}
            entry |= {"exitCode": container.exit_code} if container.exit_code is not None else {}
        if name in self.failures:
            entry["reason"] = self.failures[name]
        return entry
