"""What can be told from a task definition alone: beginners' mistakes, each with what to do. No I/O.

Source: Amazon ECS Developer Guide, "Amazon ECS task execution IAM role", and "Container health checks"; API Reference,
HealthCheck.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from podium.ecs.explaining.findings import Finding, note, problem, warning

Given = Mapping[str, Any]
PRIVATE_ECR = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/")
WITHOUT_CURL = re.compile(r"(^|/)(alpine|busybox)(:|@|$)|-alpine|:alpine")
DEFAULT_CHECK = {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0}  # seconds; retries a number


def findings(document: Given, runs_on: str) -> Iterator[Finding]:
    """Of every container of a definition, as it is stored, for a launch type."""
    if not document.get("executionRoleArn"):
        yield from _without_execution_role(document, runs_on)
    for container in document["containerDefinitions"]:
        yield from _image(container)
        yield from _health_check(container)


def _without_execution_role(document: Given, runs_on: str) -> Iterator[Finding]:
    for container in document["containerDefinitions"]:
        wants = list(_wants_of_the_role(container, runs_on))
        if wants:
            yield problem(
                f"container {container['name']}",
                f"It needs the task execution role for {_listed(wants)}, and the task definition names none.",
                "Register a revision with executionRoleArn: a role that trusts ecs-tasks.amazonaws.com and has the "
                "policy AmazonECSTaskExecutionRolePolicy, with whatever reads its secrets besides.",
            )


def _wants_of_the_role(container: Given, runs_on: str) -> Iterator[str]:
    log = container.get("logConfiguration") or {}
    if PRIVATE_ECR.match(container["image"]) and runs_on != "EC2":
        yield "its private Amazon ECR image"
    if container.get("repositoryCredentials"):
        yield "its registry's credentials"
    if container.get("secrets") or log.get("secretOptions"):
        yield "its secrets"
    if container.get("environmentFiles"):
        yield "its environment files"
    if log.get("logDriver") == "awslogs" and runs_on != "EC2":
        yield "the awslogs log driver"


def _listed(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _image(container: Given) -> Iterator[Finding]:
    name, _, digest = container["image"].partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    if not digest and tag in ("", "latest"):
        told = "has no tag" if not tag else "has the tag latest"
        yield warning(
            f"container {container['name']}",
            f"Its image {container['image']} {told}: what runs may change from one task to the next, and a rollback "
            "runs the same tag again.",
            "Give each build its own tag, or name the image by its digest.",
        )


def _health_check(container: Given) -> Iterator[Finding]:
    check = container.get("healthCheck")
    if not check or not check.get("command") or check["command"][0] == "NONE":
        return
    about, kind, words = f"container {container['name']}", check["command"][0], check["command"][1:]
    if kind == "CMD" and len(words) == 1 and " " in words[0].strip():
        yield problem(
            about,
            f'Its health check runs a program of the name "{words[0]}", blanks and all, which there is not.',
            "Begin the command with CMD-SHELL, or give each word as an item of its own.",
        )
    if kind not in ("CMD", "CMD-SHELL"):
        yield problem(
            about,
            f'Its health check\'s command begins with "{kind}", which is neither CMD nor CMD-SHELL.',
            "Begin the command with CMD-SHELL and one string, or with CMD and one item a word.",
        )
    if any(re.search(r"\bcurl\b", word) for word in words) and WITHOUT_CURL.search(container["image"]):
        yield warning(
            about,
            f"Its health check runs curl, and the image {container['image']} has none unless a layer added it.",
            "Use wget -q -O- URL, or add curl to the image.",
        )
    times = {**DEFAULT_CHECK, **{name: value for name, value in check.items() if value is not None}}
    if times["timeout"] > times["interval"]:
        yield note(
            about,
            f"Its health check may take {times['timeout']} s and is run every {times['interval']} s: one that hangs "
            "is noticed late.",
            "Make the timeout shorter than the interval.",
        )


def patience_seconds(check: Given) -> int:
    """How long after its start a container whose health check never passes is taken for unhealthy, at the earliest."""
    times = {**DEFAULT_CHECK, **{name: value for name, value in check.items() if value is not None}}
    return int(times["startPeriod"] + times["interval"] * times["retries"])
