"""What a policy document may say, and the sentence for what it may not."""

import json
from typing import Any

import pytest

from people import allow, document
from podium.iam.errors import MalformedPolicyDocument
from podium.iam.policy import Kind, validate


def fault(text: str, kind: Kind = Kind.IDENTITY) -> str:
    with pytest.raises(MalformedPolicyDocument) as caught:
        validate(text, kind)
    return str(caught.value)


def with_statement(**changed: Any) -> str:
    given = {**allow("ecs:RunTask"), **changed}
    return document({k: v for k, v in given.items() if v is not None})


def test_a_document_of_every_element_is_accepted() -> None:
    said = with_statement(Sid="Run", Condition={"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*", "b"]}})
    validate(said, Kind.IDENTITY)


def test_one_statement_needs_no_list() -> None:
    validate(json.dumps({"Version": "2012-10-17", "Statement": allow("*")}), Kind.IDENTITY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not json",
        document(),
        json.dumps({"Version": "2012-10-17", "Statement": allow("*"), "Extra": 1}),
        json.dumps({"Version": "2013-01-01", "Statement": allow("*")}),
        with_statement(Effect=None),
        with_statement(Comment="no"),
        with_statement(NotAction="*"),
        with_statement(Action=[1]),
        with_statement(Sid=7),
        with_statement(Condition={"StringSortOf": {"a": "b"}}),
        with_statement(Condition={"StringEquals": "b"}),
        with_statement(Condition={"StringEquals": {"a": {"b": "c"}}}),
        '{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}',
        "[" * 100_000,
    ],
)
def test_what_is_not_of_the_form_has_syntax_errors(text: str) -> None:
    assert fault(text) == "Syntax errors in policy."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (json.dumps({"Statement": allow("*")}), "Policy document must be version 2012-10-17 or greater."),
        (with_statement(Effect="allow"), "The policy failed legacy parsing"),
        (with_statement(Condition={"DateLessThan": {"aws:CurrentTime": "soon"}}), "The policy failed legacy parsing"),
        (
            document(allow("ecs:A", Sid="x"), allow("ecs:B", Sid="x")),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (with_statement(Action=[]), "Policy statement must contain actions."),
        (with_statement(Action=None), "Policy statement must contain actions."),
        (
            with_statement(Action="RunTask"),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (with_statement(Action="ecs:Run:Task"), "Actions/Condition can contain only one colon."),
        (with_statement(Action="e c s:RunTask"), "Vendor e c s is not valid"),
        (with_statement(Principal="*"), "Policy document should not specify a principal."),
        (with_statement(Resource=None), "Policy statement must contain resources."),
        (with_statement(Resource=[]), "Policy statement must contain resources."),
        (with_statement(Resource="cluster"), 'Resource cluster must be in ARN format or "*".'),
        (
            with_statement(Resource="arn:moon:ecs:us-east-1::cluster/a"),
            'Partition "moon" is not valid for resource "arn:moon:ecs:us-east-1::cluster/a".',
        ),
        (
            with_statement(Resource="arn:aws:iam:us-east-1:1:role/a"),
            "IAM resource arn:aws:iam:us-east-1:1:role/a cannot contain region information.",
        ),
    ],
)
def test_each_fault_has_its_sentence(text: str, sentence: str) -> None:
    assert fault(text) == sentence


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"Principal": None}, "Missing required field Principal"),
        ({"Principal": {"AWS": []}}, "Missing required field Principal cannot be empty!"),
        ({"Resource": "*"}, "Has prohibited field Resource"),
        ({"Action": "ecs:RunTask"}, "AssumeRole policy may only specify STS AssumeRole actions."),
    ],
)
def test_a_trust_policy_has_rules_of_its_own(changed: dict[str, Any], sentence: str) -> None:
    given = {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole", **changed}
    text = document({k: v for k, v in given.items() if v is not None})
    assert fault(text, Kind.TRUST) == sentence


def test_a_trust_policy_that_is_no_json_says_so() -> None:
    assert fault("{", Kind.TRUST) == "This policy contains invalid Json"


def test_an_old_trust_policy_is_still_one() -> None:
    told = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    validate(json.dumps({"Version": "2008-10-17", "Statement": [told]}), Kind.TRUST)
