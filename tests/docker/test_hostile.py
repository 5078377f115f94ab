"""A container that knows every id of another task's tries to get at that task's role in each way we know.

Both tasks are on Docker's bridge, under a real Podium with two agents. Requests are written by hand, so that no client
mends them.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from docker.images import tiny
from docker.test_up import Machine
from waiting import until

ENDPOINT = "169.254.170.2"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
SECRETS = ("SecretAccessKey", "Token", "AccessKeyId")
SPOOFED = (
    "X-Forwarded-For",
    "X-Real-IP",
    "Forwarded",
    "True-Client-IP",
    "X-Client-IP",
    "Client-IP",
    "X-Podium-Caller",
    "x-podium-caller",
)


@dataclass(frozen=True, kw_only=True)
class Contained:
    """A task of one container, and what Docker tells of it."""

    arn: str
    docker_id: str
    address: str
    environment: dict[str, str]

    @property
    def credentials_id(self) -> str:
        return self.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].rpartition("/")[2]

    @property
    def endpoint_id(self) -> str:
        return self.environment["ECS_CONTAINER_METADATA_URI_V4"].rpartition("/")[2]

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        command = ["docker", "exec", "-i", self.docker_id, "sh", "-c", script]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def sends(self, request: str, host: str = ENDPOINT, port: int = 80) -> str:
        """All that comes back. Sent again when nothing does: an agent of this host may have ended just then."""
        command = ["docker", "exec", "-i", self.docker_id, "timeout", "10", "nc", host, str(port)]

        def told() -> str:
            done = subprocess.run(command, input=request.encode("latin-1"), capture_output=True, timeout=60)
            return done.stdout.decode("latin-1")

        return next(filter(None, (told() for _ in range(3))), "")

    def tries(self, target: str, *headers: str, port: int = 80) -> str:
        lines = [f"GET {target} HTTP/1.1", *(headers or (f"Host: {ENDPOINT}",))]
        return self.sends("\r\n".join(lines) + "\r\n\r\n", port=port)

    def gets(self, target: str, *headers: str, port: int = 80) -> str:
        """What is answered; something is."""
        answer = self.tries(target, *headers, port=port)
        assert answer, f"nobody answers {target}"
        return answer


def launched(machine: Machine, family: str) -> Contained:
    container = {"name": "app", "image": tiny(), "memory": 32, "command": ["sleep", "1000"], "stopTimeout": 2}
    machine.aws(
        *("ecs", "register-task-definition", "--family", family, "--task-role-arn", family),
        *("--execution-role-arn", family, "--container-definitions", json.dumps([container])),
    )
    arn = machine.aws("ecs", "run-task", "--task-definition", family)["tasks"][0]["taskArn"]
    listed = ["docker", "ps", "-q", "--filter", f"label=com.amazonaws.ecs.task-arn={arn}"]
    docker_id = until(
        lambda: subprocess.run(listed, check=True, capture_output=True, text=True).stdout.strip(), "the container"
    )
    shown = json.loads(subprocess.run(["docker", "inspect", docker_id], check=True, capture_output=True).stdout)[0]
    return Contained(
        arn=arn,
        docker_id=docker_id,
        address=shown["NetworkSettings"]["Networks"]["bridge"]["IPAddress"],
        environment=dict(line.split("=", 1) for line in shown["Config"]["Env"]),
    )


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.up("--cluster", "default", "--instances", "2")
    for role in ("victim", "thief"):
        machine.aws("iam", "create-role", "--role-name", role, "--assume-role-policy-document", json.dumps(TRUST))
    yield machine
    machine.close()


@pytest.fixture(scope="module")
def victim(machine):
    victim = launched(machine, "victim")
    path = f"/v2/credentials/{victim.credentials_id}"
    until(lambda: "SecretAccessKey" in victim.tries(path), "the victim's own credentials")
    return victim


@pytest.fixture(scope="module")
def thief(machine, victim):
    thief = launched(machine, "thief")
    path = f"/v2/credentials/{thief.credentials_id}"
    until(lambda: "SecretAccessKey" in thief.tries(path), "the thief's own credentials")
    return thief


def nothing_of(victim: Contained, answer: str) -> bool:
    """Neither a secret nor anything by which the victim's task is known."""
    return not any(word in answer for word in (*SECRETS, victim.arn, victim.docker_id, "assumed-role/victim"))


def test_knowing_the_id_is_not_enough(victim, thief):
    for path in (f"/v2/credentials/{victim.credentials_id}", f"/v1/credentials?id={victim.credentials_id}"):
        answer = thief.gets(path)
        assert "Credentials not found" in answer
        assert nothing_of(victim, answer)


def test_a_header_makes_nobody_another(victim, thief):
    path = f"/v2/credentials/{victim.credentials_id}"
    for name in SPOOFED:
        for value in (victim.address, "127.0.0.1", ENDPOINT, f"for={victim.address}"):
            answer = thief.gets(path, f"Host: {ENDPOINT}", f"{name}: {value}")
            assert "Credentials not found" in answer, (name, value)
    for host in ("127.0.0.1", "localhost", victim.address, f"{ENDPOINT}:51679"):
        assert "Credentials not found" in thief.gets(path, f"Host: {host}")


def test_no_way_of_writing_the_path_gets_around_the_check(victim, thief):
    stolen, own = victim.credentials_id, thief.endpoint_id
    encoded = "".join(f"%{ord(c):02x}" for c in stolen)
    targets = (
        f"//v2/credentials/{stolen}",
        f"/v2//credentials/{stolen}",
        f"/v2/credentials//{stolen}",
        f"/v2/credentials/./{stolen}",
        f"/v2/x/../credentials/{stolen}",
        f"/v2/credentials/{thief.credentials_id}/../{stolen}",
        f"/v4/{own}/../../v2/credentials/{stolen}",
        f"/v4/{own}/%2e%2e/%2e%2e/v2/credentials/{stolen}",
        f"/v2/credentials/{encoded}",
        f"/v2%2fcredentials%2f{stolen}",
        f"/v2/credentials/{stolen}/",
        f"/v2/credentials/{stolen};{thief.credentials_id}",
        f"/v2/credentials/{thief.credentials_id}%00{stolen}",
        f"/V2/CREDENTIALS/{stolen}",
        f"/v1/credentials?id={thief.credentials_id}&id={stolen}",
        f"/v1/credentials?ID={stolen}",
        f"http://{ENDPOINT}/v2/credentials/{stolen}",
        f"http://127.0.0.1/v2/credentials/{stolen}",
        f"\\v2\\credentials\\{stolen}",
    )
    for target in targets:
        answer = thief.gets(target)
        assert nothing_of(victim, answer) or "role/thief" in answer, (target, answer)
        assert "role/victim" not in answer, target


def test_a_request_behind_a_request_is_not_answered(victim, thief):
    own, stolen = (f"/v2/credentials/{one.credentials_id}" for one in (thief, victim))
    second = f"GET {stolen} HTTP/1.1\r\nHost: {ENDPOINT}\r\nX-Podium-Caller: {victim.address}\r\n\r\n"
    firsts = (
        f"GET {own} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET {own} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(second)}\r\n\r\n",
        f"GET {own} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"GET {own} HTTP/1.1\r\nHost: x\r\nContent-Length: 0, {len(second)}\r\n\r\n",
        f"GET {own} HTTP/1.1\r\nHost: x\r\n X-Folded: y\r\n\r\n",
        f"GET {own} HTTP/1.1\nHost: x\n\n",
    )
    for first in firsts:
        answer = thief.sends(first + second)
        assert "role/victim" not in answer
        assert answer.count("HTTP/1.1 ") <= 1


def test_another_s_metadata_and_protection_are_not_for_the_asking(victim, thief):
    stolen = victim.endpoint_id
    for path in (f"/{version}/{stolen}{rest}" for version in ("v3", "v4") for rest in ("", "/task", "/task/stats")):
        answer = thief.gets(path)
        assert answer.startswith("HTTP/1.1 404 ")
        assert nothing_of(victim, answer)
    answer = thief.gets(f"/api/{stolen}/task-protection/v1/state")
    assert "Failed to find a task for the request" in answer
    for path in (
        "/v2/metadata",
        "/v2/stats",
        f"/v2/metadata/{victim.docker_id}",
        "/share",
        "/owner",
        "/asked/v2/stats",
    ):
        assert nothing_of(victim, thief.gets(path, f"X-Podium-Caller: {victim.address}"))
    assert nothing_of(victim, thief.gets(f"/asked/v4/{stolen}"))


def test_ids_cannot_be_guessed_for_long(victim, thief):
    """They are random, and too many questions are not answered at all."""
    assert len({victim.credentials_id[:8], thief.credentials_id[:8], victim.endpoint_id[:8]}) == 3
    request = f"GET /v4/{thief.endpoint_id} HTTP/1.1\\r\\n\\r\\n"
    script = f"for i in $(seq 120); do printf '{request}' | nc {ENDPOINT} 80 | head -1 & done; wait"
    assert "HTTP/1.1 200 OK" in thief.run(script).stdout
    until(lambda: "HTTP/1.1 429 Too Many Requests" in thief.run(script).stdout, "a round of questions to be too many")


def test_the_agent_s_ports_are_reached_by_no_other_way(machine, thief):
    gateway = ".".join([*thief.address.split(".")[:3], "1"])
    server = int(machine.status()["url"].rpartition(":")[2])
    hosts = (gateway, *_addresses_of_this_machine())
    doors = [(host, port) for host in hosts for port in (51678, 51679, 51680, 51681, server)]
    doors += [(ENDPOINT, port) for port in (22, 51678, 51679, server)]
    knock = "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | timeout 5 nc {0} {1} | grep -q . && echo {0} {1} &"
    tried = "\n".join(knock.format(*door) for door in [*doors, (ENDPOINT, 80)])
    opened = until(lambda: thief.run(f"{tried}\nwait").stdout.splitlines(), "the one that is open")
    assert opened == [f"{ENDPOINT} 80"]


def _addresses_of_this_machine() -> list[str]:
    listed = subprocess.run(["ip", "-o", "-4", "address"], check=True, capture_output=True, text=True).stdout
    found = [line.split()[3].partition("/")[0] for line in listed.splitlines()]
    return [address for address in found if not address.startswith(("127.", "169.254."))][:3]


def test_there_is_no_instance_metadata_and_nobody_waits_for_it(thief):
    for address in ("169.254.169.254",):
        done = thief.run(f"timeout 5 nc {address} 80 </dev/null; echo $?")
        assert done.stdout.strip() == "1", "refused at once: 143 would be the time-out"


def test_a_container_cannot_take_another_s_address(victim, thief):
    done = thief.run(f"ip address add {victim.address}/16 dev eth0")
    assert done.returncode != 0
    assert "Operation not permitted" in done.stderr


def test_the_agents_sockets_are_root_s_alone(thief):
    assert thief.run("ls /run/podium /var/run/docker.sock").returncode != 0
    folder = Path("/run/podium/endpoint")
    assert {p.stat().st_mode & 0o077 for p in (folder, *folder.iterdir())} == {0}
    assert folder.stat().st_uid == os.geteuid()


def test_what_is_not_for_tasks_is_not_passed_on_to_the_server(machine, thief):
    port = int(thief.environment["AWS_ENDPOINT_URL"].rpartition(":")[2])
    passed = thief.gets("/", port=port)
    assert "x-amzn-requestid" in passed.lower(), "what is for the API does reach it"
    pages = ("/_podium/health", "/_podium/clusters", "/_podium/strangers", "/metrics", "/readyz", "/_podium/health?x=y")
    tricks = (
        "//_podium/health",
        "/./_podium/health",
        "/%5fpodium/health",
        "/_PODIUM/health",
        "/x/../_podium/health",
        "http://127.0.0.1/_podium/health",
        "*",
    )
    for target in (*pages, *tricks):
        answer = thief.gets(target, port=port)
        assert answer.startswith(("HTTP/1.1 403 ", "HTTP/1.1 400 ", "HTTP/1.1 404 ")), (target, answer)
        assert "agentsConnected" not in answer
        assert "podium_" not in answer


def test_nothing_is_smuggled_past_the_relay(machine, thief):
    port = int(thief.environment["AWS_ENDPOINT_URL"].rpartition(":")[2])
    hidden = "GET /_podium/health HTTP/1.1\r\nHost: x\r\n\r\n"
    firsts = (
        "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 60\r\n\r\n",
        "GET /acs/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    )
    for first in firsts:
        answer = thief.sends(first + hidden, port=port)
        assert "agentsConnected" not in answer, first
        assert "101 " not in answer.partition("\r\n")[0]
