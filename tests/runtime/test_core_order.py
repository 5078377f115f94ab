"""The core stepped by hand: who is answered when, and what a failed commit takes back."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from podium.kernel.errors import ClientError
from podium.runtime.core import AFTER_A_BUG, FULL_LOOK_EVERY, LONG, LOOKED_AT_ONCE, RESTS, Core, NotSaved
from podium.store.records import record
from podium.store.session import Change, Store, Transaction


@record(table="runtime_things", indexes=("group",))
class Thing:
    arn: str
    group: str = ""
    tidy: bool = False


class Refused(ClientError):
    code = "Refused"


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Tidier:
    """Makes every thing tidy. Raises while it is told to."""

    name = "tidier"
    kinds = (Thing,)

    def __init__(self) -> None:
        self.looked: list[str] = []
        self.broken = False
        self.again: datetime | None = None

    def keys(self, change: Change) -> Iterable[str]:
        yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [thing.arn for thing in tx.list(Thing)]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        self.looked.append(key)
        if self.broken:
            raise RuntimeError("a bug")
        thing = tx.get(Thing, key)
        if thing is not None and not thing.tidy:
            tx.put(Thing(arn=key, group=thing.group, tidy=True))
        return self.again


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tidier() -> Tidier:
    return Tidier()


@pytest.fixture
def core(clock: Clock, tidier: Tidier) -> Core:
    return Core(Store([Thing]), [tidier], clock)


class Answers(list[tuple[Any, Any]]):
    def __call__(self, result: Any, error: BaseException | None) -> None:
        self.append((result, error))


def put(arn: str, **members: Any) -> Any:
    return lambda tx: tx.put(Thing(arn=arn, **members)).arn


def arns(tx: Transaction) -> list[str]:
    return sorted(thing.arn for thing in tx.list(Thing))


def read(core: Core) -> list[str]:
    answers = Answers()
    core.read(arns, answers)
    [(result, error)] = answers
    assert error is None
    return list(result)


def land(core: Core) -> None:
    batch = core.seal()
    assert batch is not None
    core.landed(batch)


def rest(core: Core) -> None:
    """Let everything happen that is to happen, and land."""
    while core.turn() or core.store.unsettled:
        if (batch := core.seal()) is not None:
            core.landed(batch)


def test_an_answer_waits_for_the_landing_of_what_it_wrote(core: Core) -> None:
    answers = Answers()
    core.write(put("a"), answers)
    assert answers == []
    batch = core.seal()
    assert batch is not None
    assert answers == []
    core.landed(batch)
    assert answers == [("a", None)]


def test_nobody_reads_what_has_not_landed(core: Core) -> None:
    core.write(put("a"), Answers())
    assert read(core) == []
    batch = core.seal()
    assert batch is not None
    assert read(core) == []
    core.landed(batch)
    assert read(core) == ["a"]


def test_an_answer_waits_for_the_landing_of_what_it_saw(core: Core) -> None:
    """A write that wrote nothing may still have been told of something that a power cut could take back."""
    first, second = Answers(), Answers()
    core.write(put("a"), first)
    core.write(arns, second)
    assert second == []
    land(core)
    assert second == [(["a"], None)]


def test_a_refusal_waits_for_the_landing_of_its_reason(core: Core) -> None:
    answers = Answers()

    def refuse(tx: Transaction) -> None:
        raise Refused("it is already there")

    core.write(put("a"), Answers())
    core.write(refuse, answers)
    assert answers == []
    land(core)
    [(_, error)] = answers
    assert isinstance(error, Refused)


def test_with_nothing_under_way_an_answer_comes_at_once(core: Core) -> None:
    answers = Answers()
    core.write(arns, answers)
    assert answers == [([], None)]


def test_what_is_written_while_a_batch_is_on_its_way_goes_with_the_next(core: Core) -> None:
    first, second = Answers(), Answers()
    core.write(put("a"), first)
    batch = core.seal()
    assert batch is not None
    core.write(put("b"), second)
    assert core.seal() is None
    core.landed(batch)
    assert (len(first), len(second)) == (1, 0)
    assert read(core) == ["a"]
    land(core)
    assert second == [("b", None)]


def test_answers_come_in_the_order_of_the_questions(core: Core) -> None:
    order: list[str] = []
    for name in ("a", "b", "c"):
        core.write(put(name), lambda result, error: order.append(result))
    land(core)
    assert order == ["a", "b", "c"]


def test_a_transaction_that_raises_leaves_nothing(core: Core) -> None:
    answers = Answers()

    def spoil(tx: Transaction) -> None:
        tx.put(Thing(arn="a"))
        raise Refused("no")

    core.write(spoil, answers)
    rest(core)
    assert read(core) == []
    assert isinstance(answers[0][1], Refused)


def test_a_failed_commit_refuses_every_answer_that_counted_on_it(core: Core) -> None:
    on_its_way, behind = Answers(), Answers()
    core.write(put("a"), on_its_way)
    core.seal()
    core.write(put("b"), behind)
    core.lost(OSError("disk full"))
    for answers in (on_its_way, behind):
        [(result, error)] = answers
        assert result is None
        assert isinstance(error, NotSaved)
        assert str(error) == "disk full"
    assert read(core) == []


def test_after_a_failed_commit_life_goes_on(core: Core) -> None:
    core.write(put("a"), Answers())
    core.seal()
    core.lost(OSError("disk full"))
    answers = Answers()
    core.write(put("b"), answers)
    land(core)
    assert answers == [("b", None)]
    assert read(core) == ["b"]


def test_what_a_failed_commit_took_from_the_controllers_the_next_full_look_gives_back(
    core: Core, clock: Clock, tidier: Tidier
) -> None:
    core.write(put("a"), Answers())
    land(core)
    assert core.turn()
    core.seal()
    core.lost(OSError("disk full"))
    assert not core.turn()
    assert clock.time < core.next_due()
    clock.time = core.next_due()
    rest(core)
    assert core.store.reading().get(Thing, "a") == Thing(arn="a", tidy=True)
    assert clock.time - datetime(2026, 3, 1, tzinfo=UTC) < timedelta(seconds=5)


def test_watchers_hear_of_changes_once_they_have_landed_and_before_the_answer(core: Core) -> None:
    heard: list[str] = []
    core.watchers.append(lambda changes: heard.extend(c.key for c in changes))
    core.write(put("a"), lambda result, error: heard.append("answered"))
    assert heard == []
    land(core)
    assert heard == ["a", "answered"]


def test_a_change_wakes_the_controllers_that_want_it(core: Core, tidier: Tidier) -> None:
    core.write(put("a"), Answers())
    rest(core)
    assert core.store.reading().get(Thing, "a") == Thing(arn="a", tidy=True)
    assert not core.turn()


def test_a_controller_that_raises_is_counted_and_tried_again(core: Core, clock: Clock, tidier: Tidier) -> None:
    tidier.broken = True
    core.write(put("a"), Answers())
    rest(core)
    assert core.bugs == 1
    clock.time += AFTER_A_BUG - timedelta(seconds=1)
    rest(core)
    assert core.bugs == 1
    clock.time += timedelta(seconds=1)
    tidier.broken = False
    rest(core)
    assert core.bugs == 1
    assert core.store.reading().get(Thing, "a") == Thing(arn="a", tidy=True)


def test_a_full_look_goes_on_past_a_controller_that_cannot_tell_its_keys(clock: Clock, tidier: Tidier) -> None:
    class Lost(Tidier):
        name = "lost"

        def all_keys(self, tx: Transaction) -> Iterable[str]:
            raise RuntimeError("a bug")

    core = Core(Store([Thing]), [Lost(), tidier], clock)
    core.store.load([Thing(arn="a")])
    rest(core)
    assert core.bugs == 1
    assert core.store.reading().get(Thing, "a") == Thing(arn="a", tidy=True)


def test_a_full_look_at_very_many_takes_several_turns_and_misses_none(clock: Clock) -> None:
    class Patient(Tidier):
        def all_keys(self, tx: Transaction) -> Iterable[str | None]:  # type: ignore[override]
            return (thing.arn if int(thing.arn) % 2 else None for thing in tx.list(Thing))

    patient, count = Patient(), LOOKED_AT_ONCE * 3 + 1
    core = Core(Store([Thing]), [patient], clock)
    core.store.load([Thing(arn=f"{n}", tidy=True) for n in range(count)])
    assert core.turn()
    assert len(core.queue) < LOOKED_AT_ONCE, "the rest is looked at later"
    while core.turn():
        continue
    assert sorted(map(int, patient.looked)) == list(range(1, count, 2))


def test_a_full_disk_breaks_off_a_full_look(core: Core, clock: Clock, tidier: Tidier) -> None:
    core.store.load([Thing(arn=f"{n}") for n in range(LOOKED_AT_ONCE * 2)])
    core.look_everywhere(clock.time)
    assert core.turn()
    core.seal()
    core.lost(OSError("disk full"))
    assert not core.turn(), "it waits, as all does"
    assert core.next_due() > clock.time


def test_what_was_staged_counts_though_it_cannot_wake_a_controller(core: Core, tidier: Tidier) -> None:
    def broken(change: Change) -> Iterable[str]:
        raise RuntimeError("a bug")

    tidier.keys = broken  # type: ignore[method-assign]
    answers = Answers()
    core.write(put("a"), answers)
    rest(core)
    assert answers == [("a", None)]
    assert core.bugs


def test_a_controller_that_raises_writes_nothing(core: Core, tidier: Tidier) -> None:
    def half(tx: Transaction, key: str, now: datetime) -> None:
        tx.put(Thing(arn="half"))
        raise RuntimeError("a bug")

    tidier.reconcile = half  # type: ignore[method-assign]
    core.write(put("a"), Answers())
    rest(core)
    assert read(core) == ["a"]


def test_what_happened_lands_when_it_cannot_be_told(
    clock: Clock, tidier: Tidier, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(tx: Transaction, now: datetime) -> None:
        raise RuntimeError("a bug")

    core, answers = Core(Store([Thing]), [tidier], clock, broken), Answers()
    core.write(put("a", tidy=True), answers)
    land(core)
    assert answers == [("a", None)]
    assert read(core) == ["a"]
    assert core.bugs == 1
    assert "events of a transaction are missing" in caplog.text


def test_a_controller_is_called_again_when_it_asked_to_be(core: Core, clock: Clock, tidier: Tidier) -> None:
    tidier.again = clock.time + timedelta(seconds=10)
    core.write(put("a"), Answers())
    rest(core)
    looked = len(tidier.looked)
    tidier.again = None
    assert core.next_due() == clock.time + timedelta(seconds=10)
    clock.time += timedelta(seconds=10)
    rest(core)
    assert len(tidier.looked) == looked + 1


def test_everything_is_looked_at_every_five_minutes(core: Core, clock: Clock, tidier: Tidier) -> None:
    core.store.load([Thing(arn="a", tidy=True), Thing(arn="b", tidy=True)])
    rest(core)
    assert tidier.looked == ["a", "b"]
    assert core.next_due() == clock.time + FULL_LOOK_EVERY
    clock.time += FULL_LOOK_EVERY
    rest(core)
    assert tidier.looked == ["a", "b"] * 2


def test_batches_land_in_order(core: Core) -> None:
    core.write(put("a"), Answers())
    batch = core.seal()
    assert batch is not None
    core.landed(batch)
    with pytest.raises(AssertionError, match="batches land in order"):
        core.landed(batch)


def test_what_took_long_rests_before_a_change_wakes_it_again(core: Core, tidier: Tidier, clock: Clock) -> None:
    begun = clock.time

    def slow(tx: Transaction, key: str, now: datetime) -> datetime | None:
        tidier.looked.append(key)
        clock.time += LONG * 2
        return None

    tidier.reconcile = slow  # type: ignore[method-assign]
    core.write(put("a"), Answers())
    assert core.turn()
    core.write(put("a", group="other"), Answers())
    assert not core.turn(), "it took long just now"
    assert tidier.looked == ["a"]
    clock.time = begun + LONG * 2 * (1 + RESTS)
    assert core.turn()
    assert tidier.looked == ["a", "a"]


def test_the_more_keys_take_long_the_longer_each_rests(
    core: Core, tidier: Tidier, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, they take the same part of the core's time together."""

    def slow(tx: Transaction, key: str, now: datetime) -> datetime | None:
        tidier.looked.append(key)
        clock.time += LONG
        return None

    monkeypatch.setattr(tidier, "reconcile", slow)
    for key in "ab":
        core.write(put(key), Answers())
    assert (core.turn(), core.turn()) == (True, True)
    last = clock.time
    for key in "ab":
        core.write(put(key, group="other"), Answers())
    clock.time = last + LONG * RESTS
    assert core.turn()
    assert not core.turn(), "the other one took long as well, beside it"
    assert tidier.looked == ["a", "b", "a"]
    clock.time = last + LONG * RESTS * 2
    assert core.turn()
    assert tidier.looked == ["a", "b", "a", "b"]


def test_what_took_long_is_not_woken_at_once_by_its_own_changes(core: Core, tidier: Tidier, clock: Clock) -> None:
    tidy = tidier.reconcile

    def slow(tx: Transaction, key: str, now: datetime) -> datetime | None:
        clock.time += LONG * 2
        return tidy(tx, key, now)

    tidier.reconcile = slow  # type: ignore[method-assign]
    core.write(put("a"), Answers())
    assert core.turn()
    assert not core.turn(), "what it wrote woke it, and it rests"
    assert tidier.looked == ["a"]


def test_a_full_look_takes_one_controller_a_turn(clock: Clock) -> None:
    first, second = Tidier(), Tidier()
    second.name = "second"
    core = Core(Store([Thing]), [first, second], clock)
    core.write(put("a"), Answers())
    while core.turn():
        pass
    clock.time += FULL_LOOK_EVERY
    for one in (first, second):
        one.looked.clear()
    assert core.turn()
    assert (first.looked, second.looked) == (["a"], [])
    assert core.next_due() <= clock.time, "the rest of the look is still to come"
    while core.turn():
        pass
    assert (first.looked, second.looked) == (["a"], ["a"])
