"""Lists in pages show every row exactly once, whatever the size of a page."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import law
from podium.ecs.errors import InvalidParameter
from podium.ecs.rules import pages

rows = st.lists(st.tuples(st.text(max_size=3), st.integers(0, 99)), unique=True, max_size=40)


def walk(found: list[Any], size: int, descending: bool) -> list[list[Any]]:
    seen, token = [], None
    while True:
        request = {"cluster": "c", "maxResults": size} | ({"nextToken": token} if token else {})
        page, token = pages.page(found, request, key=lambda row: row, descending=descending)
        seen.append(page)
        if token is None:
            return seen


@law
@given(rows, st.integers(1, 50), st.booleans())
def test_every_row_comes_exactly_once_and_in_order(found: list[tuple[str, int]], size: int, descending: bool) -> None:
    found.sort(reverse=descending)
    walked = walk(found, size, descending)
    assert [row for page in walked for row in page] == found
    assert all(len(page) == size for page in walked[:-1])


@law
@given(rows, st.integers(1, 10), st.data())
def test_rows_that_stay_are_not_missed_when_others_come_and_go(
    found: list[tuple[str, int]], size: int, data: st.DataObject
) -> None:
    request: dict[str, Any] = {"maxResults": size}
    first, token = pages.page(sorted(found), request, key=lambda row: row)
    going = set(data.draw(st.lists(st.sampled_from(found), max_size=10))) if found else set()
    coming = set(data.draw(rows))
    now = sorted((set(found) - going) | coming)
    rest: list[tuple[str, int]] = []
    while token is not None:
        page, token = pages.page(now, {**request, "nextToken": token}, key=lambda row: row)
        rest += page
    assert set(found) - going <= {*first, *rest}
    assert not set(first) & set(rest)


@law
@given(st.text(max_size=60))
def test_no_text_that_is_not_a_token_is_taken_for_one(text: str) -> None:
    if text:
        with pytest.raises(InvalidParameter):
            pages.page(["a", "b"], {"nextToken": text}, key=lambda row: row)
