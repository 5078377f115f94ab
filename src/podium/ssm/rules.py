"""What a parameter may be called, and what it may hold.

Source: Systems Manager API Reference, PutParameter; User Guide, "Requirements and constraints for parameter names",
"Managing parameter tiers".
"""

import re
from collections.abc import Mapping
from typing import Any

from podium.kernel.call import Call
from podium.kernel.tags import Tagging
from podium.ssm import names
from podium.ssm.errors import Invalid, NoPolicies, ReservedName, TooDeep, TooManyTags, TypeMismatch
from podium.ssm.records import ParameterVersion

Given = Mapping[str, Any]
DEEPEST = 15
MOST_VERSIONS = 100
LONGEST_ARN = 1011
STANDARD, ADVANCED = "Standard", "Advanced"
LONGEST = {STANDARD: 4096, ADVANCED: 8192}
DATA_TYPES = ("text", "aws:ec2:image", "aws:ssm:integration")
SECURE = "SecureString"
TAGS = Tagging(
    duplicate=lambda key: Invalid(f"Duplicate tag key: {key}"),
    reserved=lambda key: Invalid(f"The tag key {key} cannot start with aws: because it is reserved for AWS use."),
    too_many=TooManyTags,
)
_NAME = re.compile(r"[A-Za-z0-9_.\-/]+")
_SUB_PATHS = (
    "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of "
    "letters, numbers and the following 3 symbols .-_"
)
BAD_PATH = (
    "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "
    '"/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the '
    "following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if "
    'specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.'
)


def new_name(call: Call, name: str) -> None:
    """Raises Invalid, ReservedName, TooDeep."""
    low, is_path = name.lower().lstrip("/"), "/" in name.lstrip("/")
    if low.startswith("aws") and is_path and name.startswith("/"):
        raise ReservedName(name)
    if low.startswith(("aws", "ssm")) and not is_path:
        raise Invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).')
    if low.startswith("ssm") or not _NAME.fullmatch(name) or "//" in name:
        raise Invalid(f'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). {_SUB_PATHS}')
    if is_path and not name.startswith("/"):
        raise Invalid("Parameter name must be a fully qualified name.")
    if name.endswith("/"):
        raise Invalid("Parameter name must not end with slash.")
    if name.count("/") > DEEPEST:
        raise TooDeep(DEEPEST)
    if len(names.arn(call, name)) > LONGEST_ARN:
        raise Invalid(f"A parameter's ARN can have at most {LONGEST_ARN} characters, its name among them.")


def path(given: str) -> str:
    """With a slash at its end. Raises Invalid, TooDeep."""
    if not given.startswith("/") or not _NAME.fullmatch(given) or "//" in given:
        raise Invalid(BAD_PATH)
    if given.rstrip("/").count("/") > DEEPEST:
        raise TooDeep(DEEPEST)
    return given.rstrip("/") + "/"


def type_of(given: Given, before: ParameterVersion | None) -> str:
    """Raises Invalid, TypeMismatch."""
    kind = given.get("Type")
    if kind is None and before is None:
        raise Invalid("A parameter type is required when you create a parameter.")
    if before is not None and kind not in (None, before.type):
        raise TypeMismatch
    return str(kind or (before.type if before is not None else ""))


def tier(given: Given, before: ParameterVersion | None) -> str:
    """Standard or Advanced, as large as the value needs where that is left to Parameter Store. Raises Invalid."""
    large, had = len(given["Value"]) > LONGEST[STANDARD], before.tier if before is not None else STANDARD
    asked = given.get("Tier") or had
    if asked == "Intelligent-Tiering":
        asked = ADVANCED if large or had == ADVANCED else STANDARD
    if (had, asked) == (ADVANCED, STANDARD):
        raise Invalid(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
            "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced "
            "parameter and recreate it as a standard parameter."
        )
    _size(len(given["Value"]), asked)
    return str(asked)


def _size(length: int, tier: str) -> None:
    if length <= LONGEST[tier]:
        return
    upgrade = (
        " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more "
        "information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/"
        "parameter-store-advanced-parameters.html"
    )
    raise Invalid(
        f"{tier} tier parameters support a maximum parameter value of {LONGEST[tier]} characters."
        + (upgrade if tier == STANDARD else "")
    )


def settled(given: Given, kind: str) -> None:
    """The rest of what PutParameter may say. Raises Invalid, NoPolicies."""
    if not given["Value"]:
        raise Invalid(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        )
    if given.get("Overwrite") and given.get("Tags"):
        raise Invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please "
            "remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or "
            "RemoveTagsFromResource."
        )
    if given.get("KeyId") and kind != SECURE:
        raise Invalid("KeyId is required for SecureString type parameter only.")
    if (given.get("DataType") or "text") not in DATA_TYPES:
        raise Invalid(
            f"The following data type is not supported: {given['DataType']} (Data type names are all lowercase.)"
        )
    if given.get("Policies") and given["Policies"] not in ("[]", "{}"):
        raise NoPolicies
