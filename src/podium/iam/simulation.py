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


@dataclass(frozen=True, slots=True)
class Source:
    """A policy, and what the answer calls it."""

    name: str
    text: str


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
        more = [source for source in (self.boundary, self.resource_policy) if source is not None]
        return [*self.identity, *more]


def evaluated(asked: Simulation, action: str, resource: str, specific: bool) -> dict[str, Any]:
    """An EvaluationResult. `specific` repeats it for the resource, as AWS does when the caller named some."""
    request = Request(action.lower(), resource, Facts({**asked.known, **asked.given}))
    decided = _decided(asked, request)
    matched = _matched(asked.sources, request) if decided is not Verdict.IMPLICIT_DENY else []
    shared: dict[str, Any] = {"MatchedStatements": matched, "MissingContextValues": missing(asked)}
    if asked.boundary is not None:
        bounded = verdict((compiled(asked.boundary.text),), request) is Verdict.ALLOWED
        shared["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": bounded}
    result = {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decided.value, **shared}
    if specific:
        told = {"EvalResourceName": resource, "EvalResourceDecision": decided.value, **shared}
        result["ResourceSpecificResults"] = [told]
    return result


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
    return [key for key in context_keys(asked.sources) if key.lower() not in supplied]


def context_keys(sources: Iterable[Source]) -> list[str]:
    """The keys that the policies' conditions and variables name, each once."""
    found: dict[str, str] = {}
    for source in sources:
        for statement in compiled(source.text).statements:
            for key in statement.keys:
                found.setdefault(key.lower(), key)
    return list(found.values())


def _matched(sources: Iterable[Source], request: Request) -> list[dict[str, Any]]:
    return [
        _statement(source, statement)
        for source in sources
        for about in compiled(source.text).about(request.action)
        for statement in about
        if statement.applies(request)
    ]


def _statement(source: Source, statement: Statement) -> dict[str, Any]:
    start, end = positions(source.text)[statement.number]
    return {
        "SourcePolicyId": source.name,
        "SourcePolicyType": "IAM Policy",
        "StartPosition": {"Line": start[0], "Column": start[1]},
        "EndPosition": {"Line": end[0], "Column": end[1]},
    }
