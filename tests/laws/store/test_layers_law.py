"""The store's layers against a model of plain dictionaries: who sees what, and what a loss takes with it."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from amounts import examples
from laws.store.store_kinds import KINDS, Other, Tally, Thing
from podium.store.session import Group, Store, Transaction

Model = dict[str, Any]
keys = st.sampled_from(["a", "b", "c", "d"])
things = st.builds(Thing, arn=keys, group=st.sampled_from(["g", "h"]), text=st.sampled_from(["", "x"]))
others = st.builds(Other, arn=keys.map(str.upper), value=st.integers(0, 1))
steps = st.lists(things | others | keys, max_size=4)  # a record is put, a key deleted


def seen(tx: Transaction) -> Model:
    return {record.arn: record for kind in KINDS for record in tx.list(kind)}


class Layers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = Store(KINDS)
        self.durable: Model = {}
        self.sealed: tuple[Group, Model] | None = None
        self.newest: Model = {}  # with all that is staged

    @rule(told=steps)
    def commit(self, told: list[Any]) -> None:
        tx = self.store.writing()
        after = self._write(tx, told)
        self.store.stage(tx)
        self.newest = after

    @rule(told=steps)
    def abandon(self, told: list[Any]) -> None:
        self._write(self.store.writing(), told)

    @rule()
    def seal(self) -> None:
        group = self.store.seal()
        if self.sealed is not None:
            assert group is None, "a group was sealed while another is being written"
        elif group is not None:
            assert group.changes
            self.sealed = (group, dict(self.newest))

    @precondition(lambda self: self.sealed)
    @rule()
    def land(self) -> None:
        assert self.sealed is not None
        group, model = self.sealed
        self.store.landed(group)
        self.durable, self.sealed = model, None

    @rule()
    def lose(self) -> None:
        self.store.lost()
        self.sealed, self.newest = None, dict(self.durable)

    @invariant()
    def readers_see_what_is_durable_and_nothing_else(self) -> None:
        assert seen(self.store.reading()) == self.durable

    @invariant()
    def writers_see_all_that_is_staged(self) -> None:
        tx = self.store.writing()
        assert seen(tx) == self.newest
        for key in ("a", "b", "c", "d"):
            assert tx.get(Thing, key) == self.newest.get(key)

    @invariant()
    def an_index_finds_what_a_look_at_every_row_finds(self) -> None:
        for tx, model in ((self.store.reading(), self.durable), (self.store.writing(), self.newest)):
            for group in ("g", "h"):
                found = {record.arn: record for record in tx.list(Thing, group=group)}
                assert found == {k: r for k, r in model.items() if isinstance(r, Thing) and r.group == group}
                narrow = {record.arn for record in tx.list(Thing, group=group, text="x")}
                assert narrow == {k for k, record in found.items() if record.text == "x"}

    @invariant()
    def a_walk_goes_through_what_a_list_finds_in_the_order_of_keys(self) -> None:
        for tx in (self.store.reading(), self.store.writing()):
            for group in ("g", "h", "none"):
                found = sorted(record.arn for record in tx.list(Thing, group=group))
                for after in ("", "b", "bb", "z"):
                    assert [r.arn for r in tx.walk(Thing, after, group=group)] == [k for k in found if k > after]
                narrow = sorted(record.arn for record in tx.list(Thing, group=group, text="x"))
                assert [r.arn for r in tx.walk(Thing, "a", group=group, text="x")] == [k for k in narrow if k > "a"]

    @invariant()
    def a_total_is_what_adding_every_row_comes_to(self) -> None:
        for tx, model in ((self.store.reading(), self.durable), (self.store.writing(), self.newest)):
            total = tx.totals(Thing, "group")
            for group in ("g", "h", "none"):
                found = [r for r in model.values() if isinstance(r, Thing) and r.group == group]
                assert total(group) == Tally(sum(bool(r.text) for r in found), sum(len(r.text) for r in found))

    @invariant()
    def nothing_is_unsettled_when_everything_is_durable(self) -> None:
        if not self.store.unsettled:
            assert self.newest == self.durable

    def _write(self, tx: Transaction, told: list[Any]) -> Model:
        after = dict(self.newest)
        for step in told:
            if isinstance(step, str):
                tx.delete(Thing(arn=step))
                after.pop(step, None)
            else:
                assert tx.put(step) == step
                after[step.arn] = step
            assert seen(tx) == after, "a transaction sees its own writes"
        return after


TestLayers = Layers.TestCase
TestLayers.settings = settings(max_examples=examples(60), stateful_step_count=30, deadline=None)


def test_the_changes_of_a_group_tell_what_was_before_and_after_in_order() -> None:
    store = Store(KINDS)
    one, two = Thing(arn="a", text="1"), Thing(arn="a", text="2")
    for record in (one, two):
        tx = store.writing()
        tx.put(record)
        store.stage(tx)
    tx = store.writing()
    tx.delete(two)
    store.stage(tx)
    group = store.seal()
    assert group is not None
    assert [(c.before, c.after) for c in group.changes] == [(None, one), (one, two), (two, None)]


def test_writing_what_is_already_there_is_no_change() -> None:
    store = Store(KINDS)
    store.load([Thing(arn="a")])
    tx = store.writing()
    tx.put(Thing(arn="a"))
    tx.delete(Thing(arn="b"))
    assert tx.changes == []


def test_a_reading_transaction_cannot_write() -> None:
    tx = Store(KINDS).reading()
    with pytest.raises(AssertionError, match="a reading transaction was asked to write"):
        tx.put(Thing(arn="a"))
