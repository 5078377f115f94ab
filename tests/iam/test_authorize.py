"""Policies judged on every call of every service: a new user may do nothing."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, deny, document, key_of, permit, role, role_arn, session, trust, user, user_arn

ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/bounds"


def may_not(who: str, action: str, resource: str, because: str | None = None) -> str:
    because = f"because no identity-based policy allows the {action} action" if because is None else because
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} {because}"


def bound(plane: Plane, name: str, *statements: dict[str, Any]) -> None:
    iam = plane.client("iam")
    iam.create_policy(PolicyName="bounds", PolicyDocument=document(*statements))
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=BOUNDARY)


def test_a_new_user_may_do_nothing_but_ask_who_it_is(plane: Plane) -> None:
    key = user(plane, "ann")
    with refused("AccessDeniedException", may_not(user_arn("ann"), "ecs:ListClusters", "*")) as answer:
        plane.client("ecs", key=key).list_clusters()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    with refused("AccessDenied", may_not(user_arn("ann"), "iam:GetRole", "role web")) as answer:
        plane.client("iam", key=key).get_role(RoleName="web")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    with refused("AccessDenied"):
        plane.client("iam", key=key).create_access_key()
    assert plane.client("sts", key=key).get_caller_identity()["Arn"] == user_arn("ann")


def test_nothing_is_stored_by_a_call_that_is_refused(plane: Plane) -> None:
    key = user(plane, "ann")
    with refused("AccessDeniedException", may_not(user_arn("ann"), "ecs:CreateCluster", f"{ECS}:cluster/c")):
        plane.client("ecs", key=key).create_cluster(clusterName="c")
    assert plane.ecs.list_clusters()["clusterArns"] == []


def test_an_explicit_deny_says_so(plane: Plane) -> None:
    key = user(plane, "ann", allow("ecs:*"), deny("ecs:CreateCluster", "arn:aws:ecs:*:*:cluster/prod*"))
    ecs = plane.client("ecs", key=key)
    ecs.create_cluster(clusterName="test")
    said = "with an explicit deny in an identity-based policy"
    with refused("AccessDeniedException", may_not(user_arn("ann"), "ecs:CreateCluster", f"{ECS}:cluster/prod", said)):
        ecs.create_cluster(clusterName="prod")


def test_a_boundary_narrows_and_is_named(plane: Plane) -> None:
    key = user(plane, "ann", allow("ecs:*"))
    ecs = plane.client("ecs", key=key)
    bound(plane, "ann", allow("ecs:List*"), deny("ecs:ListServices"))
    ecs.list_clusters()
    silent = "because no permissions boundary allows the ecs:CreateCluster action"
    with refused("AccessDeniedException", may_not(user_arn("ann"), "ecs:CreateCluster", f"{ECS}:cluster/c", silent)):
        ecs.create_cluster(clusterName="c")
    denied = "with an explicit deny in a permissions boundary"
    with refused("AccessDeniedException", may_not(user_arn("ann"), "ecs:ListServices", "*", denied)):
        ecs.list_services()


def test_session_policies_narrow_and_are_named(plane: Plane) -> None:
    arn = role(plane, "deploy", trust(f"arn:aws:iam::{ACCOUNT}:root"), allow("ecs:*"))
    key = user(plane, "ann", allow("sts:AssumeRole", arn))
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/narrow"
    narrow = document(allow("ecs:List*"), deny("ecs:ListServices"))
    ecs = plane.client("ecs", key=session(plane, key, arn, "narrow", Policy=narrow))
    ecs.list_clusters()
    silent = "because no session policy allows the ecs:CreateCluster action"
    with refused("AccessDeniedException", may_not(who, "ecs:CreateCluster", f"{ECS}:cluster/c", silent)):
        ecs.create_cluster(clusterName="c")
    denied = "with an explicit deny in a session policy"
    with refused("AccessDeniedException", may_not(who, "ecs:ListServices", "*", denied)):
        ecs.list_services()


def test_a_managed_session_policy_narrows_as_well(plane: Plane) -> None:
    arn = role(plane, "deploy", trust(f"arn:aws:iam::{ACCOUNT}:root"), allow("ecs:*"))
    key = user(plane, "ann", allow("sts:AssumeRole", arn))
    given = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    ecs = plane.client("ecs", key=session(plane, key, arn, PolicyArns=given))
    ecs.list_clusters()
    with refused("AccessDeniedException"):
        ecs.create_cluster()


def test_a_changed_policy_counts_at_once(plane: Plane) -> None:
    key = user(plane, "ann", allow("ecs:ListClusters"))
    ecs = plane.client("ecs", key=key)
    ecs.list_clusters()
    permit(plane, "ann", allow("ecs:ListServices"))
    with refused("AccessDeniedException"):
        ecs.list_clusters()


def test_users_may_look_after_themselves_alone(plane: Plane) -> None:
    key = user(plane, "ann", allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"))
    user(plane, "bob")
    own = plane.client("iam", key=key)
    assert own.create_access_key(UserName="ann")["AccessKey"]["UserName"] == "ann"
    with refused("AccessDenied", may_not(user_arn("ann"), "iam:CreateAccessKey", "user bob")):
        own.create_access_key(UserName="bob")


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": REGION}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:01Z"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-03-01T12:00:01Z"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"aws:username": "ann"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "web"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "db"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:PrincipalType": "User"}}, True),
        ({"Null": {"aws:TokenIssueTime": "true"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"NumericGreaterThan": {"aws:EpochTime": "1772000000"}}, True),
    ],
)
def test_what_every_request_says_of_itself(plane: Plane, condition: dict[str, Any], allowed: bool) -> None:
    key = user(plane, "ann", allow("ecs:*", Condition=condition), Tags=[{"Key": "team", "Value": "web"}])
    ecs = plane.client("ecs", key=key)
    if allowed:
        assert ecs.list_clusters()["clusterArns"] == []
    else:
        with refused("AccessDeniedException"):
            ecs.list_clusters()


def test_adding_a_role_to_an_instance_profile_passes_it(plane: Plane) -> None:
    arn = role(plane, "box", trust("ec2.amazonaws.com"))
    plane.client("iam").create_instance_profile(InstanceProfileName="box")
    key = user(plane, "ann", allow("iam:AddRoleToInstanceProfile"))
    with refused("AccessDenied", may_not(user_arn("ann"), "iam:PassRole", arn)):
        plane.client("iam", key=key).add_role_to_instance_profile(InstanceProfileName="box", RoleName="box")


def test_tags_on_roles_are_conditions(plane: Plane) -> None:
    for name, team in (("mine", "web"), ("theirs", "db")):
        role(plane, name, trust("ec2.amazonaws.com"), Tags=[{"Key": "team", "Value": team}])
    key = user(plane, "ann", allow("iam:*", Condition={"StringEquals": {"aws:ResourceTag/team": "web"}}))
    iam = plane.client("iam", key=key)
    assert iam.get_role(RoleName="mine")["Role"]["Arn"] == role_arn("mine")
    with refused("AccessDenied"):
        iam.delete_role(RoleName="theirs")


def test_a_session_ends_with_its_role_even_when_another_takes_the_name(plane: Plane) -> None:
    trusted, iam = trust(f"arn:aws:iam::{ACCOUNT}:root"), plane.client("iam")
    arn = role(plane, "deploy", trusted)
    key = session(plane, user(plane, "ann", allow("sts:AssumeRole", arn)), arn)
    ecs, sts = plane.client("ecs", key=key), plane.client("sts", key=key)
    iam.put_role_policy(RoleName="deploy", PolicyName="own", PolicyDocument=document(allow("ecs:*")))
    ecs.list_clusters()
    iam.delete_role_policy(RoleName="deploy", PolicyName="own")
    iam.delete_role(RoleName="deploy")
    role(plane, "deploy", trusted, allow("*"))
    with refused("UnrecognizedClientException", "The security token included in the request is invalid"):
        ecs.list_clusters()
    with refused("InvalidClientTokenId", "The security token included in the request is invalid"):
        sts.get_caller_identity()


def test_a_session_may_be_revoked_by_the_time_it_was_issued(plane: Plane) -> None:
    arn = role(plane, "deploy", trust(f"arn:aws:iam::{ACCOUNT}:root"), allow("ecs:*"))
    owner = user(plane, "ann", allow("sts:AssumeRole", arn))
    old = plane.client("ecs", key=session(plane, owner, arn))
    plane.clock.time = plane.clock.time.replace(minute=30)
    new = plane.client("ecs", key=session(plane, owner, arn))
    earlier = {"DateLessThan": {"aws:TokenIssueTime": "2026-03-01T12:15:00Z"}}
    plane.client("iam").put_role_policy(
        RoleName="deploy", PolicyName="revoked", PolicyDocument=document(deny("*", Condition=earlier))
    )
    new.list_clusters()
    with refused("AccessDeniedException"):
        old.list_clusters()


def test_a_users_temporary_key_serves_for_everything_but_iam_and_sts(plane: Plane) -> None:
    key = user(plane, "ann", allow("*"))
    given = plane.client("sts", key=key).get_session_token()["Credentials"]
    temporary = key_of(given)
    plane.client("ecs", key=temporary).list_clusters()
    assert plane.client("sts", key=temporary).get_caller_identity()["Arn"] == user_arn("ann")
    void = "The security token included in the request is invalid"
    with refused("InvalidClientTokenId", void):
        plane.client("iam", key=temporary).list_users()
    with refused("InvalidClientTokenId", void):
        plane.client("sts", key=temporary).get_access_key_info(AccessKeyId=key[0])
