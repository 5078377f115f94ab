"""Whatever the rules and the request: the routes choose as ELB would, in our reading of Envoy and in Envoy itself."""

import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podium_proxy.envoy import conditions
from proxy.backends import free_port
from proxy.documents import balancer, fixed, listener, rule
from proxy.elb import REQUESTS, RULES, Request, chosen
from proxy.machine import Plane, running

PUBLIC = "127.0.98.40"


def numbered(found: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    rules = [rule(number, fixed(200, str(number)), *each) for number, each in enumerate(found, 1)]
    return [*rules, rule(None, fixed(200, "None"))]


def routed(rules: list[dict[str, Any]], request: Request) -> int | None:
    """The rule whose match holds, as Envoy's documentation says that matches hold."""
    return next(each["priority"] for each in rules if _holds(conditions.match(each["conditions"]), request))


def _holds(match: dict[str, Any], request: Request) -> bool:
    if "path" in match:
        fits = request.path == match["path"]
    elif "prefix" in match:
        fits = request.path.startswith(match["prefix"])
    else:
        fits = re.fullmatch(match["safe_regex"]["regex"], request.path) is not None
    own = {":authority": request.host, ":method": request.method, ":path": request.target}
    headers = {**own, conditions.SOURCE: request.source, **request.headers}
    return fits and all(_header(header, headers) for header in match.get("headers", []))


def _header(wanted: dict[str, Any], headers: dict[str, str]) -> bool:
    value = headers.get(wanted["name"])
    how = wanted["string_match"]
    if value is None:
        return False
    return value == how["exact"] if "exact" in how else re.fullmatch(how["safe_regex"]["regex"], value) is not None


@given(RULES, REQUESTS)
@settings(max_examples=400)
def test_routes_choose_the_rule_that_elb_chooses(found: list[list[dict[str, Any]]], request: Request):
    rules = numbered(found)
    assert routed(rules, request) == chosen(rules, request)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with running(tmp_path_factory.mktemp("proxy")) as (plane, _):
        yield plane


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@given(RULES, st.lists(REQUESTS, min_size=8, max_size=8))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_envoy_chooses_the_rule_that_elb_chooses(
    plane: Plane, port: int, found: list[list[dict[str, Any]]], requests: list[Request]
):
    rules = numbered(found)
    assert plane.applied(balancer("law", [listener("law", port, *rules)], [], PUBLIC)) == {}
    for request in requests:
        assert asked(port, request) == str(chosen(rules, request)), (rules, request)


def asked(port: int, request: Request) -> str:
    """As it is written, byte for byte: a client would mend what Envoy must stand."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    first = f"{request.method} {request.target} HTTP/1.1\r\nHost: {request.host}\r\n"
    with socket.create_connection((PUBLIC, port), timeout=10, source_address=("127.0.0.1", 0)) as connection:
        connection.sendall(f"{first}{headers}Content-Length: 0\r\n\r\n".encode())
        answer = connection.makefile("rb")
        head = b"".join(iter(answer.readline, b"\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", head)
        return answer.read(int(length[1]) if length else 0).decode()
