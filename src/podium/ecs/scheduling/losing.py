"""Which hosts of a cluster are taken for dead, because their agents have been away for too long. No I/O.

AWS has a machine to look at and replaces it; here there is only the agent's silence, which may be the network's or our
own fault as well. So a host is given time, no more than a share of a cluster is given up in that time, and none while
most of the cluster's agents are away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from podium.ecs.records import ContainerInstance, InstanceStatus, TaskDefinition

DIALS_AGAIN_WITHIN = timedelta(minutes=2)
"""Between two tries of an agent to reach a control plane that was away.

Source: the open-source agent's back-off of its ACS connection.
"""

FILE_SYSTEMS = ("efsVolumeConfiguration", "s3filesVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration")


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """`began` is when this control plane started: nobody could be connected to it before."""

    lost_after: timedelta
    share: int  # percent
    began: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`lose`: whom to give up now, the longest away first. `look_again`: when time alone will change the plan.

    `held`: nobody is given up, however long, since most of the cluster is away.
    """

    lose: tuple[ContainerInstance, ...] = ()
    look_again: datetime | None = None
    held: bool = False


def plan(
    instances: Sequence[ContainerInstance], patience: Patience, now: datetime, most_back: datetime | None = None
) -> Plan:
    """What to make of a cluster's hosts that are away. Those that the operator called off are not counted at all.

    `most_back` is when most of the cluster was back, if most was away: what kept those away may keep the rest a
    little longer, so that they are given `lost_after` from then.

    Of two hosts one is not most, so the other takes over for it; of one host it is, so that alone it is never lost.
    """
    there = [i for i in instances if i.status is not InstanceStatus.INACTIVE and not i.is_off]
    away = [i for i in there if not i.agent_connected]
    new = [i for i in away if not is_lost(i)]
    if not new:
        return Plan()
    if len(away) * 2 > len(there):
        return Plan(look_again=now + patience.lost_after, held=True)
    waiting = sorted((due(i, patience), i.arn, i) for i in new)
    if most_back is not None and now < most_back + patience.lost_after:
        return Plan(look_again=max(waiting[0][0], most_back + patience.lost_after))
    ripe = [instance for at, _, instance in waiting if at <= now]
    if not ripe:
        return Plan(look_again=waiting[0][0])
    moments = (i.given_up_at for i in there if i.given_up_at is not None)
    recent = sorted(at for at in moments if at + patience.lost_after > now)
    room = max(0, allowed(len(there), patience.share) - len(recent))
    later = [at for at, _, _ in waiting[len(ripe) :]]
    if len(ripe) > room:
        later.append((recent[0] if recent else now) + patience.lost_after)
    return Plan(lose=tuple(ripe[:room]), look_again=min(later, default=None))


def allowed(hosts: int, share: int) -> int:
    """How many of a cluster's hosts may be given up within `lost_after`: the share of them, rounded down, or one.

    Those that are back meanwhile count as well.
    """
    return max(1, hosts * share // 100)


def due(instance: ContainerInstance, patience: Patience) -> datetime:
    """When its tasks are declared lost if its agent stays away.

    One that was away already when this control plane started is given time to dial in first.
    """
    since = instance.disconnected_at or instance.registered_at
    if since <= patience.began:
        since = patience.began + DIALS_AGAIN_WITHIN
    return since + patience.lost_after


def is_lost(instance: ContainerInstance) -> bool:
    """Given up already, and not been back since."""
    since = instance.disconnected_at or instance.registered_at
    return instance.lost_at is not None and instance.lost_at >= since


def once_only(definition: TaskDefinition) -> str | None:
    """The name of a volume that two of its tasks must not write to at a time, whatever became of their hosts.

    That is a path of the host, a Docker volume that tasks share, or a file system of the network, which a container
    mounts to write to. What Docker makes for one task alone is nobody else's.
    """
    mounts = (mount for container in definition.containers for mount in container.get("mountPoints") or ())
    written = {mount.get("sourceVolume") for mount in mounts if not mount.get("readOnly")}
    shared = (volume["name"] for volume in definition.document.get("volumes") or () if _is_shared(volume))
    return next((name for name in shared if name in written), None)


def _is_shared(volume: Mapping[str, Any]) -> bool:
    if "dockerVolumeConfiguration" in volume:
        return (volume["dockerVolumeConfiguration"] or {}).get("scope") == "shared"
    if any(name in volume for name in FILE_SYSTEMS):
        return True
    return bool((volume.get("host") or {}).get("sourcePath"))
