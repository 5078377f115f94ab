"""Credentials of tasks' roles, and whom a log line is brought as when there are none that count."""

from types import SimpleNamespace
from typing import Any

import pytest

from podium_agent.awslogs.spool import Sender
from podium_agent.membership import Membership
from podium_agent.role_credentials import COMING_SECONDS, RoleCredentials
from podium_protocol import Message, acs

TASK, ID = "arn:aws:ecs:us-east-1:123456789012:task/default/1", "id"
NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z


def given(**more: str) -> Message:
    keys = {"credentialsId": ID, "accessKeyId": "ASIA", "secretAccessKey": "s", "sessionToken": "t", **more}
    return Message(type=acs.CREDENTIALS, body={"taskArn": TASK, "roleCredentials": keys})


@pytest.mark.parametrize(
    ("expiration", "counts"),
    [("2026-01-01T12:00:01Z", True), ("2026-01-01T12:00:00Z", False), ("", True), ("soon", True)],
)
def test_they_count_until_they_expire(expiration: str, counts: bool) -> None:
    held = RoleCredentials(lambda: NOON)
    held.take(given(expiration=expiration))
    assert (held.signer(TASK, ID, "us-east-1", "logs") is not None) is counts


def membership(roles: RoleCredentials) -> Any:
    return SimpleNamespace(
        _around=SimpleNamespace(config=SimpleNamespace(region="us-east-1")),
        _roles=roles,
        _credentials=SimpleNamespace(of_service=lambda service: "instance"),
        _api=SimpleNamespace(signed_by=lambda signer: signer),
    )


def test_a_log_line_goes_as_the_instance_once_the_roles_credentials_have_expired() -> None:
    """A role that was deleted has no newer ones; what waits behind its lines is every other container's."""
    now = [NOON - 1]
    roles = RoleCredentials(lambda: now[0])
    roles.take(given(expiration="2026-01-01T12:00:00Z"))
    sender = Sender(task_arn=TASK, credentials_id=ID, cluster="default")
    assert Membership.api_of_logs(membership(roles), sender) != "instance"
    now[0] = NOON
    assert Membership.api_of_logs(membership(roles), sender) == "instance"


def test_an_agent_that_has_just_begun_waits_for_a_roles_credentials_and_not_for_ever() -> None:
    now = [NOON]
    roles = RoleCredentials(lambda: now[0])
    sender, roleless = (Sender(task_arn=TASK, credentials_id=each, cluster="default") for each in (ID, ""))
    assert Membership.api_of_logs(membership(roles), sender) is None
    assert Membership.api_of_logs(membership(roles), roleless) == "instance"
    now[0] += COMING_SECONDS
    assert Membership.api_of_logs(membership(roles), sender) == "instance"
    roles.take(given())
    assert Membership.api_of_logs(membership(roles), sender) not in ("instance", None)
