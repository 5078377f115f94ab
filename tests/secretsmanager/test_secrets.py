"""Secrets and their versions: making, reading, staging, listing and deleting them."""

import json
from datetime import timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, deny, document, role, session, trust, user, user_arn
from podium.server.keyring import Keyring

HOME = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret"
GONE = "Secrets Manager can't find the specified secret."
MARKED = "You can't perform this operation on the secret because it was marked for deletion."
FIRST, SECOND, THIRD = (f"{number}" * 32 for number in "123")


@pytest.fixture
def secrets(plane: Plane) -> Any:
    return plane.client("secretsmanager")


def create(secrets: Any, name: str = "web/db", value: str = "one", **members: Any) -> str:
    return str(secrets.create_secret(Name=name, SecretString=value, ClientRequestToken=FIRST, **members)["ARN"])


def value(secrets: Any, secret_id: str = "web/db", **asked: Any) -> str:
    return str(secrets.get_secret_value(SecretId=secret_id, **asked)["SecretString"])


def stages(secrets: Any) -> dict[str, list[str]]:
    return dict(secrets.describe_secret(SecretId="web/db")["VersionIdsToStages"])


def test_a_secret_is_found_by_name_by_arn_and_by_part_of_its_arn(plane: Plane, secrets: Any) -> None:
    made = secrets.create_secret(Name="web/db", SecretString="one", ClientRequestToken=FIRST)
    assert made["ARN"].startswith(f"{HOME}:web/db-")
    assert len(made["ARN"]) == len(f"{HOME}:web/db-123456")
    assert (made["Name"], made["VersionId"]) == ("web/db", FIRST)
    for name in ("web/db", made["ARN"], f"{HOME}:web/db"):
        told = secrets.get_secret_value(SecretId=name)
        del told["ResponseMetadata"]
        assert told == {
            "ARN": made["ARN"],
            "Name": "web/db",
            "VersionId": FIRST,
            "SecretString": "one",
            "VersionStages": ["AWSCURRENT"],
            "CreatedDate": plane.clock.now(),
        }
    for ghost in ("ghost", f"{HOME}:web/db-123456", made["ARN"].replace(REGION, "eu-west-1"), "web/d"):
        with refused("ResourceNotFoundException", GONE):
            value(secrets, ghost)


def test_a_name_may_look_like_the_end_of_anothers_arn(secrets: Any) -> None:
    arn = create(secrets)
    name = arn.removeprefix(f"{HOME}:")
    other = secrets.create_secret(Name=name, SecretString="two")["ARN"]
    assert (value(secrets, arn), value(secrets, name), value(secrets, other)) == ("one", "two", "two")


def test_a_secret_is_described_without_its_value(plane: Plane, secrets: Any) -> None:
    arn = create(secrets, Description="the database", Tags=[{"Key": "team", "Value": "a"}])
    told = secrets.describe_secret(SecretId="web/db")
    del told["ResponseMetadata"]
    assert told == {
        "ARN": arn,
        "Name": "web/db",
        "Description": "the database",
        "LastChangedDate": plane.clock.now(),
        "CreatedDate": plane.clock.now(),
        "Tags": [{"Key": "team", "Value": "a"}],
        "VersionIdsToStages": {FIRST: ["AWSCURRENT"]},
    }


def test_bytes_come_back_as_bytes(secrets: Any) -> None:
    secrets.create_secret(Name="a", SecretBinary=b"\x00\xff")
    told = secrets.get_secret_value(SecretId="a")
    assert told["SecretBinary"] == b"\x00\xff"
    assert "SecretString" not in told
    with refused("InvalidParameterException"):
        secrets.create_secret(Name="b", SecretBinary=b"x", SecretString="x")


def test_who_asks_again_with_the_same_token_is_answered_again(secrets: Any) -> None:
    arn = create(secrets)
    assert create(secrets) == arn
    taken = (
        f"You can't use ClientRequestToken {FIRST} because that value is already in use for a version of secret {arn}."
    )
    with refused("ResourceExistsException", taken):
        create(secrets, value="two")
    with refused("ResourceExistsException", "The operation failed because the secret web/db already exists."):
        secrets.create_secret(Name="web/db", SecretString="one", ClientRequestToken=SECOND)
    put = {"SecretId": "web/db", "SecretString": "two", "ClientRequestToken": SECOND}
    assert secrets.put_secret_value(**put)["VersionStages"] == ["AWSCURRENT"]
    assert secrets.put_secret_value(**put)["VersionStages"] == ["AWSCURRENT"]
    assert stages(secrets) == {FIRST: ["AWSPREVIOUS"], SECOND: ["AWSCURRENT"]}
    with refused("ResourceExistsException"):
        secrets.put_secret_value(**{**put, "SecretString": "three"})


def test_a_new_value_is_current_and_the_one_before_it_previous(secrets: Any) -> None:
    create(secrets)
    secrets.put_secret_value(SecretId="web/db", SecretString="two", ClientRequestToken=SECOND)
    secrets.update_secret(SecretId="web/db", SecretString="three", ClientRequestToken=THIRD)
    assert stages(secrets) == {SECOND: ["AWSPREVIOUS"], THIRD: ["AWSCURRENT"]}
    assert value(secrets) == "three"
    assert value(secrets, VersionStage="AWSPREVIOUS") == "two"
    assert value(secrets, VersionId=FIRST) == "one"
    with refused(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    ):
        value(secrets, VersionStage="AWSPENDING")
    with refused(
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.",
    ):
        value(secrets, VersionId=FIRST, VersionStage="AWSCURRENT")
    with refused("ResourceNotFoundException"):
        value(secrets, VersionId="9" * 32)
    listed = secrets.list_secret_version_ids(SecretId="web/db")["Versions"]
    assert [version["VersionId"] for version in listed] == [SECOND, THIRD]
    assert listed[0]["KmsKeyIds"] == ["DefaultEncryptionKey"]
    listed = secrets.list_secret_version_ids(SecretId="web/db", IncludeDeprecated=True)["Versions"]
    assert [version["VersionId"] for version in listed] == [FIRST, SECOND, THIRD]


def test_a_version_waits_in_a_stage_of_its_own_until_it_is_made_current(secrets: Any) -> None:
    create(secrets)
    secrets.put_secret_value(
        SecretId="web/db", SecretString="two", ClientRequestToken=SECOND, VersionStages=["AWSPENDING"]
    )
    assert value(secrets) == "one"
    move = {"SecretId": "web/db", "VersionStage": "AWSCURRENT", "MoveToVersionId": SECOND}
    with refused(
        "InvalidParameterException",
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version "
        f"{FIRST}, so you must explicitly reference that version in RemoveFromVersionId.",
    ):
        secrets.update_secret_version_stage(**move)
    secrets.update_secret_version_stage(**move, RemoveFromVersionId=FIRST)
    assert {version: set(held) for version, held in stages(secrets).items()} == {
        FIRST: {"AWSPREVIOUS"},
        SECOND: {"AWSPENDING", "AWSCURRENT"},
    }
    secrets.update_secret_version_stage(SecretId="web/db", VersionStage="AWSPENDING", RemoveFromVersionId=SECOND)
    assert stages(secrets)[SECOND] == ["AWSCURRENT"]
    with refused("InvalidParameterException"):
        secrets.update_secret_version_stage(SecretId="web/db", VersionStage="AWSCURRENT", RemoveFromVersionId=SECOND)


def test_a_secret_may_wait_for_its_value(secrets: Any) -> None:
    assert "VersionId" not in secrets.create_secret(Name="web/db")
    with refused(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    ):
        value(secrets)
    with refused("InvalidRequestException", "You must provide either SecretString or SecretBinary."):
        secrets.put_secret_value(SecretId="web/db")
    secrets.put_secret_value(SecretId="web/db", SecretString="one")
    assert value(secrets) == "one"


def test_versions_without_a_stage_are_forgotten_after_a_hundred(secrets: Any) -> None:
    create(secrets)
    for number in range(103):
        secrets.put_secret_value(SecretId="web/db", SecretString=f"{number}", ClientRequestToken=f"{number:032}")
    whole = {"SecretId": "web/db", "IncludeDeprecated": True}
    first = secrets.list_secret_version_ids(**whole)
    second = secrets.list_secret_version_ids(**whole, NextToken=first["NextToken"])
    left = [version["VersionId"] for page in (first, second) for version in page["Versions"]]
    assert len(left) == 102
    assert FIRST not in left


def test_a_secret_is_deleted_when_its_window_ends_unless_it_is_restored(plane: Plane, secrets: Any) -> None:
    arn = create(secrets)
    ends = plane.clock.now() + timedelta(days=7)
    assert secrets.delete_secret(SecretId="web/db", RecoveryWindowInDays=7)["DeletionDate"] == ends
    assert secrets.describe_secret(SecretId="web/db")["DeletedDate"] == ends
    for refuses in (
        lambda: value(secrets),
        lambda: secrets.put_secret_value(SecretId="web/db", SecretString="x"),
        lambda: secrets.delete_secret(SecretId="web/db"),
    ):
        with refused("InvalidRequestException", MARKED):
            refuses()
    with refused(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    ):
        create(secrets)
    secrets.restore_secret(SecretId="web/db")
    plane.advance(8 * 86400)
    assert value(secrets) == "one"
    secrets.delete_secret(SecretId="web/db")
    plane.advance(30 * 86400 - 1)
    assert secrets.describe_secret(SecretId="web/db")["ARN"] == arn
    plane.advance(1)
    with refused("ResourceNotFoundException", GONE):
        secrets.describe_secret(SecretId="web/db")
    assert create(secrets) != arn


def test_a_secret_is_deleted_at_once_by_force(secrets: Any) -> None:
    create(secrets)
    secrets.delete_secret(SecretId="web/db")
    secrets.delete_secret(SecretId="web/db", ForceDeleteWithoutRecovery=True)
    with refused("ResourceNotFoundException", GONE):
        secrets.restore_secret(SecretId="web/db")
    assert secrets.delete_secret(SecretId="ghost", ForceDeleteWithoutRecovery=True)["Name"] == "ghost"
    with refused("ResourceNotFoundException", GONE):
        secrets.delete_secret(SecretId="ghost")
    for days in ({"RecoveryWindowInDays": 6}, {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}):
        with refused("InvalidParameterException"):
            secrets.delete_secret(SecretId="web/db", **days)


def test_secrets_are_listed_by_filters_in_pages(plane: Plane, secrets: Any) -> None:
    create(secrets, "web/db", Description="The Database", Tags=[{"Key": "team", "Value": "red"}])
    plane.clock.time += timedelta(seconds=1)
    create(secrets, "web/api", Tags=[{"Key": "team", "Value": "blue"}])
    plane.clock.time += timedelta(seconds=1)
    create(secrets, "other")
    secrets.delete_secret(SecretId=create(secrets, "gone"))

    def names(*given: tuple[str, list[str]], **asked: Any) -> list[str]:
        filters = [{"Key": key, "Values": values} for key, values in given]
        return [held["Name"] for held in secrets.list_secrets(Filters=filters, **asked)["SecretList"]]

    assert names() == ["other", "web/api", "web/db"]
    assert names(SortOrder="asc") == ["web/db", "web/api", "other"]
    assert names(SortBy="name", SortOrder="asc", IncludePlannedDeletion=True) == ["gone", "other", "web/api", "web/db"]
    assert names(("name", ["web/"])) == ["web/api", "web/db"]
    assert names(("name", ["!web/"])) == ["other"]
    assert names(("description", ["database"])) == ["web/db"]
    assert names(("tag-key", ["team"]), ("tag-value", ["red"])) == ["web/db"]
    assert names(("all", ["BLUE"])) == ["web/api"]
    assert names(("owning-service", ["rds"])) == []
    pages = list(secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["SecretList"]) for page in pages] == [2, 1]
    assert pages[0]["SecretList"][1]["SecretVersionsToStages"] == {FIRST: ["AWSCURRENT"]}
    with refused("InvalidNextTokenException"):
        secrets.list_secrets(NextToken="%")
    with refused("InvalidParameterException", "Say of each filter in Filters what it looks at: its Key."):
        secrets.list_secrets(Filters=[{"Values": ["web/"]}])


def test_a_tag_has_a_key(secrets: Any) -> None:
    create(secrets, "web/db")
    with refused("InvalidParameterException", "Say of each tag in Tags what its Key is."):
        secrets.tag_resource(SecretId="web/db", Tags=[{"Value": "red"}])


def test_many_values_come_at_once_and_what_cannot_be_read_is_answered_apart(plane: Plane, secrets: Any) -> None:
    mine, other = create(secrets, "web/a", "one"), create(secrets, "db", "two")
    told = secrets.batch_get_secret_value(SecretIdList=["web/a", "ghost"])
    assert [held["SecretString"] for held in told["SecretValues"]] == ["one"]
    assert told["Errors"] == [{"SecretId": "ghost", "ErrorCode": "ResourceNotFoundException", "Message": GONE}]
    by_name = secrets.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["db"]}])
    assert [held["SecretString"] for held in by_name["SecretValues"]] == ["two"]
    with refused("InvalidParameterException"):
        secrets.batch_get_secret_value()
    batch, read = allow("secretsmanager:BatchGetSecretValue"), allow("secretsmanager:GetSecretValue", mine)
    ann = plane.client("secretsmanager", key=user(plane, "ann", batch, read))
    told = ann.batch_get_secret_value(SecretIdList=["web/a", "db"])
    assert [held["ARN"] for held in told["SecretValues"]] == [mine]
    [error] = told["Errors"]
    assert (error["ErrorCode"], other in error["Message"]) == ("AccessDeniedException", True)


def test_a_customers_key_encrypts_and_must_be_allowed_too(plane: Plane, secrets: Any) -> None:
    kms = plane.client("kms")
    key, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    arn = create(secrets, KmsKeyId=key)
    assert secrets.describe_secret(SecretId=arn)["KmsKeyId"] == key
    on = allow("secretsmanager:*", arn)
    ann = plane.client("secretsmanager", key=user(plane, "ann", on))
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: kms:Decrypt on resource: {key} because no "
        "identity-based policy allows the kms:Decrypt action",
    ):
        value(ann)
    way = {"Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}}
    bob = plane.client("secretsmanager", key=user(plane, "bob", on, allow("kms:Decrypt", key, **way)))
    assert value(bob) == "one"
    secrets.update_secret(SecretId=arn, KmsKeyId=other)
    kms.disable_key(KeyId=key)
    assert value(secrets) == "one"
    kms.disable_key(KeyId=other)
    with refused(
        "DecryptionFailure",
        f"Secrets Manager can't decrypt the protected secret text using the provided KMS key. {other} is disabled.",
    ):
        value(secrets)
    with refused("EncryptionFailure"):
        create(secrets, "b", KmsKeyId="alias/ghost")


def test_a_caller_reads_what_a_policy_names(plane: Plane, secrets: Any) -> None:
    create(secrets)
    create(secrets, "db")
    ann = plane.client("secretsmanager", key=user(plane, "ann", allow("secretsmanager:*", f"{HOME}:web/*")))
    assert value(ann) == "one"
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: secretsmanager:GetSecretValue on resource: ghost "
        "because no identity-based policy allows the secretsmanager:GetSecretValue action",
    ):
        value(ann, "ghost")
    with refused("AccessDeniedException"):
        value(ann, "db")


def test_resource_policies_are_kept_and_judged_when_that_is_asked_for(secrets: Any) -> None:
    create(secrets)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    public = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId="web/db")
    with refused("PublicPolicyException"):
        secrets.put_resource_policy(SecretId="web/db", ResourcePolicy=public, BlockPublicPolicy=True)
    secrets.put_resource_policy(SecretId="web/db", ResourcePolicy=public)
    assert secrets.get_resource_policy(SecretId="web/db")["ResourcePolicy"] == public
    judged = secrets.validate_resource_policy(ResourcePolicy=public)
    assert (judged["PolicyValidationPassed"], len(judged["ValidationErrors"])) == (False, 1)
    named = json.dumps({"Statement": {**everybody, "Principal": {"AWS": user_arn("ann")}}})
    assert secrets.validate_resource_policy(SecretId="web/db", ResourcePolicy=named)["PolicyValidationPassed"]
    secrets.delete_resource_policy(SecretId="web/db")
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId="web/db")
    with refused("MalformedPolicyDocumentException"):
        secrets.put_resource_policy(SecretId="web/db", ResourcePolicy="{}")


def test_a_resource_policy_lets_in_whom_it_names_and_keeps_out_whom_it_denies(plane: Plane, secrets: Any) -> None:
    create(secrets)
    key = user(plane, "bob")
    ann = plane.client("secretsmanager", key=user(plane, "ann", allow("secretsmanager:*")))
    bob = plane.client("secretsmanager", key=key)
    with refused("AccessDeniedException"):
        value(bob)
    lets_in = {**allow("secretsmanager:GetSecretValue"), "Principal": {"AWS": user_arn("bob")}}
    keeps_out = {**deny("secretsmanager:GetSecretValue"), "Principal": {"AWS": user_arn("ann")}}
    secrets.put_resource_policy(SecretId="web/db", ResourcePolicy=document(lets_in, keeps_out))
    assert value(bob) == "one"
    with refused("AccessDeniedException") as answer:
        value(ann)
    assert answer["Error"]["Message"].endswith("with an explicit deny in a resource-based policy")
    with refused("AccessDeniedException"):
        bob.describe_secret(SecretId="web/db")


def test_a_session_reads_no_more_than_it_was_narrowed_to_whatever_a_resource_policy_says(
    plane: Plane, secrets: Any
) -> None:
    create(secrets)
    key = user(plane, "ann", allow("sts:AssumeRole"))
    reads = role(plane, "reads", trust(user_arn("ann")))
    lets_in = {**allow("secretsmanager:*"), "Principal": {"AWS": reads}}
    secrets.put_resource_policy(SecretId="web/db", ResourcePolicy=document(lets_in))
    whole = plane.client("secretsmanager", key=session(plane, key, reads))
    assert value(whole) == "one"
    narrow = session(plane, key, reads, Policy=document(allow("secretsmanager:DescribeSecret")))
    with refused("AccessDeniedException"):
        value(plane.client("secretsmanager", key=narrow))


def test_secrets_have_tags(secrets: Any) -> None:
    create(secrets)
    secrets.tag_resource(SecretId="web/db", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    secrets.untag_resource(SecretId="web/db", TagKeys=["a", "none"])
    assert secrets.describe_secret(SecretId="web/db")["Tags"] == [{"Key": "b", "Value": "2"}]
    with refused("InvalidParameterException"):
        secrets.tag_resource(SecretId="web/db", Tags=[{"Key": "aws:a", "Value": "1"}])


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"Name": "a b"}, "ValidationException"),
        ({"AddReplicaRegions": [{"Region": "eu-west-1"}]}, "InvalidParameterException"),
        ({"ClientRequestToken": "short"}, "ValidationException"),
        ({"Tags": [{"Key": "a", "Value": "1"}] * 2}, "InvalidParameterException"),
    ],
)
def test_what_cannot_be_is_refused(secrets: Any, members: dict[str, Any], code: str) -> None:
    with refused(code):
        secrets.create_secret(**{"Name": "a", "SecretString": "x", **members})
    assert secrets.list_secrets()["SecretList"] == []


def test_a_lost_keyring_is_said(plane: Plane, secrets: Any) -> None:
    create(secrets)
    plane.front._sealer = Keyring({"1": bytes([1]) * 32})
    with refused("DecryptionFailure") as answer:
        value(secrets)
    assert "Restore keyring.json" in answer["Error"]["Message"]


def test_a_password_is_made_of_what_is_asked_for(secrets: Any) -> None:
    def password(**asked: Any) -> str:
        return str(secrets.get_random_password(**asked)["RandomPassword"])

    assert len(password()) == 32
    assert password() != password()
    only = password(PasswordLength=200, ExcludePunctuation=True, ExcludeUppercase=True, ExcludeCharacters="abc123")
    assert set(only) <= set("defghijklmnopqrstuvwxyz0456789")
    each = password(PasswordLength=5, IncludeSpace=True)
    assert " " in each
    kinds = (str.islower, str.isupper, str.isdigit)
    assert all(any(kind(one) for one in each) for kind in kinds)
    with refused("InvalidParameterException"):
        password(PasswordLength=3)
    everything = dict.fromkeys(("ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "ExcludePunctuation"), True)
    with refused("InvalidParameterException"):
        password(**everything)
