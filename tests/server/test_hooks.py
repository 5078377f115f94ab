"""Commands that run where AWS runs Lambda functions: which are run, with what, and how they end."""

import asyncio
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from podium.server.hooks import MOST_OUTPUT, Hooks, Ran
from waiting import until

EVENT = {"Step": "createSecret", "SecretId": "arn", "ClientRequestToken": "1"}


def put(data_dir: Path, text: str, name: str = "renew", mode: int = 0o700) -> Path:
    path = data_dir / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def trouble(data_dir: Path) -> str:
    """Why the command cannot be run."""
    return asyncio.run(Hooks(data_dir).known())["renew"]


def run(data_dir: Path, longest: float = 60.0) -> Ran:
    return asyncio.run(Hooks(data_dir, timedelta(seconds=longest)).run("renew", EVENT, {"AWS_REGION": "us-east-1"}))


def test_it_gets_the_event_and_none_of_the_servers_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_ROOT_SECRET_KEY", "planted")
    put(tmp_path, "#!/bin/sh\ncat\necho\nenv\n")
    ran = run(tmp_path)
    event, *environment = ran.output.splitlines()
    assert json.loads(event) == EVENT
    assert {line.partition("=")[0] for line in environment} <= {"AWS_REGION", "LC_CTYPE", "PATH", "PWD", "SHLVL", "_"}
    assert "planted" not in ran.output
    assert ran.failure == ""


def test_how_it_ended_is_said(tmp_path: Path) -> None:
    put(tmp_path, "#!/bin/sh\necho said >&2\nexit 3\n")
    assert run(tmp_path) == Ran("said\n", "it ended with exit code 3")
    put(tmp_path, "#!/bin/sh\nkill -9 $$\n")
    assert run(tmp_path).failure == "it was ended by SIGKILL"
    put(tmp_path, "no program\n").write_bytes(b"\x00\x01")
    assert "cannot be run: Exec format error" in run(tmp_path).output


def test_one_that_reads_nothing_and_says_much_is_no_trouble(tmp_path: Path) -> None:
    put(tmp_path, "#!/bin/sh\nexec 0<&-\nhead -c 1000000 /dev/zero | tr '\\0' x\n")
    ran = run(tmp_path)
    assert (len(ran.output), ran.failure) == (MOST_OUTPUT, "")


def test_one_that_takes_too_long_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    put(tmp_path, f"#!/bin/sh\necho begun\nsleep 1000 &\necho $! > {tmp_path}/child\nwait\n")
    assert run(tmp_path, longest=3.0) == Ran("begun\n", "it was killed, since it took longer than 0.05 minutes")
    child = int((tmp_path / "child").read_text())
    until(lambda: _is_gone(child), "what it started to end")


def test_what_it_leaves_running_ends_with_it_and_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path, f"#!/bin/sh\nsleep 1000 &\necho $! > {tmp_path}/child\n")
    assert run(tmp_path).failure == ""
    child = int((tmp_path / "child").read_text())
    until(lambda: _is_gone(child), "what it started to end")


@pytest.mark.parametrize(
    ("mode", "why"),
    [(0o600, "is not an executable file"), (0o722, "writable by its owner alone"), (0o770, "writable by its owner")],
)
def test_what_others_could_have_put_there_is_not_run(tmp_path: Path, mode: int, why: str) -> None:
    put(tmp_path, "#!/bin/sh\n", mode=mode)
    assert why in trouble(tmp_path)
    assert why in run(tmp_path).failure


def test_what_belongs_to_somebody_else_is_not_run(tmp_path: Path) -> None:
    os.chown(put(tmp_path, "#!/bin/sh\n"), 1234, 1234)
    assert "must belong to the server's user or to root" in run(tmp_path).failure


def test_names(tmp_path: Path) -> None:
    assert asyncio.run(Hooks(tmp_path).known()) == {}
    assert "No such file or directory" in run(tmp_path).failure
    put(tmp_path, "#!/bin/sh\n")
    (tmp_path / "hooks" / "folder").mkdir()
    known = asyncio.run(Hooks(tmp_path).known())
    assert known["renew"] == ""
    assert known["folder"].endswith("folder is not an executable file")


def _is_gone(pid: int) -> bool:
    """Or nobody's child that nobody waits for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
