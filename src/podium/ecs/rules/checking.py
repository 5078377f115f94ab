"""What agents find when they check their hosts, and what that makes of an instance's health.

Source: the open-source agent's PublishInstanceStatusRequest; Amazon ECS API Reference, ContainerInstanceHealthStatus.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from podium.ecs.records import InstanceCheck

TYPES = {"ContainerRuntime": "CONTAINER_RUNTIME", "AcceleratedCompute": "ACCELERATED_COMPUTE", "Daemon": "DAEMON"}
STATUSES = ("OK", "IMPAIRED", "INSUFFICIENT_DATA", "INITIALIZING")
WORST_FIRST = ("IMPAIRED", "INSUFFICIENT_DATA", "INITIALIZING", "OK")


def merged(held: tuple[InstanceCheck, ...], told: Iterable[Mapping[str, Any]]) -> tuple[InstanceCheck, ...]:
    """The checks after a report. One that is older than what is known changes nothing."""
    by_type = {check.type: check for check in held}
    for check in filter(None, map(_check, told)):
        known = by_type.get(check.type)
        if known is None or not _earlier(check, known):
            by_type[check.type] = check
    return tuple(by_type.values())


def overall(statuses: Iterable[str]) -> str:
    """The worst of them."""
    return min(statuses, key=WORST_FIRST.index)


def _check(told: Mapping[str, Any]) -> InstanceCheck | None:
    kind = TYPES.get(str(told.get("type")), str(told.get("type")))
    if kind not in TYPES.values() or told.get("status") not in STATUSES:
        return None
    updated, changed = _time(told.get("lastUpdated")), _time(told.get("lastStatusChange"))
    return InstanceCheck(type=kind, status=told["status"], updated_at=updated, changed_at=changed)


def _earlier(check: InstanceCheck, known: InstanceCheck) -> bool:
    return bool(check.updated_at and known.updated_at and check.updated_at < known.updated_at)


def _time(seconds: object) -> datetime | None:
    """Seconds since the epoch, as the channel has times; None for what is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
