"""Keys of Key Management Service: what they encrypt, what they are called, and how they go."""

import json
from datetime import timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, deny, document, permit, user, user_arn
from podium.server.keyring import Keyring

HOME = f"arn:aws:kms:{REGION}:{ACCOUNT}"
GHOST = "00000000-0000-4000-8000-000000000000"
CONTEXT = {"app": "web"}


@pytest.fixture
def kms(plane: Plane) -> Any:
    return plane.client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def test_a_key_is_shown_as_it_was_made(plane: Plane, kms: Any) -> None:
    made = kms.create_key(Description="web", Tags=[{"TagKey": "team", "TagValue": "a"}])["KeyMetadata"]
    assert made == {
        "AWSAccountId": ACCOUNT,
        "KeyId": made["KeyId"],
        "Arn": f"{HOME}:key/{made['KeyId']}",
        "CreationDate": plane.clock.now(),
        "Enabled": True,
        "Description": "web",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    kms.create_alias(AliasName="alias/web", TargetKeyId=made["KeyId"])
    for name in (made["KeyId"], made["Arn"], "alias/web", f"{HOME}:alias/web"):
        assert kms.describe_key(KeyId=name)["KeyMetadata"] == made
    assert kms.list_keys()["Keys"] == [{"KeyId": made["KeyId"], "KeyArn": made["Arn"]}]
    assert kms.list_resource_tags(KeyId=made["KeyId"])["Tags"] == [{"TagKey": "team", "TagValue": "a"}]


def test_what_a_key_encrypted_it_decrypts_in_the_same_context_alone(kms: Any, key: str) -> None:
    told = kms.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext=CONTEXT)
    assert (told["KeyId"], told["EncryptionAlgorithm"]) == (key, "SYMMETRIC_DEFAULT")
    assert b"hello" not in told["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=told["CiphertextBlob"], EncryptionContext=CONTEXT)["Plaintext"] == b"hello"
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    with refused("IncorrectKeyException"):
        kms.decrypt(CiphertextBlob=told["CiphertextBlob"], EncryptionContext=CONTEXT, KeyId=other)
    damaged = told["CiphertextBlob"][:-1] + bytes([told["CiphertextBlob"][-1] ^ 1])
    for blob, context in ((told["CiphertextBlob"], {}), (damaged, CONTEXT), (b"junk", CONTEXT)):
        with refused("InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)


def test_another_region_decrypts_nothing_of_this_one(plane: Plane, kms: Any, key: str) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    elsewhere = plane.client("kms", region="eu-west-1")
    with refused("AccessDeniedException"):
        elsewhere.decrypt(CiphertextBlob=blob)
    with refused("NotFoundException", f"Key '{key}' does not exist"):
        elsewhere.describe_key(KeyId=key)


def test_data_keys_come_with_and_without_their_plain_text(kms: Any, key: str) -> None:
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    assert len(made["Plaintext"]) == 32
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    sealed = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=7)
    assert "Plaintext" not in sealed
    assert len(kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"]) == 7
    assert len(kms.generate_random(NumberOfBytes=9)["Plaintext"]) == 9
    for size in ({}, {"KeySpec": "AES_128", "NumberOfBytes": 16}):
        with refused("ValidationException", "Please specify either number of bytes or key spec."):
            kms.generate_data_key(KeyId=key, **size)


def test_a_cipher_text_goes_to_another_key(kms: Any, key: str) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext=CONTEXT)["CiphertextBlob"]
    moved = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=CONTEXT, DestinationKeyId=other)
    assert (moved["SourceKeyId"], moved["KeyId"]) == (key, other)
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"hello"


def test_a_dry_run_does_nothing(kms: Any, key: str) -> None:
    with refused("DryRunOperationException", "The request would have succeeded, but the DryRun option is set."):
        kms.encrypt(KeyId=key, Plaintext=b"hello", DryRun=True)


def test_a_disabled_key_does_nothing_until_it_is_enabled(kms: Any, key: str) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    with refused("DisabledException", f"{key} is disabled."):
        kms.decrypt(CiphertextBlob=blob)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"hello"


def test_a_key_is_deleted_with_its_aliases_when_its_window_ends(plane: Plane, kms: Any, key: str) -> None:
    kms.create_alias(AliasName="alias/web", TargetKeyId=key)
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    ends = plane.clock.now() + timedelta(days=7)
    told = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (told["KeyId"], told["KeyState"], told["DeletionDate"]) == (key, "PendingDeletion", ends)
    for refuses in (lambda: kms.decrypt(CiphertextBlob=blob), lambda: kms.enable_key(KeyId=key)):
        with refused("KMSInvalidStateException", f"{key} is pending deletion."):
            refuses()
    plane.advance(7 * 86400 - 1)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["DeletionDate"] == ends
    plane.advance(1)
    with refused("NotFoundException", f"Key '{key}' does not exist"):
        kms.describe_key(KeyId=key)
    with refused("NotFoundException", f"Alias {HOME}:alias/web is not found."):
        kms.describe_key(KeyId="alias/web")


def test_a_deletion_that_is_cancelled_leaves_the_key_disabled(plane: Plane, kms: Any, key: str) -> None:
    with refused("KMSInvalidStateException", f"{key} is not pending deletion."):
        kms.cancel_key_deletion(KeyId=key)
    kms.schedule_key_deletion(KeyId=key)
    kms.cancel_key_deletion(KeyId=key)
    plane.advance(31 * 86400)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    with refused(
        "ValidationException",
        "1 validation error detected: Value '6' at 'pendingWindowInDays' failed to satisfy constraint: "
        "Member must have value greater than or equal to 7",
    ):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=6)


def test_aliases_are_unique_can_be_moved_and_those_of_aws_are_taken(kms: Any, key: str) -> None:
    kms.create_alias(AliasName="alias/web", TargetKeyId=key)
    with refused("AlreadyExistsException", f"An alias with the name {HOME}:alias/web already exists"):
        kms.create_alias(AliasName="alias/web", TargetKeyId=key)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/web", TargetKeyId=other)
    assert kms.list_aliases(KeyId=key)["Aliases"] == []
    [alias] = kms.list_aliases(KeyId=other)["Aliases"]
    assert (alias["AliasName"], alias["AliasArn"]) == ("alias/web", f"{HOME}:alias/web")
    assert alias["TargetKeyId"] == other
    kms.delete_alias(AliasName="alias/web")
    with refused("NotFoundException", f"Alias {HOME}:alias/web is not found."):
        kms.delete_alias(AliasName="alias/web")
    for name in ("alias/aws/web", "web", "alias/"):
        with refused("InvalidAliasNameException"):
            kms.create_alias(AliasName=name, TargetKeyId=key)


def test_the_keys_that_aws_manages_are_made_when_they_are_first_asked_for(kms: Any) -> None:
    before = {alias["AliasName"]: alias.get("TargetKeyId") for alias in kms.list_aliases()["Aliases"]}
    assert before == {"alias/aws/secretsmanager": None, "alias/aws/ssm": None}
    made = kms.describe_key(KeyId="alias/aws/ssm")["KeyMetadata"]
    assert made["KeyManager"] == "AWS"
    after = {alias["AliasName"]: alias.get("TargetKeyId") for alias in kms.list_aliases()["Aliases"]}
    assert after == {"alias/aws/secretsmanager": None, "alias/aws/ssm": made["KeyId"]}
    assert kms.describe_key(KeyId=f"{HOME}:alias/aws/ssm")["KeyMetadata"] == made
    for refuses in (
        lambda: kms.schedule_key_deletion(KeyId=made["KeyId"]),
        lambda: kms.encrypt(KeyId=made["KeyId"], Plaintext=b"x"),
        lambda: kms.create_alias(AliasName="alias/mine", TargetKeyId=made["KeyId"]),
    ):
        with refused("AccessDeniedException"):
            refuses()


def test_a_key_that_is_not_there_is_said_by_its_name(kms: Any) -> None:
    with refused("NotFoundException", f"Key '{HOME}:key/{GHOST}' does not exist"):
        kms.describe_key(KeyId=GHOST)
    with refused("NotFoundException", "Invalid keyId 'web'"):
        kms.describe_key(KeyId="web")
    with refused("InvalidArnException", "Invalid arn arn:aws:s3:::web"):
        kms.describe_key(KeyId="arn:aws:s3:::web")


@pytest.mark.parametrize(
    "members",
    [{"KeySpec": "RSA_2048"}, {"KeyUsage": "SIGN_VERIFY"}, {"Origin": "EXTERNAL"}, {"MultiRegion": True}],
)
def test_a_key_that_is_not_symmetric_and_of_this_region_is_refused(kms: Any, members: dict[str, Any]) -> None:
    with refused("UnsupportedOperationException"):
        kms.create_key(**members)


def test_a_policy_is_kept_and_the_first_leaves_everything_to_the_account(kms: Any, key: str) -> None:
    [first] = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]
    assert first["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    own = document({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"})
    kms.put_key_policy(KeyId=key, Policy=own)
    assert kms.get_key_policy(KeyId=key)["Policy"] == own
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    with refused("MalformedPolicyDocumentException"):
        kms.put_key_policy(KeyId=key, Policy="[]")
    with refused("NotFoundException", "No such policy exists"):
        kms.get_key_policy(KeyId=key, PolicyName="other")


def test_rotation_is_settled(plane: Plane, kms: Any, key: str) -> None:
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    told = kms.get_key_rotation_status(KeyId=key)
    assert (told["KeyRotationEnabled"], told["RotationPeriodInDays"]) == (True, 90)
    assert told["NextRotationDate"] == plane.clock.now() + timedelta(days=90)
    kms.disable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False


def test_tags_and_descriptions_change(kms: Any, key: str) -> None:
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": name, "TagValue": "1"} for name in "ab"])
    kms.untag_resource(KeyId=key, TagKeys=["a", "none"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "b", "TagValue": "1"}]
    kms.update_key_description(KeyId=key, Description="new")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"
    with refused("TagException"):
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "aws:x", "TagValue": "1"}])


def test_keys_are_listed_in_pages(kms: Any) -> None:
    made = sorted(kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3))
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
    assert [page["Truncated"] for page in pages] == [True, False]
    assert [key["KeyId"] for page in pages for key in page["Keys"]] == made
    with refused("InvalidMarkerException"):
        kms.list_keys(Marker="%")


def test_a_caller_may_use_the_keys_that_a_policy_names_in_the_context_that_it_names(
    plane: Plane, kms: Any, key: str
) -> None:
    only = {"Condition": {"StringEquals": {"kms:EncryptionContext:app": "web"}}}
    ann = plane.client("kms", key=user(plane, "ann", allow(["kms:Encrypt", "kms:Decrypt"], key, **only)))
    blob = ann.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext=CONTEXT)["CiphertextBlob"]
    assert ann.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"] == b"hello"
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: kms:Decrypt on resource: {key} because no "
        "identity-based policy allows the kms:Decrypt action",
    ):
        ann.decrypt(CiphertextBlob=blob)


def test_a_lost_keyring_is_said_and_nothing_comes_out(plane: Plane, kms: Any, key: str) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    plane.front._sealer = Keyring({"1": bytes([1]) * 32})
    with refused(
        "KeyUnavailableException",
        f"{key} cannot be opened with key 1 of keyring.json. Restore keyring.json of the data dir from a backup, and "
        "restart the server.",
    ):
        kms.decrypt(CiphertextBlob=blob)


def test_a_keys_policy_decides_who_may_use_it(plane: Plane, kms: Any, key: str) -> None:
    everything = allow("kms:*", key)
    ann = plane.client("kms", key=user(plane, "ann", everything))
    bob = plane.client("kms", key=user(plane, "bob"))
    only_bob = {"Principal": {"AWS": user_arn("bob")}}
    kms.put_key_policy(KeyId=key, Policy=document({**allow("kms:Encrypt"), **only_bob}))
    assert bob.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: kms:Encrypt on resource: {key} because no "
        "resource-based policy allows the kms:Encrypt action",
    ):
        ann.encrypt(KeyId=key, Plaintext=b"x")
    permit(plane, "bob", deny("kms:Encrypt"))
    with refused("AccessDeniedException"):
        bob.encrypt(KeyId=key, Plaintext=b"x")
