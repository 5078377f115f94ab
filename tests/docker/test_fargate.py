"""FARGATE and awsvpc as a user has them: `podium up`, plain aws CLI, real containers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docker.asking import answer
from docker.images import tiny
from docker.test_hostile import ENDPOINT, TRUST, Contained, nothing_of
from waiting import until

BIN = Path(sys.executable).parent


class Podium:
    """A Podium of the test's own, driven by plain aws CLI."""

    def __init__(self, place: Path) -> None:
        self.environment = {**os.environ, "PODIUM_DATA_DIR": str(place / "podium"), "AWS_MAX_ATTEMPTS": "1"}
        self.podium("up", "--detach", "--port", "0")
        for line in self.podium("env").splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            self.environment[name] = value.strip("'")

    def podium(self, *words: str) -> str:
        return self._run(BIN / "podium", *words)

    def aws(self, *words: str) -> Any:
        return json.loads(self._run(BIN / "aws", *words, "--output", "json") or "null")

    def _run(self, *words: str | Path) -> str:
        done = subprocess.run(list(words), env=self.environment, capture_output=True, text=True, timeout=90)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def define(self, family: str, *containers: dict[str, Any], **members: Any) -> None:
        document = {
            "family": family,
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{"image": tiny(), "stopTimeout": 2, **c} for c in containers],
            **members,
        }
        self.aws("ecs", "register-task-definition", "--cli-input-json", json.dumps(document))

    def run(self, family: str, network: dict[str, Any], *words: str) -> str:
        told = self.aws(
            *("ecs", "run-task", "--task-definition", family, *words),
            *("--network-configuration", json.dumps({"awsvpcConfiguration": network})),
        )
        assert told["failures"] == []
        return str(told["tasks"][0]["taskArn"])

    def task(self, arn: str) -> dict[str, Any]:
        return dict(self.aws("ecs", "describe-tasks", "--tasks", arn)["tasks"][0])

    def running(self, arn: str) -> dict[str, Any]:
        until(lambda: self.task(arn)["lastStatus"] in ("RUNNING", "STOPPED"), f"{arn} to run")
        task = self.task(arn)
        assert task["lastStatus"] == "RUNNING", task
        return task

    def subnets(self) -> list[str]:
        return [s["SubnetId"] for s in self.aws("ec2", "describe-subnets")["Subnets"]]


@pytest.fixture(scope="module")
def podium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podium]:
    podium = Podium(tmp_path_factory.mktemp("fargate"))
    web = {
        "name": "web",
        "command": ["sh", "-c", "mkdir /www; echo hello >/www/index.html; exec httpd -f -p 80 -h /www"],
        "portMappings": [{"containerPort": 80}],
    }
    podium.define("web", web)
    podium.define("job", {"name": "job", "command": ["sh", "-c", "id -u; exit 7"]})
    yield podium
    podium.podium("down")


def address(task: dict[str, Any]) -> str:
    return str(task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"])


def test_a_fargate_task_runs_and_is_reached_by_its_address(podium):
    subnets = podium.subnets()
    task = podium.running(podium.run("web", {"subnets": subnets}, "--launch-type", "FARGATE"))
    assert "containerInstanceArn" not in task
    assert task["launchType"] == "FARGATE"
    until(lambda: answer(f"http://{address(task)}/") == "hello", "the task to answer")
    shown = podium.aws(
        "ec2", "describe-network-interfaces", "--filters", f"Name=private-ip-address,Values={address(task)}"
    )
    [interface] = shown["NetworkInterfaces"]
    assert interface["Description"].endswith(f":attachment/{task['attachments'][0]['id']}")
    assert interface["SubnetId"] in subnets
    podium.aws("ecs", "stop-task", "--task", task["taskArn"])
    until(lambda: podium.task(task["taskArn"])["lastStatus"] == "STOPPED", "the task to stop")
    gone = podium.aws(
        "ec2", "describe-network-interfaces", "--filters", f"Name=private-ip-address,Values={address(task)}"
    )
    assert gone["NetworkInterfaces"] == []


def test_a_fargate_job_ends_with_its_exit_code(podium):
    arn = podium.run("job", {"subnets": podium.subnets()[:1]}, "--launch-type", "FARGATE")
    until(lambda: podium.task(arn)["lastStatus"] == "STOPPED", "the job to end")
    task = podium.task(arn)
    assert (task["containers"][0]["exitCode"], task["stopCode"]) == (7, "EssentialContainerExited")
    assert podium.podium("logs", arn).strip() == "0"


def test_an_awsvpc_task_on_ec2_is_reached_as_its_security_group_says(podium):
    vpc = podium.aws("ec2", "describe-vpcs")["Vpcs"][0]["VpcId"]
    made = podium.aws("ec2", "create-security-group", "--group-name", "web", "--description", "d", "--vpc-id", vpc)[
        "GroupId"
    ]
    network = {"subnets": podium.subnets()[:1], "securityGroups": [made]}
    web = podium.running(podium.run("web", network))
    asking = {"name": "ask", "command": ["sh", "-c", f"timeout 2 wget -q -O - http://{address(web)}/; exit $?"]}
    podium.define("ask", asking)

    def asked() -> int:
        arn = podium.run("ask", {"subnets": podium.subnets()[:1]})
        until(lambda: podium.task(arn)["lastStatus"] == "STOPPED", "the question to end")
        return int(podium.task(arn)["containers"][0]["exitCode"])

    assert asked() != 0
    podium.aws(
        *("ec2", "authorize-security-group-ingress", "--group-id", made),
        *("--protocol", "tcp", "--port", "80", "--cidr", "0.0.0.0/0"),
    )
    until(lambda: asked() == 0, "the rule to let the question through")
    refused = subprocess.run(
        [BIN / "aws", "ec2", "delete-security-group", "--group-id", made],
        env=podium.environment,
        capture_output=True,
        text=True,
    )
    assert "DependencyViolation" in refused.stderr
    podium.aws("ecs", "stop-task", "--task", web["taskArn"])


def contained(podium: Podium, family: str) -> Contained:
    """A Fargate task of the family that runs, seen from within by Docker."""
    task = podium.running(podium.run(family, {"subnets": podium.subnets()[:1]}, "--launch-type", "FARGATE"))
    docker_id = task["containers"][0]["runtimeId"]
    shown = json.loads(subprocess.run(["docker", "inspect", docker_id], check=True, capture_output=True).stdout)[0]
    return Contained(
        arn=task["taskArn"],
        docker_id=docker_id,
        address=address(task),
        environment=dict(line.split("=", 1) for line in shown["Config"]["Env"]),
    )


def body(answer: str) -> Any:
    head, _, text = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 "), answer
    return json.loads(text)


@pytest.fixture(scope="module")
def neighbors(podium: Podium) -> list[Contained]:
    """Two tasks in one subnet, with a role each."""
    for role in ("victim", "thief"):
        podium.aws("iam", "create-role", "--role-name", role, "--assume-role-policy-document", json.dumps(TRUST))
        podium.define(role, {"name": "app", "command": ["sleep", "1000"]}, taskRoleArn=role)
    found = [contained(podium, role) for role in ("victim", "thief")]
    for one in found:
        path = one.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
        until(lambda one=one, path=path: "SecretAccessKey" in one.gets(path), "its own credentials")
    return found


def test_a_fargate_task_is_its_role_and_finds_its_metadata(podium, neighbors):
    for one, role in zip(neighbors, ("victim", "thief"), strict=True):
        given = body(one.gets(one.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]))
        assert given["RoleArn"].endswith(f":role/{role}")
        keys = {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["Token"],
        }
        asking = [BIN / "aws", "sts", "get-caller-identity", "--output", "text", "--query", "Arn"]
        told = subprocess.run(asking, env={**podium.environment, **keys}, capture_output=True, text=True, check=True)
        assert told.stdout.strip().endswith(f":assumed-role/{role}/{one.arn.rpartition('/')[2]}")
        newest = body(one.gets(f"/v4/{one.endpoint_id}/task"))
        assert (newest["TaskARN"], newest["LaunchType"]) == (one.arn, "FARGATE")
        assert body(one.gets("/v2/metadata"))["TaskARN"] == one.arn
        [network] = body(one.gets(f"/v4/{one.endpoint_id}"))["Networks"]
        assert network["IPv4Addresses"] == [one.address]


def test_a_fargate_task_gets_nothing_of_its_neighbor_s(neighbors):
    victim, thief = neighbors
    stolen = f"/v2/credentials/{victim.credentials_id}"
    for headers in ((), (f"Host: {ENDPOINT}", f"X-Forwarded-For: {victim.address}")):
        answer = thief.gets(stolen, *headers)
        assert "Credentials not found" in answer
        assert nothing_of(victim, answer)
    for path in (f"/v4/{victim.endpoint_id}", f"/v4/{victim.endpoint_id}/task"):
        assert nothing_of(victim, thief.gets(path))
    assert thief.gets(f"/v2/metadata/{victim.docker_id}").startswith("HTTP/1.1 400 ")
    taken = thief.run(f"ip address add {victim.address}/20 dev eth0")
    assert "Operation not permitted" in taken.stderr
