"""What a repository may be, and what its policies may say.

Source: Amazon ECR API Reference, CreateRepository, PutLifecyclePolicy; User Guide, "Lifecycle policy properties".
"""

import json
from collections.abc import Mapping
from typing import Any

from podium.ecr.errors import Invalid, InvalidAt, InvalidTag, TooManyTags
from podium.kernel.tags import Tagging

Given = Mapping[str, Any]
STATUSES = ("tagged", "untagged", "any")
COUNTS = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
TAGS = Tagging(
    duplicate=lambda key: InvalidTag(f"Duplicate tag key: {key}"),
    reserved=lambda key: InvalidTag(
        f"The tag key '{key}' cannot be: it is empty, or begins with aws:, which AWS keeps for itself."
    ),
    too_many=TooManyTags,
)


def exclusions(mutability: str, filters: list[dict[str, str]] | None) -> tuple[dict[str, str], ...]:
    """Raises Invalid."""
    if mutability.endswith("_WITH_EXCLUSION") is not bool(filters):
        raise Invalid("imageTagMutabilityExclusionFilters go with IMMUTABLE_WITH_EXCLUSION and MUTABLE_WITH_EXCLUSION.")
    return tuple(filters or ())


def encryption(given: dict[str, str] | None) -> dict[str, str]:
    """Raises Invalid for a key without a key management."""
    held = given or {"encryptionType": "AES256"}
    if held.get("kmsKey") and held["encryptionType"] == "AES256":
        raise Invalid("kmsKey goes with the encryptionType KMS or KMS_DSSE.")
    return held


def policy(text: str, what: str) -> str:
    """A policy of a `repository` or a `registry`: JSON with statements. Raises InvalidAt."""
    document = _json(text)
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), list | dict):
        raise InvalidAt("PolicyText", f"Invalid {what} policy provided")
    return text


def lifecycle(text: str) -> str:
    """Raises InvalidAt."""
    document = _json(text)
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        raise _no_lifecycle("it must be a JSON object with a list of rules")
    for rule in rules:
        _rule(rule)
    _order(rules)
    return text


def _no_lifecycle(why: str) -> InvalidAt:
    return InvalidAt("LifecyclePolicyText", f"Lifecycle policy validation failure: {why}")


def _rule(rule: Given) -> None:
    if type(rule.get("rulePriority")) is not int or rule["rulePriority"] < 1:
        raise _no_lifecycle("rulePriority must be a whole number greater than 0")
    selection, action = rule.get("selection"), rule.get("action")
    if not isinstance(action, dict) or action.get("type") not in ("expire", "transition"):
        raise _no_lifecycle("action must have the type expire or transition")
    if not isinstance(selection, dict):
        raise _no_lifecycle("a rule must have a selection")
    _selection(selection)


def _selection(given: Given) -> None:
    if given.get("tagStatus") not in STATUSES:
        raise _no_lifecycle(f"tagStatus must be one of {', '.join(STATUSES)}")
    lists = bool(given.get("tagPrefixList")) + bool(given.get("tagPatternList"))
    if lists != (given["tagStatus"] == "tagged"):
        raise _no_lifecycle("tagPrefixList or tagPatternList goes with tagStatus tagged, and must be given with it")
    if given.get("countType") not in COUNTS:
        raise _no_lifecycle(f"countType must be one of {', '.join(COUNTS)}")
    if (given.get("countUnit") == "days") is (given["countType"] == "imageCountMoreThan"):
        raise _no_lifecycle("countUnit days goes with every countType but imageCountMoreThan")
    if type(given.get("countNumber")) is not int or given["countNumber"] < 1:
        raise _no_lifecycle("countNumber must be a whole number greater than 0")


def _order(rules: list[dict[str, Any]]) -> None:
    priorities = [rule["rulePriority"] for rule in rules]
    if len(set(priorities)) < len(priorities):
        raise _no_lifecycle("rulePriority must be unique")
    last = max(rules, key=lambda rule: rule["rulePriority"])
    if any(rule["selection"]["tagStatus"] == "any" and rule is not last for rule in rules):
        raise _no_lifecycle("the rule with tagStatus any must have the highest rulePriority")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
