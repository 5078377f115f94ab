"""Wrong words between the control plane and its agents, and wrong deeds of agents."""

from itertools import count
from typing import Any

from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Task
from podium.store.records import replace
from podium_agent.engine.records import Status
from podium_sim.planted.planting import Function, Planted

ENGINE = "podium_agent.engine"


def _no_stops(right: Function) -> Function:
    def assign(this: Any, assignments: Any, now: Any) -> Any:
        return right(this, [a for a in assignments if a.desired != "STOPPED"], now)

    return assign


def _only_what_runs(right: Function) -> Function:
    def of_instance(tx: Any, instance_arn: str) -> Any:
        return [a for a in right(tx, instance_arn) if a.reported]

    return of_instance


def _not_the_dead(right: Function) -> Function:
    def adopt(task: Any, container: Any, found: Any, now: Any) -> Any:
        missed = found is not None and found.state == "exited" and container.unsure
        return task if missed else right(task, container, found, now)

    return adopt


def _forgets(right: Function) -> Function:
    return lambda this, event, now: right(this, replace(event, records=()), now)


BUGS: tuple[Planted, ...] = (
    Planted(
        "a host is believed about tasks that are not its own",
        "podium.ecs.bounds:_only_itself",
        lambda right: lambda *given: None,
    ),
    Planted("an agent is never told to stop a task", "podium.ecs.acs.session:Session.assign", _no_stops),
    Planted(
        "an agent that comes back is told only of what runs",
        "podium.ecs.acs.assignments:of_instance",
        _only_what_runs,
    ),
    Planted(
        "a new server counts from one",
        "podium_sim.plane:numbers",
        lambda right: lambda epoch: count(1),
    ),
    Planted(
        "a deregistered instance's tasks are told to run on",
        "podium.ecs.acs.links:stops_meant",
        lambda right: (
            lambda tx, arn, candidates, now: [stop for stop in right(tx, arn, candidates, now) if _holds(tx, stop)]
        ),
    ),
    Planted("an agent forgets its tasks when it is started again", f"{ENGINE}.engine:Engine._restored", _forgets),
    Planted(
        "an agent does not write down what it begins",
        f"{ENGINE}.engine:_is_weighty",
        lambda right: lambda instruction: False,
    ),
    Planted(
        "an agent takes no notice of a stop",
        f"{ENGINE}.lives:told_to_stop",
        lambda right: lambda task, within=None: task,
    ),
    Planted(
        "an agent does not see what ended while it was away",
        f"{ENGINE}.adoption:adopt",
        _not_the_dead,
    ),
    Planted(
        "a container is started before the network is there",
        f"{ENGINE}.graph:may_start",
        lambda right: lambda task, container: True,
    ),
    Planted(
        "an agent tells every end as a good one",
        f"{ENGINE}.lives:ended",
        lambda right: lambda task, container, how, now: right(task, container, replace(how, code=0), now),
    ),
    Planted(
        "an agent never tells that a task ended",
        f"{ENGINE}.reports:next_report",
        lambda right: lambda task: None if task.status is Status.STOPPED else right(task),
    ),
)


def _holds(tx: Any, arn: str) -> bool:
    task = tx.get(Task, arn)
    return task is not None and task.last_status in HOLDING
