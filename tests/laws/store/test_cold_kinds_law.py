"""Kinds that are only added to: read in pages, newest first, and forgotten from the oldest."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amounts import examples
from laws.store.store_kinds import change
from podium.store.records import record
from podium.store.session import Store

KEYS = st.text("0123456789-:.TZ/ab", min_size=1, max_size=6)
law = settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@record(table="cold_things", cold=True)
class Cold:
    arn: str
    text: str = ""


@law
@given(st.sets(KEYS, max_size=12), KEYS, KEYS, st.integers(1, 5))
def test_a_page_holds_the_newest_of_what_lies_between(
    fresh: Any, keys: set[str], start: str, end: str, limit: int
) -> None:
    database = fresh()()
    database.prepare([Cold])
    database.commit([change(Cold(arn=key, text="é")) for key in keys], database.take_over())
    inside = sorted((key for key in keys if start <= key < end), reverse=True)
    assert [row.arn for row in database.page(Cold, start, end, limit)] == inside[:limit]


@law
@given(st.sets(KEYS, max_size=12), KEYS)
def test_what_is_older_is_forgotten_and_nothing_else(fresh: Any, keys: set[str], before: str) -> None:
    database = fresh()()
    database.prepare([Cold])
    database.commit([change(Cold(arn=key)) for key in keys], database.take_over())
    assert database.forget(Cold, before) == len([key for key in keys if key < before])
    left = [row.arn for row in database.page(Cold, "", "~", 100)]
    assert left == sorted((key for key in keys if key >= before), reverse=True)


def test_nothing_of_a_cold_kind_stays_in_memory() -> None:
    store = Store([Cold])
    tx = store.writing()
    tx.append(Cold(arn="1"))
    store.stage(tx)
    group = store.seal()
    assert group is not None
    assert [c.after for c in group.changes] == [Cold(arn="1")]
    store.landed(group)
    assert list(store.kinds()) == []
