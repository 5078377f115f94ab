"""Policies that a simulation leaves out: by their type, their ARN, or their name and whose they are.

Source: IAM API Reference, PolicyIdentifier.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from podium.iam.errors import InvalidInput
from podium.iam.policy import Facts, Request
from podium.iam.policy.patterns import wildcard
from podium.iam.simulation import Source

TYPES = frozenset({"inline", "aws-managed", "user-managed", "permission-boundary", "scp", "rcp"})
HOLDERS = frozenset({"user", "group", "role"})
_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?:aws|[0-9]{12}):policy/[^*]*\*?[^*]*")
_NOBODY = Request("", "", Facts({}))

Identifier = Mapping[str, Any]


def excluded(source: Source, identifiers: list[Identifier]) -> bool:
    """Raises InvalidInput for an identifier that is none."""
    matches = [_matches(source, identifier) for identifier in identifiers]
    return True in matches


def _matches(source: Source, identifier: Identifier) -> bool:
    given = [name for name in _BY if identifier.get(name)]
    if len(given) != 1:
        raise InvalidInput(
            "A policy identifier must have exactly one of PolicyType, PolicyArn, InlinePolicyIdentifier."
        )
    return _BY[given[0]](source, identifier[given[0]])


def _by_type(source: Source, value: str) -> bool:
    if value not in TYPES:
        raise InvalidInput(f"Invalid policy type: {value}")
    return source.type == value


def _by_arn(source: Source, value: str) -> bool:
    if not _ARN.fullmatch(value):
        raise InvalidInput(f"ARN {value} is not valid.")
    return bool(source.arn) and _like(value, source.arn)


def _by_inline_name(source: Source, value: Identifier) -> bool:
    if not value.get("PolicyName") or value.get("AttachmentType") not in HOLDERS or not value.get("AttachmentName"):
        raise InvalidInput("An inline policy is identified by its name and the type and name of whose it is.")
    if source.type != "inline" or source.policy_name != value["PolicyName"]:
        return False
    return source.holder_type == value["AttachmentType"] and _like(value["AttachmentName"], source.holder_name)


def _like(pattern: str, value: str) -> bool:
    return wildcard(pattern, variables=False)(value, _NOBODY)


_BY: Mapping[str, Callable[[Source, Any], bool]] = {
    "PolicyType": _by_type,
    "PolicyArn": _by_arn,
    "InlinePolicyIdentifier": _by_inline_name,
}
