"""Secrets on real containers: what a task has from Parameter Store, Secrets Manager and S3, and where else it lies."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from docker.test_fargate import Podium
from docker.test_hostile import TRUST
from people import allow, document
from waiting import until

ROLE = "arn:aws:iam::123456789012:role/reads"
PLACES = ("/run", "/var/log", "/etc", "/root", "/var/lib/docker/containers")
FAILED = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
SERVES = "echo $A-$B-$C > /tmp/seen; trap 'exit 0' TERM; while :; do sleep 0.1; done"


@pytest.fixture(scope="module")
def canary() -> str:
    return f"canary{token_hex(16)}"


@pytest.fixture(scope="module")
def podium(tmp_path_factory: pytest.TempPathFactory, canary: str) -> Iterator[Podium]:
    place = tmp_path_factory.mktemp("secrets")
    podium = Podium(place)
    podium.aws("iam", "create-role", "--role-name", "reads", "--assume-role-policy-document", json.dumps(TRUST))
    rights = document(allow(["ssm:GetParameters", "secretsmanager:GetSecretValue", "s3:GetObject"]))
    words = ("--role-name", "reads", "--policy-name", "own", "--policy-document", rights)
    podium.aws("iam", "put-role-policy", *words)
    podium.aws("ssm", "put-parameter", "--name", "/app/a", "--type", "SecureString", "--value", f"{canary}a")
    secret = json.dumps({"b": f"{canary}b"})
    podium.aws("secretsmanager", "create-secret", "--name", "app", "--secret-string", secret)
    podium.aws("s3api", "create-bucket", "--bucket", "settings")
    file = place / "web.env"
    file.write_text(f"# of the web\nC={canary}c\nB=overruled\n")
    podium.aws("s3api", "put-object", "--bucket", "settings", "--key", "web.env", "--body", str(file))
    file.unlink()
    yield podium
    podium.podium("down")


def is_root_s(path: Path) -> bool:
    """Whether nobody else reads the file, or comes to where it lies."""
    return not path.stat().st_mode & 0o044 or any(not folder.stat().st_mode & 0o011 for folder in path.parents)


def define(podium: Podium, family: str, **more: Any) -> None:
    arn = podium.aws("secretsmanager", "describe-secret", "--secret-id", "app")["ARN"]
    secrets = [{"name": "A", "valueFrom": "/app/a"}, {"name": "B", "valueFrom": f"{arn}:b::"}]
    container = {"name": "app", "command": ["sh", "-c", SERVES], "secrets": secrets, **more}
    podium.define(family, container, executionRoleArn=ROLE)


def run(podium: Podium, family: str) -> str:
    return podium.run(family, {"subnets": podium.subnets()[:1]}, "--launch-type", "FARGATE")


def why(podium: Podium, family: str) -> str:
    arn = run(podium, family)
    until(lambda: podium.task(arn)["lastStatus"] == "STOPPED", "the task to stop", 30)
    task = podium.task(arn)
    assert task["stopCode"] == "TaskFailedToStart"
    return str(task["stoppedReason"])


def test_a_task_has_its_secrets_and_they_lie_nowhere_but_in_docker_s_own_files(podium, canary):
    define(podium, "web", environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::settings/web.env"}])
    task = podium.running(run(podium, "web"))
    docker_id = task["containers"][0]["runtimeId"]
    seen = ["docker", "exec", docker_id, "cat", "/tmp/seen"]
    wanted = f"{canary}a-{canary}b-{canary}c"
    until(lambda: subprocess.run(seen, capture_output=True, text=True).stdout.strip() == wanted, "the variables")
    assert canary not in json.dumps(podium.aws("ecs", "describe-tasks", "--tasks", task["taskArn"]))
    places = (*PLACES, podium.environment["PODIUM_DATA_DIR"])
    found = subprocess.run(["grep", "-rlaF", canary, *places], capture_output=True, text=True).stdout.splitlines()
    in_docker = [path for path in found if docker_id in path]
    of_s3 = [path for path in found if Path(path).name.startswith("objects.db")]  # an object is kept as it is
    assert sorted(found) == sorted(in_docker + of_s3)
    assert {Path(path).name for path in in_docker} == {"config.v2.json", "config.json"}  # Docker's, and the runtime's
    assert all(is_root_s(Path(path)) for path in in_docker)
    podium.aws("ecs", "stop-task", "--task", task["taskArn"])


def test_what_cannot_be_had_keeps_the_task_from_starting_and_is_named(podium):
    define(podium, "parameter", secrets=[{"name": "A", "valueFrom": "/app/none"}])
    assert why(podium, "parameter") == f"{FAILED}unable to retrieve secrets from ssm: invalid ssm parameters: /app/none"
    arn = podium.aws("secretsmanager", "describe-secret", "--secret-id", "app")["ARN"]
    define(podium, "key", secrets=[{"name": "A", "valueFrom": f"{arn}:none::"}])
    assert why(podium, "key").endswith("retrieved secret from Secrets Manager did not contain json key none")
    podium.aws("iam", "delete-role-policy", "--role-name", "reads", "--policy-name", "own")
    define(podium, "denied", secrets=[{"name": "A", "valueFrom": arn}])
    reason = why(podium, "denied")
    assert reason.startswith(
        f"{FAILED}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
        f"{arn} from secrets manager: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/reads/"
    )
    assert "is not authorized to perform: secretsmanager:GetSecretValue" in reason
