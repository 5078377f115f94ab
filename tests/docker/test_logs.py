"""What containers write, where people look for it: awslogs into CloudWatch Logs, and `podium logs`."""

import json
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docker.test_fargate import BIN, Podium
from docker.test_hostile import TRUST
from waiting import until

COUNTS = "n=0; while :; do n=$((n+1)); echo line $n; sleep 0.1; done"
FLUSHED = {"awslogs-force-flush-interval-seconds": "1"}
ROLE = "arn:aws:iam::123456789012:role/execution"
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def awslogs(group: str, **options: str) -> dict[str, Any]:
    where = {"awslogs-group": group, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web"}
    return {"logDriver": "awslogs", "options": {**where, **FLUSHED, **options}}


@pytest.fixture(scope="module")
def podium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podium]:
    podium = Podium(tmp_path_factory.mktemp("logs"))
    podium.aws("iam", "create-role", "--role-name", "execution", "--assume-role-policy-document", json.dumps(TRUST))
    podium.aws("iam", "attach-role-policy", "--role-name", "execution", "--policy-arn", MANAGED)
    podium.aws("logs", "create-log-group", "--log-group-name", "/ecs/web")
    yield podium
    podium.podium("down")


def define(podium: Podium, family: str, command: str, **container: Any) -> None:
    body = {"name": "app", "command": ["sh", "-c", command], **container}
    podium.define(family, body, executionRoleArn=ROLE)


def run(podium: Podium, family: str, *words: str) -> str:
    return podium.run(family, {"subnets": podium.subnets()[:1]}, *words)


def ended(podium: Podium, arn: str) -> dict[str, Any]:
    until(lambda: podium.task(arn)["lastStatus"] == "STOPPED", "the task to end")
    return podium.task(arn)


def messages(podium: Podium, arn: str, group: str = "/ecs/web") -> list[str]:
    stream = f"web/app/{arn.rpartition('/')[2]}"
    words = ("--log-group-name", group, "--log-stream-names", stream)
    return [event["message"] for event in podium.aws("logs", "filter-log-events", *words)["events"]]


def stop(podium: Podium, arn: str) -> None:
    podium.aws("ecs", "stop-task", "--task", arn)
    ended(podium, arn)


def test_what_a_fargate_task_writes_is_found_by_the_aws_cli(podium):
    define(podium, "job", "echo hello; sleep 0.2; echo world >&2", logConfiguration=awslogs("/ecs/web"))
    arn = run(podium, "job", "--launch-type", "FARGATE")
    ended(podium, arn)
    until(lambda: messages(podium, arn) == ["hello", "world"], "both lines")
    assert podium.podium("logs", arn).splitlines() == ["hello", "world"]


def test_a_group_that_is_not_there_keeps_the_task_from_starting_unless_it_makes_its_own(podium):
    define(podium, "lost", "echo hello", logConfiguration=awslogs("/ecs/none"))
    task = ended(podium, run(podium, "lost", "--launch-type", "FARGATE"))
    assert task["stoppedReason"] == (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed "
        "to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit "
        "status 1"
    )
    define(podium, "makes", "echo made", logConfiguration=awslogs("/ecs/own", **{"awslogs-create-group": "true"}))
    task = ended(podium, run(podium, "makes"))
    assert "is not authorized to perform: logs:CreateLogGroup" in task["stoppedReason"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": "*"}],
    }
    words = ("--role-name", "execution", "--policy-name", "groups", "--policy-document", json.dumps(policy))
    podium.aws("iam", "put-role-policy", *words)
    arn = run(podium, "makes")
    ended(podium, arn)
    until(lambda: messages(podium, arn, "/ecs/own") == ["made"], "the line in the group of the task's own")


def test_while_the_control_plane_hangs_containers_write_on_and_every_line_arrives(podium):
    define(podium, "counts", COUNTS, logConfiguration=awslogs("/ecs/web"))
    arn = run(podium, "counts")
    docker_id = podium.running(arn)["containers"][0]["runtimeId"]
    until(lambda: len(messages(podium, arn)) > 5, "the first lines")
    data_dir = Path(podium.environment["PODIUM_DATA_DIR"])
    server = int(json.loads((data_dir / "run" / "server.json").read_text())["pid"])
    os.kill(server, signal.SIGSTOP)
    try:
        before = len(written(docker_id))
        until(lambda: len(written(docker_id)) > before + 20, "lines to be written meanwhile")
        spool = sqlite3.connect(next(data_dir.glob("agents/*/log-spool.db")))
        until(lambda: spool.execute("select count(*) from spool").fetchone()[0], "lines to wait on the host")
        spool.close()
    finally:
        os.kill(server, signal.SIGCONT)
    stop(podium, arn)
    lines = written(docker_id)
    until(lambda: messages(podium, arn) == lines, "every line, in order")


def written(docker_id: str) -> list[str]:
    done = subprocess.run(["docker", "logs", docker_id], capture_output=True, text=True)
    return done.stdout.splitlines()


def test_podium_logs_follows_a_service_over_its_deployments(podium):
    define(podium, "web", "trap 'exit 0' TERM; echo one; while :; do sleep 0.1; done")
    network = json.dumps({"awsvpcConfiguration": {"subnets": podium.subnets()[:1]}})
    words = ("--service-name", "web", "--task-definition", "web", "--desired-count", "1")
    podium.aws("ecs", "create-service", *words, "--network-configuration", network)
    podium.aws("ecs", "wait", "services-stable", "--services", "web")
    follows = subprocess.Popen(
        [BIN / "podium", "logs", "web", "--follow"], env=podium.environment, stdout=subprocess.PIPE, text=True
    )
    assert follows.stdout is not None
    try:
        first = follows.stdout.readline()
        podium.aws("ecs", "update-service", "--service", "web", "--force-new-deployment")
        second = follows.stdout.readline()
    finally:
        follows.kill()
        follows.communicate()
    assert all(re.fullmatch(r"[0-9a-f]{8} app \| one\n", line) for line in (first, second))
    assert first != second
    podium.aws("ecs", "delete-service", "--service", "web", "--force")
