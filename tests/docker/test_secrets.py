"""Secrets on real containers: what a task has from Parameter Store, Secrets Manager and S3, and where else it lies."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from types import SimpleNamespace
from typing import Any

import pytest

from docker.agents import AgentProcess, containers_of, docker, inspect
from docker.test_fargate import Podium
from docker.test_hostile import TRUST
from people import allow, document
from waiting import until

ROLE = "arn:aws:iam::123456789012:role/reads"
PLACES = ("/run", "/var/log", "/etc", "/root", "/var/lib/docker/containers")
FAILED = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
DOCKER_S = ("/var/lib/docker", "/var/lib/containerd")
OF_THE_HOST = "attribute:own == host"
IDLES = "trap 'exit 0' TERM; while :; do sleep 0.1; done"
SERVES = "echo $A-$B-$C > /tmp/seen; trap 'exit 0' TERM; while :; do sleep 0.1; done"


@pytest.fixture(scope="module")
def canary() -> str:
    return f"canary{token_hex(16)}"


@pytest.fixture(scope="module")
def podium(tmp_path_factory: pytest.TempPathFactory, canary: str) -> Iterator[Podium]:
    place = tmp_path_factory.mktemp("secrets")
    before = tmpfs_mounts()
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
    assert not [place for place in tmpfs_mounts() if place not in before]


@pytest.fixture
def host(podium: Podium, tmp_path: Path) -> Iterator[AgentProcess]:
    """One that cleans up at once, and sees other mounts than Docker does, as an agent in a container."""
    keys = Path(podium.environment["PODIUM_DATA_DIR"], "credentials.json")
    options = (
        "--cluster",
        "default",
        "--attribute",
        "own=host",
        "--cleanup-wait",
        "1",
        "--credentials-file",
        str(keys),
    )
    plane: Any = SimpleNamespace(url=podium.environment["AWS_ENDPOINT_URL"])
    host = AgentProcess(plane, tmp_path, *options, within=("unshare", "--mount"))
    yield host
    assert host.process is not None
    if host.process.poll() is None:
        host.end()
    host.sweep()


def tmpfs_mounts() -> list[str]:
    """Where agents of this machine have one for secrets."""
    mounts = (line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return [fields[4] for fields in mounts if fields[4].startswith("/run/podium/secrets/")]


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
    until(lambda: podium.task(arn)["lastStatus"] == "STOPPED", "the task to stop")
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


def with_files(podium: Podium, name: str, value: str) -> None:
    """A task definition whose container has a secret of this value as a file."""
    podium.aws("ssm", "put-parameter", "--name", f"/files/{name}", "--type", "SecureString", "--value", value)
    container = {
        "name": "app",
        "command": ["sh", "-c", IDLES],
        "dockerLabels": {"podium.secrets": "/run/secrets"},
        "secrets": [{"name": "A", "valueFrom": f"/files/{name}"}],
        "user": "1000",
    }
    podium.define(name, container, executionRoleArn=ROLE, networkMode="bridge")


def running_on_the_bridge(podium: Podium, family: str, *words: str) -> tuple[str, str]:
    """The task's ARN, and its container's id."""
    arn = str(podium.aws("ecs", "run-task", "--task-definition", family, *words)["tasks"][0]["taskArn"])
    until(lambda: podium.task(arn)["lastStatus"] in ("RUNNING", "STOPPED"), "the task to run")
    task = podium.task(arn)
    assert task["lastStatus"] == "RUNNING", task["stoppedReason"]
    (docker_id,) = containers_of(arn)
    return arn, docker_id


def folder_of(docker_id: str) -> Path:
    return next(Path(mount["Source"]) for mount in inspect(docker_id)["Mounts"] if mount["Type"] == "bind")


def read(docker_id: str) -> list[str]:
    return docker("exec", docker_id, "sh", "-c", "id -u; echo $A_FILE-$A-; cat $A_FILE").splitlines()


def test_a_secret_as_a_file_is_on_no_disk_and_there_for_as_long_as_its_container(podium, host, tmp_path):
    value = f"canary{token_hex(16)}"
    with_files(podium, "kept", value)
    instances = ("ecs", "list-container-instances", "--filter", OF_THE_HOST)
    until(lambda: podium.aws(*instances)["containerInstanceArns"], "the host to join")
    there = ("--placement-constraints", f"type=memberOf,expression='{OF_THE_HOST}'")
    arn, docker_id = running_on_the_bridge(podium, "kept", *there)
    inside = ["1000", "/run/secrets/A--", value]
    assert read(docker_id) == inside
    refused = subprocess.run(["docker", "exec", "-u", "0", docker_id, "touch", "/run/secrets/B"], capture_output=True)
    assert b"Read-only" in refused.stderr

    folder = folder_of(docker_id)
    assert (folder / "A").read_bytes() == value.encode()
    assert is_root_s(folder / "A")
    mounted = docker_s_mount(folder)
    assert mounted["fstype"] == "tmpfs"
    assert {"nosuid", "nodev", "noexec"} <= set(mounted["options"].split(","))
    places = [*PLACES, *DOCKER_S, podium.environment["PODIUM_DATA_DIR"], str(tmp_path)]
    existing = [place for place in places if Path(place).exists()]
    found = subprocess.run(["grep", "-rlaF", value, *existing], capture_output=True, text=True).stdout.splitlines()
    assert found == [str(folder / "A")]

    host.end(9)
    left = folder.parent / "of-a-task-that-is-gone"
    left.mkdir()
    host.start()
    until(lambda: not left.exists(), "what was left to go")
    assert read(docker_id) == inside
    assert podium.task(arn)["lastStatus"] == "RUNNING"

    podium.aws("ecs", "stop-task", "--task", arn)
    until(lambda: not folder.exists(), "the files to go")
    assert containers_of(arn) == []
    host.end()
    assert host.sweep() == 0
    assert str(folder.parents[1]) not in tmpfs_mounts()


def docker_s_mount(folder: Path) -> dict[str, str]:
    told = subprocess.run(["findmnt", "--json", "--target", folder], check=True, capture_output=True).stdout
    return dict(json.loads(told)["filesystems"][0])


def test_without_its_files_as_after_a_restart_of_the_host_a_container_does_not_start(podium):
    with_files(podium, "lost", "hidden")
    arn, docker_id = running_on_the_bridge(podium, "lost")
    folder = folder_of(docker_id)
    podium.aws("ecs", "stop-task", "--task", arn)
    until(lambda: podium.task(arn)["lastStatus"] == "STOPPED", "the task to stop")
    docker("start", docker_id)
    docker("stop", "--time", "1", docker_id)
    subprocess.run(["umount", "-l", folder.parents[1]], check=True)
    refused = subprocess.run(["docker", "start", docker_id], capture_output=True, text=True)
    assert refused.returncode
    assert str(folder) in refused.stderr
    arn, docker_id = running_on_the_bridge(podium, "lost")
    assert read(docker_id)[-1] == "hidden"
    podium.aws("ecs", "stop-task", "--task", arn)


def test_what_cannot_be_a_folder_of_the_container_is_refused(podium):
    define(podium, "astray", dockerLabels={"podium.secrets": "run/secrets"})
    assert why(podium, "astray") == (
        "ResourceInitializationError: unable to deliver secrets as files: the label podium.secrets of container app is "
        "'run/secrets', and must be the absolute path of a folder in the container, without '..' and not '/' itself, "
        "such as /run/secrets"
    )


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
