"""backup, restore, doctor and the debug bundle."""

import json
import os
import socket
import sqlite3
import stat
import tarfile
from contextlib import closing

import pytest

from podium.cli import bundle, checks
from podium.launch.paths import DataDir


@pytest.fixture
def records(running):
    """A database that somebody writes to, with its latest rows still in the write-ahead log."""
    with closing(sqlite3.connect(running.data_dir / "podium.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE told (word TEXT)")
        write(database, "before")
        yield database


def write(database, word):
    database.execute("INSERT INTO told VALUES (?)", (word,))
    database.commit()


def words(folder):
    with closing(sqlite3.connect(folder / "podium.db")) as database:
        return [word for (word,) in database.execute("SELECT word FROM told")]


def test_a_backup_taken_while_podium_runs_is_restored_elsewhere(running, records, tmp_path):
    file, other = tmp_path / "backup.tar.gz", tmp_path / "other"
    assert running("backup", str(file)).returncode == 0
    write(records, "after")
    restored = running("restore", str(file), "--data-dir", str(other))
    assert restored.returncode == 0, restored.stderr
    assert words(other) == ["before"]
    keys = (other / "credentials.json").read_text()
    assert keys == (running.data_dir / "credentials.json").read_text()
    assert (other / "identity.json").read_text() == (running.data_dir / "identity.json").read_text()


def test_backups_and_restored_keys_are_for_their_owner_alone(running, records, tmp_path):
    file, other = tmp_path / "backup.tar.gz", tmp_path / "other"
    running("backup", str(file))
    running("restore", str(file), "--data-dir", str(other))
    for secret in (file, other / "credentials.json", other / "podium.db"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_nothing_is_restored_under_a_running_podium(running, records, tmp_path):
    running("backup", str(tmp_path / "backup.tar.gz"))
    refused = running("restore", str(tmp_path / "backup.tar.gz"), "--force")
    assert refused.returncode == 1
    assert "podium down --leave-tasks" in refused.stderr


def test_records_are_replaced_only_by_force_and_then_kept_aside(running, records, tmp_path):
    file = tmp_path / "backup.tar.gz"
    running("backup", str(file))
    write(records, "after")
    records.close()
    running("down")
    refused = running("restore", str(file))
    assert (refused.returncode, "--force" in refused.stderr) == (1, True)
    assert words(running.data_dir) == ["before", "after"]
    assert running("restore", str(file), "--force").returncode == 0
    assert words(running.data_dir) == ["before"]
    kept = next(running.data_dir.glob("before-restore-*"))
    assert words(kept) == ["before", "after"]


def test_what_is_not_a_backup_is_refused_and_changes_nothing(podium, tmp_path):
    file = tmp_path / "backup.tar.gz"
    for content in (b"", b"not a tar", None):
        if content is not None:
            file.write_bytes(content)
        else:
            with tarfile.open(file, "w:gz") as tar:
                tar.add(__file__, "manifest.json")
        refused = podium("restore", str(file))
        assert (refused.returncode, "is not a backup" in refused.stderr) == (1, True)
    assert not podium.data_dir.exists()


def test_a_backup_of_nothing_says_so(podium, tmp_path):
    refused = podium("backup", str(tmp_path / "backup.tar.gz"))
    assert (refused.returncode, "no records" in refused.stderr) == (1, True)
    assert not (tmp_path / "backup.tar.gz").exists()


def test_a_debug_bundle_holds_the_logs_and_no_secret(running, tmp_path):
    log = running.data_dir / "logs" / "server.log"
    log.write_text("signed with a-secret-key\npostgresql://me:hunter2@host/db\nuser-token-0001 in use\n")
    file = tmp_path / "bundle.tar.gz"
    made = running("debug", "bundle", "--file", str(file), MY_TOKEN="user-token-0001")
    assert (made.returncode, made.stdout) == (0, f"{file}\n")
    with tarfile.open(file) as tar:
        parts = {member.name: tar.extractfile(member).read().decode() for member in tar}
    assert {"podium-debug/logs/server.log", "podium-debug/status.json", "podium-debug/doctor.txt"} <= set(parts)
    assert parts["podium-debug/logs/server.log"].startswith("signed with [removed]\n")
    for secret in ("a-secret-key", "hunter2", "user-token-0001"):
        assert not any(secret in text for text in parts.values())


def test_a_debug_bundle_can_be_made_when_nothing_runs(podium, tmp_path):
    file = tmp_path / "bundle.tar.gz"
    assert podium("debug", "bundle", "--file", str(file)).returncode == 0
    with tarfile.open(file) as tar:
        status = json.loads(tar.extractfile("podium-debug/status.json").read())
    assert status["running"] is False


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("AWS_SECRET_ACCESS_KEY=abcdef", "AWS_SECRET_ACCESS_KEY=[removed]"),
        ('{"secretAccessKey": "abc"}', '{"secretAccessKey": "[removed]"}'),
        ("redis://u:p@h", "redis://u:[removed]@h"),
        ("http://127.0.0.1:4566/x@y", "http://127.0.0.1:4566/x@y"),
        ("no task runs", "no task runs"),
    ],
)
def test_secrets_are_also_known_by_their_looks(text, cleaned):
    assert bundle.cleaned(text, []) == cleaned


def test_the_doctor_names_what_has_the_port_and_what_to_do(podium):
    with socket.create_server(("127.0.0.1", 0)) as other:
        told = podium("doctor", "--json", "--port", str(other.getsockname()[1]))
    findings = {finding["check"]: finding for finding in json.loads(told.stdout)}
    assert told.returncode == 1
    assert findings["port"]["level"] == "fail"
    assert f"(pid {os.getpid()})" in findings["port"]["says"]
    assert "--port" in findings["port"]["remedy"]


def test_the_doctor_says_what_works_without_docker(podium):
    told = podium("doctor", "--port", "0")
    line = next(line for line in told.stdout.splitlines() if " docker: " in line)
    assert line.startswith("fail")
    assert "The API works" in line


def test_the_doctor_says_what_networks_of_tasks_lack(monkeypatch, tmp_path):
    monkeypatch.setattr(checks.shutil, "which", lambda name: None if name == "nft" else f"/sbin/{name}")
    monkeypatch.setattr(checks.os, "geteuid", lambda: 0)
    assert checks.lacks_for_networks().startswith("nft not found (Debian: apt-get install")
    monkeypatch.setattr(checks.os, "geteuid", lambda: 1000)
    assert checks.lacks_for_networks() == "that takes root"
    situation = checks.Situation(paths=DataDir(root=tmp_path), port=0, docker_host="unix:///nowhere")
    [told] = [str(finding) for finding in checks.every(situation) if finding.check == "task networks"]
    assert "that takes root. awsvpc and FARGATE tasks are not placed here" in told


def test_the_doctor_sees_that_podium_itself_has_the_port(running):
    told = {finding["check"]: finding for finding in json.loads(running("doctor", "--json").stdout)}
    assert told["port"]["level"] == "ok"
    assert "Podium is running here" in told["port"]["says"]


def test_the_doctor_warns_of_an_unwritable_data_dir(podium):
    podium.data_dir.write_text("no folder")
    told = {finding["check"]: finding for finding in json.loads(podium("doctor", "--json").stdout)}
    assert told["data dir"]["level"] == "fail"


@pytest.mark.parametrize(
    "words",
    [
        [],
        *(
            [word]
            for word in [
                "up",
                "down",
                "status",
                "logs",
                "doctor",
                "env",
                "backup",
                "restore",
                "server",
                "agent",
                "debug",
            ]
        ),
    ],
    ids=lambda words: " ".join(words) or "podium",
)
def test_every_help_teaches(podium, words):
    told = podium(*words, "--help")
    assert told.returncode == 0
    assert f"podium {' '.join(words)}".strip() in told.stdout
    assert len(told.stdout.splitlines()) > 8
