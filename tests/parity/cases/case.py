"""What a case is, and the words that cases are written in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class _Any:
    def __repr__(self) -> str:
        return "ANY"


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ANY, ABSENT = _Any(), _Absent()


@dataclass(frozen=True)
class Some:
    """A list in which each of these is found, whatever else is there and in whatever order."""

    items: tuple[Any, ...]


def some(*items: Any) -> Some:
    return Some(items)


@dataclass(frozen=True)
class Case:
    """`given` names what was done before, in order; `{words}` of the request and the answer come from there.

    Exactly one of `answer` (members that must be in it; lists as long as they are there) and `refused` (the code, and
    the sentence where it is documented word for word). `inferred` says that the source leaves room and the
    case is our reading of it.
    """

    name: str
    operation: str
    request: Mapping[str, Any] = field(default_factory=dict)
    answer: Any = None
    refused: tuple[str, str | None] | None = None
    given: str = "cluster"
    source: str = ""
    service: str = "ecs"
    by: str = "root"
    inferred: bool = False


def matches(told: Any, wanted: Any, at: str = "answer") -> str | None:
    """None when `told` is as `wanted`, else what is not, in words."""
    if wanted is ANY:
        return None
    if isinstance(wanted, Some):
        lost = [item for item in wanted.items if all(matches(one, item) for one in told)]
        return f"{at} has no {lost}: {told}" if lost else None
    if isinstance(wanted, Mapping) and isinstance(told, Mapping):
        return _members(told, wanted, at)
    if isinstance(wanted, list | tuple) and isinstance(told, list):
        if len(told) != len(wanted):
            return f"{at} has {len(told)} items, not {len(wanted)}: {told}"
        found = (matches(one, item, f"{at}[{n}]") for n, (one, item) in enumerate(zip(told, wanted, strict=True)))
        return next(filter(None, found), None)
    return None if told == wanted else f"{at} is {told!r}, not {wanted!r}"


def _members(told: Mapping[str, Any], wanted: Mapping[str, Any], at: str) -> str | None:
    for name, value in wanted.items():
        if value is ABSENT:
            if name in told:
                return f"{at}.{name} is there: {told[name]!r}"
        elif name not in told:
            return f"{at}.{name} is not there: {sorted(told)}"
        elif problem := matches(told[name], value, f"{at}.{name}"):
            return problem
    return None


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """`value` with every `{word}` in its place. Words that nobody gave stay as they are."""
    if isinstance(value, str):
        for word, meaning in words.items():
            value = value.replace("{" + word + "}", meaning)
        return value
    if isinstance(value, Some):
        return Some(tuple(filled(item, words) for item in value.items))
    if isinstance(value, Mapping):
        return {name: filled(inner, words) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [filled(inner, words) for inner in value]
    return value


def api(operation: str, part: str = "") -> str:
    return f"Amazon ECS API Reference, {operation}" + (f", {part}" if part else "")


def guide(page: str) -> str:
    return f"Amazon ECS Developer Guide, {page}"


def model(shape: str) -> str:
    return f"botocore, ecs 2014-11-13, {shape}"


def cli(page: str) -> str:
    return f"aws-cli examples, ecs/{page}.rst"


def issue(where: str) -> str:
    return f"GitHub, {where}"


def iam_api(operation: str, part: str = "") -> str:
    return f"AWS IAM API Reference, {operation}" + (f", {part}" if part else "")


def iam_guide(page: str) -> str:
    return f"AWS IAM User Guide, {page}"


def ec2_api(operation: str, part: str = "") -> str:
    return f"Amazon EC2 API Reference, {operation}" + (f", {part}" if part else "")


def vpc_guide(page: str) -> str:
    return f"Amazon VPC User Guide, {page}"


def cloudwatch_api(operation: str, part: str = "") -> str:
    return f"Amazon CloudWatch API Reference, {operation}" + (f", {part}" if part else "")
