"""A sample of the weeks that `make soak` lives through, and of the bugs that it plants."""

import pytest

from amounts import seeds, some_of_all
from podium.runtime.core import Core
from podium_sim.acts import ACTS
from podium_sim.coverage import OUT_OF_REACH, arcs_of_tasks
from podium_sim.faults import FAULTS
from podium_sim.planted import BUGS, WITHIN, Planted, found, planted
from podium_sim.planted.planting import original
from podium_sim.week import Week

QUICK = (
    "memberOf is not looked at",
    "spread is left to chance",
    "the floor is rounded down",
    "the ceiling is rounded up",
    "the bake time is left out",
    "a completion is told twice",
    "an exit code is lost",
    "nobody looks again when a deadline comes",
)
"""Planted bugs that one of the first two seeds shows. All of them: `make soak PLANTED=1`."""


@pytest.mark.parametrize("seed", seeds(2))
def test_a_week_keeps_every_law_and_comes_to_rest(seed):
    week = Week(seed).live()
    assert (week.calls >= 1000, week.befell >= 100) == (True, True)
    gone = set(week.coverage.tasks)
    assert gone <= set(arcs_of_tasks()) - OUT_OF_REACH.keys(), "an arc that was out of reach is in reach now"


def test_the_same_seed_is_the_same_week():
    assert Week(3, days=1).live().story.told() == Week(3, days=1).live().story.told()


def test_a_controller_is_woken_by_the_kinds_that_it_names_alone(monkeypatch):
    stage, others = Core._stage, set()

    def staged(core, tx):
        for change in tx.changes:
            for controller in core._controllers.values():
                if change.kind not in controller.kinds and list(controller.keys(change)):
                    others.add((controller.name, change.kind.__name__))
        stage(core, tx)

    monkeypatch.setattr(Core, "_stage", staged)
    Week(5, days=2).live()
    assert others == set()


@pytest.mark.parametrize("bug", some_of_all([b for b in BUGS if b.says in QUICK], BUGS), ids=lambda bug: bug.says)
def test_a_planted_bug_is_found(bug):
    assert found(bug) is not None


@pytest.mark.parametrize("bug", [BUGS[0], BUGS[-1]], ids=lambda bug: bug.says)
def test_a_planted_bug_is_there_only_as_long_as_it_is_planted(bug):
    right = original(bug)
    with planted(bug):
        assert original(bug) is not right
    assert original(bug) is right


def test_the_tables_say_each_thing_once():
    for names in ([bug.says for bug in BUGS], [fault.name for fault in FAULTS], [act.name for act in ACTS]):
        assert len(names) == len(set(names))
    assert (len(BUGS) >= 30, WITHIN) == (True, 200)
    assert set(QUICK) <= {bug.says for bug in BUGS}


def test_every_planted_bug_names_a_function_that_there_is():
    nowhere: list[Planted] = [bug for bug in BUGS if not callable(getattr(original(bug), "fget", original(bug)))]
    assert not nowhere
