"""SimulatePrincipalPolicy and SimulateCustomPolicy, and the context keys that policies ask for."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from podium.iam import judging, managed, names, pages, simulation
from podium.iam.errors import InvalidInput, MalformedPolicyDocument
from podium.iam.exclusions import excluded
from podium.iam.policy import Kind, validate
from podium.iam.records import Group, Holder, Policy, Role, User
from podium.iam.service import iam
from podium.iam.simulation import Simulation, Source
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = dict[str, Any]
_ACTION = re.compile(r"[A-Za-z0-9.\-]+:[A-Za-z0-9*]+")
_FINDERS: dict[str, Callable[[Call, Transaction, str], Holder]] = {
    "user": names.user,
    "group": names.group,
    "role": names.role,
}


@iam.operation(reads=True)
def simulate_custom_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _simulated(request, _inputs(request), _boundary(request), {})


@iam.operation(reads=True)
def simulate_principal_policy(call: Call, tx: Transaction, request: Request) -> Request:
    held = _principal(call, tx, request["PolicySourceArn"])
    left_out = request.get("PolicyExclusionList", [])
    own = [source for source in sources(tx, held) if not excluded(source, left_out)]
    bounds = [source for source in _own_boundary(tx, held) if not excluded(source, left_out)]
    boundary = _boundary(request) or next(iter(bounds), None)
    return _simulated(request, [*own, *_inputs(request)], boundary, known(held))


@iam.operation(reads=True)
def get_context_keys_for_custom_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return {"ContextKeyNames": simulation.context_keys(_inputs(request))}


@iam.operation(reads=True)
def get_context_keys_for_principal_policy(call: Call, tx: Transaction, request: Request) -> Request:
    held = _principal(call, tx, request["PolicySourceArn"])
    return {"ContextKeyNames": simulation.context_keys([*sources(tx, held), *_inputs(request)])}


def _simulated(request: Request, identity: Sequence[Source], boundary: Source | None, known: Request) -> Request:
    asked = Simulation(
        identity=identity,
        boundary=boundary,
        resource_policy=_resource_policy(request),
        caller_arn=request.get("CallerArn") or request.get("PolicySourceArn", ""),
        given={
            entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues", ()))
            for entry in request.get("ContextEntries", ())
            if entry.get("ContextKeyName")
        },
        known=known,
    )
    resources = list(dict.fromkeys(request.get("ResourceArns", ())))
    return pages.page(
        "EvaluationResults",
        list(enumerate(map(_action, request["ActionNames"]))),
        request,
        lambda row: f"{row[0]:06d}",
        lambda row: simulation.evaluated(asked, row[1], resources),
    )


def _action(name: str) -> str:
    if not _ACTION.fullmatch(name):
        raise InvalidInput(f"Invalid action name: {name}")
    return name


def _inputs(request: Request) -> list[Source]:
    given = request.get("PolicyInputList", ())
    return [Source(name=f"PolicyInputList.{number}", text=_valid(text)) for number, text in enumerate(given, 1)]


def _boundary(request: Request) -> Source | None:
    given = request.get("PermissionsBoundaryPolicyInputList", ())
    if len(given) > 1:
        raise InvalidInput("Only one permissions boundary policy may be given.")
    return Source(name="PermissionsBoundaryPolicyInputList.1", text=_valid(given[0])) if given else None


def _resource_policy(request: Request) -> Source | None:
    """A policy that stands with a resource names principals, and need not name the resource."""
    text = request.get("ResourcePolicy")
    if text is None:
        return None
    if not (request.get("CallerArn") or request.get("PolicySourceArn")):
        raise InvalidInput("CallerArn must be provided when a resource policy is specified.")
    try:
        validate(text, Kind.RESOURCE)
    except MalformedPolicyDocument as error:
        raise InvalidInput(str(error)) from error
    return Source(name="ResourcePolicy", text=text)


def _valid(text: str) -> str:
    try:
        validate(text, Kind.IDENTITY)
    except MalformedPolicyDocument as error:
        raise InvalidInput(str(error)) from error
    return text


def _principal(call: Call, tx: Transaction, arn: str) -> Holder:
    parts = arn.split(":", 5)
    noun, _, path = parts[5].partition("/") if len(parts) == 6 else ("", "", "")
    if noun not in _FINDERS or parts[2] != "iam" or not path or parts[4] != call.account:
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    return _FINDERS[noun](call, tx, path.rpartition("/")[2])


def sources(tx: Transaction, held: Holder) -> list[Source]:
    """The policies of a user with its groups', of a group or of a role."""
    groups = [g for arn in held.groups if (g := tx.get(Group, arn)) is not None] if isinstance(held, User) else []
    return [source for of in (held, *groups) for source in _of_one(tx, of)]


def _of_one(tx: Transaction, held: Holder) -> list[Source]:
    noun = names.NOUNS[type(held)]
    inline = [
        Source(
            name=f"{noun}_{held.name}_{name}",
            text=text,
            type="inline",
            policy_name=name,
            holder_type=noun,
            holder_name=held.name,
        )
        for name, text in held.inline.items()
    ]
    attached = [policy for arn in held.attached if (policy := judging.find_policy(tx, arn)) is not None]
    return [*inline, *(_managed(policy) for policy in attached)]


def _managed(policy: Policy, of_type: str = "") -> Source:
    usual = "aws-managed" if managed.is_managed(policy.arn) else "user-managed"
    return Source(name=policy.name, text=policy.document, type=of_type or usual, arn=policy.arn)


def _own_boundary(tx: Transaction, held: Holder) -> list[Source]:
    arn = None if isinstance(held, Group) else held.boundary
    policy = judging.find_policy(tx, arn) if arn else None
    return [_managed(policy, "permission-boundary")] if policy is not None else []


def known(held: Holder) -> Request:
    """The context keys that follow from who the principal is."""
    if isinstance(held, Group):
        return {}
    facts: Request = {
        "aws:PrincipalArn": held.arn,
        "aws:PrincipalAccount": held.arn.split(":")[4],
        **{f"aws:PrincipalTag/{key}": value for key, value in held.tags.items()},
    }
    if isinstance(held, Role):
        return {**facts, "aws:PrincipalType": "AssumedRole"}
    return {**facts, "aws:PrincipalType": "User", "aws:username": held.name, "aws:userid": held.id}
