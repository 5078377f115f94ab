"""Every life that records lead, as arcs between the words that are seen of it on disk.

A change along no arc breaks a law; a week's coverage says which arcs it went. The finer arcs of a task, of which
several may be gone at once, are `podium.ecs.lifecycle.LIFECYCLE`; they are counted as they are gone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from podium.ecs.records import (
    ContainerInstance,
    Service,
    ServiceDeployment,
    Stranger,
    Task,
    TaskDefinition,
    TaskProtection,
    TaskSet,
)
from podium.store.session import Change

NOWHERE = "-"  # before it was made, and after it was forgotten
Arc = tuple[str, str]


def _arcs(**lead: str) -> frozenset[Arc]:
    return frozenset((_word(a), _word(b)) for a, after in lead.items() for b in after.split())


def _word(name: str) -> str:
    return NOWHERE if name == "nowhere" else name


@dataclass(frozen=True, kw_only=True)
class Life:
    """`words` gives, by part, where a record stands. Staying where it is is no arc."""

    name: str
    kind: type[Any]
    words: Callable[[Any], dict[str, str]]
    arcs: frozenset[Arc]


def _status(record: Any) -> dict[str, str]:
    return {"": str(record.status)}


LIVES: tuple[Life, ...] = (
    Life(
        name="task, as wanted",
        kind=Task,
        words=lambda task: {"": str(task.desired_status)},
        arcs=_arcs(nowhere="RUNNING", RUNNING="STOPPED", STOPPED="nowhere"),
    ),
    Life(
        name="container",
        kind=Task,
        words=lambda task: {c.name: c.last_status for c in task.containers},
        arcs=_arcs(
            nowhere="PENDING RUNNING",  # RUNNING: taken up from an agent that runs it
            PENDING="RUNNING STOPPED nowhere",  # nowhere: its instance was deregistered by force, and nobody told more
            RUNNING="STOPPED nowhere",
            STOPPED="nowhere",
        ),
    ),
    Life(
        name="service",
        kind=Service,
        words=_status,
        arcs=_arcs(nowhere="ACTIVE", ACTIVE="DRAINING", DRAINING="INACTIVE", INACTIVE="ACTIVE nowhere"),
    ),
    Life(
        name="rollout",
        kind=Service,
        words=lambda service: {d.id: str(d.rollout) for d in service.deployments},
        arcs=_arcs(
            nowhere="IN_PROGRESS",
            IN_PROGRESS="COMPLETED FAILED nowhere",
            COMPLETED="IN_PROGRESS nowhere",  # IN_PROGRESS again: it was rolled back to
            FAILED="IN_PROGRESS nowhere",  # likewise, after a rollback to it that failed
        ),
    ),
    Life(
        name="service deployment",
        kind=ServiceDeployment,
        words=_status,
        arcs=_arcs(
            nowhere="PENDING",
            PENDING="IN_PROGRESS STOP_REQUESTED ROLLBACK_REQUESTED nowhere",
            IN_PROGRESS="SUCCESSFUL STOP_REQUESTED STOPPED ROLLBACK_REQUESTED ROLLBACK_IN_PROGRESS"
            " ROLLBACK_FAILED nowhere",
            STOP_REQUESTED="STOPPED nowhere",
            ROLLBACK_REQUESTED="ROLLBACK_IN_PROGRESS ROLLBACK_FAILED STOP_REQUESTED nowhere",
            ROLLBACK_IN_PROGRESS="ROLLBACK_SUCCESSFUL ROLLBACK_FAILED STOP_REQUESTED nowhere",
            SUCCESSFUL="nowhere",
            STOPPED="nowhere",
            ROLLBACK_SUCCESSFUL="nowhere",
            ROLLBACK_FAILED="nowhere",
        ),
    ),
    Life(
        name="container instance",
        kind=ContainerInstance,
        words=_status,
        arcs=_arcs(nowhere="ACTIVE", ACTIVE="DRAINING INACTIVE", DRAINING="ACTIVE INACTIVE", INACTIVE="ACTIVE"),
    ),
    Life(
        name="agent",
        kind=ContainerInstance,
        words=lambda instance: {"": "connected" if instance.agent_connected else "away"},
        arcs=_arcs(nowhere="away", away="connected", connected="away"),
    ),
    Life(
        name="host",
        kind=ContainerInstance,
        words=lambda instance: {"": "lost" if instance.lost_at else "there"},
        arcs=_arcs(nowhere="there", there="lost", lost="there"),
    ),
    Life(
        name="stranger",
        kind=Stranger,
        words=lambda stranger: {"": "to stop" if stranger.stop_asked else "left alone"},
        arcs=frozenset(
            {
                (NOWHERE, "left alone"),
                (NOWHERE, "to stop"),
                ("left alone", "to stop"),
                ("left alone", NOWHERE),
                ("to stop", NOWHERE),
            }
        ),
    ),
    Life(
        name="task set",
        kind=TaskSet,
        words=_status,
        arcs=_arcs(
            nowhere="ACTIVE", ACTIVE="PRIMARY DRAINING nowhere", PRIMARY="ACTIVE DRAINING nowhere", DRAINING="nowhere"
        ),
    ),
    Life(
        name="task definition",
        kind=TaskDefinition,
        words=_status,
        arcs=_arcs(nowhere="ACTIVE", ACTIVE="INACTIVE", INACTIVE="DELETE_IN_PROGRESS", DELETE_IN_PROGRESS="nowhere"),
    ),
    Life(
        name="protection",
        kind=TaskProtection,
        words=lambda protection: {"": "held"},
        arcs=_arcs(nowhere="held", held="nowhere"),
    ),
)
OF_KIND: dict[type[Any], tuple[Life, ...]] = {life.kind: () for life in LIVES}
OF_KIND = {kind: tuple(life for life in LIVES if life.kind is kind) for kind in OF_KIND}


def gone(change: Change) -> Iterator[tuple[Life, Arc]]:
    """The arcs that a change goes, of whatever life."""
    for life in OF_KIND.get(change.kind, ()):
        before = life.words(change.before) if change.before is not None else {}
        after = life.words(change.after) if change.after is not None else {}
        for part in {**before, **after}:
            arc = (before.get(part, NOWHERE), after.get(part, NOWHERE))
            if arc[0] != arc[1]:
                yield life, arc
