"""Managed policies: a customer's with versions, AWS's own, attached and bounding."""

import json
from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused
from people import allow, document, role, trust, user
from podium.iam import managed
from podium.iam.policy import Kind, compiled, validate

ARN = f"arn:aws:iam::{ACCOUNT}:policy/run"
AWS = "arn:aws:iam::aws:policy"
RUN = document(allow("ecs:RunTask"))


@pytest.fixture
def iam(plane: Plane) -> Any:
    return plane.client("iam")


def test_a_policy_begins_with_version_one(iam: Any) -> None:
    made = iam.create_policy(PolicyName="run", PolicyDocument=RUN, Description="runs")["Policy"]
    assert (made["Arn"], made["DefaultVersionId"], made["AttachmentCount"]) == (ARN, "v1", 0)
    assert iam.get_policy(PolicyArn=ARN)["Policy"]["Description"] == "runs"
    version = iam.get_policy_version(PolicyArn=ARN, VersionId="v1")["PolicyVersion"]
    assert (version["Document"], version["IsDefaultVersion"]) == (json.loads(RUN), True)
    with refused("EntityAlreadyExists", "A policy called run already exists. Duplicate names are not allowed."):
        iam.create_policy(PolicyName="run", PolicyDocument=RUN)


def test_five_versions_at_most_and_their_numbers_are_never_used_again(iam: Any) -> None:
    iam.create_policy(PolicyName="run", PolicyDocument=RUN)
    for _ in range(4):
        iam.create_policy_version(PolicyArn=ARN, PolicyDocument=RUN)
    with refused(
        "LimitExceeded",
        "A managed policy can have up to 5 versions. Before you create a new version, you "
        "must delete an existing version.",
    ):
        iam.create_policy_version(PolicyArn=ARN, PolicyDocument=RUN)
    with refused("DeleteConflict", "Cannot delete the default version of a policy."):
        iam.delete_policy_version(PolicyArn=ARN, VersionId="v1")
    iam.delete_policy_version(PolicyArn=ARN, VersionId="v5")
    new = iam.create_policy_version(PolicyArn=ARN, PolicyDocument=RUN, SetAsDefault=True)["PolicyVersion"]
    assert (new["VersionId"], new["IsDefaultVersion"]) == ("v6", True)
    listed = iam.list_policy_versions(PolicyArn=ARN)["Versions"]
    assert [v["VersionId"] for v in listed] == ["v6", "v4", "v3", "v2", "v1"]
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=ARN)


def test_the_default_version_is_the_one_in_force(plane: Plane, iam: Any) -> None:
    key = user(plane, "ann")
    iam.create_policy(PolicyName="run", PolicyDocument=document(allow("ecs:ListClusters")))
    iam.create_policy_version(PolicyArn=ARN, PolicyDocument=RUN)
    iam.attach_user_policy(UserName="ann", PolicyArn=ARN)
    assert plane.client("ecs", key=key).list_clusters()["clusterArns"] == []
    iam.set_default_policy_version(PolicyArn=ARN, VersionId="v2")
    with refused("AccessDeniedException"):
        plane.client("ecs", key=key).list_clusters()


def test_attaching_is_counted_listed_and_keeps_a_policy_from_being_deleted(plane: Plane, iam: Any) -> None:
    role(plane, "task", trust("ecs-tasks.amazonaws.com"))
    iam.create_policy(PolicyName="run", PolicyDocument=RUN)
    iam.attach_role_policy(RoleName="task", PolicyArn=ARN)
    iam.attach_role_policy(RoleName="task", PolicyArn=ARN)
    assert iam.list_attached_role_policies(RoleName="task")["AttachedPolicies"] == [
        {"PolicyName": "run", "PolicyArn": ARN}
    ]
    assert iam.get_policy(PolicyArn=ARN)["Policy"]["AttachmentCount"] == 1
    entities = iam.list_entities_for_policy(PolicyArn=ARN)
    assert [held["RoleName"] for held in entities["PolicyRoles"]] == ["task"]
    assert (entities["PolicyUsers"], entities["PolicyGroups"]) == ([], [])
    with refused("DeleteConflict", "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=ARN)
    iam.detach_role_policy(RoleName="task", PolicyArn=ARN)
    with refused("NoSuchEntity", f"Policy {ARN} was not found."):
        iam.detach_role_policy(RoleName="task", PolicyArn=ARN)
    iam.delete_policy(PolicyArn=ARN)


def test_what_is_no_policy_cannot_be_attached(plane: Plane, iam: Any) -> None:
    role(plane, "task", trust("ecs-tasks.amazonaws.com"))
    with refused("NoSuchEntity", f"Policy {ARN} does not exist or is not attachable."):
        iam.attach_role_policy(RoleName="task", PolicyArn=ARN)
    with refused("InvalidInput", "ARN arn:aws:s3:::a-bucket-of-mine is not valid."):
        iam.attach_role_policy(RoleName="task", PolicyArn="arn:aws:s3:::a-bucket-of-mine")
    with refused("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role."):
        iam.attach_role_policy(RoleName="task", PolicyArn=f"{AWS}/aws-service-role/AmazonECSServiceRolePolicy")
    with refused("NoSuchEntity"):
        iam.attach_role_policy(RoleName="task", PolicyArn=f"{AWS}/AmazonECSTaskExecutionRolePolicy")


@pytest.mark.parametrize(
    "path",
    [
        "AmazonECS_FullAccess",
        "service-role/AmazonECSTaskExecutionRolePolicy",
        "service-role/AmazonEC2ContainerServiceforEC2Role",
        "service-role/AmazonEC2ContainerServiceRole",
        "service-role/AmazonEC2ContainerServiceEventsRole",
        "aws-service-role/AmazonECSServiceRolePolicy",
        "service-role/AmazonECSInfrastructureRolePolicyForVolumes",
        "service-role/AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity",
        "AmazonECSInfrastructureRolePolicyForVpcLattice",
        "AmazonECSInfrastructureRolePolicyForLoadBalancers",
        "AmazonECSInfrastructureRolePolicyForManagedInstances",
        "AmazonECSInstanceRolePolicyForManagedInstances",
        "service-role/AmazonECSInfrastructureRoleforExpressGatewayServices",
        "AWSCodeDeployRoleForECS",
        "AWSCodeDeployRoleForECSLimited",
        "AdministratorAccess",
        "PowerUserAccess",
        "ReadOnlyAccess",
    ],
)
def test_awss_policies_are_there_and_read_only(iam: Any, path: str) -> None:
    policy = iam.get_policy(PolicyArn=f"{AWS}/{path}")["Policy"]
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
    assert version["PolicyVersion"]["Document"]["Statement"]
    with refused("NoSuchEntity"):
        iam.delete_policy(PolicyArn=policy["Arn"])


def test_every_policy_of_awss_is_one_that_the_evaluator_reads() -> None:
    for policy in managed.every("aws"):
        validate(policy.document, Kind.IDENTITY)
        assert compiled(policy.document).statements


def test_policies_are_listed_by_scope_and_by_use(plane: Plane, iam: Any) -> None:
    iam.create_policy(PolicyName="run", PolicyDocument=RUN, Path="/app/")
    assert [p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]] == ["run"]
    assert iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"] == []
    assert all(p["Arn"].startswith(AWS) for p in iam.list_policies(Scope="AWS", MaxItems=1000)["Policies"])
    assert [p["PolicyName"] for p in iam.list_policies(PathPrefix="/app/")["Policies"]] == ["run"]
    role(plane, "task", trust("ec2.amazonaws.com"), PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/app/run")
    [bounding] = iam.list_policies(PolicyUsageFilter="PermissionsBoundary")["Policies"]
    assert (bounding["PolicyName"], bounding["PermissionsBoundaryUsageCount"]) == ("run", 1)


def test_a_boundary_is_shown_and_taken_away(plane: Plane, iam: Any) -> None:
    role(plane, "task", trust("ec2.amazonaws.com"), PermissionsBoundary=f"{AWS}/PowerUserAccess")
    shown = iam.get_role(RoleName="task")["Role"]["PermissionsBoundary"]
    assert shown == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": f"{AWS}/PowerUserAccess"}
    iam.delete_role_permissions_boundary(RoleName="task")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="task")["Role"]


def test_the_whole_account_at_once(plane: Plane, iam: Any) -> None:
    user(plane, "ann", allow("ecs:*"))
    role(plane, "task", trust("ecs-tasks.amazonaws.com"), allow("s3:*"))
    iam.create_policy(PolicyName="run", PolicyDocument=RUN, Description="runs")
    iam.create_account_alias(AccountAlias="workshop")
    details = iam.get_account_authorization_details()
    assert [u["UserName"] for u in details["UserDetailList"]] == ["ann"]
    assert details["RoleDetailList"][0]["RolePolicyList"][0]["PolicyName"] == "own"
    assert details["Policies"][0]["PolicyVersionList"][0]["Document"] == json.loads(RUN)
    assert iam.get_account_summary()["SummaryMap"]["Roles"] == 1
    assert iam.list_account_aliases()["AccountAliases"] == ["workshop"]
    [only] = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    assert only["RoleName"] == "task"
