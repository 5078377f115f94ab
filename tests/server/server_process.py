"""A real server process on a free port, and what it takes to call it."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from waiting import until

SOURCES = Path(__file__).resolve().parents[2] / "src"


class Server:
    """`log` is a file for what it says: a server that lives long would fill the pipe that else takes it."""

    def __init__(
        self, data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None
    ) -> None:
        self.data_dir = data_dir
        self.process = start(data_dir, *arguments, environment=environment, log=log)
        note = data_dir / "run" / "server.json"
        until(lambda: self.process.poll() is not None or self._announced(note), "the server to listen")
        assert self.process.poll() is None, self.process.communicate()[0]
        self.note: dict[str, Any] = json.loads(note.read_text())
        self.url: str = self.note["url"]
        self.keys: dict[str, dict[str, str]] = json.loads((data_dir / "credentials.json").read_text())

    def _announced(self, note: Path) -> bool:
        """By this process: the note of one that was killed may still lie there."""
        return note.exists() and json.loads(note.read_text())["pid"] == self.process.pid

    def client(
        self, service: str = "ecs", key: str = "root", region: str = "us-east-1", verify: bool | None = None
    ) -> Any:
        session = boto3.session.Session(
            aws_access_key_id=self.keys[key]["accessKeyId"],
            aws_secret_access_key=self.keys[key]["secretAccessKey"],
            aws_session_token=self.keys[key].get("sessionToken"),
            region_name=region,
        )
        config = Config(retries={"total_max_attempts": 1})
        return session.client(service, endpoint_url=self.url, config=config, verify=verify)

    def signed(self, method: str, path: str, key: str = "root", body: bytes = b"") -> dict[str, str]:
        """The headers that sign such a request."""
        request = AWSRequest(method, self.url + path, data=body)
        held = self.keys[key]
        keys = Credentials(held["accessKeyId"], held["secretAccessKey"], held.get("sessionToken"))
        SigV4Auth(keys, "ecs", "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def register(self, cluster: str, attributes: Mapping[str, str] | None = None) -> str:
        """A container instance that joins as agents do. From then on its ARN names its own key."""
        claim = token_hex()
        answer = self.client(key="agent").register_container_instance(
            cluster=cluster,
            instanceIdentityDocument=json.dumps({"podiumClaim": hashlib.sha256(claim.encode()).hexdigest()}),
            totalResources=[
                {"name": "CPU", "type": "INTEGER", "integerValue": 2048},
                {"name": "MEMORY", "type": "INTEGER", "integerValue": 4096},
            ],
            attributes=[{"name": name, "value": value} for name, value in (attributes or {}).items()],
        )
        arn = str(answer["containerInstance"]["containerInstanceArn"])
        status, told = self.credentials(arn, claim)
        assert status == 200, told
        self.keys[arn] = told
        return arn

    def credentials(self, arn: str, claim: str, key: str = "agent") -> tuple[int, dict[str, Any]]:
        """What asking for an instance's credentials is answered with."""
        path, body = "/_podium/instance-credentials", json.dumps({"containerInstanceArn": arn, "claim": claim}).encode()
        status, answer = self.post(path, body, self.signed("POST", path, key, body))
        return status, json.loads(answer)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        return self._fetch(Request(self.url + path, headers=dict(headers or {})))

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        return self._fetch(Request(self.url + path, data=body, headers=dict(headers), method="POST"))

    def _fetch(self, request: Request) -> tuple[int, bytes]:
        try:
            with urlopen(request, timeout=40) as answer:
                return answer.status, answer.read()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    def end(self, number: int = signal.SIGTERM) -> int:
        """The exit code after this signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=20)
        return self.process.returncode


def start(
    data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> "subprocess.Popen[str]":
    """The program, told to take any free port unless the arguments say otherwise."""
    command = [sys.executable, "-m", "podium.server", "--data-dir", str(data_dir), "--port", "0", "--timing", "fast"]
    with nullcontext(subprocess.PIPE) if log is None else log.open("w") as out:
        return subprocess.Popen(
            [*command, *arguments],
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(SOURCES), **(environment or {})},
        )


def refused(data_dir: Path, *arguments: str) -> str:
    """The last line of a server that does not start, for a reason that trying again would not mend."""
    process = start(data_dir, *arguments)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 3, said
    return said.strip().splitlines()[-1]


@contextmanager
def running(data_dir: Path, *arguments: str, **members: Any) -> Iterator[Server]:
    server = Server(data_dir, *arguments, **members)
    try:
        yield server
    finally:
        server.end()
