"""What an agent's report does to a task: merged in order, never backwards, the same twice as once.

Source: the container agent's Submit*StateChange calls; see docs/design/0002-agent-protocol.md.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from podium.ecs import lifecycle
from podium.ecs.records import Container, Health, Task, TaskStatus
from podium.ecs.rules import managed_agents
from podium.store.records import replace

ORDER = {"PENDING": 0, "RUNNING": 1, "STOPPED": 2}
BEFORE_ATTACHED = ("PRECREATED", "CREATED", "ATTACHING")
MOST_REASON = 1024


def merged(task: Task, report: Mapping[str, Any], now: datetime) -> Task:
    """The task after a SubmitTaskStateChange. A report about a STOPPED task is no news."""
    if task.last_status is TaskStatus.STOPPED:
        return task
    told: dict[str, Any] = {
        "containers": _containers(
            managed_agents.merged(task.containers, report.get("managedAgents", ()), now), report.get("containers", ())
        ),
        "attachments": _attachments(task.attachments, report.get("attachments", ())),
        **_timestamps(task, report),
    }
    status = report.get("status", "")
    if status == "STOPPED":
        return _stopped(task, told, report.get("reason") or "", now)
    return lifecycle.started(task, now, **told) if status == "RUNNING" else lifecycle.through(task, (), now, **told)


def container_merged(task: Task, report: Mapping[str, Any], now: datetime) -> Task:
    """The task after a SubmitContainerStateChange, which speaks of one container."""
    return merged(task, {"containers": [report]}, now)


def late(task: Task, report: Mapping[str, Any]) -> Task:
    """A task that was declared lost, after its agent is back and tells how the containers ended."""
    containers = _containers(task.containers, report.get("containers", ()))
    return task if containers == task.containers else replace(task, containers=containers, version=task.version + 1)


def _containers(held: tuple[Container, ...], reports: Iterable[Mapping[str, Any]]) -> tuple[Container, ...]:
    by_name = {c.name: c for c in held}
    for report in reports:
        name = report.get("containerName", "")
        if name in by_name:
            by_name[name] = _container(by_name[name], report)
    return tuple(by_name.values())


def _container(held: Container, report: Mapping[str, Any]) -> Container:
    """Entries are snapshots: what one leaves out stays, and its status never goes back."""
    status = report.get("status", "")
    ahead = ORDER.get(status, -1) > ORDER[held.last_status]
    bindings = tuple(report.get("networkBindings") or ()) or held.network_bindings
    return replace(
        held,
        last_status=status if ahead else held.last_status,
        exit_code=report.get("exitCode", held.exit_code),
        reason=(report.get("reason") or held.reason or "")[:MOST_REASON] or None,
        runtime_id=report.get("runtimeId") or held.runtime_id,
        image_digest=report.get("imageDigest") or held.image_digest,
        network_bindings=bindings,
    )


def _attachments(held: tuple[dict[str, Any], ...], reports: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The agent found the device: what is attached or further stays so."""
    arrived = {r["attachmentArn"].rpartition("/")[2] for r in reports if r.get("status") == "ATTACHED"}
    return tuple(
        {**a, "status": "ATTACHED"} if a["id"] in arrived and a["status"] in BEFORE_ATTACHED else a for a in held
    )


def _timestamps(task: Task, report: Mapping[str, Any]) -> dict[str, datetime | None]:
    return {
        "pull_started_at": task.pull_started_at or report.get("pullStartedAt"),
        "pull_stopped_at": task.pull_stopped_at or report.get("pullStoppedAt"),
        "execution_stopped_at": task.execution_stopped_at or report.get("executionStoppedAt"),
    }


def _stopped(task: Task, told: dict[str, Any], reason: str, now: datetime) -> Task:
    told["containers"] = tuple(replace(c, last_status="STOPPED") for c in told["containers"])
    if reason and task.desired_status is not TaskStatus.STOPPED:
        told["stop_code"], told["stopped_reason"] = lifecycle.why(task)[0], reason[:MOST_REASON]
    return lifecycle.ended(task, now, **told)


def health_merged(task: Task, statuses: Iterable[Mapping[str, Any]]) -> Task:
    """The task after a PublishHealthRequest's word on its containers. Of a STOPPED one it is no news."""
    if task.last_status is TaskStatus.STOPPED:
        return task
    told = {s.get("containerName"): s.get("healthStatus", "UNKNOWN") for s in statuses}
    known = {h.value for h in Health}
    containers = tuple(
        replace(c, health=Health(told[c.name])) if told.get(c.name) in known else c for c in task.containers
    )
    return task if containers == task.containers else replace(task, containers=containers, version=task.version + 1)
