"""What both databases hold to: the same tests for SQLite and for PostgreSQL."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amounts import examples
from laws.store.store_kinds import KINDS, Open, Other, Piece, Thing, change, contents, deletion, ready
from podium.store.database import Database, Deposed, NewerFormat, StoreError
from podium.store.records import replace

law = settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
keys = st.sampled_from(["a", "b", "c"])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
things = st.builds(
    Thing, arn=keys, group=texts, text=texts, pieces=st.lists(st.builds(Piece, name=texts), max_size=2).map(tuple)
)
others = st.builds(Other, arn=keys.map(str.upper), value=texts | st.integers(-(2**53), 2**53) | st.none())
changes = st.one_of(
    things.map(change),
    others.map(change),
    keys.map(lambda key: deletion(Thing, key)),
    keys.map(lambda key: deletion(Other, key.upper())),
)
groups = st.lists(st.lists(changes, min_size=1, max_size=4), max_size=5)


@law
@given(groups)
def test_what_was_committed_is_loaded_the_last_word_on_each_record(fresh: Any, told: list[list[Any]]) -> None:
    open_database = fresh()
    database, epoch = ready(open_database)
    expected: dict[str, Any] = {}
    for group in told:
        database.commit(group, epoch)
        expected |= {c.key: c.after for c in group}
        assert contents(database) == {key: record for key, record in expected.items() if record is not None}
    again = open_database()
    again.prepare(KINDS)
    assert contents(again) == contents(database)


@law
@given(groups)
def test_records_are_loaded_in_the_order_of_their_last_change(fresh: Any, told: list[list[Any]]) -> None:
    database, epoch = ready(fresh())
    last: dict[str, int] = {}
    for number, group in enumerate(told):
        database.commit(group, epoch)
        last |= {c.key: number for c in group}
    order = [last[record.arn] for record in database.load(Thing)]
    assert order == sorted(order)


def test_every_commit_has_the_next_revision_whoever_makes_it(open_database: Open) -> None:
    database, epoch = ready(open_database)
    assert [database.commit([change(Thing(arn="a"))], epoch) for _ in range(3)] == [1, 2, 3]
    successor, later = ready(open_database)
    assert successor.commit([change(Thing(arn="a"))], later) == 4


def test_epochs_rise_with_every_taking_over(open_database: Open) -> None:
    database = open_database()
    database.prepare(KINDS)
    assert [database.take_over() for _ in range(3)] == [1, 2, 3]
    assert [database.take_over(at_least=10), database.take_over(at_least=5), database.take_over()] == [10, 11, 12]


def test_a_deposed_writer_writes_nothing(open_database: Open) -> None:
    old, its_epoch = ready(open_database)
    old.commit([change(Thing(arn="a", text="before"))], its_epoch)
    new, epoch = ready(open_database)
    with pytest.raises(Deposed, match="Another Podium server has taken over this database"):
        old.commit([change(Thing(arn="a", text="too late")), change(Other(arn="b"))], its_epoch)
    new.commit([change(Thing(arn="c"))], epoch)
    assert contents(new) == {"a": Thing(arn="a", text="before"), "c": Thing(arn="c")}


def unencodable() -> Other:
    return Other(arn="b", value=object())


def unprepared() -> Any:
    """A record whose kind has no table there."""
    return type("Unknown", (), {"__table__": "law_nowhere", "__format_number__": 1, "arn": "b"})()


@pytest.mark.parametrize("spoiler", [unencodable, unprepared])
def test_a_commit_that_fails_leaves_nothing_and_the_next_one_works(
    open_database: Open, spoiler: Callable[[], Any]
) -> None:
    database, epoch = ready(open_database)
    database.commit([change(Thing(arn="a"))], epoch)
    with pytest.raises(StoreError, match="Nothing was saved"):
        database.commit([change(Thing(arn="a", text="half")), change(spoiler())], epoch)
    assert contents(database) == {"a": Thing(arn="a")}
    assert database.commit([change(Thing(arn="c"))], epoch) == 2
    assert set(contents(database)) == {"a", "c"}


def test_data_of_a_newer_podium_is_refused_whole(open_database: Open, execute: Callable[..., None]) -> None:
    database, _ = ready(open_database)
    execute(database, "update podium_meta set value = 2 where name = 'format'")
    sentence = (
        r"has format 2, written by a newer Podium; this one knows up to 1\. "
        r"Use the newer version, or restore a backup made by this one\."
    )
    with pytest.raises(NewerFormat, match=sentence):
        open_database().prepare(KINDS)


def test_a_single_record_of_a_newer_podium_is_enough_to_refuse(
    open_database: Open, execute: Callable[..., None]
) -> None:
    database, epoch = ready(open_database)
    database.commit([change(Thing(arn="a"))], epoch)
    execute(database, "update law_things set format = 7")
    with pytest.raises(NewerFormat, match=r"The table law_things has format 7"):
        open_database().prepare(KINDS)


def test_preparing_again_changes_nothing(open_database: Open) -> None:
    database, epoch = ready(open_database)
    database.commit([change(Thing(arn="a"))], epoch)
    database.prepare(KINDS)
    assert contents(database) == {"a": Thing(arn="a")}
    database.commit([change(Thing(arn="b"))], epoch)


def test_several_servers_may_prepare_an_empty_database_at_once(open_database: Open) -> None:
    databases: list[Database] = [open_database() for _ in range(4)]
    errors: list[BaseException] = []

    def prepare(database: Database) -> None:
        try:
            database.prepare(KINDS)
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=prepare, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@law
@given(texts, st.recursive(texts, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner)))
def test_any_text_comes_back_as_it_went(fresh: Any, text: str, value: Any) -> None:
    database, epoch = ready(fresh())
    spoken = {"a": Thing(arn="a", text=text), "b": Other(arn="b", value=value)}
    database.commit([change(record) for record in spoken.values()], epoch)
    assert contents(database) == spoken


@law
@given(st.integers(0, 200), st.integers(0, 200))
def test_a_commit_may_be_of_any_size(fresh: Any, made: int, taken: int) -> None:
    database, epoch = ready(fresh())
    spoken = {f"a{n}": Thing(arn=f"a{n}", text=str(n)) for n in range(made)}
    database.commit([*map(change, spoken.values()), change(Other(arn="B"))], epoch)
    database.commit([deletion(Thing, f"a{n}") for n in range(taken)] + [deletion(Other, "B")], epoch)
    assert contents(database) == {key: thing for key, thing in spoken.items() if int(thing.text) >= taken}


def test_the_zero_character_is_a_character_like_any_other(open_database: Open) -> None:
    database, epoch = ready(open_database)
    spoken = Thing(arn="a", text="x\x00y")
    database.commit([change(spoken)], epoch)
    assert contents(database) == {"a": spoken}
    database.commit([change(replace(spoken, text=""))], epoch)
    assert contents(database) == {"a": Thing(arn="a")}
