"""Users, their keys and their groups."""

import re
from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused
from people import allow, document, permit, user, user_arn
from podium.iam.records import AccessKey


@pytest.fixture
def iam(plane: Plane) -> Any:
    return plane.client("iam")


def test_a_user_is_shown_with_an_id_an_arn_and_its_tags(iam: Any) -> None:
    made = iam.create_user(UserName="ann", Path="/team/", Tags=[{"Key": "a", "Value": "1"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/ann"
    assert re.fullmatch(r"AIDA[A-Z2-7]{17}", made["UserId"])
    assert iam.get_user(UserName="ann")["User"]["Tags"] == [{"Key": "a", "Value": "1"}]
    [listed] = iam.list_users(PathPrefix="/team/")["Users"]
    assert "Tags" not in listed
    assert iam.list_users(PathPrefix="/other/")["Users"] == []


def test_names_do_not_differ_by_case_alone(iam: Any) -> None:
    iam.create_user(UserName="ann")
    with refused("EntityAlreadyExists", "User with name Ann already exists."):
        iam.create_user(UserName="Ann")
    with refused("NoSuchEntity", "The user with name Ann cannot be found."):
        iam.get_user(UserName="Ann")


def test_a_user_may_have_two_keys_whose_secrets_are_told_once_and_sealed(plane: Plane, iam: Any) -> None:
    iam.create_user(UserName="ann")
    first = iam.create_access_key(UserName="ann")["AccessKey"]
    iam.create_access_key(UserName="ann")
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", first["AccessKeyId"])
    assert len(first["SecretAccessKey"]) == 40
    with refused("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="ann")
    assert all("SecretAccessKey" not in key for key in iam.list_access_keys(UserName="ann")["AccessKeyMetadata"])
    kept = plane.records(AccessKey, access_key_id=first["AccessKeyId"])
    assert first["SecretAccessKey"] not in repr(kept)


def test_an_inactive_key_and_a_deleted_one_sign_nothing(plane: Plane, iam: Any) -> None:
    key = user(plane, "ann")
    sts = plane.client("sts", key=key)
    assert sts.get_caller_identity()["Arn"] == user_arn("ann")
    iam.update_access_key(UserName="ann", AccessKeyId=key[0], Status="Inactive")
    with refused("InvalidClientTokenId", "The security token included in the request is invalid."):
        sts.get_caller_identity()
    iam.update_access_key(UserName="ann", AccessKeyId=key[0], Status="Active")
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    iam.delete_access_key(UserName="ann", AccessKeyId=key[0])
    with refused("InvalidClientTokenId"):
        sts.get_caller_identity()


def test_a_user_without_a_name_in_the_request_is_the_caller(plane: Plane, iam: Any) -> None:
    key = user(plane, "ann", allow("iam:*", "arn:aws:iam::*:user/${aws:username}"))
    own = plane.client("iam", key=key)
    assert own.get_user()["User"]["UserName"] == "ann"
    assert [k["AccessKeyId"] for k in own.list_access_keys()["AccessKeyMetadata"]] == [key[0]]
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_a_user_that_still_has_something_is_not_deleted(plane: Plane, iam: Any) -> None:
    key = user(plane, "ann", allow("*"))
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    steps = [
        ("must remove users from group first", lambda: iam.remove_user_from_group(GroupName="staff", UserName="ann")),
        ("must delete access keys first", lambda: iam.delete_access_key(UserName="ann", AccessKeyId=key[0])),
        (
            "must detach all policies first",
            lambda: iam.detach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ),
        ("must delete policies first", lambda: iam.delete_user_policy(UserName="ann", PolicyName="own")),
    ]
    for sentence, mend in steps:
        with refused("DeleteConflict", f"Cannot delete entity, {sentence}."):
            iam.delete_user(UserName="ann")
        mend()
    iam.delete_user(UserName="ann")
    with refused("NoSuchEntity"):
        iam.get_user(UserName="ann")


def test_a_renamed_user_keeps_its_id_its_keys_and_its_policies(plane: Plane, iam: Any) -> None:
    key = user(plane, "ann", allow("ecs:ListClusters"))
    before = iam.get_user(UserName="ann")["User"]["UserId"]
    iam.update_user(UserName="ann", NewUserName="anna", NewPath="/new/")
    identity = plane.client("sts", key=key).get_caller_identity()
    assert (identity["UserId"], identity["Arn"]) == (before, user_arn("new/anna"))
    assert plane.client("ecs", key=key).list_clusters()["clusterArns"] == []


def test_a_groups_policies_are_its_members(plane: Plane, iam: Any) -> None:
    key = user(plane, "ann")
    ecs = plane.client("ecs", key=key)
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="list", PolicyDocument=document(allow("ecs:ListClusters")))
    with refused("AccessDeniedException"):
        ecs.list_clusters()
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    assert ecs.list_clusters()["clusterArns"] == []
    iam.update_group(GroupName="staff", NewGroupName="people")
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="ann")["Groups"]] == ["people"]
    assert [u["UserName"] for u in iam.get_group(GroupName="people")["Users"]] == ["ann"]
    assert ecs.list_clusters()["clusterArns"] == []
    with refused("DeleteConflict", "Cannot delete entity, must remove users from group first."):
        iam.delete_group(GroupName="people")
    iam.remove_user_from_group(GroupName="people", UserName="ann")
    with refused("AccessDeniedException"):
        ecs.list_clusters()


def test_lists_come_in_pages(iam: Any) -> None:
    for name in ("c", "a", "b"):
        iam.create_user(UserName=name)
    first = iam.list_users(MaxItems=2)
    assert ([u["UserName"] for u in first["Users"]], first["IsTruncated"]) == (["a", "b"], True)
    second = iam.list_users(MaxItems=2, Marker=first["Marker"])
    assert ([u["UserName"] for u in second["Users"]], second["IsTruncated"]) == (["c"], False)
    with refused("ValidationError", "Invalid Marker."):
        iam.list_users(Marker="ÿ")


def test_tags_are_merged_and_taken_away_whatever_their_case(iam: Any) -> None:
    iam.create_user(UserName="ann", Tags=[{"Key": "Team", "Value": "1"}])
    iam.tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "2"}, {"Key": "env", "Value": "x"}])
    assert iam.list_user_tags(UserName="ann")["Tags"] == [{"Key": "env", "Value": "x"}, {"Key": "team", "Value": "2"}]
    iam.untag_user(UserName="ann", TagKeys=["TEAM"])
    assert iam.list_user_tags(UserName="ann")["Tags"] == [{"Key": "env", "Value": "x"}]
    with refused("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."):
        iam.tag_user(UserName="ann", Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])


def test_inline_policies_have_a_size_together(plane: Plane, iam: Any) -> None:
    iam.create_user(UserName="ann")
    long = document(allow([f"ecs:{'A' * 100}{n}" for n in range(15)]))
    iam.put_user_policy(UserName="ann", PolicyName="one", PolicyDocument=long)
    with refused("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user ann"):
        iam.put_user_policy(UserName="ann", PolicyName="two", PolicyDocument=long)
    permit(plane, "ann", allow("ecs:*"))
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["one", "own"]


def test_what_no_user_has_is_told_as_none(iam: Any) -> None:
    iam.create_user(UserName="ann")
    assert iam.list_ssh_public_keys(UserName="ann")["SSHPublicKeys"] == []
    assert iam.list_mfa_devices(UserName="ann")["MFADevices"] == []
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    with refused("NoSuchEntity", "Login Profile for User ann cannot be found."):
        iam.delete_login_profile(UserName="ann")
    with refused("NoSuchEntity", "The user with name bob cannot be found."):
        iam.list_signing_certificates(UserName="bob")


@pytest.mark.parametrize("given", [{"NewUserName": "boss"}, {"NewPath": "/admin/"}])
def test_who_renames_must_be_allowed_on_the_new_name_too(plane: Plane, iam: Any, given: dict[str, str]) -> None:
    """Source: IAM API Reference, UpdateUser: permissions on both the source and the target."""
    iam.create_user(UserName="bob")
    as_ann = plane.client("iam", key=user(plane, "ann", allow("iam:UpdateUser", user_arn("bob"))))
    new = user_arn(f"{given.get('NewPath', '/')[1:]}{given.get('NewUserName', 'bob')}")
    with refused("AccessDenied") as answer:
        as_ann.update_user(UserName="bob", **given)
    assert f"on resource: {new} because" in answer["Error"]["Message"]
    permit(plane, "ann", allow("iam:UpdateUser", [user_arn("bob"), new]))
    as_ann.update_user(UserName="bob", **given)
