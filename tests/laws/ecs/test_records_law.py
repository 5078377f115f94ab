"""Every record there could be survives the way to the database and back."""

from datetime import UTC, datetime
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from amounts import examples
from podium.ec2 import records as ec2_records
from podium.ecs import records
from podium.store import codec

KINDS = (*records.ALL, *ec2_records.ALL)
law = settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Any: json_values,
    datetime: st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),
    type(None): st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    arguments = getattr(kind, "__args__", ())
    origin = getattr(kind, "__origin__", None)
    if origin is tuple and arguments[-1] is not ...:
        return st.tuples(*map(values, arguments))
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=2)
    if arguments:
        return st.one_of(*map(values, arguments))
    return st.sampled_from(kind) if hasattr(kind, "__members__") else made(kind)


def made(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values(hint) for name, hint in hints.items()})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_record_comes_back_as_it_went(kind: type[Any]) -> None:
    @law
    @given(made(kind))
    def holds(record: Any) -> None:
        assert codec.decode(kind, codec.encode(record)) == record

    holds()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_members_of_a_later_version_are_dropped(kind: type[Any]) -> None:
    @law
    @given(made(kind))
    def holds(record: Any) -> None:
        body = {**msgspec.json.decode(codec.encode(record)), "from_the_future": [1]}
        assert codec.decode(kind, msgspec.json.encode(body)) == record

    holds()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_members_that_an_earlier_version_did_not_have_take_their_defaults(kind: type[Any]) -> None:
    given_names = [field.name for field in fields(kind) if field.required]

    @law
    @given(made(kind))
    def holds(record: Any) -> None:
        body = msgspec.json.decode(codec.encode(record))
        older = codec.decode(kind, msgspec.json.encode({name: body[name] for name in given_names}))
        assert older == kind(**{name: getattr(record, name) for name in given_names})

    holds()


def test_every_record_has_its_own_table() -> None:
    tables = [kind.__table__ for kind in KINDS]
    assert len(set(tables)) == len(tables)
