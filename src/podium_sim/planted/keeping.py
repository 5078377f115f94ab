"""Wrong memory: the store, the core's queue, what is held in sum."""

from datetime import timedelta
from typing import Any

from podium.ecs.records import Held, TaskStatus
from podium_sim.planted.planting import Function, Planted


def _only_what_runs_holds(right: Function) -> Function:
    def stake(task: Any) -> Any:
        return right(task) if task is not None and task.last_status is TaskStatus.RUNNING else None

    return stake


def _never_given_back(right: Function) -> Function:
    def changed(held: Held, sign: int, *rest: Any) -> Held:
        counted: Held = right(held, sign, *rest) if sign > 0 else held
        return counted

    return changed


def _deletes_are_lost(right: Function) -> Function:
    def last_word(changes: Any) -> Any:
        return {kind: {k: r for k, r in rows.items() if r is not None} for kind, rows in right(changes).items()}

    return last_word


def _first_stays(right: Function) -> Function:
    def add(this: Any, controller: str, key: str, due: Any) -> None:
        if (controller, key) not in this._due:
            right(this, controller, key, due)

    return add


def _half_lost(right: Function) -> Function:
    def lost(this: Any) -> None:
        this._in_flight = None

    return lost


def _late(right: Function) -> Function:
    def add(this: Any, controller: str, key: str, due: Any) -> None:
        right(this, controller, key, due + timedelta(hours=8) if controller == "ecs.protections" else due)

    return add


BUGS: tuple[Planted, ...] = (
    Planted("only a task that runs holds anything", "podium.ecs.scheduling.fleets:_stake", _only_what_runs_holds),
    Planted(
        "what a stopped task held is never given back", "podium.ecs.records.totals:Held.changed", _never_given_back
    ),
    Planted("what was deleted is still on disk", "podium_sim.disk:last_word", _deletes_are_lost),
    Planted(
        "a sooner deadline does not take the place of a later one", "podium.runtime.controller:Queue.add", _first_stays
    ),
    Planted("half of what was not saved is remembered", "podium.store.session:Store.lost", _half_lost),
    Planted("protections are looked at hours late", "podium.runtime.controller:Queue.add", _late),
    Planted(
        "a service is not woken by its tasks",
        "podium.ecs.controllers.services:ServiceController.keys",
        lambda right: lambda this, change: (),
    ),
)
