"""What a policy document must look like. AWS tells one fault at a time, in this order.

Source: IAM User Guide, "Grammar of the IAM JSON policy language"; the sentences are those that AWS's clients print.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from podium.iam.errors import MalformedPolicyDocument
from podium.iam.policy.conditions import moment, read_operator
from podium.iam.policy.document import NEWEST, listed

VERSIONS = ("2008-10-17", NEWEST)
TOP = {"Version", "Id", "Statement"}
MEMBERS = {
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
}
PRINCIPALS = {"AWS", "Service", "Federated", "CanonicalUser"}
PARTITIONS = ("*", "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")
TRUST_ACTIONS = re.compile(r"sts:(?:\*|AssumeRole[A-Za-z*]*|TagSession|SetSourceIdentity|SetContext)")
_VENDOR = re.compile(r"[A-Za-z0-9.\-]+")
_SID = re.compile(r"[A-Za-z0-9]*")

Body = Mapping[str, Any]


class Kind(Enum):
    IDENTITY = "identity"
    TRUST = "trust"
    RESOURCE = "resource"


class _Fault(Exception):
    """The document is not of the form that the grammar demands."""


def validate(text: str, kind: Kind) -> None:
    """Raises MalformedPolicyDocument."""
    body = _parsed(text, kind)
    statements = [_statement(s) for s in _statements(body)]
    if kind is Kind.IDENTITY and body.get("Version") != NEWEST:
        raise MalformedPolicyDocument("Policy document must be version 2012-10-17 or greater.")
    for check in (_legacy, _unique_sids, _actions, *_BY_KIND[kind]):
        check(statements)


def _parsed(text: str, kind: Kind) -> Body:
    try:
        body = json.loads(text, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as error:
        said = "Syntax errors in policy." if kind is Kind.IDENTITY else "This policy contains invalid Json"
        raise MalformedPolicyDocument(said) from error
    except _Fault as error:
        raise MalformedPolicyDocument("Syntax errors in policy.") from error
    if not isinstance(body, dict) or not set(body) <= TOP or body.get("Version", NEWEST) not in VERSIONS:
        raise MalformedPolicyDocument("Syntax errors in policy.")
    if not isinstance(body.get("Id", ""), str):
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return body


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise _Fault
    return held


def _statements(body: Body) -> list[Any]:
    given = body.get("Statement")
    statements = [given] if isinstance(given, dict) else given
    if not isinstance(statements, list) or not statements:
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return statements


def _statement(given: Any) -> Body:
    if not isinstance(given, dict) or not all(_is_well_formed(given)):
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return given


def _is_well_formed(statement: Body) -> Iterator[bool]:
    yield set(statement) <= MEMBERS
    for name in ("Action", "Resource", "Principal"):
        yield not {name, f"Not{name}"} <= set(statement)
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        yield name not in statement or _is_texts(statement[name])
    for name in ("Principal", "NotPrincipal"):
        yield name not in statement or _is_principal(statement[name])
    yield isinstance(statement.get("Sid", ""), str)
    yield isinstance(statement.get("Effect"), str)
    yield _is_condition(statement.get("Condition", {}))


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _is_principal(value: Any) -> bool:
    if isinstance(value, str):
        return value == "*"
    return isinstance(value, dict) and set(value) <= PRINCIPALS and all(map(_is_texts, value.values()))


def _is_condition(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(keys, dict) and (not keys or read_operator(name) is not None) and all(map(_is_values, keys.values()))
        for name, keys in value.items()
    )


def _is_values(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(v, str | bool | int | float) for v in values)


def _legacy(statements: list[Body]) -> None:
    for statement in statements:
        dates = [
            text
            for name, keys in statement.get("Condition", {}).items()
            if (known := read_operator(name)) is not None and known.base.startswith("Date")
            for values in keys.values()
            for text in listed(values)
        ]
        if statement["Effect"] not in ("Allow", "Deny") or any("${" not in d and moment(d) is None for d in dates):
            raise MalformedPolicyDocument("The policy failed legacy parsing")


def _unique_sids(statements: list[Body]) -> None:
    sids = [s["Sid"] for s in statements if s.get("Sid")]
    if len(set(sids)) != len(sids):
        raise MalformedPolicyDocument("Statement IDs (SID) in a single policy must be unique.")


def _actions(statements: list[Body]) -> None:
    for statement in statements:
        actions = listed(statement.get("Action", statement.get("NotAction")))
        if not actions:
            raise MalformedPolicyDocument("Policy statement must contain actions.")
        for action in actions:
            _action(action)


def _action(action: str) -> None:
    vendor, colon, name = action.partition(":")
    if action == "*":
        return
    if not colon:
        raise MalformedPolicyDocument("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if ":" in name:
        raise MalformedPolicyDocument("Actions/Condition can contain only one colon.")
    if vendor != "*" and not _VENDOR.fullmatch(vendor):
        raise MalformedPolicyDocument(f"Vendor {vendor} is not valid")


def _no_principal(statements: list[Body]) -> None:
    if any({"Principal", "NotPrincipal"} & set(s) for s in statements):
        raise MalformedPolicyDocument("Policy document should not specify a principal.")


def _sid_letters(statements: list[Body]) -> None:
    if not all(_SID.fullmatch(s.get("Sid", "")) for s in statements):
        raise MalformedPolicyDocument(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
            "regular expression [0-9A-Za-z]*"
        )


def _resources(statements: list[Body]) -> None:
    for statement in statements:
        resources = listed(statement.get("Resource", statement.get("NotResource")))
        for resource in resources:
            _resource(resource)
        if not resources:
            raise MalformedPolicyDocument("Policy statement must contain resources.")


def _resource(resource: str) -> None:
    if resource == "*" or resource.startswith("${"):
        return
    if ":" not in resource:
        raise MalformedPolicyDocument(f'Resource {resource} must be in ARN format or "*".')
    parts = resource.split(":", 5)
    if parts[1] not in PARTITIONS and "${" not in parts[1]:
        rest = ":".join((parts[2:] + ["*"] * 4)[:4])
        raise MalformedPolicyDocument(f'Partition "{parts[1]}" is not valid for resource "arn:{parts[1]}:{rest}".')
    if len(parts) < 3 or not parts[2]:
        raise MalformedPolicyDocument("Resource vendor must be fully qualified and cannot contain regexes.")
    if parts[2] == "iam" and len(parts) > 3 and parts[3]:
        raise MalformedPolicyDocument(f"IAM resource {resource} cannot contain region information.")
    if len(parts) < 6 and not parts[-1].endswith("*"):
        raise MalformedPolicyDocument("The policy failed legacy parsing")


def _trust_principals(statements: list[Body]) -> None:
    for statement in statements:
        given = statement.get("Principal", statement.get("NotPrincipal"))
        if given is None or given == {}:
            raise MalformedPolicyDocument("Missing required field Principal")
        if not isinstance(given, str) and not all(listed(values) for values in given.values()):
            raise MalformedPolicyDocument("Missing required field Principal cannot be empty!")


def _no_resource(statements: list[Body]) -> None:
    if any({"Resource", "NotResource"} & set(s) for s in statements):
        raise MalformedPolicyDocument("Has prohibited field Resource")


def _trust_actions(statements: list[Body]) -> None:
    for statement in statements:
        if not all(a == "*" or TRUST_ACTIONS.fullmatch(a) for a in listed(statement.get("Action"))):
            raise MalformedPolicyDocument("AssumeRole policy may only specify STS AssumeRole actions.")


_BY_KIND: dict[Kind, tuple[Callable[[list[Body]], None], ...]] = {
    Kind.IDENTITY: (_sid_letters, _no_principal, _resources),
    Kind.TRUST: (_trust_principals, _no_resource, _trust_actions),
    Kind.RESOURCE: (_trust_principals,),
}
