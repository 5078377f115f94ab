"""Roles that a request hands to ECS or to tasks: each needs iam:PassRole.

Source: Amazon ECS Developer Guide, "IAM roles for Amazon ECS"; Service Authorization Reference, dependent actions.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from podium.ecs.access.scene import Scene
from podium.ecs.records import DaemonTaskDefinition, TaskDefinition
from podium.kernel.access import Ask

TASKS, ECS = "ecs-tasks.amazonaws.com", "ecs.amazonaws.com"
TO_TASKS = ("taskRoleArn", "executionRoleArn")
TO_ECS = ("roleArn", "infrastructureRoleArn")
_OF_DEFINITION = frozenset({"RunTask", "StartTask"})
_OF_DAEMON = frozenset({"CreateDaemon", "UpdateDaemon"})


def passed(scene: Scene) -> Iterator[Ask]:
    """One ask for each role and service, however often the role is named."""
    for arn, service in dict.fromkeys(_roles(scene)):
        resource = arn if arn.startswith("arn:") else f"arn:{scene.call.partition}:iam::{scene.call.account}:role/{arn}"
        yield Ask(action="iam:PassRole", resource=resource, context={"iam:PassedToService": service})


def _roles(scene: Scene) -> Iterator[tuple[str, str]]:
    yield from _named(scene.request)
    if scene.operation == "CreateService" and scene.request.get("role"):
        yield scene.request["role"], ECS
    if scene.operation in _OF_DEFINITION:
        yield from _of_definition(scene)
    if scene.operation in _OF_DAEMON:
        yield from _of_daemon(scene)


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """Whatever the request calls a role, at any depth."""
    if isinstance(value, Mapping):
        for name, held in value.items():
            if isinstance(held, str):
                if name in TO_TASKS and held:
                    yield held, TASKS
                elif name in TO_ECS and held:
                    yield held, ECS
            else:
                yield from _named(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from _named(held)


def _of_definition(scene: Scene) -> Iterator[tuple[str, str]]:
    """A task has the roles of its definition, except those that are overridden."""
    overrides = scene.request.get("overrides") or {}
    definition = scene.tx.get(TaskDefinition, scene.task_definition(scene.request.get("taskDefinition", "")))
    if definition is None:
        return
    for member in TO_TASKS:
        role = definition.document.get(member)
        if role and not overrides.get(member):
            yield role, TASKS


def _of_daemon(scene: Scene) -> Iterator[tuple[str, str]]:
    given = scene.request.get("daemonTaskDefinitionArn")
    definition = scene.tx.get(DaemonTaskDefinition, scene.daemon_task_definition(given)) if given else None
    for member in TO_TASKS:
        if definition is not None and definition.document.get(member):
            yield definition.document[member], TASKS
