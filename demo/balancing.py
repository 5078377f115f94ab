"""The frontend behind a load balancer, and a new version of it rolled out while requests come in all the time."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from demo import image, screen
from demo.machine import Machine
from demo.screen import Results

CLUSTER = ("--cluster", "demo")
SERVICE = (*CLUSTER, "--service", "front")
LOAD = Path(__file__).parent / "load.py"


def balance(machine: Machine) -> None:
    """An internet-facing application load balancer on port 80, and the service of three tasks that it leads to."""
    screen.chapter("7. A load balancer, and a service behind it")
    subnets = machine.quietly("ec2", "describe-subnets")["Subnets"][:2]
    vpc, zones = subnets[0]["VpcId"], [subnet["SubnetId"] for subnet in subnets]
    group = machine.aws(
        "elbv2", "create-target-group", "--name", "front", "--protocol", "HTTP", "--port", "8080", "--vpc-id", vpc
    )["TargetGroups"][0]["TargetGroupArn"]
    made = machine.aws("elbv2", "create-load-balancer", "--name", "front", "--subnets", *zones)["LoadBalancers"][0]
    machine.aws(
        "elbv2", "create-listener", "--load-balancer-arn", made["LoadBalancerArn"], "--protocol", "HTTP",
        "--port", "80", "--default-actions", f"Type=forward,TargetGroupArn={group}",
    )  # fmt: skip
    register(machine, version="1")
    machine.aws(
        "ecs", "create-service", *CLUSTER, "--service-name", "front", "--task-definition", "front",
        "--desired-count", "3", "--load-balancers", f"targetGroupArn={group},containerName=web,containerPort=8080",
    )  # fmt: skip
    completed(machine)
    machine.aws("elbv2", "wait", "target-in-service", "--target-group-arn", group)


def register(machine: Machine, version: str) -> None:
    container = {
        "name": "web",
        "image": "podium/demo:1",
        "memory": 64,
        "portMappings": [{"containerPort": 8080}],
        "environment": [{"name": "VERSION", "value": version}],
    }
    machine.aws(
        "ecs", "register-task-definition", "--family", "front", "--container-definitions", json.dumps([container])
    )


def roll_out_under_load(machine: Machine, results: Results) -> None:
    screen.chapter("8. A new version rolls out under load, and drops nothing")
    url = machine.podium("open", "front").strip()
    screen.say(f"{url} is asked all the time from here on")
    load = _Load(machine, url)
    register(machine, version="2")
    machine.aws("ecs", "update-service", *SERVICE, "--task-definition", "front")
    began, ended = completed(machine)
    told = load.end()
    failed = {reason: count for reason, count in told.items() if reason.startswith("failed")}
    old, new = told.get("1", 0), told.get("2", 0)
    screen.say(f"{old + new:,} requests answered, {old:,} by version 1 and {new:,} by version 2; failed: {failed or 0}")
    results.add(
        "a roll-out under load: asked to COMPLETED",
        ended - began,
        f"{old + new:,} requests, {sum(failed.values())} failed",
    )
    if failed or not new:
        raise SystemExit("Requests failed during the roll-out.")
    machine.aws("ecs", "delete-service", *SERVICE, "--force")


def completed(machine: Machine) -> tuple[float, float]:
    """When the newest deployment was asked for, and when it was COMPLETED."""
    from demo.story import at, until

    def done() -> Any:
        found = machine.quietly("ecs", "describe-services", *CLUSTER, "--services", "front")["services"][0]
        newest = found["deployments"][0]
        return newest if newest["rolloutState"] == "COMPLETED" else None

    newest = until(done)
    return at(newest["createdAt"]), at(newest["updatedAt"])


class _Load:
    """Many clients in a process of their own, where the url is reached."""

    def __init__(self, machine: Machine, url: str) -> None:
        command = [sys.executable, str(LOAD), url]
        if machine.in_docker:
            command = [image.docker(), "exec", "-i", machine.container, "python3", "-c", LOAD.read_text(), url]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, env=machine.environment, stdin=pipe, stdout=pipe, text=True)

    def end(self) -> dict[str, int]:
        """How many requests were answered, by version, and how many failed of what."""
        told: dict[str, int] = json.loads(self._process.communicate(timeout=60)[0])
        return told
