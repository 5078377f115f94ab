"""A policy document, compiled once into questions that are quick to ask."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from podium.iam.policy.conditions import Test, condition, is_negated
from podium.iam.policy.patterns import Matcher, resolved, variable_names, wildcard
from podium.iam.policy.request import Facts, Request

NEWEST = "2012-10-17"
_REMEMBERED, _ACTIONS_REMEMBERED = 4096, 4096
_NOBODY = Request("", "", Facts({}))


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """`principals` is a resource policy's `Principal` or `NotPrincipal`, by kind; None in an identity's policy.

    `keys` are the condition keys asked for and those that variables name, as they are written.
    """

    number: int
    sid: str
    allows: bool
    actions: tuple[Matcher, ...]
    every_action_but: bool
    resources: tuple[Matcher, ...]
    every_resource_but: bool
    conditions: tuple[Test, ...]
    keys: tuple[str, ...]
    principals: Mapping[str, tuple[str, ...]] | None
    everyone_but: bool

    def is_about(self, action: str) -> bool:
        return any(match(action, _NOBODY) for match in self.actions) is not self.every_action_but

    def applies(self, request: Request) -> bool:
        """Whether resource and conditions fit. A statement of a trust policy names no resource and fits any."""
        resources = self.resources
        if resources:
            resource = request.resource
            if any(match(resource, request) for match in resources) is self.every_resource_but:
                return False
        return all(holds(request) for holds in self.conditions)


About = tuple[tuple[Statement, ...], tuple[Statement, ...]]


class Document:
    """The statements of one policy. `about` remembers which of them speak of an action."""

    __slots__ = ("_about", "statements")

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        self.statements = statements
        self._about: dict[str, About] = {}

    def about(self, action: str) -> About:
        """The statements that deny `action`, and those that allow it, their resources and conditions aside."""
        found = self._about.get(action)
        if found is None:
            if len(self._about) >= _ACTIONS_REMEMBERED:
                self._about.clear()
            these = [s for s in self.statements if s.is_about(action)]
            found = tuple(s for s in these if not s.allows), tuple(s for s in these if s.allows)
            self._about[action] = found
        return found


@lru_cache(maxsize=_REMEMBERED)
def compiled(text: str) -> Document:
    """The document that `text` is. It must have passed `grammar.validate`."""
    body = json.loads(text)
    given = body["Statement"]
    variables = body.get("Version") == NEWEST
    statements = [given] if isinstance(given, dict) else given
    return Document(tuple(_statement(number, s, variables) for number, s in enumerate(statements)))


def _statement(number: int, given: Mapping[str, Any], variables: bool) -> Statement:
    actions = listed(given.get("Action", given.get("NotAction")))
    resources = listed(given.get("Resource", given.get("NotResource")))
    conditions = [
        (name, key, listed(values)) for name, keys in given.get("Condition", {}).items() for key, values in keys.items()
    ]
    return Statement(
        number=number,
        sid=given.get("Sid", ""),
        allows=given["Effect"] == "Allow",
        actions=tuple(wildcard(text, variables=False, fold=True) for text in actions),
        every_action_but="NotAction" in given,
        resources=tuple(wildcard(text, variables=variables) for text in resources),
        every_resource_but="NotResource" in given,
        conditions=(
            *(condition(name, key.lower(), values, variables) for name, key, values in conditions),
            *(_not_by_ignorance(given, resources, conditions) if variables else ()),
        ),
        keys=tuple(dict.fromkeys([*(key for _, key, _ in conditions), *_variables(resources, conditions, variables)])),
        principals=_principals(given.get("Principal", given.get("NotPrincipal"))),
        everyone_but="NotPrincipal" in given,
    )


def _not_by_ignorance(
    given: Mapping[str, Any], resources: Iterable[str], conditions: Iterable[tuple[str, str, tuple[str, ...]]]
) -> Iterator[Test]:
    """`everything but ${aws:username}'s own` allows nothing to a caller that has no user name."""
    negated = [text for name, _, values in conditions if is_negated(name) for text in values]
    texts = [*negated, *(resources if "NotResource" in given else ())]
    if given["Effect"] == "Allow" and any(map(variable_names, texts)):
        yield resolved(texts)


def _variables(
    resources: Iterable[str], conditions: Iterable[tuple[str, str, tuple[str, ...]]], known: bool
) -> Iterable[str]:
    texts = [*resources, *(text for _, _, values in conditions for text in values)]
    return (name for text in texts for name in variable_names(text)) if known else ()


def listed(value: Any) -> tuple[str, ...]:
    """One value or several, as texts: JSON's booleans and numbers are written as JSON writes them."""
    if value is None:
        return ()
    values: Iterable[Any] = value if isinstance(value, list) else (value,)
    return tuple(v if isinstance(v, str) else json.dumps(v) for v in values if v is not None)


def _principals(given: Any) -> Mapping[str, tuple[str, ...]] | None:
    if given is None:
        return None
    if isinstance(given, str):
        return {"AWS": (given,)}
    return {kind: listed(values) for kind, values in given.items()}
