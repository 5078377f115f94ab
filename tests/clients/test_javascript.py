"""The AWS SDK for JavaScript, version 3, goes through a life cycle of its own."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from server.server_process import running

HERE = Path(__file__).parent / "javascript"

pytestmark = pytest.mark.timeout(300)


def installed() -> Path:
    """The packages of the lock, installed the first time, by one test process at a time."""
    with (HERE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, want = HERE / "node_modules" / ".made-from", (HERE / "package-lock.json").read_text()
        if not stamp.exists() or stamp.read_text() != want:
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
            done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
            stamp.write_text(want)
    return HERE


def test_javascript_makes_changes_looks_and_deletes(tmp_path: Path) -> None:
    where = installed()
    with running(tmp_path / "data") as server:
        key = server.keys["root"]
        done = subprocess.run(
            ["node", "lifecycle.mjs"],
            cwd=where,
            env={
                **os.environ,
                "ENDPOINT": server.url,
                "AWS_ACCESS_KEY_ID": key["accessKeyId"],
                "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
            },
            capture_output=True,
            text=True,
        )
    assert done.stdout.strip() == "done", done.stdout + done.stderr
