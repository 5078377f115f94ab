"""A process of its own that writes a journal, and is killed."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def killed_after(module: str, path: Path, batches: Sequence[object], answers: int) -> int:
    """How many batches `module` acknowledged before the kill: `answers` of them at least."""
    command = [sys.executable, "-m", module, str(path)]
    places = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": places}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(f"{json.dumps(batch)}\n" for batch in batches))
        process.stdin.flush()
        heard = [process.stdout.readline() for _ in range(answers)]
        process.kill()
        return len(heard) + len(process.stdout.readlines())
