"""ECS Service Action and ECS Deployment State Change: what a service's event log and its deployments tell.

Source: Amazon ECS Developer Guide, "Amazon ECS service action events" and "Amazon ECS service deployment state change
events".
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from podium.ecs import names
from podium.ecs.eventing.told import Told, iso
from podium.ecs.records import Deployment, Rollout, Service, ServiceEvent
from podium.ecs.scheduling import task_sets

ACTION, DEPLOYMENT = "ECS Service Action", "ECS Deployment State Change"
NO_INSTANCES = "No Container Instances were found in your cluster."
CAUSES = (
    ("insufficient CPU", "RESOURCE:CPU"),
    ("insufficient memory", "RESOURCE:MEMORY"),
    ("insufficient GPUs", "RESOURCE:GPU"),
    ("using a port", "RESOURCE:PORTS"),
    ('"AGENT"', "AGENT"),
    ("missing an attribute", "ATTRIBUTE"),
    ("Capacity is unavailable", "RESOURCE:FARGATE"),
    ("No Container Instances", NO_INSTANCES),
)
ACTIONS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), kind, name)
    for pattern, kind, name in (
        (r", taskSet (?P<task_set>\S+)\) has reached a steady state\.", "INFO", "TASKSET_STEADY_STATE"),
        (r"has reached a steady state\.", "INFO", "SERVICE_STEADY_STATE"),
        (r"has started \d+ tasks\b", "INFO", "TASKS_STARTED"),
        (r"has stopped \d+ running tasks\b", "INFO", "TASKS_STOPPED"),
        (r"no longer meet its placement constraints", "ERROR", "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED"),
        (r"is unable to consistently start tasks", "WARN", "SERVICE_TASK_START_IMPAIRED"),
        (r"was unable to place (a task|tasks)\b", "ERROR", "SERVICE_TASK_PLACEMENT_FAILURE"),
        (r"No Container Instances were found in your capacity provider", "ERROR", "SERVICE_TASK_PLACEMENT_FAILURE"),
        (r"failed to launch a task with \(error (?P<reason>.*)\)\.$", "ERROR", "SERVICE_TASK_CONFIGURATION_FAILURE"),
        (r"operations are being throttled", "ERROR", "ECS_OPERATION_THROTTLED"),
        (r"AZ Rebalancing in progress", "INFO", "SERVICE_REBALANCING_STARTED"),
        (r"\bis AZ balanced with", "INFO", "SERVICE_REBALANCING_COMPLETED"),
        (r"stopped AZ Rebalancing", "WARN", "SERVICE_REBALANCING_STOPPED"),
    )
)
"""Which sentences of a service's event log are actions, too. The others are told by the events of tasks."""

DEPLOYMENTS = {
    Rollout.IN_PROGRESS: ("INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS"),
    Rollout.COMPLETED: ("INFO", "SERVICE_DEPLOYMENT_COMPLETED"),
    Rollout.FAILED: ("ERROR", "SERVICE_DEPLOYMENT_FAILED"),
}


def action(service: Service, event: ServiceEvent) -> Told | None:
    """None for a sentence that is no action."""
    for pattern, kind, name in ACTIONS:
        if (found := pattern.search(event.message)) is None:
            continue
        detail: dict[str, Any] = {"eventType": kind, "eventName": name, "clusterArn": service.cluster_arn}
        if name == "SERVICE_TASK_PLACEMENT_FAILURE" and service.capacity_provider_strategy:
            detail["capacityProviderArns"] = _providers(service)
        if task_set := found.groupdict().get("task_set"):
            detail["taskSetArns"] = [task_sets.arn(service.arn, task_set)]
        if kind == "ERROR":
            detail["reason"] = found.groupdict().get("reason") or _cause(event.message)
        return Told(ACTION, service.arn, {**detail, "createdAt": iso(event.created_at)})
    return None


def changed(before: Service | None, after: Service, now: datetime) -> Iterator[Told]:
    """What came of its deployments, and a desired count that only ECS itself sets."""
    known = {d.id: d.rollout for d in before.deployments} if before is not None else {}
    for deployment in reversed(after.deployments):
        if known.get(deployment.id) is not deployment.rollout:
            yield _deployment(after, deployment)
    daemon = after.scheduling_strategy == "DAEMON" and before is not None
    if daemon and before is not None and before.desired_count != after.desired_count:
        detail = {"eventType": "INFO", "eventName": "SERVICE_DESIRED_COUNT_UPDATED", "clusterArn": after.cluster_arn}
        yield Told(ACTION, after.arn, {**detail, "createdAt": iso(now)})


def _deployment(service: Service, deployment: Deployment) -> Told:
    kind, name = DEPLOYMENTS[deployment.rollout]
    detail = {
        "eventType": kind,
        "eventName": name,
        "deploymentId": deployment.id,
        "updatedAt": iso(deployment.updated_at),
        "reason": deployment.rollout_reason.replace(": tasks failed to start.", ": task failed to start."),
    }
    return Told(DEPLOYMENT, service.arn, detail)


def _cause(message: str) -> str:
    return next((reason for words, reason in CAUSES if words in message), message.partition(") ")[2])


def _providers(service: Service) -> list[str]:
    return [names.provider_arn(service.home, item["capacityProvider"]) for item in service.capacity_provider_strategy]
