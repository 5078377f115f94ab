"""Wrong lives: of tasks, of their interfaces, of what is to be forgotten."""

from datetime import timedelta
from typing import Any

from podium.ecs.records import Task, TaskStatus
from podium.store.records import replace
from podium_sim.planted.planting import Function, Planted

LIFECYCLE = "podium.ecs.lifecycle"
INTERFACES = "podium.ecs.controllers.interfaces"


def _last_reason_stays(right: Function) -> Function:
    def asked_to_stop(task: Task, code: Any, reason: str, now: Any) -> Task:
        after: Task = right(task, code, reason, now)
        return replace(after, stop_code=code, stopped_reason=reason)

    return asked_to_stop


def _runs_again(right: Function) -> Function:
    def merged(task: Task, report: Any, now: Any) -> Task:
        after: Task = right(task, report, now)
        late = report.get("status") == "RUNNING" and task.last_status is TaskStatus.STOPPING
        return replace(after, last_status=TaskStatus.RUNNING) if late else after

    return merged


def _sooner(right: Function) -> Function:
    def ended(this: Any, record: Any) -> Any:
        due = right(this, record)
        return due and due - timedelta(minutes=30)

    return ended


def _gives_up_early(right: Function) -> Function:
    def reconcile(this: Any, tx: Any, key: str, now: Any) -> Any:
        patient = this._timing
        this._timing = replace(patient, provisioning_most=patient.provisioning_most / 2)
        again = right(this, tx, key, now)
        this._timing = patient
        return again

    return reconcile


def _all_at_once(right: Function) -> Function:
    return lambda hosts, share: hosts


def _impatient(right: Function) -> Function:
    return lambda instance, patience: right(instance, replace(patience, lost_after=patience.lost_after / 3))


BUGS: tuple[Planted, ...] = (
    Planted("all hosts that are away are given up at once", "podium.ecs.scheduling.losing:allowed", _all_at_once),
    Planted("a host is given up in a third of the time", "podium.ecs.scheduling.losing:due", _impatient),
    Planted(
        "what a lost host may still run is forgotten",
        "podium.ecs.losses:back",
        lambda right: lambda tx, instance: instance.agent_connected,
    ),
    Planted("the last reason to stop stays, not the first", f"{LIFECYCLE}:asked_to_stop", _last_reason_stays),
    Planted("a late report makes a task run again", "podium.ecs.rules.reports:merged", _runs_again),
    Planted("a stopped task keeps its interface", f"{INTERFACES}:_is_done_with_it", lambda right: lambda task: False),
    Planted(
        "an interface is released while its task runs",
        f"{INTERFACES}:_is_done_with_it",
        lambda right: lambda task: task.interface_id is not None and task.desired_status is TaskStatus.STOPPED,
    ),
    Planted(
        "a task does not wait for its interface to go",
        f"{LIFECYCLE}:_cleaning",
        lambda right: lambda task: right(replace(task, interface_id=None)),
    ),
    Planted("stopped tasks are forgotten half an hour early", "podium.ecs.controllers.reaper:Reaper._ended", _sooner),
    Planted(
        "stopped tasks are never forgotten",
        "podium.ecs.controllers.reaper:Reaper.reconcile",
        lambda right: lambda this, tx, key, now: None,
    ),
    Planted(
        "a task that waits for capacity is given up early",
        "podium.ecs.controllers.tasks:TaskController.reconcile",
        _gives_up_early,
    ),
    Planted(
        "a task definition is deleted while it is in use",
        "podium.ecs.controllers.task_definitions:_in_use",
        lambda right: lambda tx, definition: False,
    ),
    Planted(
        "an exit code is lost",
        "podium.ecs.rules.reports:_container",
        lambda right: lambda held, report: right(held, {k: v for k, v in report.items() if k != "exitCode"}),
    ),
    Planted(
        "a deployment's history goes too early",
        "podium.ecs.controllers.histories:HistoryController.reconcile",
        lambda right: lambda this, tx, key, now: right(this, tx, key, now + timedelta(hours=1)),
    ),
)
