"""What an agent tells of the agents that it runs inside containers, as DescribeTasks shows them.

Source: Amazon ECS API Reference, ManagedAgent and ManagedAgentStateChange.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from podium.ecs.records import Container
from podium.store.records import replace


def merged(held: tuple[Container, ...], reports: Iterable[Mapping[str, Any]], now: datetime) -> tuple[Container, ...]:
    """A managed agent may stop and start again; the last word counts."""
    containers = {c.name: c for c in held}
    for report in reports:
        container = containers.get(report.get("containerName", ""))
        if container is not None:
            containers[container.name] = replace(container, managed_agents=_after(container, report, now))
    return tuple(containers.values())


def _after(container: Container, report: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], ...]:
    known = {agent["name"]: agent for agent in container.managed_agents}
    name, status = report["managedAgentName"], report["status"]
    before = known.get(name, {})
    told = {"name": name, "lastStatus": status, "reason": report.get("reason") or None}
    came_up = status == "RUNNING" and before.get("lastStatus") != "RUNNING"
    started = now.timestamp() if came_up else before.get("lastStartedAt")
    known[name] = {n: v for n, v in {**told, "lastStartedAt": started}.items() if v is not None}
    return tuple(known.values())
