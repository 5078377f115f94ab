"""Roles, their trust, and the instance profiles that carry them."""

import json
import re
from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused
from people import allow, document, role, role_arn, trust, user, user_arn

TASKS = trust("ecs-tasks.amazonaws.com")
EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


@pytest.fixture
def iam(plane: Plane) -> Any:
    return plane.client("iam")


def test_a_role_is_shown_as_it_was_made(iam: Any) -> None:
    made = iam.create_role(
        RoleName="task", Path="/app/", AssumeRolePolicyDocument=TASKS, Description="runs", MaxSessionDuration=7200
    )["Role"]
    assert made["Arn"] == role_arn("app/task")
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", made["RoleId"])
    shown = iam.get_role(RoleName="task")["Role"]
    assert shown == {**made, "RoleLastUsed": {}}
    assert shown["AssumeRolePolicyDocument"] == json.loads(TASKS)
    assert (shown["Description"], shown["MaxSessionDuration"]) == ("runs", 7200)


def test_a_role_that_is_there_or_is_not(iam: Any) -> None:
    iam.create_role(RoleName="task", AssumeRolePolicyDocument=TASKS)
    with refused("EntityAlreadyExists", "Role with name task already exists."):
        iam.create_role(RoleName="task", AssumeRolePolicyDocument=TASKS)
    with refused("NoSuchEntity", "The role with name other cannot be found.") as answer:
        iam.get_role(RoleName="other")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_role_that_still_has_something_is_not_deleted(iam: Any) -> None:
    iam.create_role(RoleName="task", AssumeRolePolicyDocument=TASKS)
    iam.create_instance_profile(InstanceProfileName="box")
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="task")
    iam.attach_role_policy(RoleName="task", PolicyArn=EXECUTION)
    iam.put_role_policy(RoleName="task", PolicyName="own", PolicyDocument=document(allow("s3:*")))
    for sentence, mend in (
        (
            "must remove roles from instance profile first",
            lambda: iam.remove_role_from_instance_profile(InstanceProfileName="box", RoleName="task"),
        ),
        ("must detach all policies first", lambda: iam.detach_role_policy(RoleName="task", PolicyArn=EXECUTION)),
        ("must delete policies first", lambda: iam.delete_role_policy(RoleName="task", PolicyName="own")),
    ):
        with refused("DeleteConflict", f"Cannot delete entity, {sentence}."):
            iam.delete_role(RoleName="task")
        mend()
    iam.delete_role(RoleName="task")
    assert iam.list_roles()["Roles"] == []


def test_an_update_changes_what_it_names(iam: Any) -> None:
    iam.create_role(RoleName="task", AssumeRolePolicyDocument=TASKS, Description="runs")
    iam.update_role(RoleName="task", MaxSessionDuration=7200)
    iam.update_assume_role_policy(RoleName="task", PolicyDocument=trust("ec2.amazonaws.com"))
    shown = iam.get_role(RoleName="task")["Role"]
    assert (shown["Description"], shown["MaxSessionDuration"]) == ("runs", 7200)
    assert shown["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": ["ec2.amazonaws.com"]}
    iam.update_role(RoleName="task", Description="")
    assert "Description" not in iam.get_role(RoleName="task")["Role"]


def test_a_trust_policy_must_name_users_and_roles_that_exist(plane: Plane, iam: Any) -> None:
    said = f'Invalid principal in policy: "AWS":"{user_arn("ann")}"'
    with refused("MalformedPolicyDocument", said):
        iam.create_role(RoleName="task", AssumeRolePolicyDocument=trust(user_arn("ann")))
    user(plane, "ann")
    role(plane, "task", trust(user_arn("ann"), "arn:aws:iam::210987654321:role/theirs"))


def test_inline_policies_come_and_go(iam: Any) -> None:
    iam.create_role(RoleName="task", AssumeRolePolicyDocument=TASKS)
    text = document(allow("s3:GetObject", "arn:aws:s3:::a+b/*"))
    iam.put_role_policy(RoleName="task", PolicyName="own", PolicyDocument=text)
    assert iam.list_role_policies(RoleName="task")["PolicyNames"] == ["own"]
    assert iam.get_role_policy(RoleName="task", PolicyName="own")["PolicyDocument"] == json.loads(text)
    iam.delete_role_policy(RoleName="task", PolicyName="own")
    with refused("NoSuchEntity", "The role policy with name own cannot be found."):
        iam.get_role_policy(RoleName="task", PolicyName="own")


def test_an_instance_profile_has_one_role(iam: Any) -> None:
    for name in ("task", "other"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TASKS)
    made = iam.create_instance_profile(InstanceProfileName="box", Tags=[{"Key": "a", "Value": "b"}])["InstanceProfile"]
    assert (made["Arn"], made["Roles"]) == (f"arn:aws:iam::{ACCOUNT}:instance-profile/box", [])
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="task")
    with refused("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"):
        iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="other")
    shown = iam.get_instance_profile(InstanceProfileName="box")["InstanceProfile"]
    assert [held["RoleName"] for held in shown["Roles"]] == ["task"]
    [of_role] = iam.list_instance_profiles_for_role(RoleName="task")["InstanceProfiles"]
    assert of_role["InstanceProfileName"] == "box"
    assert iam.list_instance_profile_tags(InstanceProfileName="box")["Tags"] == [{"Key": "a", "Value": "b"}]
    with refused("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."):
        iam.delete_instance_profile(InstanceProfileName="box")
    with refused("NoSuchEntity", "Instance Profile none cannot be found."):
        iam.get_instance_profile(InstanceProfileName="none")


def test_a_service_linked_role_is_made_once_and_changed_by_nobody(plane: Plane, iam: Any) -> None:
    made = iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]
    assert made["Arn"] == role_arn("aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS")
    taken = "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."
    with refused("InvalidInput", taken):
        iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    protected = "Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - "
    protected += "this role is only modifiable by AWS"
    with refused("UnmodifiableEntity", protected):
        iam.delete_role(RoleName="AWSServiceRoleForECS")
    with refused("UnmodifiableEntity", protected):
        iam.put_role_policy(RoleName="AWSServiceRoleForECS", PolicyName="x", PolicyDocument=document(allow("*")))
    [attached] = iam.list_attached_role_policies(RoleName="AWSServiceRoleForECS")["AttachedPolicies"]
    assert attached["PolicyName"] == "AmazonECSServiceRolePolicy"


def test_a_service_linked_role_goes_when_nothing_needs_it(plane: Plane, iam: Any) -> None:
    iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    plane.ecs.create_cluster()
    failed = iam.delete_service_linked_role(RoleName="AWSServiceRoleForECS")["DeletionTaskId"]
    status = iam.get_service_linked_role_deletion_status(DeletionTaskId=failed)
    assert status["Status"] == "FAILED"
    assert "cluster/default" in status["Reason"]["Reason"]
    plane.ecs.delete_cluster(cluster="default")
    done = iam.delete_service_linked_role(RoleName="AWSServiceRoleForECS")["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=done)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity"):
        iam.get_role(RoleName="AWSServiceRoleForECS")
