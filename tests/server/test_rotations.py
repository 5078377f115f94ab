"""Secrets rotated by a command, as its author would write it: with boto3, in a server of its own."""

import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from acm.certificates import self_signed
from server.server_process import Server, running
from waiting import until

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:renew"
COMMAND = f"""#!{sys.executable}
import json, os, signal, sys, boto3
event = json.load(sys.stdin)
print("step", event["Step"])
secrets = boto3.client("secretsmanager")
name, token = event["SecretId"], event["ClientRequestToken"]
held = secrets.describe_secret(SecretId=name)
assert held["RotationEnabled"] and "AWSPENDING" in held["VersionIdsToStages"][token], held  # as AWS's templates do
if event["Step"] == "createSecret":
    try:
        secrets.get_secret_value(SecretId=name, VersionId=token, VersionStage="AWSPENDING")
    except secrets.exceptions.ResourceNotFoundException:
        password = secrets.get_random_password(ExcludePunctuation=True)["RandomPassword"]
        secrets.put_secret_value(
            SecretId=name, ClientRequestToken=token, SecretString=password, VersionStages=["AWSPENDING"]
        )
if event["Step"] == "testSecret" and os.path.exists("broken"):
    sys.exit("the database is not there")
if event["Step"] == "testSecret" and os.path.exists("slow"):
    open("running", "w").close()
    signal.pause()
if event["Step"] == "finishSecret":
    before = next(v for v, stages in held["VersionIdsToStages"].items() if "AWSCURRENT" in stages)
    secrets.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=before
    )
"""


def put(data_dir: Path) -> Path:
    hooks = data_dir / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "renew").write_text(COMMAND)
    (hooks / "renew").chmod(0o700)
    return hooks


def begin(server: Server) -> Any:
    secrets = server.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString="the first")
    secrets.rotate_secret(SecretId="db", RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 30})
    return secrets


def value(secrets: Any) -> str:
    return str(secrets.get_secret_value(SecretId="db")["SecretString"])


def has_rotated(secrets: Any) -> bool:
    return "LastRotatedDate" in secrets.describe_secret(SecretId="db")


def said(server: Server) -> list[str]:
    """By the command, as `aws logs` shows it."""
    logs = server.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/renew")["logGroups"]:
        return []
    return [event["message"] for event in logs.filter_log_events(logGroupName="/aws/lambda/renew")["events"]]


def test_a_command_rotates_a_secret_in_four_steps(tmp_path: Path) -> None:
    put(tmp_path)
    with running(tmp_path) as server:
        secrets = begin(server)
        until(lambda: has_rotated(secrets), "the rotation", every=0.1)
        assert len(value(secrets)) == 32
        assert secrets.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "the first"
        steps = [line for line in said(server) if line.startswith("step")]
        assert steps == ["step createSecret", "step setSecret", "step testSecret", "step finishSecret"]
        audited = server.get("/_podium/audit", server.signed("GET", "/_podium/audit"))[1].decode()
        assert "assumed-role/podium-rotation/renew" in audited


def test_a_step_that_fails_is_told_and_all_are_run_again(tmp_path: Path) -> None:
    hooks = put(tmp_path)
    (hooks / "broken").touch()
    with running(tmp_path) as server:
        secrets = begin(server)
        until(lambda: "END testSecret: it ended with exit code 1" in said(server), "the failure", every=0.1)
        assert "the database is not there" in said(server)
        assert value(secrets) == "the first"
        assert not has_rotated(secrets)
        (hooks / "broken").unlink()
        until(lambda: has_rotated(secrets), "the next try", every=0.2)
        assert value(secrets) != "the first"


def test_a_server_that_was_killed_meanwhile_begins_again(tmp_path: Path) -> None:
    hooks = put(tmp_path)
    (hooks / "slow").touch()
    with running(tmp_path) as server:
        begin(server)
        until(lambda: (hooks / "running").exists(), "the third step")
        server.end(signal.SIGKILL)
        until(lambda: not _commands(hooks), "the command to be killed by the kernel")
    (hooks / "slow").unlink()
    with running(tmp_path) as server:
        until(lambda: has_rotated(server.client("secretsmanager")), "the rotation", every=0.1)
        assert value(server.client("secretsmanager")) != "the first"


def test_a_cancelled_rotation_takes_no_further_step(tmp_path: Path) -> None:
    hooks = put(tmp_path)
    (hooks / "slow").touch()
    with running(tmp_path) as server:
        secrets = begin(server)
        until(lambda: (hooks / "running").exists(), "the third step")
        secrets.cancel_rotate_secret(SecretId="db")
        until(lambda: not _commands(hooks), "the command to be ended")
        assert "step finishSecret" not in said(server)
        (hooks / "slow").unlink()
        held = secrets.describe_secret(SecretId="db")["VersionIdsToStages"]
        left = next(version for version, stages in held.items() if stages == ["AWSPENDING"])
        secrets.update_secret_version_stage(SecretId="db", VersionStage="AWSPENDING", RemoveFromVersionId=left)
        secrets.rotate_secret(SecretId="db")
        until(lambda: has_rotated(secrets), "the next rotation", every=0.1)


def test_a_command_needs_to_know_nothing_of_the_servers_certificate(tmp_path: Path) -> None:
    put(tmp_path / "data")
    for name, body in self_signed("podium.example.com").items():
        (tmp_path / name).write_bytes(body)
    files = ("--tls-cert", str(tmp_path / "certificate.pem"), "--tls-key", str(tmp_path / "key.pem"))
    with warnings.catch_warnings(), running(tmp_path / "data", *files) as server:
        warnings.simplefilter("ignore")
        assert server.url.startswith("https:")
        secrets = server.client("secretsmanager", verify=False)
        secrets.create_secret(Name="db", SecretString="the first")
        secrets.rotate_secret(SecretId="db", RotationLambdaARN=FUNCTION)
        until(lambda: has_rotated(secrets), "the rotation", every=0.2)


def test_a_server_that_ends_takes_its_commands_along(tmp_path: Path) -> None:
    hooks = put(tmp_path)
    (hooks / "slow").touch()
    with running(tmp_path) as server:
        begin(server)
        until(lambda: (hooks / "running").exists(), "the third step")
        assert server.end() == 0
        assert not _commands(hooks)


def _commands(hooks: Path) -> list[str]:
    """Processes whose directory this is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == hooks.resolve():
                found.append(process.name)
        except OSError:
            continue
    return found
