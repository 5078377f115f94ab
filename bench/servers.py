"""The servers that are compared: Podium's alone, with its signatures, policies and commits, and two emulators.

Each has a cluster `bench` with ten services, a task definition and container instances for RunTask. The emulators
come from PyPI into a virtual environment of their own, the first time.
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bench.agents import Agents
from bench.raw import REGION, ask, request, until

HERE = Path(__file__).resolve().parent.parent
PEERS = HERE / ".bench-peers"
SERVICES = 10
CONTAINER = {"name": "main", "image": "bench", "cpu": 1, "memory": 6, "essential": True}
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["ecs:Describe*", "ecs:List*"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:CreateService"], "Resource": "*"},
    {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
     "Condition": {"StringLike": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}},
    {"Effect": "Deny", "Action": "ecs:Delete*", "Resource": "*"},
]}  # fmt: skip


class Server:
    """A process on a free port. `key` signs the calls that are measured."""

    name = ""
    key = ("test", "test")

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = Path(tempfile.mkdtemp(prefix=f"bench-{self.name.lower()}-"))
        began = time.perf_counter()
        self.process = subprocess.Popen(
            self.command(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=self.environment(),
        )
        until(self.answers, f"{self.name}'s start", 60)
        self.ready_seconds = time.perf_counter() - began
        self.prepare()

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {**os.environ, "AWS_DEFAULT_REGION": REGION, "LOG_LEVEL": "ERROR"}

    def prepare(self) -> None:
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether an HTTP answer comes, whatever it says."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=1).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}"
            return False
        return True

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def request(self, operation: str, members: dict[str, Any]) -> bytes:
        return request(f"127.0.0.1:{self.port}", self.key, operation, members)

    def client(self, service: str, key: tuple[str, str] | None = None) -> Any:
        access, secret = key or self.key
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name=REGION,
            config=Config(retries={"max_attempts": 0}), aws_access_key_id=access, aws_secret_access_key=secret,
        )  # fmt: skip

    def size(self, message: bytes) -> int:
        """How many bytes the answer's body has."""
        return len(json.dumps(ask(self.address, message), separators=(",", ":")))

    def describe_task(self) -> str:
        """The ARN of a task to describe."""
        answer = ask(self.address, self.request("RunTask", {"cluster": "bench", "taskDefinition": "bench"}))
        assert answer["tasks"], answer
        return str(answer["tasks"][0]["taskArn"])

    def furnish(self, ecs: Any) -> None:
        ecs.register_task_definition(family="bench", containerDefinitions=[CONTAINER])
        for number in range(SERVICES):
            ecs.create_service(cluster="bench", serviceName=f"service-{number}", taskDefinition="bench", desiredCount=0)

    def resident_mib(self) -> float:
        """The resident memory of the process, children included."""
        told = subprocess.run(
            ["ps", "-o", "rss=", "--pid", str(self.process.pid), "--ppid", str(self.process.pid)],
            capture_output=True, text=True,
        ).stdout  # fmt: skip
        return sum(map(int, told.split())) / 1024

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


class Podium(Server):
    """`podium server` on SQLite. A user with a policy of four statements signs."""

    name = "Podium"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "podium.server", "--data-dir", str(self.folder), "--port", str(self.port)]

    def answers(self) -> bool:
        return (self.folder / "run" / "server.json").exists() and super().answers()

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PYTHONPATH": str(HERE / "src")}

    def prepare(self) -> None:
        keys = json.loads((self.folder / "credentials.json").read_text())
        root = keys["root"]["accessKeyId"], keys["root"]["secretAccessKey"]
        iam, ecs = self.client("iam", root), self.client("ecs", root)
        ecs.list_clusters()
        self.client("sts", root).get_caller_identity()
        iam.create_user(UserName="bench")
        iam.put_user_policy(UserName="bench", PolicyName="bench", PolicyDocument=json.dumps(POLICY))
        made = iam.create_access_key(UserName="bench")["AccessKey"]
        self.idle_mib = self.resident_mib()
        self.key = made["AccessKeyId"], made["SecretAccessKey"]
        ecs.create_cluster(clusterName="bench")
        self.agents = Agents(f"http://127.0.0.1:{self.port}", keys["agent"], "bench", 10)
        self.furnish(ecs)

    def close(self) -> None:
        self.agents.close()
        super().close()


class Floor(Server):
    """The same HTTP server, which answers as many bytes without a thought; see bench/floor.py."""

    name = "floor"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "bench.floor", str(self.port)]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PYTHONPATH": str(HERE)}

    def prepare(self) -> None:
        """There is nothing to furnish."""

    def message(self, size: int, commits: bool) -> bytes:
        path = f"/{size}/commit" if commits else f"/{size}"
        return f"POST {path} HTTP/1.1\r\nHost: floor\r\nContent-Length: 0\r\n\r\n".encode()


class Moto(Server):
    name = "moto"

    def command(self) -> list[str]:
        return [str(peers() / "moto_server"), "-H", "127.0.0.1", "-p", str(self.port)]

    def prepare(self) -> None:
        ecs, ec2 = self.client("ecs"), self.client("ec2")
        ecs.create_cluster(clusterName="bench")
        image = ec2.describe_images()["Images"][0]["ImageId"]
        for instance in ec2.run_instances(ImageId=image, MinCount=10, MaxCount=10)["Instances"]:
            document = {"instanceId": instance["InstanceId"], "region": REGION, "accountId": "123456789012"}
            ecs.register_container_instance(cluster="bench", instanceIdentityDocument=json.dumps(document))
        self.furnish(ecs)


class MiniStack(Server):
    name = "MiniStack"

    def command(self) -> list[str]:
        return [str(peers() / "ministack")]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "GATEWAY_PORT": str(self.port), "EDGE_PORT": str(self.port),
                "DOCKER_HOST": "unix:///nonexistent"}  # fmt: skip

    def prepare(self) -> None:
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName="bench")
        self.furnish(ecs)


def peers() -> Path:
    """The `bin` of the peers' own environment, made the first time and when their lock changes."""
    lock = HERE / "bench" / "peers.lock"
    stamp, want = PEERS / ".made-from", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != want:
        print("bench: installing moto and MiniStack beside Podium's own packages")
        uv = str(Path(sys.executable).parent / "uv")
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(PEERS)], check=True)
        python = str(PEERS / "bin" / "python")
        subprocess.run(
            [uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", str(lock)], check=True
        )
        stamp.write_text(want)
    return PEERS / "bin"
