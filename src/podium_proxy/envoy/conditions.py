"""Conditions of a rule as matchers of a route. All conditions must hold; within one, any of its values.

Source: Elastic Load Balancing User Guide, "Condition types for listener rules".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from podium_proxy.envoy import cidrs
from podium_proxy.envoy.wildcards import any_of, has_wildcards, pattern

SOURCE = "x-podium-source"
"""Carries the client's address to where routes are matched; it is taken off before a target could see it."""

Match = dict[str, Any]


class Unmatchable(Exception):
    """A condition that Envoy cannot hold; the text says which and why."""


def match(conditions: list[dict[str, Any]]) -> Match:
    """A route's `match`. Raises Unmatchable."""
    path: Match = {"prefix": "/"}
    headers: list[Match] = []
    for condition in conditions:
        field = condition.get("Field", "")
        if field == "path-pattern":
            path = _path(condition)
            continue
        reader = _HEADERS.get(field)
        if reader is None:
            raise Unmatchable(f"a condition on {field!r} is not known here")
        headers.append(reader(condition))
    return {**path, "headers": headers} if headers else path


def needs_source(rules: list[Any]) -> bool:
    return any(c.get("Field") == "source-ip" for rule in rules for c in rule["conditions"])


def _values(condition: Mapping[str, Any], config: str) -> list[str]:
    return list(condition.get(config, {}).get("Values") or condition.get("Values") or [])


def _expressions(condition: Mapping[str, Any], config: str) -> list[str]:
    found = list(condition.get(config, {}).get("RegexValues") or condition.get("RegexValues") or [])
    for expression in found:
        _proved(expression)
    return found


def _proved(expression: str) -> None:
    """RE2 knows neither look-around nor back references."""
    try:
        re.compile(expression)
    except re.error as error:
        raise Unmatchable(f"the regular expression {expression!r} cannot be read: {error}") from error
    if re.search(r"\(\?(?:[=!]|<[=!]|P=|>)|\\[1-9]|[*+?}]\+", expression):
        raise Unmatchable(f"the regular expression {expression!r} looks around or back, which Envoy cannot")


def _path(condition: Mapping[str, Any]) -> Match:
    expressions = _expressions(condition, "PathPatternConfig")
    if expressions:
        return _regex_path(any_of([f".*(?:{e}).*" for e in expressions]))
    values = _values(condition, "PathPatternConfig")
    if len(values) == 1:
        value = values[0]
        if not has_wildcards(value):
            return {"path": value}
        if value.endswith("*") and value.startswith("/") and not has_wildcards(value[:-1]):
            return {"prefix": value[:-1]}
    return _regex_path(any_of([pattern(value) for value in values]))


def _regex_path(regex: str) -> Match:
    return {"safe_regex": {"regex": regex}}


def _header(name: str, regex: str) -> Match:
    return {"name": name, "string_match": {"safe_regex": {"regex": regex}}}


def _host(condition: Mapping[str, Any]) -> Match:
    expressions = [f".*(?:{e}).*" for e in _expressions(condition, "HostHeaderConfig")]
    hosts = expressions or [pattern(value) for value in _values(condition, "HostHeaderConfig")]
    return _header(":authority", f"(?i){any_of(hosts)}(?::[0-9]+)?")


def _http_header(condition: Mapping[str, Any]) -> Match:
    expressions = [f".*(?:{e}).*" for e in _expressions(condition, "HttpHeaderConfig")]
    values = expressions or [pattern(value) for value in _values(condition, "HttpHeaderConfig")]
    return _header(condition["HttpHeaderConfig"]["HttpHeaderName"].lower(), f"(?i){any_of(values)}")


def _method(condition: Mapping[str, Any]) -> Match:
    values = _values(condition, "HttpRequestMethodConfig")
    if len(values) == 1:
        return {"name": ":method", "string_match": {"exact": values[0]}}
    return _header(":method", any_of([pattern(value) for value in values]))


def _query(condition: Mapping[str, Any]) -> Match:
    pairs = condition.get("QueryStringConfig", {}).get("Values", [])
    wanted = any_of([_pair(pair.get("Key"), pair["Value"]) for pair in pairs])
    return _header(":path", rf"(?i)[^?]*\?(?:.*&)?{wanted}(?:&.*)?")


def _pair(key: str | None, value: str) -> str:
    name = pattern(key, anything="[^&=]") if key else "[^&=]*"
    return f"(?:{name}={pattern(value, anything='[^&]')})"


def _source(condition: Mapping[str, Any]) -> Match:
    return _header(SOURCE, any_of([cidrs.pattern(cidr) for cidr in _values(condition, "SourceIpConfig")]))


_HEADERS: dict[str, Callable[[Mapping[str, Any]], Match]] = {
    "host-header": _host,
    "http-header": _http_header,
    "http-request-method": _method,
    "query-string": _query,
    "source-ip": _source,
}
