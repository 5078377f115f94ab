"""Tasks of each network mode, run by Podium and timed by their own timestamps."""

import time
from dataclasses import dataclass
from typing import Any

from bench.engine import IMAGE, PROGRAM
from bench.plane import LAUNCH, Podium

MODES = ("bridge", "host", "none", "awsvpc")
_MOST_AT_ONCE = 10  # RunTask's own limit
_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 180.0


@dataclass(frozen=True)
class Ran:
    """Tasks that were RUNNING together. `seconds` are those from the first one's creation until each was, sorted."""

    arns: list[str]
    seconds: list[float]
    docker_ids: list[str]


class Tasks:
    """Runs them on a Podium that was started for the bench."""

    def __init__(self, podium: Podium) -> None:
        self._ecs = podium.ecs
        self._subnet = podium.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        for mode in MODES:
            self._register(mode)

    def run(self, mode: str, count: int) -> Ran:
        network = {"awsvpcConfiguration": {"subnets": [self._subnet]}}
        configured = {"networkConfiguration": network} if mode == "awsvpc" else {}
        made: list[Any] = []
        while len(made) < count:
            some = min(_MOST_AT_ONCE, count - len(made))
            answer = self._ecs.run_task(**LAUNCH, taskDefinition=f"bench-{mode}", count=some, **configured)
            assert not answer["failures"], f"Podium did not place the tasks: {answer['failures']}"
            made += answer["tasks"]
        began = min(t["createdAt"].timestamp() for t in made)
        tasks = self._until([t["taskArn"] for t in made], "RUNNING")
        return Ran(
            arns=[t["taskArn"] for t in tasks],
            seconds=sorted(t["startedAt"].timestamp() - began for t in tasks),
            docker_ids=[t["containers"][0]["runtimeId"] for t in tasks],
        )

    def stop(self, arns: list[str]) -> None:
        for arn in arns:
            self._ecs.stop_task(**LAUNCH, task=arn)
        self._until(arns, "STOPPED")

    def _register(self, mode: str) -> None:
        ports = {"portMappings": [{"containerPort": 8080}]} if mode == "bridge" else {}
        container = {"name": "main", "image": IMAGE, "command": PROGRAM, "cpu": 16, "memory": 16, **ports}
        self._ecs.register_task_definition(family=f"bench-{mode}", networkMode=mode, containerDefinitions=[container])

    def _until(self, arns: list[str], status: str) -> list[Any]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            found = [t for some in _hundreds(arns) for t in self._ecs.describe_tasks(**LAUNCH, tasks=some)["tasks"]]
            if all(t["lastStatus"] == status for t in found):
                return found
            over = [t.get("stoppedReason") for t in found if status != "STOPPED" and t["lastStatus"] == "STOPPED"]
            assert not over, f"tasks ended: {over}"
            assert time.monotonic() < deadline, f"tasks are not {status} within {_PATIENCE_SECONDS:.0f} s"
            time.sleep(_LOOK_SECONDS)


def _hundreds(arns: list[str]) -> list[list[str]]:
    """DescribeTasks takes a hundred."""
    return [arns[start : start + 100] for start in range(0, len(arns), 100)]
