"""What a secret may be, and what its policies may say.

Source: Secrets Manager API Reference, CreateSecret, DeleteSecret, PutResourcePolicy.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from podium import iam
from podium.kernel.tags import Tagging
from podium.secretsmanager.errors import Invalid, InvalidParameter, InvalidRequest, MalformedPolicy

Given = Mapping[str, Any]
DAYS = range(7, 31)
USUAL_DAYS = 30
MOST_VERSIONS = 100
TAGS = Tagging(
    duplicate=lambda key: InvalidParameter(f"Duplicate tag key: {key}"),
    reserved=lambda key: InvalidParameter(
        f"The tag key {key} cannot start with aws: because it is reserved for AWS use."
        if key
        else "Say of each tag in Tags what its Key is."
    ),
    too_many=lambda most: InvalidParameter(f"A secret can have at most {most} tags."),
)
_FUNCTION = re.compile(
    r"arn:(aws[a-z-]*):lambda:([a-z0-9-]+:\d{12}):function:([A-Za-z0-9_-]{1,64})(:[A-Za-z0-9$_-]{1,128})?"
)
_NAME = re.compile(r"[A-Za-z0-9/_+=.@!\-]+")


def name(given: str) -> str:
    """Raises Invalid."""
    if not _NAME.fullmatch(given):
        raise Invalid(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
    return given


def of_one_region(given: Given) -> None:
    """Raises InvalidParameter for replicas, and for secrets that others hold."""
    if given.get("AddReplicaRegions") or given.get("CrossAccountPrimaryARN"):
        raise InvalidParameter("Podium keeps a secret in one region: leave out AddReplicaRegions.")
    if given.get("Type"):
        raise InvalidParameter("Podium knows no secrets that partners of AWS manage: leave out Type.")


def of_no_partner(given: Given) -> None:
    """Raises InvalidParameter."""
    if given.get("ExternalSecretRotationMetadata") or given.get("ExternalSecretRotationRoleArn"):
        raise InvalidParameter(
            "Podium knows no secrets that partners of AWS rotate: leave out ExternalSecretRotation…."
        )


def function_name(arn: str) -> str:
    """Of a Lambda function's ARN, with or without a version behind it. Raises InvalidParameter."""
    return _function(arn)[2]


def function_of(arn: str, home: str) -> str:
    """The same, of one that is at home where the secret is. Raises InvalidParameter."""
    partition, place, name = _function(arn)
    if [partition, *place.split(":")] != home.split(":"):
        raise InvalidParameter(
            f"The function of RotationLambdaARN must be of the secret's own account and region: {arn}"
        )
    return name


def unversioned(arn: str) -> str:
    """What policies speak of."""
    found = _FUNCTION.fullmatch(arn)
    return arn.removesuffix(found[4] or "") if found is not None else arn


def _function(arn: str) -> tuple[str, str, str]:
    found = _FUNCTION.fullmatch(arn)
    if found is None:
        raise InvalidParameter(f"The parameter RotationLambdaARN is not the ARN of a Lambda function: {arn}")
    return found[1], found[2], found[3]


def value(given: Given) -> str | bytes | None:
    """Text or bytes. Raises InvalidParameter for both."""
    text, blob = given.get("SecretString"), given.get("SecretBinary")
    if text is not None and blob is not None:
        raise InvalidParameter("You can't specify both a binary secret value and a string secret value.")
    found: str | bytes | None = text if text is not None else blob
    return found


def needed_value(given: Given) -> str | bytes:
    """Raises InvalidParameter, InvalidRequest."""
    found = value(given)
    if found is None:
        raise InvalidRequest("You must provide either SecretString or SecretBinary.")
    return found


def recovery_days(given: Given) -> int | None:
    """None for a secret that goes at once. Raises InvalidParameter."""
    days, forced = given.get("RecoveryWindowInDays"), given.get("ForceDeleteWithoutRecovery")
    if forced and days is not None:
        raise InvalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
    if forced:
        return None
    wanted = USUAL_DAYS if days is None else int(days)
    if wanted not in DAYS:
        raise InvalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
    return wanted


def policy(text: str) -> dict[str, Any]:
    """Raises MalformedPolicy."""
    try:
        iam.validate_resource_policy(text)
    except iam.MalformedPolicyDocument as error:
        raise MalformedPolicy(str(error)) from error
    held: dict[str, Any] = json.loads(text)
    return held


def is_public(document: Given) -> bool:
    """Whether it lets everybody in without a condition."""
    held = document["Statement"]
    return any(_lets_everybody_in(each) for each in (held if isinstance(held, list) else [held]))


def _lets_everybody_in(statement: Given) -> bool:
    if statement["Effect"] != "Allow" or statement.get("Condition"):
        return False
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, dict) else principal
    return named == "*" or (isinstance(named, list) and "*" in named)
