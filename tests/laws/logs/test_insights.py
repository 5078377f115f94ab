"""Queries: what they count and order is what Python would, and whatever is written is a query or refused."""

import json
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.journals.events import Event, Place
from podium.journals.jobs import TooMuch
from podium.logs.errors import Invalid, MalformedQuery
from podium.logs.insights import parsed
from podium.logs.insights.rows import Row, of_event

told = st.lists(st.fixed_dictionaries({"a": st.integers(-5, 5)}, optional={"b": st.sampled_from("xyz")}), max_size=12)
pieces = st.sampled_from(
    [
        *("fields", "filter", "stats", "sort", "limit", "parse", "display", "dedup", "count(*)", "avg(a)", "pct(a, 9)"),
        *("by", "as", "bin(5m)", "|", ",", "(", ")", "a", "b.c", "@message", "1", "'x *'", "/x(?<y>.)/", "like", "=~"),
        *("=", "<", "+", "-", "*", "/", "^", "and", "or", "not", "in", "[1, 2]", "desc", "9e300", "strlen(a)", "`a`"),
    ]
)


def rows(held: list[dict[str, Any]]) -> list[Row]:
    return [of_event(Event(Place(n, n + 1), 0, json.dumps(event), "s"), "s", "1:g") for n, event in enumerate(held)]


def values(query: str, held: list[dict[str, Any]]) -> list[list[str]]:
    return [[one["value"] for one in row if one["field"] != "@ptr"] for row in parsed(query).run(rows(held))]


@given(told)
def test_groups_are_counted_and_added_up(held: list[dict[str, Any]]) -> None:
    found = {row[0]: (int(row[1]), float(row[2])) for row in values(
        "filter ispresent(b) | stats count(*), sum(a) by b", held
    )}  # fmt: skip
    counts = Counter(event["b"] for event in held if "b" in event)
    assert found == {b: (n, float(sum(e["a"] for e in held if e.get("b") == b))) for b, n in counts.items()}


@given(told, st.integers(1, 12))
def test_the_first_of_an_order_are_shown(held: list[dict[str, Any]], most: int) -> None:
    found = values(f"fields a | sort a desc | limit {most}", held)
    assert [int(row[0]) for row in found] == sorted((event["a"] for event in held), reverse=True)[:most]


@given(st.lists(pieces, max_size=12).map(" ".join) | st.text(max_size=30), told)
def test_whatever_is_written_is_a_query_or_refused(text: str, held: list[dict[str, Any]]) -> None:
    with suppress(MalformedQuery, Invalid, TooMuch):
        list(parsed(text).run(rows([*held, {"a": 1e308, "b": {"c": [1]}}])))


@pytest.mark.parametrize(
    "query",
    [
        "filter @message like /(a*)*(a*)*b/",
        "parse @message /(?<x>(a|aa)+)$/",
        "parse @message '" + "*a" * 200 + "b' as " + ", ".join(f"f{n}" for n in range(200)),
        "fields " + "not " * 3000 + "a",
        "fields "
        + " | fields ".join(
            f"concat({','.join(['@message' if n == 0 else f'f{n}'] * 20)}) as f{n + 1}" for n in range(9)
        ),
        "fields replace(replace(@message, '', '" + "b" * 4000 + "'), 'b', '" + "c" * 4000 + "')",
    ],
)
def test_hostile_queries_take_no_time(query: str) -> None:
    began = time.process_time()
    event = Event(Place(1, 1), 0, "a" * 200_000, "s")
    try:
        list(parsed(query).run([of_event(event, "s", "1:g")]))
    except (MalformedQuery, Invalid):
        return
    assert time.process_time() - began < 5
