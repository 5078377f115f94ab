"""What holds of every policy there could be."""

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from podium.iam.policy import Facts, Kind, Policies, Request, Verdict, compiled, decide, validate, verdict
from podium.iam.policy.patterns import wildcard

ACTIONS = ["ecs:RunTask", "ecs:StopTask", "iam:GetUser"]
RESOURCES = ["*", "arn:aws:ecs:us-east-1:1:service/a/b", "arn:aws:ecs:us-east-1:1:cluster/a", "arn:aws:iam::1:user/ann"]
ACTION_PATTERNS = [*ACTIONS, "*", "ecs:*", "ecs:?unTask", "iam:Get*"]
RESOURCE_PATTERNS = [*RESOURCES, "arn:aws:ecs:*:*:service/*", "arn:aws:iam::1:user/${aws:username}"]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"StringEquals": {"aws:username": "ann"}},
    {"StringNotLike": {"ecs:cluster": "a*"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["x"]}},
    {"BoolIfExists": {"aws:SecureTransport": "true"}},
    {"Null": {"ecs:cluster": "true"}},
]

statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Condition": st.sampled_from(CONDITIONS)}
).flatmap(
    lambda known: st.tuples(
        st.sampled_from(["Action", "NotAction"]),
        st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=3),
        st.sampled_from(["Resource", "NotResource"]),
        st.lists(st.sampled_from(RESOURCE_PATTERNS), min_size=1, max_size=3),
    ).map(lambda drawn: {**known, drawn[0]: drawn[1], drawn[2]: drawn[3]})
)
documents = st.lists(statements, min_size=1, max_size=4)
facts = st.fixed_dictionaries(
    {},
    optional={
        "aws:username": st.sampled_from(["ann", "bob"]),
        "ecs:cluster": st.sampled_from(["a", "b"]),
        "aws:TagKeys": st.lists(st.sampled_from(["x", "y"]), max_size=2).map(tuple),
        "aws:SecureTransport": st.sampled_from(["true", "false"]),
    },
)
requests = st.builds(
    lambda action, resource, known: Request(action.lower(), resource, Facts(known)),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    facts,
)


def said(body: list[dict[str, Any]]) -> Any:
    text = json.dumps({"Version": "2012-10-17", "Statement": body})
    validate(text, Kind.IDENTITY)
    return compiled(text)


def as_effect(statement: dict[str, Any], effect: str) -> dict[str, Any]:
    return {**statement, "Effect": effect}


@given(documents, statements, requests)
def test_a_deny_that_applies_always_wins(body: list[dict[str, Any]], more: dict[str, Any], request: Request) -> None:
    allows_alone = verdict([said([as_effect(more, "Allow")])], request) is Verdict.ALLOWED
    if allows_alone:
        assert verdict([said([*body, as_effect(more, "Deny")])], request) is Verdict.EXPLICIT_DENY


@given(documents, statements, requests)
def test_one_more_allow_takes_nothing_away(body: list[dict[str, Any]], more: dict[str, Any], request: Request) -> None:
    before, after = verdict([said(body)], request), verdict([said([*body, as_effect(more, "Allow")])], request)
    assert after is before or (before is Verdict.IMPLICIT_DENY and after is Verdict.ALLOWED)


@given(documents, statements, requests)
def test_one_more_deny_grants_nothing(body: list[dict[str, Any]], more: dict[str, Any], request: Request) -> None:
    before, after = verdict([said(body)], request), verdict([said([*body, as_effect(more, "Deny")])], request)
    assert after in (before, Verdict.EXPLICIT_DENY)


@given(documents, requests)
def test_neither_order_nor_division_of_statements_matters(body: list[dict[str, Any]], request: Request) -> None:
    apart = [said([statement]) for statement in reversed(body)]
    assert verdict(apart, request) is verdict([said(body)], request)


@given(documents, documents, documents, requests)
def test_a_boundary_and_session_policies_only_narrow(
    identity: list[dict[str, Any]], boundary: list[dict[str, Any]], session: list[dict[str, Any]], request: Request
) -> None:
    narrowed = decide(Policies([said(identity)], said(boundary), [said(session)]), request).allowed
    each = [verdict([said(body)], request) is Verdict.ALLOWED for body in (identity, boundary, session)]
    assert narrowed is all(each)


letters = st.text(alphabet="ab:/.", max_size=12)
patterns = st.text(alphabet="ab:/.*?", max_size=8)
NOBODY = Request("", "", Facts({}))


def naive(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)


def fits(expression: str, value: str) -> bool:
    return re.fullmatch(expression, value, re.DOTALL) is not None


@given(patterns, letters)
def test_wildcards_match_what_a_plain_reading_matches(pattern: str, value: str) -> None:
    assert wildcard(pattern, variables=True)(value, NOBODY) is fits(naive(pattern), value)


@given(patterns, patterns, patterns, letters)
def test_a_variable_stands_for_its_value_word_for_word(before: str, after: str, name: str, value: str) -> None:
    request = Request("", "", Facts({"aws:username": name}))
    matches = wildcard(f"{before}${{aws:username}}{after}", variables=True)
    expression = naive(before) + re.escape(name) + naive(after)
    assert matches(value, request) is fits(expression, value)
    assert matches(before.replace("*", "").replace("?", "a") + name + after.replace("*", "").replace("?", "b"), request)


def test_a_hostile_pattern_takes_no_longer_than_its_length_times_the_values() -> None:
    assert not wildcard("*a" * 30 + "*b", variables=False)("a" * 2_000, NOBODY)
