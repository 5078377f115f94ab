"""What a key may be, and what may be said about one.

Source: AWS KMS API Reference, CreateKey, ScheduleKeyDeletion, GenerateDataKey.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from podium import iam
from podium.kernel.tags import Tagging
from podium.kms.errors import DryRun, Invalid, InvalidTag, MalformedPolicy, NoSuchPolicy, Unsupported

Given = Mapping[str, Any]
SYMMETRIC = "SYMMETRIC_DEFAULT"
POLICY = "default"
SPECS = {"AES_256": 32, "AES_128": 16}
TAGS = Tagging(
    duplicate=lambda key: InvalidTag(f"Duplicate tag key: {key}"),
    reserved=lambda key: InvalidTag(f"The tag key {key} cannot start with aws: because it is reserved for AWS use."),
    too_many=lambda most: InvalidTag(f"A key can have at most {most} tags."),
)


def symmetric(given: Given) -> None:
    """Raises Unsupported for every other kind of key."""
    spec = given.get("KeySpec") or given.get("CustomerMasterKeySpec") or SYMMETRIC
    if spec != SYMMETRIC or (given.get("KeyUsage") or "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
        raise Unsupported("Podium's keys are symmetric: leave out KeySpec and KeyUsage.")
    if (given.get("Origin") or "AWS_KMS") != "AWS_KMS" or given.get("CustomKeyStoreId") or given.get("XksKeyId"):
        raise Unsupported("Podium makes its keys itself: leave out Origin, CustomKeyStoreId and XksKeyId.")
    if given.get("MultiRegion"):
        raise Unsupported("Podium's keys belong to one region: leave out MultiRegion.")


def tags(given: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{TagKey, TagValue}]` as a mapping. Raises InvalidTag."""
    return TAGS.given({"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in given or ())


def policy(text: str) -> str:
    """Raises MalformedPolicy."""
    try:
        iam.validate_resource_policy(text)
    except iam.MalformedPolicyDocument as error:
        raise MalformedPolicy(str(error)) from error
    return text


def policy_name(given: Given) -> None:
    """A key has one policy, and it has one name. Raises NoSuchPolicy."""
    if (given.get("PolicyName") or POLICY) != POLICY:
        raise NoSuchPolicy


def pending_days(given: int | None) -> int:
    """Raises Invalid for what is not 7 to 30."""
    days = 30 if given is None else given
    if not 7 <= days <= 30:
        bound = "greater than or equal to 7" if days < 7 else "less than or equal to 30"
        raise Invalid(
            f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    return days


def data_key_bytes(given: Given) -> int:
    """Raises Invalid."""
    spec, number = given.get("KeySpec"), given.get("NumberOfBytes")
    if (spec is None) is (number is None):
        raise Invalid("Please specify either number of bytes or key spec.")
    return SPECS[spec] if spec is not None else int(number or 0)


def plain(given: Given) -> None:
    """What encrypts and decrypts does no more than that. Raises Unsupported, Invalid."""
    if given.get("Recipient"):
        raise Unsupported("Podium knows no enclaves that a Recipient could be: leave it out.")
    for member in ("EncryptionAlgorithm", "SourceEncryptionAlgorithm", "DestinationEncryptionAlgorithm"):
        if (given.get(member) or SYMMETRIC) != SYMMETRIC:
            raise Unsupported(f"Podium's keys are symmetric: {member} can only be {SYMMETRIC}.")


def wet(given: Given) -> None:
    """Raises DryRun where the caller only wanted to know."""
    if given.get("DryRun"):
        raise DryRun
