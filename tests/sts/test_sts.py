"""STS: who a caller is, and credentials that end."""

from datetime import timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, AGENT, REGION, ROOT, Plane, refused
from people import Key, allow, deny, document, key_of, permit, role, session, trust, user, user_arn

ACCOUNT_ROOT = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.fixture
def ann(plane: Plane) -> Key:
    return user(plane, "ann", allow("sts:*"))


def denied(who: str, arn: str, action: str = "sts:AssumeRole") -> str:
    return f"User: {who} is not authorized to perform: {action} on resource: {arn}"


def assume(plane: Plane, key: Key, arn: str, **members: Any) -> dict[str, Any]:
    given = {"RoleSessionName": "work", **members}
    return dict(plane.client("sts", key=key).assume_role(RoleArn=arn, **given))


def test_everyone_may_ask_who_it_is(plane: Plane, ann: Key) -> None:
    root = plane.client("sts").get_caller_identity()
    assert (root["UserId"], root["Account"], root["Arn"]) == (ACCOUNT, ACCOUNT, ACCOUNT_ROOT)
    own = plane.client("sts", key=ann).get_caller_identity()
    assert (own["UserId"][:4], own["Arn"]) == ("AIDA", user_arn("ann"))


def test_a_roles_session_is_the_roles_and_has_its_permissions(plane: Plane, ann: Key) -> None:
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT), allow("ecs:ListClusters"))
    answer = assume(plane, ann, arn)
    assumed = answer["AssumedRoleUser"]
    assert assumed["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/work"
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert answer["Credentials"]["Expiration"] == plane.clock.now() + timedelta(hours=1)
    key = key_of(answer["Credentials"])
    identity = plane.client("sts", key=key).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (assumed["Arn"], assumed["AssumedRoleId"])
    assert plane.client("ecs", key=key).list_clusters()["clusterArns"] == []
    with refused("AccessDeniedException"):
        plane.client("ecs", key=key).list_services()
    used = plane.client("iam").get_role(RoleName="deploy")["Role"]["RoleLastUsed"]
    assert (used["LastUsedDate"], used["Region"]) == (plane.clock.now(), REGION)


def test_credentials_end_with_their_time(plane: Plane, ann: Key) -> None:
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT), allow("ecs:*"))
    key = session(plane, ann, arn, DurationSeconds=900)
    plane.clock.time += timedelta(seconds=899)
    plane.client("ecs", key=key).list_clusters()
    plane.clock.time += timedelta(seconds=1)
    with refused("ExpiredTokenException", "The security token included in the request is expired"):
        plane.client("ecs", key=key).list_clusters()
    with refused("ExpiredToken", "The security token included in the request is expired"):
        plane.client("sts", key=key).get_caller_identity()


def test_a_token_of_another_key_or_a_changed_one_is_none(plane: Plane, ann: Key) -> None:
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT), allow("ecs:*"))
    one, two = session(plane, ann, arn), session(plane, ann, arn)
    for key in (
        (one[0], one[1], two[2]),
        (*one[:2], one[2][:-1] + "x"),
        (*one[:2], "x"),
        (ROOT, "root", "podium-session."),
    ):
        with refused("UnrecognizedClientException"):
            plane.client("ecs", key=key).list_clusters()


def test_sessions_outlive_a_restart_and_their_signatures_are_proved(proving_plane: Plane) -> None:
    arn = role(proving_plane, "deploy", trust(ACCOUNT_ROOT), allow("ecs:*"))
    key = session(proving_plane, user(proving_plane, "ann", allow("sts:*")), arn)
    proving_plane.client("ecs", key=key).list_clusters()
    with refused("InvalidSignatureException"):
        proving_plane.client("ecs", key=(key[0], "wrong", key[2])).list_clusters()


def test_a_role_that_trusts_the_account_leaves_it_to_the_callers_policies(plane: Plane) -> None:
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT))
    key = user(plane, "bob")
    with refused("AccessDenied", denied(user_arn("bob"), arn)):
        assume(plane, key, arn)
    permit(plane, "bob", allow("sts:AssumeRole", arn))
    assume(plane, key, arn)


def test_a_role_that_names_the_caller_needs_no_policy_of_its_own(plane: Plane) -> None:
    key = user(plane, "bob")
    arn = role(plane, "deploy", trust(user_arn("bob")))
    assume(plane, key, arn)
    permit(plane, "bob", deny("sts:AssumeRole"))
    with refused("AccessDenied", denied(user_arn("bob"), arn)):
        assume(plane, key, arn)


def test_another_user_of_the_same_name_is_not_the_one_that_was_trusted(plane: Plane) -> None:
    key, iam = user(plane, "bob"), plane.client("iam")
    arn = role(plane, "deploy", trust(user_arn("bob")))
    iam.delete_access_key(UserName="bob", AccessKeyId=key[0])
    iam.delete_user(UserName="bob")
    with refused("AccessDenied"):
        assume(plane, user(plane, "bob", allow("sts:*")), arn)


def test_a_role_that_trusts_a_service_lets_nobody_in_not_even_root(plane: Plane, ann: Key) -> None:
    arn = role(plane, "task", trust("ecs-tasks.amazonaws.com"))
    with refused("AccessDenied", denied(user_arn("ann"), arn)):
        assume(plane, ann, arn)
    with refused("AccessDenied", denied(ACCOUNT_ROOT, arn)):
        assume(plane, (ROOT, "root"), arn)


def test_a_role_that_is_not_there_is_refused_like_one_that_does_not_trust(plane: Plane, ann: Key) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/none"
    with refused("AccessDenied", denied(user_arn("ann"), arn)):
        assume(plane, ann, arn)


def test_root_may_assume_a_role_that_trusts_its_account(plane: Plane) -> None:
    assume(plane, (ROOT, "root"), role(plane, "deploy", trust(ACCOUNT_ROOT)))


def test_a_container_agents_key_becomes_nobody_else(plane: Plane) -> None:
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT), allow("*"))
    with refused("AccessDenied"):
        assume(plane, (AGENT, "agent"), arn)
    with refused("AccessDenied"):
        plane.client("sts", key=(AGENT, "agent")).get_session_token()


def test_the_trust_policys_conditions_are_looked_at(plane: Plane, ann: Key) -> None:
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT, Condition={"StringEquals": {"sts:ExternalId": "secret"}}))
    with refused("AccessDenied"):
        assume(plane, ann, arn)
    with refused("AccessDenied"):
        assume(plane, ann, arn, ExternalId="wrong")
    assume(plane, ann, arn, ExternalId="secret")


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (7201, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        (
            899,
            "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 900",
        ),
    ],
)
def test_a_session_is_no_longer_than_the_role_allows(plane: Plane, ann: Key, seconds: int, sentence: str) -> None:
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT), MaxSessionDuration=7200)
    with refused("ValidationError", sentence):
        assume(plane, ann, arn, DurationSeconds=seconds)
    assume(plane, ann, arn, DurationSeconds=7200)


def test_one_role_after_another_lasts_an_hour(plane: Plane, ann: Key) -> None:
    first = role(plane, "first", trust(ACCOUNT_ROOT), allow("sts:AssumeRole"))
    second = role(plane, "second", trust(first), MaxSessionDuration=43200)
    key = session(plane, ann, first)
    said = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    with refused("ValidationError", said):
        assume(plane, key, second, DurationSeconds=3601)
    assume(plane, key, second, DurationSeconds=3600)


def test_session_tags_need_leave_from_both_sides_and_become_principal_tags(plane: Plane) -> None:
    tagged = allow("ecs:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "web"}})
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT, action=["sts:AssumeRole", "sts:TagSession"]), tagged)
    key = user(plane, "bob", allow("sts:AssumeRole"))
    tags = [{"Key": "team", "Value": "web"}]
    with refused("AccessDenied", denied(user_arn("bob"), arn, "sts:TagSession")):
        assume(plane, key, arn, Tags=tags)
    permit(plane, "bob", allow(["sts:AssumeRole", "sts:TagSession"]))
    plane.client("ecs", key=session(plane, key, arn, Tags=tags)).list_clusters()
    with refused("AccessDeniedException"):
        plane.client("ecs", key=session(plane, key, arn)).list_clusters()


def test_transitive_tags_and_the_source_identity_go_on_to_the_next_role(plane: Plane, ann: Key) -> None:
    both = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    first = role(plane, "first", trust(ACCOUNT_ROOT, action=both), allow("sts:*"))
    of_team = {"StringEquals": {"aws:PrincipalTag/team": "web", "aws:SourceIdentity": "ann@example.com"}}
    second = role(plane, "second", trust(first, action=both), allow("ecs:*", Condition=of_team))
    key = session(
        plane,
        ann,
        first,
        Tags=[{"Key": "team", "Value": "web"}],
        TransitiveTagKeys=["team"],
        SourceIdentity="ann@example.com",
    )
    with refused("ValidationError"):
        assume(plane, key, second, Tags=[{"Key": "Team", "Value": "db"}])
    with refused("AccessDenied"):
        assume(plane, key, second, SourceIdentity="somebody@example.com")
    plane.client("ecs", key=session(plane, key, second)).list_clusters()


def test_a_session_policy_must_be_one(plane: Plane, ann: Key) -> None:
    arn = role(plane, "deploy", trust(ACCOUNT_ROOT))
    with refused("MalformedPolicyDocument", "Syntax errors in policy."):
        assume(plane, ann, arn, Policy="{}")
    with refused("NoSuchEntity"):
        assume(plane, ann, arn, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/NoSuchPolicy"}])
    packed = assume(plane, ann, arn, Policy=document(allow("*")))["PackedPolicySize"]
    assert 0 < packed < 100


def test_a_session_token_lasts_twelve_hours_and_roots_one(plane: Plane, ann: Key) -> None:
    now = plane.clock.now()
    own = plane.client("sts", key=ann).get_session_token()["Credentials"]
    assert own["Expiration"] == now + timedelta(hours=12)
    roots = plane.client("sts").get_session_token(DurationSeconds=43200)["Credentials"]
    assert roots["Expiration"] == now + timedelta(hours=1)
    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials"):
        plane.client("sts", key=key_of(own)).get_session_token()


def test_whose_a_key_is(plane: Plane, ann: Key) -> None:
    assert plane.client("sts").get_access_key_info(AccessKeyId=ann[0])["Account"] == ACCOUNT
    with refused("AccessDenied"):
        plane.client("sts").get_access_key_info(AccessKeyId="AKIAAAAAAAAAAAAAAAAA")


def test_no_denial_here_is_encoded(plane: Plane) -> None:
    with refused("InvalidAuthorizationMessageException", "Message is not valid."):
        plane.client("sts").decode_authorization_message(EncodedMessage="xxxx")
