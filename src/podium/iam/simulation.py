"""What policies would decide, and which statements of theirs decide it: the evaluator, asked aloud.

Source: IAM API Reference, SimulatePrincipalPolicy and EvaluationResult.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from podium.iam.policy import Facts, Policies, Reach, Request, Verdict, Who, compiled, decide, trusted, verdict
from podium.iam.policy.document import Statement
from podium.iam.policy.positions import statements as positions
from podium.iam.policy.trust import account_names


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A policy, and what the answer calls it. `type` is PolicyIdentifier's; a policy of the request has none."""

    name: str
    text: str
    type: str = ""
    arn: str = ""
    policy_name: str = ""
    holder_type: str = ""
    holder_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """`given` are context keys that the caller supplied; `known` those that follow from the principal."""

    identity: Sequence[Source]
    boundary: Source | None = None
    resource_policy: Source | None = None
    caller_arn: str = ""
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known: dict[str, str | tuple[str, ...]] = field(default_factory=dict)

    @property
    def sources(self) -> list[Source]:
        """Those whose statements are told: a boundary's are not."""
        return [*self.identity, *([self.resource_policy] if self.resource_policy is not None else [])]


_MOST_RESTRICTIVE_FIRST = (Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY, Verdict.ALLOWED)


def evaluated(asked: Simulation, action: str, resources: Sequence[str]) -> dict[str, Any]:
    """An EvaluationResult: what holds of all resources together and, when some were named, of each."""
    each = {resource: _on(asked, action, resource) for resource in resources or ("*",)}
    decided = min((said for said, _ in each.values()), key=_MOST_RESTRICTIVE_FIRST.index)
    deciding = [matched for said, of_one in each.values() if said is decided for matched in of_one]
    result = {
        "EvalActionName": action,
        "EvalResourceName": "*",
        "EvalDecision": decided.value,
        "MatchedStatements": [m for n, m in enumerate(deciding) if m not in deciding[:n]],
        "MissingContextValues": missing(asked),
        **_boundary_detail(asked, action, resources or ("*",)),
    }
    if not resources:
        return result
    specific = [_specific(asked, action, resource, *said) for resource, said in each.items()]
    return {**result, "EvalDecisionDetails": {}, "ResourceSpecificResults": specific}


def _specific(
    asked: Simulation, action: str, resource: str, decided: Verdict, matched: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "EvalResourceName": resource,
        "EvalResourceDecision": decided.value,
        "MatchedStatements": matched,
        "MissingContextValues": missing(asked),
        "EvalDecisionDetails": {},
        **_boundary_detail(asked, action, (resource,)),
    }


def _on(asked: Simulation, action: str, resource: str) -> tuple[Verdict, list[dict[str, Any]]]:
    request = _request(asked, action, resource)
    decided = _decided(asked, request)
    return decided, _matched(asked.sources, request, decided)


def _request(asked: Simulation, action: str, resource: str) -> Request:
    return Request(action.lower(), resource, Facts({**asked.known, **asked.given}))


def _boundary_detail(asked: Simulation, action: str, resources: Iterable[str]) -> dict[str, Any]:
    if asked.boundary is None:
        return {}
    bounds = (compiled(asked.boundary.text),)
    allowed = all(verdict(bounds, _request(asked, action, r)) is Verdict.ALLOWED for r in resources)
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": allowed}}


def _decided(asked: Simulation, request: Request) -> Verdict:
    boundary = compiled(asked.boundary.text) if asked.boundary is not None else None
    said = decide(Policies([compiled(s.text) for s in asked.identity], boundary), request).verdict
    if asked.resource_policy is None or said is Verdict.EXPLICIT_DENY:
        return said
    reach = trusted(compiled(asked.resource_policy.text), request, _caller(asked.caller_arn))
    if reach is Reach.DENIED:
        return Verdict.EXPLICIT_DENY
    return Verdict.ALLOWED if reach is Reach.NAMED else said


def _caller(arn: str) -> Who:
    account = arn.split(":")[4] if arn.count(":") >= 5 else ""
    return Who("AWS", frozenset({arn}), account_names(account))


def missing(asked: Simulation) -> list[str]:
    """Context keys that the policies ask for and nobody supplied."""
    supplied = {key.lower() for key in (*asked.given, *asked.known)}
    bounding = [asked.boundary] if asked.boundary is not None else []
    return [key for key in context_keys([*asked.sources, *bounding]) if key.lower() not in supplied]


def context_keys(sources: Iterable[Source]) -> list[str]:
    """The keys that the policies' conditions and variables name, each once."""
    found: dict[str, str] = {}
    for source in sources:
        for statement in compiled(source.text).statements:
            for key in statement.keys:
                found.setdefault(key.lower(), key)
    return list(found.values())


def _matched(sources: Iterable[Source], request: Request, decided: Verdict) -> list[dict[str, Any]]:
    """The statements that made the decision: those that deny, or those that allow. Silence has none."""
    if decided is Verdict.IMPLICIT_DENY:
        return []
    return [
        _statement(source, statement)
        for source in sources
        for about in compiled(source.text).about(request.action)
        for statement in about
        if statement.allows is (decided is Verdict.ALLOWED) and statement.applies(request)
    ]


def _statement(source: Source, statement: Statement) -> dict[str, Any]:
    start, end = positions(source.text)[statement.number]
    return {
        "SourcePolicyId": source.name,
        "SourcePolicyType": "IAM Policy",
        "StartPosition": {"Line": start[0], "Column": start[1]},
        "EndPosition": {"Line": end[0], "Column": end[1]},
    }
