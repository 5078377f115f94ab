"""Podium itself, started for the bench, driven through the public API.

Figures come from the tasks' own timestamps; looking is done seldom, so that it costs the two cores little.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bench.engine import IMAGE, PROGRAM, Engine

LAUNCH = {"cluster": "bench"}


class Podium:
    """`podium up` in a data dir of its own; gone with all it made when the bench ends."""

    def __init__(self) -> None:
        self.data_dir = Path(tempfile.mkdtemp(prefix="podium-bench-"))
        self._podium("up", "--detach", "--port", "0", "--cpu", "65536", "--memory", "65536")
        self._url = json.loads((self.data_dir / "run" / "server.json").read_text())["url"]
        self._key = json.loads((self.data_dir / "credentials.json").read_text())["root"]
        self.ecs = self.client("ecs")
        self.ecs.create_cluster(clusterName="bench")
        self.register()
        self._services = 0

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self._url, region_name="us-east-1", config=Config(retries={"max_attempts": 0}),
            aws_access_key_id=self._key["accessKeyId"], aws_secret_access_key=self._key["secretAccessKey"],
        )  # fmt: skip

    def close(self) -> None:
        self._podium("down")
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def register(self) -> str:
        container = {"name": "main", "image": IMAGE, "command": PROGRAM, "cpu": 64, "memory": 64, "essential": True,
                     "portMappings": [{"containerPort": 8080}], "stopTimeout": 10}  # fmt: skip
        answer = self.ecs.register_task_definition(family="bench", containerDefinitions=[container])
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def create(self, count: int) -> tuple[str, list[float]]:
        """The service's name, and seconds from the call until each task was RUNNING, sorted."""
        self._services += 1
        name = f"bench-{self._services}"
        began = time.time()
        self.ecs.create_service(**LAUNCH, serviceName=name, taskDefinition="bench", desiredCount=count)
        tasks = self.until(name, lambda found: len(found) == count)
        return name, sorted(_at(t["startedAt"]) - began for t in tasks)

    def running(self, name: str) -> list[Any]:
        arns = self.ecs.list_tasks(**LAUNCH, serviceName=name)["taskArns"]
        found = self.ecs.describe_tasks(**LAUNCH, tasks=arns)["tasks"] if arns else []
        return [t for t in found if t["lastStatus"] == "RUNNING"]

    def until(self, name: str, enough: Callable[[list[Any]], bool]) -> list[Any]:
        deadline = time.time() + 120
        while not enough(found := self.running(name)):
            assert time.time() < deadline, f"{name} did not come up; what runs: {found}"
            time.sleep(0.25)
        return found

    def roll(self, name: str, count: int) -> tuple[float, int]:
        """Seconds from the call until the deployment completed, and the fewest tasks running meanwhile."""
        definition = self.register()
        began, fewest = time.time(), count
        self.ecs.update_service(**LAUNCH, service=name, taskDefinition=definition)
        while True:
            service = self.ecs.describe_services(**LAUNCH, services=[name])["services"][0]
            fewest = min(fewest, service["runningCount"])
            if len(service["deployments"]) == 1 and service["deployments"][0]["rolloutState"] == "COMPLETED":
                return time.time() - began, fewest
            time.sleep(0.05)

    def heal(self, name: str, kill: Callable[[str], None]) -> float:
        """Seconds from a kill behind our back until the replacement is RUNNING."""
        tasks = self.running(name)
        before = {t["taskArn"] for t in tasks}
        began = time.time()
        kill(tasks[0]["containers"][0]["runtimeId"])
        found = self.until(name, lambda now: any(t["taskArn"] not in before for t in now))
        return _at(next(t for t in found if t["taskArn"] not in before)["startedAt"]) - began

    def delete(self, name: str) -> None:
        """Force away, and wait until its containers have stopped."""
        self.ecs.update_service(**LAUNCH, service=name, desiredCount=0)
        self.until(name, lambda found: not found)
        self.ecs.delete_service(**LAUNCH, service=name, force=True)

    def _podium(self, *words: str) -> None:
        command = [sys.executable, "-m", "podium.cli", *words, "--data-dir", str(self.data_dir)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _at(moment: Any) -> float:
    return float(moment.timestamp())


async def kill_from_thread(engine: Engine, podium: Podium, name: str) -> float:
    loop = asyncio.get_running_loop()

    def kill(container: str) -> None:
        asyncio.run_coroutine_threadsafe(engine.kill(container), loop).result()

    return await asyncio.to_thread(podium.heal, name, kill)
