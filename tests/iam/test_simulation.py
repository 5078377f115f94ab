"""What SimulatePrincipalPolicy and SimulateCustomPolicy foretell is what happens."""

from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused
from people import allow, deny, document, role, role_arn, trust, user, user_arn


@pytest.fixture
def iam(plane: Plane) -> Any:
    return plane.client("iam")


def decisions(answer: dict[str, Any]) -> dict[str, str]:
    return {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}


def test_a_users_policies_are_asked_aloud(plane: Plane, iam: Any) -> None:
    user(plane, "ann", allow("ecs:*"), deny("ecs:DeleteCluster"))
    answer = iam.simulate_principal_policy(
        PolicySourceArn=user_arn("ann"), ActionNames=["ecs:RunTask", "ecs:DeleteCluster", "iam:GetUser"]
    )
    assert decisions(answer) == {
        "ecs:RunTask": "allowed",
        "ecs:DeleteCluster": "explicitDeny",
        "iam:GetUser": "implicitDeny",
    }
    assert [r["EvalResourceName"] for r in answer["EvaluationResults"]] == ["*"] * 3
    [matched] = answer["EvaluationResults"][0]["MatchedStatements"]
    assert matched["SourcePolicyId"] == "user_ann_own"
    assert [m["StartPosition"] for m in answer["EvaluationResults"][2]["MatchedStatements"]] == []


def test_groups_attachments_and_inputs_count_and_exclusions_do_not(plane: Plane, iam: Any) -> None:
    user(plane, "ann")
    iam.create_group(GroupName="staff")
    iam.attach_group_policy(GroupName="staff", PolicyArn="arn:aws:iam::aws:policy/AmazonECS_FullAccess")
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    asked = {"PolicySourceArn": user_arn("ann"), "ActionNames": ["ecs:RunTask", "s3:GetObject"]}
    assert decisions(iam.simulate_principal_policy(**asked)) == {
        "ecs:RunTask": "allowed",
        "s3:GetObject": "implicitDeny",
    }
    more = iam.simulate_principal_policy(**asked, PolicyInputList=[document(allow("s3:*"))])
    assert decisions(more) == {"ecs:RunTask": "allowed", "s3:GetObject": "allowed"}
    less = iam.simulate_principal_policy(
        **asked, PolicyExclusionList=[{"PolicyArn": "arn:aws:iam::aws:policy/AmazonECS_*"}]
    )
    assert decisions(less)["ecs:RunTask"] == "implicitDeny"


@pytest.mark.parametrize(
    ("identifier", "left"),
    [
        ({"PolicyType": "inline"}, "implicitDeny"),
        ({"PolicyType": "aws-managed"}, "allowed"),
        ({"PolicyType": "permission-boundary"}, "allowed"),
        (
            {"InlinePolicyIdentifier": {"PolicyName": "own", "AttachmentType": "user", "AttachmentName": "ann"}},
            "implicitDeny",
        ),
        (
            {"InlinePolicyIdentifier": {"PolicyName": "own", "AttachmentType": "role", "AttachmentName": "ann"}},
            "allowed",
        ),
    ],
)
def test_policies_are_left_out_by_type_or_by_whose_they_are(
    plane: Plane, iam: Any, identifier: dict[str, Any], left: str
) -> None:
    user(plane, "ann", allow("ecs:*"))
    asked = {"PolicySourceArn": user_arn("ann"), "ActionNames": ["ecs:RunTask"]}
    assert decisions(iam.simulate_principal_policy(**asked, PolicyExclusionList=[identifier])) == {"ecs:RunTask": left}
    with refused("InvalidInput"):
        iam.simulate_principal_policy(**asked, PolicyExclusionList=[{"PolicyArn": "arn:aws:s3:::some-bucket-name"}])


def test_resources_are_told_one_by_one(iam: Any) -> None:
    arns = [f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/{name}" for name in ("test", "prod")]
    answer = iam.simulate_custom_policy(
        PolicyInputList=[document(allow("ecs:*", arns[0]))], ActionNames=["ecs:DeleteCluster"], ResourceArns=arns
    )
    [result] = answer["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    told = [(r["EvalResourceName"], r["EvalResourceDecision"]) for r in result["ResourceSpecificResults"]]
    assert told == [(arns[0], "allowed"), (arns[1], "implicitDeny")]
    assert [len(r["MatchedStatements"]) for r in result["ResourceSpecificResults"]] == [1, 0]


def test_context_entries_are_conditions_and_missing_ones_are_named(iam: Any) -> None:
    condition = {"StringEquals": {"ecs:cluster": "a"}, "Bool": {"aws:SecureTransport": "true"}}
    asked = {
        "PolicyInputList": [document(allow("ecs:*", "arn:aws:ecs:*:*:*/${aws:username}", Condition=condition))],
        "ActionNames": ["ecs:RunTask"],
        "ResourceArns": ["arn:aws:ecs:us-east-1:1:service/ann"],
    }
    [first] = iam.simulate_custom_policy(**asked)["EvaluationResults"]
    assert first["EvalDecision"] == "implicitDeny"
    assert sorted(first["MissingContextValues"]) == ["aws:SecureTransport", "aws:username", "ecs:cluster"]
    given = {"ecs:cluster": "a", "aws:SecureTransport": "true", "aws:username": "ann"}
    entries = [{"ContextKeyName": k, "ContextKeyValues": [v], "ContextKeyType": "string"} for k, v in given.items()]
    [second] = iam.simulate_custom_policy(**asked, ContextEntries=entries)["EvaluationResults"]
    assert (second["EvalDecision"], second["MissingContextValues"]) == ("allowed", [])
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=asked["PolicyInputList"])["ContextKeyNames"]
    assert sorted(keys) == ["aws:SecureTransport", "aws:username", "ecs:cluster"]


def test_a_boundary_is_told_apart(plane: Plane, iam: Any) -> None:
    role(
        plane,
        "task",
        trust("ec2.amazonaws.com"),
        allow("*"),
        PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    answer = iam.simulate_principal_policy(
        PolicySourceArn=role_arn("task"), ActionNames=["ecs:ListClusters", "ecs:RunTask"]
    )
    told = [
        (r["EvalDecision"], r["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"])
        for r in answer["EvaluationResults"]
    ]
    assert told == [("allowed", True), ("implicitDeny", False)]


def test_a_statement_is_found_where_it_stands(iam: Any) -> None:
    text = (
        '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},\n'
    )
    text += '    {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}\n  ]\n}'
    [result] = iam.simulate_custom_policy(PolicyInputList=[text], ActionNames=["ecs:RunTask"])["EvaluationResults"]
    [matched] = result["MatchedStatements"]
    assert matched["SourcePolicyId"] == "PolicyInputList.1"
    assert matched["StartPosition"] == {"Line": 5, "Column": 5}
    assert matched["EndPosition"] == {"Line": 5, "Column": 60}


def test_a_resource_policy_may_allow_a_caller_by_name(iam: Any) -> None:
    told = {"Effect": "Allow", "Principal": {"AWS": user_arn("ann")}, "Action": "s3:GetObject", "Resource": "*"}
    asked = {
        "PolicyInputList": [document(allow("ecs:*"))],
        "ActionNames": ["s3:GetObject"],
        "ResourcePolicy": document(told),
    }
    with refused("InvalidInput"):
        iam.simulate_custom_policy(**asked)
    assert decisions(iam.simulate_custom_policy(**asked, CallerArn=user_arn("ann"))) == {"s3:GetObject": "allowed"}
    assert decisions(iam.simulate_custom_policy(**asked, CallerArn=user_arn("bob"))) == {"s3:GetObject": "implicitDeny"}


def test_what_is_no_principal_is_said_to_be_none(iam: Any) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:root"
    with refused("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name."):
        iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["ecs:RunTask"])
    with refused("NoSuchEntity", "The user with name none cannot be found."):
        iam.simulate_principal_policy(PolicySourceArn=user_arn("none"), ActionNames=["ecs:RunTask"])
    with refused("InvalidInput", "Syntax errors in policy."):
        iam.simulate_custom_policy(PolicyInputList=["{}"], ActionNames=["ecs:RunTask"])
