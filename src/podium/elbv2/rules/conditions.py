"""When a rule applies, normalized: conditions are kept in the shape in which AWS shows them.

Source: User Guide for Application Load Balancers, "Condition types" and "Quotas"; API Reference, RuleCondition.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from podium.elbv2.errors import Invalid, NotYet

Condition = dict[str, Any]
Given = Mapping[str, Any]
MOST_VALUES, MOST_WILDCARDS, LONGEST, LONGEST_NAME = 5, 5, 128, 40
HOST, PATH, HEADER, QUERY, METHOD, SOURCE = (
    "host-header",
    "path-pattern",
    "http-header",
    "query-string",
    "http-request-method",
    "source-ip",
)
CONFIGS = {
    PATH: "PathPatternConfig",
    HOST: "HostHeaderConfig",
    METHOD: "HttpRequestMethodConfig",
    HEADER: "HttpHeaderConfig",
    QUERY: "QueryStringConfig",
    SOURCE: "SourceIpConfig",
}
ONCE = (HOST, PATH, METHOD, SOURCE)
WITH_WILDCARDS = (HOST, PATH, HEADER, QUERY)
_HOST = re.compile(r"[A-Za-z0-9.*?:-]+", re.ASCII)
_PATH = re.compile(r"""[A-Za-z0-9_.$/~"'@:+&*?%=,;!()\[\]#-]+""", re.ASCII)
_METHOD = re.compile(r"[A-Z_-]{1,40}", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}", re.ASCII)


def normalized(given: Sequence[Given]) -> tuple[Condition, ...]:
    """Raises Invalid, and NotYet for regular expressions."""
    if not given:
        raise Invalid("A rule must have at least one condition")
    made = tuple(_condition(condition) for condition in given)
    for field, times in Counter(condition["Field"] for condition in made).items():
        if field in ONCE and times > 1:
            raise Invalid(f"A rule can only have one '{field}' condition")
    if sum(len(values_of(condition)) for condition in made) > MOST_VALUES:
        raise Invalid(f"A rule can only have '{MOST_VALUES}' condition values")
    if sum(_wildcards(condition) for condition in made) > MOST_WILDCARDS:
        raise Invalid(f"A rule can only have '{MOST_WILDCARDS}' condition wildcards")
    return made


def values_of(condition: Condition) -> list[Any]:
    found: list[Any] = condition[CONFIGS[condition["Field"]]]["Values"]
    return found


def _wildcards(condition: Condition) -> int:
    if condition["Field"] not in WITH_WILDCARDS:
        return 0
    texts = [t for v in values_of(condition) for t in (v.values() if isinstance(v, dict) else (v,))]
    return sum(text.count("*") + text.count("?") for text in texts)


def _condition(given: Given) -> Condition:
    field = given.get("Field") or _field_of(given)
    if field not in CONFIGS:
        raise Invalid(f"Condition field '{field}' must be one of '[{', '.join(CONFIGS)}]'")
    for other, name in CONFIGS.items():
        if other != field and given.get(name):
            raise Invalid(f"{name} cannot be specified for a condition of the field '{field}'")
    config = given.get(CONFIGS[field]) or {}
    if given.get("RegexValues") or config.get("RegexValues"):
        raise NotYet("conditions with regular expressions")
    if config.get("IpAddressType"):
        raise NotYet("conditions on the type of an IP address")
    values = _values(field, given, config)
    for value in values:
        _CHECKS[field](value)
    made: Condition = {"Field": field}
    if field in (HOST, PATH):
        made["Values"] = values
    named = {"HttpHeaderName": _name(config)} if field == HEADER else {}
    return {**made, CONFIGS[field]: {**named, "Values": values}}


def _field_of(given: Given) -> str:
    return next((field for field, name in CONFIGS.items() if given.get(name)), "")


def _values(field: str, given: Given, config: Given) -> list[Any]:
    plain, inside = list(given.get("Values") or ()), list(config.get("Values") or ())
    if plain and field not in (HOST, PATH, METHOD, SOURCE):
        raise Invalid(f"Values cannot be specified for a condition of the field '{field}': use {CONFIGS[field]}")
    if plain and inside and plain != inside:
        raise Invalid(f"Values and {CONFIGS[field]} cannot both be specified")
    values = inside or plain
    if not values:
        raise Invalid("A condition value must be specified")
    return [_pair(value) for value in values] if field == QUERY else values


def _pair(value: Given) -> dict[str, str]:
    if not value.get("Value"):
        raise Invalid("A condition value must be specified")
    return {**({"Key": value["Key"]} if value.get("Key") else {}), "Value": value["Value"]}


def _name(config: Given) -> str:
    name = config.get("HttpHeaderName") or ""
    if not _TOKEN.fullmatch(name):
        raise Invalid(f"The HTTP header name '{name}' must be a header's name of 1 to {LONGEST_NAME} characters")
    if name.lower() == "host":
        raise Invalid("The HTTP header name 'host' is not supported: use a host-header condition")
    return str(name)


def _text(field: str, pattern: re.Pattern[str] | None = None) -> Callable[[Any], None]:
    def check(value: str) -> None:
        if not value:
            raise Invalid("A condition value must be specified")
        if len(value) > LONGEST:
            raise Invalid(f"The '{field}' value is too long; the limit is '{LONGEST}'")
        if pattern is not None and not pattern.fullmatch(value):
            raise Invalid(f"The {field} value '{value}' contains characters that are not valid")

    return check


def _pairs(value: Mapping[str, str]) -> None:
    for text in value.values():
        _text(QUERY)(text)


def _method(value: str) -> None:
    if not _METHOD.fullmatch(value):
        raise Invalid(f"The HTTP request method '{value}' is not valid: it must be of A-Z, hyphens and underscores")


def _source(value: str) -> None:
    try:
        if "/" not in value:
            raise ValueError
        ip_network(value, strict=False)
    except ValueError as error:
        raise Invalid(f"The source IP '{value}' is not a valid CIDR block") from error


_CHECKS: dict[str, Callable[[Any], None]] = {
    HOST: _text(HOST, _HOST),
    PATH: _text(PATH, _PATH),
    HEADER: _text(HEADER),
    QUERY: _pairs,
    METHOD: _method,
    SOURCE: _source,
}
