"""Task definitions of the kinds people write, through the public API, on a real agent and Docker Engine.

Each file of `samples` is one: what is registered, what RunTask is given beside it, and how it ends.
A new file is a new test. Where a container can look for itself, it does, and says by its exit code
what it found. Members that are expected are a part of those that DescribeTasks shows; a text that
begins with `~` is a part of the text that is shown. A task in awsvpc mode is run in the default subnets
unless the sample says otherwise; null says nowhere.

`expect` holds members of the task, or `failure` (RunTask's reason), or `refused` (the code and
message of the error). `labels` are Docker's, by container. `afterStop` is what
the task shows once StopTask has ended it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from docker.agents import SRC, docker
from docker.images import tiny
from podium_agent.config import FARGATE_POOL
from server.server_process import Server
from waiting import until

SAMPLES = {
    path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "samples").glob("*.json"))
}
pytestmark = pytest.mark.timeout(900)  # the first test runs them all
AT_ONCE = 40
SECONDS = 120.0
EXECUTION_ROLE = "ecsTaskExecutionRole"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
SHARED_VOLUMES = "podium-sample-"


class Outcomes:
    """What became of each sample. They are run together, because most of the time is spent waiting."""

    def __init__(self, ecs: Any, subnets: list[str]) -> None:
        self._ecs = ecs
        self._network = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": subnets}}}
        self.refusals: dict[str, ClientError] = {}
        self.failures: dict[str, list[dict[str, Any]]] = {}
        self.shown: dict[str, dict[str, Any]] = {}
        self.labels: dict[str, dict[str, dict[str, str]]] = {}
        self.stopped: dict[str, dict[str, Any]] = {}
        self._arns: dict[str, str] = {}

    def run(self, names: list[str]) -> None:
        for name in names:
            self._launch(name)
        ours = [name for name in names if name in self._arns]
        with suppress(AssertionError):  # each sample's own test says what is wrong with it
            until(lambda: self._look(ours), "every sample to get where it should", SECONDS, every=0.3)
        running = [name for name in ours if self.shown[name]["lastStatus"] == "RUNNING"]
        for name in running:
            self.labels[name] = self._labels(name)
            self._ecs.stop_task(task=self._arns[name])
        until(lambda: self._ended(running), "what ran to stop", SECONDS, every=0.3)

    def _launch(self, name: str) -> None:
        sample = SAMPLES[name]
        try:
            self._ecs.register_task_definition(family=name, **sample["taskDefinition"])
            answer = self._ecs.run_task(taskDefinition=name, **self._asked(sample))
        except ClientError as refusal:
            self.refusals[name] = refusal
            return
        if answer["failures"]:
            self.failures[name] = answer["failures"]
        else:
            self._arns[name] = answer["tasks"][0]["taskArn"]

    def _asked(self, sample: dict[str, Any]) -> dict[str, Any]:
        network = self._network if sample["taskDefinition"].get("networkMode") == "awsvpc" else {}
        asked = {**network, **sample.get("runTask", {})}
        return {member: value for member, value in asked.items() if value is not None}

    def _look(self, names: list[str]) -> bool:
        for name, task in self._describe(names).items():
            self.shown[name] = task
        return all(misfit(SAMPLES[name]["expect"], self.shown[name]) is None for name in names)

    def _ended(self, names: list[str]) -> bool:
        self.stopped.update(self._describe(names))
        return all(self.stopped[name]["lastStatus"] == "STOPPED" for name in names)

    def _describe(self, names: list[str]) -> dict[str, dict[str, Any]]:
        if not names:
            return {}
        by_arn = {self._arns[name]: name for name in names}
        told = self._ecs.describe_tasks(tasks=list(by_arn))["tasks"]
        return {by_arn[task["taskArn"]]: task for task in told}

    def _labels(self, name: str) -> dict[str, dict[str, str]]:
        containers = {c["name"]: c["runtimeId"] for c in self.shown[name]["containers"] if "runtimeId" in c}
        if "labels" not in SAMPLES[name]["expect"]:
            return {}
        return {c: json.loads(docker("inspect", "-f", "{{json .Config.Labels}}", i)) for c, i in containers.items()}


def misfit(expected: Any, shown: Any, where: str = "") -> str | None:
    """Where `shown` lacks something of `expected`, in words."""
    if isinstance(expected, dict):
        members = {k: v for k, v in expected.items() if k != "labels"}
        by_name = isinstance(shown, list)
        found = {c["name"]: c for c in shown} if by_name else shown
        parts = (misfit(v, found.get(k), f"{where}.{k}") for k, v in members.items())
    elif isinstance(expected, list) and isinstance(shown, list) and len(expected) == len(shown):
        parts = (misfit(e, s, f"{where}[{n}]") for n, (e, s) in enumerate(zip(expected, shown, strict=True)))
    elif isinstance(expected, str) and expected.startswith("~"):
        return None if expected[1:] in (shown or "") else f"{where} is {shown!r}, without {expected[1:]!r}"
    else:
        return None if expected == shown else f"{where} is {shown!r}, not {expected!r}"
    return next((part for part in parts if part is not None), None)


def ends(shown: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(c["name"], c.get("exitCode"), c.get("reason")) for c in shown["containers"]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    tiny()
    folder = tmp_path_factory.mktemp("samples")
    server = Server(folder / "server", log=folder / "server.log")
    agent = _agent(server, folder)
    try:
        ecs = server.client()
        server.client("iam").create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
        until(lambda: _is_connected(ecs) and _serves_fargate(folder), "the agent to connect")
        subnets = [s["SubnetId"] for s in server.client("ec2").describe_subnets()["Subnets"]]
        outcomes = Outcomes(ecs, subnets)
        runnable = sorted(SAMPLES, key=lambda name: "RUNNING" in json.dumps(SAMPLES[name]["expect"]))
        for first in range(0, len(runnable), AT_ONCE):
            outcomes.run(runnable[first : first + AT_ONCE])
        yield outcomes
    finally:
        agent.terminate()
        agent.wait(60)
        server.end()
        sweep = [sys.executable, "-m", "podium_agent", "sweep", "--data-dir", str(folder / "agent")]
        subprocess.run(sweep, env={**os.environ, "PYTHONPATH": str(SRC)}, check=True, capture_output=True)
        volumes = [v for v in docker("volume", "ls", "-q").split() if v.startswith(SHARED_VOLUMES)]
        subprocess.run(["docker", "volume", "rm", "-f", *volumes], capture_output=True)


def _agent(server: Server, folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "podium_agent", "--endpoint", server.url, "--data-dir", str(folder / "agent")]
    command += ["--credentials-file", str(server.data_dir / "credentials.json"), "--cluster", "default"]
    command += ["--cpu", "65536", "--memory", "65536", "--cleanup-wait", "1", "--fargate"]
    with (folder / "agent.log").open("wb") as log:
        return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(SRC)}, stderr=log)


def _is_connected(ecs: Any) -> bool:
    try:
        arns = ecs.list_container_instances()["containerInstanceArns"]
    except ClientError:
        return False  # the agent makes the cluster
    if not arns:
        return False
    told = ecs.describe_container_instances(containerInstances=arns)["containerInstances"]
    return any(instance["agentConnected"] for instance in told)


def _serves_fargate(folder: Path) -> bool:
    """Users see no instance of Fargate's, so that the agent's log tells."""
    said = map(json.loads, (folder / "agent.log").read_text().splitlines())
    return any(line["event"] == "connected" and line.get("cluster") == FARGATE_POOL for line in said)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_ends_as_it_should(outcomes: Outcomes, name: str) -> None:
    expected = SAMPLES[name]["expect"]
    if "refused" in expected:
        error = outcomes.refusals[name].response["Error"]
        shown = {"code": error["Code"], "message": error["Message"]}
        assert misfit(expected["refused"], shown) is None, shown
        return
    assert name not in outcomes.refusals, outcomes.refusals[name]
    if "failure" in expected:
        assert [failure["reason"] for failure in outcomes.failures[name]] == [expected["failure"]]
        return
    assert name not in outcomes.failures, outcomes.failures[name]
    shown = outcomes.shown[name]
    assert misfit(expected, shown) is None, f"{misfit(expected, shown)}; {shown.get('stoppedReason')}, {ends(shown)}"
    assert misfit(expected.get("labels", {}), outcomes.labels.get(name, {})) is None
    if "afterStop" in SAMPLES[name]:
        assert misfit(SAMPLES[name]["afterStop"], outcomes.stopped[name]) is None, outcomes.stopped[name]
