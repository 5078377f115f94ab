"""Runs each long proof by itself and writes what came of it to docs/proof.md."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Proof:
    """`times`: how often as many seeds and examples as in `make test`, of the same tests. `cores` is 1 where they share
    what they start.
    """

    name: str
    paths: tuple[str, ...]
    times: int
    cores: int = 2


PROOFS = (
    Proof("The demo's story with faults, from many seeds", ("tests/stories/test_demo_story.py",), times=40),
    Proof("Lost databases, daemons and networks, from many seeds", ("tests/stories/test_losses.py",), times=40),
    Proof("Faults of hosts, messages and disks, alone and mixed", ("tests/stories/test_bad_days.py",), times=40),
    Proof("Weeks with faults, 1,000 of them, and every planted bug", ("tests/stories/test_weeks.py",), times=500),
    Proof("Deployments behind a load balancer, from many seeds", ("tests/stories/test_traffic.py",), times=40),
    Proof("Clocks, leaders, commits and lies, from many seeds", ("tests/stories/test_odd_hours.py",), times=40),
    Proof("Log lines through the relay of a host, and every planted bug", ("tests/stories/test_relay.py",), times=40),
    Proof("Laws of the control plane's decisions", ("tests/laws/ecs",), times=20),
    Proof("Laws of the agent's engine", ("tests/laws/agent",), times=10),
    Proof("Laws of the store, on SQLite and PostgreSQL", ("tests/laws/store",), times=10),
    Proof("Every operation of ECS, IAM and STS, fuzzed", ("tests/laws/api",), times=8),
    Proof("Laws of policies", ("tests/laws/iam",), times=20),
    Proof("Round trips of every operation on the wire", ("tests/laws/wire",), times=4),
    Proof(
        "Rolling deployments under HTTP/1.1, HTTP/2 and WebSockets",
        ("tests/docker/test_rolling.py",),
        times=100,
        cores=1,
    ),
    Proof("Changes of listeners, rules and targets under load", ("tests/proxy/test_many_changes.py",), times=20),
    Proof("Laws of what Envoy is sent", ("tests/proxy/test_steps_law.py", "tests/proxy/test_keeping.py"), times=20),
)


HEAD = "| proof | how much | cases | seconds | outcome | day | commit |"
RULE = "| --- | --- | ---: | ---: | --- | --- | --- |"
PAGE = HERE / "docs" / "proof.md"
ABOUT = """# The long proofs

`make prove` runs each of them by itself and writes its row; `make prove ONLY=envoy` runs those whose name has that
word, and leaves the other rows as they were.
"""


def main(arguments: list[str]) -> int:
    word = " ".join(arguments).lower()
    wanted = [proof for proof in PROOFS if word in proof.name.lower()]
    if not wanted:
        print(f"prove: no proof is called {word!r}. There are:", *(proof.name for proof in PROOFS), sep="\n  ")
        return 2
    rows, failed = known(), 0
    for proof in wanted:
        print(f"prove: {proof.name}", flush=True)
        cases, failures, seconds = run(proof)
        failed += bool(failures or not cases)
        outcome = "held" if cases and not failures else f"{failures} of {cases} failed"
        how_much = f"{proof.times} times `make test`"
        rows[proof.name] = f"| {proof.name} | {how_much} | {cases} | {seconds:.0f} | {outcome} | {day()} | {commit()} |"
        print(f"prove: {outcome}, {cases} cases in {seconds:.0f} s", flush=True)
        write(rows)
    return bool(failed)


def run(proof: Proof) -> tuple[int, int, float]:
    """Cases, failures, seconds."""
    environment = {**os.environ, "PODIUM_TIMES": str(proof.times)}
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        began = time.monotonic()
        words = ["-n", str(proof.cores), "--timeout", "3600", f"--junitxml={report.name}", *proof.paths]
        subprocess.run([sys.executable, "-m", "pytest", *words], cwd=HERE, env=environment)
        seconds = time.monotonic() - began
        suite = ElementTree.parse(report.name).getroot().find("testsuite")
    assert suite is not None, "pytest writes one suite"
    return int(suite.get("tests", 0)), int(suite.get("failures", 0)) + int(suite.get("errors", 0)), seconds


def known() -> dict[str, str]:
    """The rows of the page, by the names of proofs that there still are."""
    names = {proof.name for proof in PROOFS}
    lines = PAGE.read_text().splitlines() if PAGE.exists() else []
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ") and line.count("|") == 8}
    return {name: row for name, row in rows.items() if name in names}


def write(rows: dict[str, str]) -> None:
    """After each proof: what one has shown is not lost with the next."""
    table = [HEAD, RULE, *(rows[proof.name] for proof in PROOFS if proof.name in rows)]
    PAGE.write_text("\n".join([ABOUT, *table, ""]))


def day() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
