"""A model of how ELB chooses a rule, and rules and requests to try it with."""

import re
from dataclasses import dataclass
from fnmatch import translate
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

from hypothesis import strategies as st


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    host: str
    path: str
    query: str
    headers: dict[str, str]
    source: str = "127.0.0.1"

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def chosen(rules: list[dict[str, Any]], request: Request) -> int | None:
    """The priority of the first rule all of whose conditions hold."""
    for rule in rules:
        if all(_holds(condition, request) for condition in rule["conditions"]):
            return rule["priority"]
    raise AssertionError("the default rule always holds")


def _holds(condition: dict[str, Any], request: Request) -> bool:
    match condition["Field"]:
        case "host-header":
            return any(_like(request.host, v) for v in condition["HostHeaderConfig"]["Values"])
        case "path-pattern":
            return any(_like(request.path, v, exactly=True) for v in condition["PathPatternConfig"]["Values"])
        case "http-request-method":
            return request.method in condition["HttpRequestMethodConfig"]["Values"]
        case "http-header":
            config = condition["HttpHeaderConfig"]
            value = request.headers.get(config["HttpHeaderName"])
            return value is not None and any(_like(value, v) for v in config["Values"])
        case "query-string":
            pairs = parse_qsl(request.query, keep_blank_values=True)
            wanted = condition["QueryStringConfig"]["Values"]
            return any(_pair(pair, name, value) for pair in wanted for name, value in pairs)
        case "source-ip":
            networks = condition["SourceIpConfig"]["Values"]
            return any(ip_address(request.source) in ip_network(each, strict=False) for each in networks)
    raise AssertionError(condition)


def _pair(wanted: dict[str, str], name: str, value: str) -> bool:
    return ("Key" not in wanted or _like(name, wanted["Key"])) and _like(value, wanted["Value"])


def _like(text: str, pattern: str, *, exactly: bool = False) -> bool:
    flags = 0 if exactly else re.IGNORECASE
    return re.fullmatch(translate(pattern.replace("[", "[[]")), text, flags) is not None


_LETTERS = "abAB.-"
_WORD = st.text(_LETTERS, min_size=1, max_size=4)
_PATTERN = st.text(_LETTERS + "*?", min_size=1, max_size=4).filter(lambda text: text.count("*") + text.count("?") < 4)


def _values(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(values, min_size=1, max_size=2, unique=True)


_PAIRS = st.fixed_dictionaries({"Value": _PATTERN}, optional={"Key": _PATTERN})
_CIDRS = st.sampled_from(["127.0.0.0/8", "127.0.0.1/32", "10.0.0.0/9", "127.0.0.0/31", "0.0.0.0/0", "127.0.0.2/31"])
_METHODS = st.sampled_from(["GET", "POST", "PUT"])


def _condition(field: str, config: str, values: st.SearchStrategy[Any], **others: Any) -> st.SearchStrategy[Any]:
    return st.lists(values, min_size=1, max_size=2).map(
        lambda chosen: {"Field": field, config: {"Values": chosen, **others}}
    )


CONDITIONS = st.one_of(
    _condition("host-header", "HostHeaderConfig", _PATTERN),
    _condition("path-pattern", "PathPatternConfig", _PATTERN.map("/{}".format)),
    _condition("http-request-method", "HttpRequestMethodConfig", _METHODS),
    _condition("http-header", "HttpHeaderConfig", _PATTERN, HttpHeaderName="x-a"),
    _condition("query-string", "QueryStringConfig", _PAIRS),
    _condition("source-ip", "SourceIpConfig", _CIDRS),
)
REQUESTS = st.builds(
    Request,
    method=_METHODS,
    host=_WORD,
    path=_WORD.map("/{}".format),
    query=st.lists(st.tuples(_WORD, _WORD), max_size=2).map(lambda pairs: "&".join(f"{n}={v}" for n, v in pairs)),
    headers=st.fixed_dictionaries({}, optional={"x-a": _WORD}),
)
RULES = st.lists(st.lists(CONDITIONS, min_size=1, max_size=3, unique_by=lambda c: c["Field"]), min_size=1, max_size=4)
