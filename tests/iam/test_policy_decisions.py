"""What documents decide about a request: resources, conditions, variables, layers."""

from collections.abc import Mapping
from typing import Any

import pytest

from people import allow, deny, document
from podium.iam.policy import Facts, Layer, Policies, Request, Verdict, compiled, decide, verdict

WEB = "arn:aws:ecs:us-east-1:123456789012:service/prod/web"


def decided(
    *statements: dict[str, Any], action: str = "ecs:UpdateService", resource: str = WEB, **facts: Any
) -> Verdict:
    context = Facts({name.replace("__", ":").replace("_", "-"): value for name, value in facts.items()})
    return verdict([compiled(document(*statements))], Request(action.lower(), resource, context))


def holds(operator: str, key: str, wanted: Any, given: Mapping[str, Any]) -> bool:
    said = document(allow("*", Condition={operator: {key: wanted}}))
    return verdict([compiled(said)], Request("ecs:runtask", "*", Facts(given))) is Verdict.ALLOWED


def test_what_nobody_allows_is_denied() -> None:
    assert decided(allow("ecs:RunTask")) is Verdict.IMPLICIT_DENY


def test_an_explicit_deny_wins_wherever_it_stands() -> None:
    assert decided(deny("ecs:*"), allow("*")) is Verdict.EXPLICIT_DENY
    assert decided(allow("*"), deny("ecs:*")) is Verdict.EXPLICIT_DENY


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("ecs:updateSERVICE", "ecs:UpdateService", True),
        ("ecs:Update*", "ecs:UpdateService", True),
        ("ecs:?pdate*", "ecs:UpdateService", True),
        ("*:*Service", "ecs:UpdateService", True),
        ("ecs:Update", "ecs:UpdateService", False),
        ("ec2:*", "ecs:UpdateService", False),
    ],
)
def test_actions_have_wildcards_and_no_case(pattern: str, action: str, matches: bool) -> None:
    assert (decided(allow(pattern), action=action) is Verdict.ALLOWED) is matches


def test_everything_but_an_action_or_a_resource() -> None:
    but_iam = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert decided(but_iam) is Verdict.ALLOWED
    assert decided(but_iam, action="iam:GetUser") is Verdict.IMPLICIT_DENY
    but_prod = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:ecs:*:*:service/prod/*"}
    assert decided(but_prod) is Verdict.IMPLICIT_DENY
    assert decided(but_prod, resource=WEB.replace("prod", "test")) is Verdict.ALLOWED


def test_resources_keep_their_case() -> None:
    assert decided(allow("*", "arn:aws:ecs:*:*:service/Prod/*")) is Verdict.IMPLICIT_DENY


def test_an_action_without_resources_needs_the_star() -> None:
    assert decided(allow("*", "arn:aws:ecs:*:*:*"), resource="*") is Verdict.IMPLICIT_DENY


def test_a_variable_in_a_resource_is_taken_word_for_word() -> None:
    own = allow("*", "arn:aws:ecs:*:*:service/${aws:username}/*")
    assert decided(own, aws__username="prod") is Verdict.ALLOWED
    assert decided(own, aws__username="*") is Verdict.IMPLICIT_DENY
    assert decided(own) is Verdict.IMPLICIT_DENY


def test_an_exception_for_a_variable_without_a_value_excepts_nobody_and_allows_nothing() -> None:
    others = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:ecs:*:*:service/${aws:username}/*"}
    assert decided(others, aws__username="test") is Verdict.ALLOWED
    assert decided(others, aws__username="prod") is Verdict.IMPLICIT_DENY
    assert decided(others) is Verdict.IMPLICIT_DENY
    assert decided({**others, "Effect": "Deny"}) is Verdict.EXPLICIT_DENY
    unlike = allow("*", Condition={"StringNotEquals": {"ecs:owner": "${aws:username}"}})
    assert decided(unlike, aws__username="ann") is Verdict.ALLOWED
    assert decided(unlike) is Verdict.IMPLICIT_DENY


def test_a_variable_may_have_a_default_and_a_star_may_be_meant() -> None:
    assert decided(allow("*", "arn:aws:ecs:*:*:service/${aws:PrincipalTag/env, 'prod'}/*")) is Verdict.ALLOWED
    assert decided(allow("*", "arn:aws:ecs:*:*:service/${*}/*")) is Verdict.IMPLICIT_DENY


def test_variables_are_plain_text_in_old_documents() -> None:
    old = compiled('{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "${a}"}}')
    assert verdict([old], Request("ecs:runtask", "${a}", Facts({"a": "b"}))) is Verdict.ALLOWED


OPERATORS = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringNotEquals", "a", "b", True),
    ("StringEqualsIgnoreCase", "a", "A", True),
    ("StringNotEqualsIgnoreCase", "a", "A", False),
    ("StringLike", "a*c?", "abbcd", True),
    ("StringEquals", "a*", "ab", False),
    ("StringNotLike", "a*", "ba", True),
    ("NumericEquals", "10", "10.0", True),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "10", "9", False),
    ("NumericGreaterThanEquals", "10", "ten", False),
    ("NumericNotEquals", "10", "11", True),
    ("DateLessThan", "2026-03-01T12:00:00Z", "2026-03-01T11:59:59Z", True),
    ("DateGreaterThan", "1772366400", "2026-03-01T12:00:01Z", True),
    ("DateEquals", "2026-03-01", "2026-03-01T00:00:00Z", True),
    ("DateNotEquals", "2026-03-01", "2026-03-01T00:00:00Z", False),
    ("Bool", "true", "TRUE", True),
    ("Bool", True, "false", False),
    ("BinaryEquals", "QmFzZQ==", "QmFzZQ==", True),
    ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
    ("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
    ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
    ("NotIpAddress", "10.0.0.0/8", "2001:db8::1", True),
    ("ArnLike", "arn:aws:ecs:*:*:cluster/p*", "arn:aws:ecs:us-east-1:1:cluster/prod", True),
    ("ArnEquals", "arn:aws:ecs:*:cluster/prod", "arn:aws:ecs:us-east-1:1:cluster/prod", False),
    ("ArnNotLike", "arn:aws:ecs:*:*:cluster/p*", "arn:aws:ecs:us-east-1:1:cluster/prod", False),
    ("Null", "false", "there", True),
    ("Null", "true", "there", False),
]


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), OPERATORS)
def test_every_operator_compares(operator: str, wanted: Any, given: str, expected: bool) -> None:
    assert holds(operator, "ecs:key", wanted, given={"ECS:Key": given}) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("NumericLessThan", False),
        ("NotIpAddress", True),
        ("Bool", False),
        ("BoolIfExists", True),
    ],
)
def test_a_key_that_is_not_there_is_no_match_but_for_the_negated(operator: str, expected: bool) -> None:
    assert holds(operator, "ecs:key", "10.0.0.0/8" if "Ip" in operator else "1", given={}) is expected


def test_a_key_that_is_not_there_is_null() -> None:
    assert holds("Null", "ecs:key", "true", given={})


def test_one_of_several_wanted_values_is_enough_and_none_of_them_for_the_negated() -> None:
    assert holds("StringEquals", "k", ["a", "b"], given={"k": "b"})
    assert not holds("StringNotEquals", "k", ["a", "b"], given={"k": "b"})
    assert holds("StringNotEquals", "k", ["a", "b"], given={"k": "c"})


def test_sets_compare_every_value_or_any() -> None:
    given = {"aws:TagKeys": ("team", "env")}
    assert holds("ForAllValues:StringEquals", "aws:TagKeys", ["team", "env", "more"], given=given)
    assert not holds("ForAllValues:StringEquals", "aws:TagKeys", ["team"], given=given)
    assert holds("ForAnyValue:StringEquals", "aws:TagKeys", ["team"], given=given)
    assert not holds("ForAnyValue:StringEquals", "aws:TagKeys", ["other"], given=given)
    assert holds("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team"], given=given)
    assert not holds("ForAllValues:StringNotEquals", "aws:TagKeys", ["team"], given=given)


def test_all_operators_and_all_keys_of_a_statement_must_hold() -> None:
    both = {"StringEquals": {"a": "1", "b": "2"}, "Bool": {"c": "true"}}
    assert decided(allow("*", Condition=both), a="1", b="2", c="true") is Verdict.ALLOWED
    assert decided(allow("*", Condition=both), a="1", b="2", c="false") is Verdict.IMPLICIT_DENY
    assert decided(allow("*", Condition=both), a="1", b="3", c="true") is Verdict.IMPLICIT_DENY


def test_a_condition_may_name_a_variable() -> None:
    own = {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}}
    owned = {"aws__ResourceTag/owner": "ann"}
    assert decided(allow("*", Condition=own), aws__username="ann", **owned) is Verdict.ALLOWED
    assert decided(allow("*", Condition=own), aws__username="bob", **owned) is Verdict.IMPLICIT_DENY


def layered(*, identity: Any = (), boundary: Any = None, session: Any = None) -> tuple[Verdict, Layer | None]:
    policies = Policies(
        [compiled(document(*identity))] if identity else [],
        compiled(document(*boundary)) if boundary else None,
        [compiled(document(*session))] if session else None,
    )
    decision = decide(policies, Request("ecs:runtask", "*", Facts({})))
    return decision.verdict, decision.layer


def test_every_layer_must_allow() -> None:
    every, other = [allow("*")], [allow("s3:*")]
    assert layered(identity=every, boundary=every, session=every) == (Verdict.ALLOWED, None)
    assert layered(identity=other, boundary=every) == (Verdict.IMPLICIT_DENY, Layer.IDENTITY)
    assert layered(identity=every, boundary=other) == (Verdict.IMPLICIT_DENY, Layer.BOUNDARY)
    assert layered(identity=every, session=other) == (Verdict.IMPLICIT_DENY, Layer.SESSION)


def test_a_boundary_and_a_session_grant_nothing() -> None:
    assert layered(boundary=[allow("*")], session=[allow("*")]) == (Verdict.IMPLICIT_DENY, Layer.IDENTITY)


def test_an_explicit_deny_is_told_before_any_silence() -> None:
    assert layered(identity=[allow("s3:*")], session=[deny("*")]) == (Verdict.EXPLICIT_DENY, Layer.SESSION)
