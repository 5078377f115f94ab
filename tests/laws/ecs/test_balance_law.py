"""Moves between Availability Zones lead to an even spread, and to rest."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import fleets, law
from podium.ecs.records import Task
from podium.ecs.scheduling import balance
from podium.store.records import replace

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
some_zones = st.sets(st.sampled_from(ZONES))
batches = st.integers(1, 20)


def moved(tasks: list[Task], moves: list[balance.Move]) -> list[Task]:
    gone = {move.task.arn: move.zone for move in moves}
    return [replace(t, availability_zone=gone.get(t.arn, t.availability_zone)) for t in tasks]


@law
@given(fleets(), batches)
def test_batch_after_batch_ends_within_one_of_even_and_then_rests(fleet: list[Task], most: int) -> None:
    for _ in range(len(fleet) + 1):
        moves = balance.moves(fleet, ZONES, most)
        assert len(moves) <= most
        fleet = moved(fleet, moves)
    assert balance.is_even(fleet, ZONES)
    assert balance.moves(fleet, ZONES, most) == []


@law
@given(fleets(), batches, some_zones, some_zones)
def test_nothing_moves_to_a_zone_that_is_full_or_none_of_its_own(
    fleet: list[Task], most: int, zones: set[str], full: set[str]
) -> None:
    moves = balance.moves(fleet, zones, most, {(zone, None) for zone in full})
    assert {move.zone for move in moves} <= zones - full
    assert len({move.task.arn for move in moves}) == len(moves)


@law
@given(fleets(), batches, st.sets(st.integers(0, 15).map("t{}".format)))
def test_what_must_stay_is_not_moved_and_every_move_helps(fleet: list[Task], most: int, stays: set[str]) -> None:
    for _ in range(len(fleet) + 1):
        moves = balance.moves(fleet, ZONES, most, stays=stays)
        assert stays.isdisjoint(move.task.arn for move in moves)
        if moves:
            assert unevenness(moved(fleet, moves)) < unevenness(fleet)
        fleet = moved(fleet, moves)
    assert balance.moves(fleet, ZONES, most, stays=stays) == []


def unevenness(fleet: list[Task]) -> int:
    return sum(count * count for count in balance.counts(fleet, ZONES).values())


@law
@given(fleets(), st.integers(0, 12), st.randoms())
def test_new_tasks_never_make_a_zone_fuller_than_one_that_has_fewer(
    fleet: list[Task], count: int, dice: Random
) -> None:
    had = balance.counts(fleet, ZONES)
    for zone in balance.filled(had, ZONES, count, dice.randrange):
        assert had[zone] == min(had.values())
        had[zone] += 1
