"""What narrows a session holds for the roles that it assumes next, even where they name it."""

from typing import Any

import pytest

from inprocess import Plane, refused
from people import Key, allow, document, key_of, role, role_arn, session, trust, user, user_arn

NOTHING_BUT_CLUSTERS = document(allow("ecs:ListClusters"))


@pytest.fixture
def ann(plane: Plane) -> Key:
    return user(plane, "ann")


def test_a_session_policy_keeps_from_a_role_that_names_the_sessions_role(plane: Plane, ann: Key) -> None:
    role(plane, "ci", trust(user_arn("ann")))
    role(plane, "admin", trust(role_arn("ci")), allow("*"))
    narrowed = session(plane, ann, role_arn("ci"), Policy=NOTHING_BUT_CLUSTERS)
    with refused("AccessDenied"):
        session(plane, narrowed, role_arn("admin"))
    session(plane, session(plane, ann, role_arn("ci")), role_arn("admin"))


def test_a_roles_boundary_keeps_from_a_role_that_names_it(plane: Plane, ann: Key) -> None:
    iam: Any = plane.client("iam")
    bound = iam.create_policy(PolicyName="bound", PolicyDocument=NOTHING_BUT_CLUSTERS)["Policy"]["Arn"]
    role(plane, "ci", trust(user_arn("ann")), PermissionsBoundary=bound)
    role(plane, "admin", trust(role_arn("ci")), allow("*"))
    with refused("AccessDenied"):
        session(plane, session(plane, ann, role_arn("ci")), role_arn("admin"))


def test_a_users_boundary_does_not_keep_from_a_role_that_names_the_user(plane: Plane) -> None:
    iam: Any = plane.client("iam")
    bound = iam.create_policy(PolicyName="bound", PolicyDocument=NOTHING_BUT_CLUSTERS)["Policy"]["Arn"]
    silent = user(plane, "silent", PermissionsBoundary=bound)
    willing = user(plane, "willing", allow("sts:*"), PermissionsBoundary=bound)
    role(plane, "work", trust(user_arn("silent"), user_arn("willing")))
    for key in (silent, willing):
        session(plane, key, role_arn("work"))


def test_a_session_of_roots_own_neither_reads_nor_writes_iam(plane: Plane) -> None:
    """Source: STS API Reference, GetSessionToken."""
    iam: Any = plane.client("iam", key=key_of(plane.client("sts").get_session_token()["Credentials"]))
    for call in (iam.list_users, lambda: iam.create_user(UserName="x")):
        with refused("InvalidClientTokenId"):
            call()
