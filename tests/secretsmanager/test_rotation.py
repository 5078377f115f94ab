"""Rotation as the API shows it. The commands that do it are run by the server: tests/server/test_rotations.py."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, BEGINNING, REGION, Plane, refused
from people import allow, deny, user
from podium.kernel import principal
from podium.secretsmanager import rotating, schedules
from podium.secretsmanager.records import SecretRotation
from podium.sts import tokens

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:renew"
FIRST, SECOND, THIRD = (f"{number}" * 32 for number in "123")
MONTHLY = {"AutomaticallyAfterDays": 30}
STILL = "A previous rotation isn't complete. That rotation will be reattempted."


@pytest.fixture
def secrets(plane: Plane) -> Any:
    plane.front.hooks = hooks
    made = plane.client("secretsmanager")
    made.create_secret(Name="web/db", SecretString="one", ClientRequestToken=FIRST)
    return made


async def hooks() -> dict[str, str]:
    return {"renew": "", "spoilt": "/hooks/spoilt is not an executable file"}


def rotate(secrets: Any, token: str = SECOND, **members: Any) -> dict[str, Any]:
    given = {"RotationLambdaARN": FUNCTION, "RotationRules": MONTHLY, **members}
    return dict(secrets.rotate_secret(SecretId="web/db", ClientRequestToken=token, **given))


def described(secrets: Any) -> dict[str, Any]:
    return dict(secrets.describe_secret(SecretId="web/db"))


def under_way(plane: Plane) -> SecretRotation | None:
    return next(iter(plane.records(SecretRotation)), None)


def command(plane: Plane) -> Any:
    """Secrets Manager as the command of the rotation that is under way may use it."""
    held = under_way(plane)
    assert held is not None
    who = principal.hook(ACCOUNT, held.arn, "renew", held.token)
    key = tokens.begun(plane.sealer, "ASIAHOOK", who, plane.clock.now(), timedelta(hours=1))
    return plane.client("secretsmanager", key=(key.access_key_id, key.secret, key.token))


def carry_out(plane: Plane, value: str = "two") -> None:
    """What a command does, and that it is done."""
    does, held = command(plane), under_way(plane)
    assert held is not None
    current = does.describe_secret(SecretId=held.arn)["VersionIdsToStages"]
    before = next(version for version, stages in current.items() if "AWSCURRENT" in stages)
    does.put_secret_value(
        SecretId=held.arn, ClientRequestToken=held.token, SecretString=value, VersionStages=["AWSPENDING"]
    )
    does.update_secret_version_stage(
        SecretId=held.arn, VersionStage="AWSCURRENT", MoveToVersionId=held.token, RemoveFromVersionId=before
    )
    assert plane.write(lambda tx: rotating.succeed(tx, held, plane.clock.now())) == ""


def test_a_rotation_begins_with_a_version_that_has_no_value_yet(plane: Plane, secrets: Any) -> None:
    assert "RotationEnabled" not in described(secrets)
    assert rotate(secrets)["VersionId"] == SECOND
    told = described(secrets)
    assert told["VersionIdsToStages"] == {FIRST: ["AWSCURRENT"], SECOND: ["AWSPENDING"]}
    assert (told["RotationEnabled"], told["RotationLambdaARN"]) == (True, FUNCTION)
    assert told["RotationRules"] == MONTHLY
    assert "LastRotatedDate" not in told
    with refused("ResourceNotFoundException"):
        secrets.get_secret_value(SecretId="web/db", VersionStage="AWSPENDING")
    assert secrets.get_secret_value(SecretId="web/db")["SecretString"] == "one"
    secrets.update_secret(SecretId="web/db", KmsKeyId=plane.client("kms").create_key()["KeyMetadata"]["KeyId"])


def test_it_ends_once_the_new_version_is_current(plane: Plane, secrets: Any) -> None:
    rotate(secrets)
    plane.clock.time += timedelta(minutes=1)
    carry_out(plane)
    assert under_way(plane) is None
    told = described(secrets)
    assert told["LastRotatedDate"] == BEGINNING + timedelta(minutes=1)
    assert told["NextRotationDate"] == datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    assert secrets.get_secret_value(SecretId="web/db")["SecretString"] == "two"
    assert secrets.get_secret_value(SecretId="web/db", VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    assert rotate(secrets, THIRD)["VersionId"] == THIRD


def test_a_command_that_moved_nothing_has_failed_and_is_run_again(plane: Plane, secrets: Any) -> None:
    rotate(secrets)
    waits = []
    for _ in range(12):
        held = under_way(plane)
        assert held is not None
        why = plane.write(lambda tx, held=held: rotating.succeed(tx, held, plane.clock.now()))
        assert f"AWSCURRENT is not on version {SECOND}" in why
        after = under_way(plane)
        assert after is not None
        waits.append((after.due_at - plane.clock.now()).total_seconds())
        assert (after.failure, after.token) == (why, SECOND)
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]


def test_asked_twice_it_begins_once_and_another_is_refused(plane: Plane, secrets: Any) -> None:
    assert rotate(secrets)["VersionId"] == rotate(secrets)["VersionId"] == SECOND
    with refused("InvalidRequestException", STILL):
        rotate(secrets, THIRD)
    carry_out(plane)
    assert rotate(secrets)["VersionId"] == SECOND
    assert under_way(plane) is None


def test_a_cancelled_rotation_leaves_its_stage_which_is_said(plane: Plane, secrets: Any) -> None:
    assert "VersionId" not in secrets.cancel_rotate_secret(SecretId="web/db")
    rotate(secrets)
    does = command(plane)
    assert secrets.cancel_rotate_secret(SecretId="web/db")["VersionId"] == SECOND
    told = described(secrets)
    assert (told["RotationEnabled"], told["RotationRules"], told.get("NextRotationDate")) == (False, MONTHLY, None)
    assert under_way(plane) is None
    with refused("AccessDeniedException") as answer:
        does.get_secret_value(SecretId="web/db")
    assert "its rotation has ended" in answer["Error"]["Message"]
    with refused("InvalidRequestException") as answer:
        rotate(secrets, THIRD)
    assert "UpdateSecretVersionStage" in answer["Error"]["Message"]
    secrets.update_secret_version_stage(SecretId="web/db", VersionStage="AWSPENDING", RemoveFromVersionId=SECOND)
    assert secrets.rotate_secret(SecretId="web/db", ClientRequestToken=THIRD)["VersionId"] == THIRD


def test_it_comes_again_by_itself_when_its_window_opens(plane: Plane, secrets: Any) -> None:
    rotate(secrets, RotateImmediately=False, RotationRules={"ScheduleExpression": "rate(4 hours)"})
    assert under_way(plane) is None
    assert described(secrets)["NextRotationDate"] == BEGINNING + timedelta(hours=5, seconds=-1)
    plane.advance(4 * 3600 - 1)
    assert under_way(plane) is None
    plane.advance(1)
    held = under_way(plane)
    assert held is not None
    assert held.begun_at == BEGINNING + timedelta(hours=4)
    plane.advance(4 * 3600)
    assert under_way(plane) == held
    carry_out(plane)
    plane.advance(4 * 3600)
    assert under_way(plane) not in (None, held)


def test_a_value_put_by_hand_counts_as_a_rotation(plane: Plane, secrets: Any) -> None:
    rotate(secrets, RotateImmediately=False)
    plane.clock.time += timedelta(days=10)
    secrets.put_secret_value(SecretId="web/db", SecretString="by hand", VersionStages=["mine"])
    assert described(secrets)["NextRotationDate"] == datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    secrets.put_secret_value(SecretId="web/db", SecretString="by hand")
    assert described(secrets)["NextRotationDate"] == datetime(2026, 4, 10, 23, 59, 59, tzinfo=UTC)


def test_a_secret_that_is_to_be_deleted_is_not_rotated(plane: Plane, secrets: Any) -> None:
    rotate(secrets)
    secrets.delete_secret(SecretId="web/db")
    assert under_way(plane) is None
    plane.advance(86400 * 8)
    assert under_way(plane) is None
    secrets.restore_secret(SecretId="web/db")
    secrets.update_secret_version_stage(SecretId="web/db", VersionStage="AWSPENDING", RemoveFromVersionId=SECOND)
    rotate(secrets, THIRD)
    secrets.delete_secret(SecretId="web/db", ForceDeleteWithoutRecovery=True)
    assert under_way(plane) is None


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ({"RotationLambdaARN": "renew"}, "InvalidParameterException", "not the ARN of a Lambda function"),
        ({"RotationLambdaARN": FUNCTION[:-5] + "ghost"}, "ResourceNotFoundException", "directory hooks"),
        ({"RotationLambdaARN": FUNCTION[:-5] + "spoilt"}, "ResourceNotFoundException", "is not an executable file"),
        ({"RotationLambdaARN": FUNCTION.replace(ACCOUNT, "9" * 12)}, "InvalidParameterException", "own account"),
        ({"RotationLambdaARN": FUNCTION.replace(REGION, "eu-west-1")}, "InvalidParameterException", "own account"),
        ({"RotationLambdaARN": FUNCTION.replace("aws", "aws-cn", 1)}, "InvalidParameterException", "own account"),
        ({"RotationRules": {"ScheduleExpression": "cron(0 0 31 2 ? *)"}}, "InvalidParameterException", "no day"),
        ({"RotationRules": {"ScheduleExpression": "cron(0 * * * ? *)"}}, "InvalidParameterException", "every 4 hours"),
        (
            {"RotationRules": {"ScheduleExpression": "rate(4 hours)", "Duration": "5h"}},
            "InvalidParameterException",
            "to 4h here",
        ),
        (
            {"RotationRules": {"ScheduleExpression": "cron(0 20 * * ? *)", "Duration": "5h"}},
            "InvalidParameterException",
            "to 4h here",
        ),
        ({"RotationRules": {}}, "InvalidParameterException", "either AutomaticallyAfterDays or a ScheduleExpression"),
        ({"RotationRules": {**MONTHLY, "ScheduleExpression": "rate(5 days)"}}, "InvalidParameterException", "either"),
        ({"RotationRules": {"ScheduleExpression": "rate(3 hours)"}}, "InvalidParameterException", "from 4 hours on"),
        ({"RotationRules": {"ScheduleExpression": "cron(5 8 * * ? *)"}}, "InvalidParameterException", "on the hour"),
        ({"RotationRules": {**MONTHLY, "Duration": "25h"}}, "InvalidParameterException", "from 1h to 24h"),
        ({"ExternalSecretRotationRoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}, "InvalidParameterException", "partners"),
    ],
)
def test_what_cannot_be_is_refused(plane: Plane, secrets: Any, given: dict[str, Any], code: str, says: str) -> None:
    with refused(code) as answer:
        rotate(secrets, **given)
    assert says in answer["Error"]["Message"]
    assert "RotationEnabled" not in described(secrets)


def test_a_secret_without_a_function_is_not_rotated(secrets: Any) -> None:
    with refused("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."):
        secrets.rotate_secret(SecretId="web/db")


def test_whoever_rotates_must_be_allowed_to_run_the_function(plane: Plane, secrets: Any) -> None:
    def ann(*actions: str) -> Any:
        name = f"ann{len(actions)}"
        return plane.client("secretsmanager", key=user(plane, name, *(allow(action) for action in actions)))

    with refused("AccessDeniedException") as answer:
        rotate(ann("secretsmanager:RotateSecret"))
    assert f"lambda:InvokeFunction on resource: {FUNCTION}" in answer["Error"]["Message"]
    assert rotate(ann("secretsmanager:RotateSecret", "lambda:InvokeFunction"))["VersionId"] == SECOND


def test_a_command_may_look_after_its_own_secret_and_nothing_else(plane: Plane, secrets: Any) -> None:
    other = secrets.create_secret(Name="other", SecretString="x")["ARN"]
    rotate(secrets)
    does = command(plane)
    assert does.get_random_password()["RandomPassword"]
    for call in (does.get_secret_value, does.describe_secret):
        call(SecretId="web/db")
        for secret in (other, "other", "ghost"):
            with refused("AccessDeniedException") as answer:
                call(SecretId=secret)
            assert "a rotation's credential is for its own secret alone" in answer["Error"]["Message"]
    for refusal in (does.list_secrets, lambda: does.delete_secret(SecretId="web/db")):
        with refused("AccessDeniedException"):
            refusal()
    held = under_way(plane)
    assert held is not None
    key = tokens.begun(
        plane.sealer, "ASIAHOOK", principal.hook(ACCOUNT, held.arn, "renew", held.token), BEGINNING, timedelta(hours=1)
    )
    ecs = plane.client("ecs", key=(key.access_key_id, key.secret, key.token))
    with refused("AccessDeniedException"):
        ecs.list_clusters()


@pytest.mark.parametrize(
    ("rules", "opens", "closes"),
    [
        ({"AutomaticallyAfterDays": 1}, "2026-03-02 00:00:00", "2026-03-02 23:59:59"),
        ({"ScheduleExpression": "rate(10 days)", "Duration": "3h"}, "2026-03-11 00:00:00", "2026-03-11 02:59:59"),
        ({"ScheduleExpression": "rate(6 hours)"}, "2026-03-01 18:00:00", "2026-03-01 18:59:59"),
        ({"ScheduleExpression": "cron(0 8 ? * SUN *)"}, "2026-03-08 08:00:00", "2026-03-08 23:59:59"),
        ({"ScheduleExpression": "cron(0 0/6 * * ? *)"}, "2026-03-01 18:00:00", "2026-03-01 18:59:59"),
        ({"ScheduleExpression": "cron(0 20 * * ? *)", "Duration": "4h"}, "2026-03-01 20:00:00", "2026-03-01 23:59:59"),
        ({"ScheduleExpression": "cron(0 /8 * * ? *)", "Duration": "8h"}, "2026-03-01 16:00:00", "2026-03-01 23:59:59"),
    ],
)
def test_windows(rules: dict[str, Any], opens: str, closes: str) -> None:
    opened = schedules.opens(schedules.checked(rules, BEGINNING), BEGINNING + timedelta(minutes=7))
    assert opened is not None
    assert opened == datetime.fromisoformat(opens).replace(tzinfo=UTC)
    assert schedules.closes(rules, opened) == datetime.fromisoformat(closes).replace(tzinfo=UTC)


def test_a_token_of_a_version_that_there_is_already_rotates_nothing(plane: Plane, secrets: Any) -> None:
    secrets.put_secret_value(SecretId="web/db", SecretString="two", ClientRequestToken=SECOND)
    with refused("InvalidRequestException") as answer:
        rotate(secrets, FIRST)
    assert "already in use" in answer["Error"]["Message"]
    assert under_way(plane) is None


def test_a_denial_of_the_function_holds_for_its_versions(plane: Plane, secrets: Any) -> None:
    key = user(plane, "bob", allow(["secretsmanager:*", "lambda:*"]), deny("lambda:InvokeFunction", FUNCTION))
    with refused("AccessDeniedException"):
        rotate(plane.client("secretsmanager", key=key), RotationLambdaARN=f"{FUNCTION}:7")
