"""The log relay's stories: whatever goes wrong, every line arrives in order, or somebody says that it did not."""

import pytest

from amounts import seeds, some_of_all
from podium_sim.checkers import Broken
from stories.relay_bugs import BUGS, found
from stories.relay_ledger import Ledger
from stories.relay_mishaps import ALL
from stories.relay_story import RelayStory

ONCE_BROKEN = {
    2: "lines from a clock that was ahead were left out, and nobody was told",
    5: "a container did not start, because the control plane throttled for a moment",
    17: "a container that started again and again while the control plane was away filled the spool without end",
}
"""Seeds that found something in the relay itself."""
QUICK = 10
"""So many of the planted bugs are looked for in `make test`."""


@pytest.mark.parametrize("seed", [s for s in seeds(14) if s not in ONCE_BROKEN])
def test_every_line_arrives_in_order_or_is_accounted_for(seed, tmp_path):
    RelayStory(seed, tmp_path).live()


@pytest.mark.parametrize("seed", ONCE_BROKEN, ids=lambda seed: f"{seed}: {ONCE_BROKEN[seed]}")
def test_what_was_once_broken_holds(seed, tmp_path):
    RelayStory(seed, tmp_path).live()


def test_the_same_seed_is_the_same_story(tmp_path):
    told = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        told.append(RelayStory(6, tmp_path / name).live().summary())
    assert told[0] == told[1]


def test_the_stories_together_have_everything_in_them(tmp_path):
    lived = []
    for seed in (1, 2, 5, 7, 11, 14):
        (tmp_path / str(seed)).mkdir()
        lived.append(RelayStory(seed, tmp_path / str(seed)).live())
    ledgers = [story.ledger for story in lived]
    assert sum(ledger.delivered for ledger in ledgers) > 2_000
    assert all(sum(counts) for counts in zip(*((x.repeated, x.counted, x.refused_lines) for x in ledgers), strict=True))
    assert sum(story.host.lives for story in lived) > 2 * len(lived)
    assert len({name for story in lived for name in story.befell}) > len(ALL) / 2


@pytest.mark.parametrize("bug", some_of_all(BUGS[-QUICK:], BUGS), ids=lambda bug: bug.says)
def test_a_planted_bug_is_found(bug, tmp_path):
    assert found(bug, tmp_path)


MARK = (5, "[podium] 2 lines are missing here: this host's log spool was full while Podium was away.")


def a_ledger(*numbers: int) -> Ledger:
    """Of one stream, whose driver was told that these lines are taken."""
    ledger = Ledger()
    ledger.answered("s", tuple((n, f"a {n}") for n in numbers))
    ledger.fell_off["s"].add(2)
    return ledger


def test_a_count_stands_for_just_the_lines_that_are_missing_in_its_place():
    ledger = a_ledger(0, 1, 2)
    ledger.came("s", (MARK,), set())
    ledger.came("s", ((2, "a 2"),), set())
    ledger.at_rest()


@pytest.mark.parametrize(
    "came",
    [
        [((2, "a 2"),)],
        [(MARK,), ((1, "a 1"), (2, "a 2"))],
        [((0, "a 0"), (1, "a 1"), (2, "a 2")), (MARK,)],
        [((0, "a 0"),), ((2, "a 2"),)],
        [((0, "a 0"), (1, "a 1")), ((0, "a 0"), (1, "a 1"))],
        [((0, "a 0"),), ((1, "a 1"), (2, "a 2")), ((0, "a 0"),)],
        [((0, "a 0"),)],
    ],
)
def test_what_does_not_add_up_is_broken(came):
    ledger = a_ledger(0, 1, 2)

    def told() -> None:
        for batch in came:
            ledger.came("s", batch, set())
            ledger.was_told("s", set())
        ledger.at_rest()

    with pytest.raises(Broken):
        told()
