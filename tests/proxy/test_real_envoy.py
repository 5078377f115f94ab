"""One load balancer after another through a real Envoy, from what a control plane says to what a client sees."""

import http.client
import json
import re
import socket
from typing import Any

from podium_protocol import proxy as words
from proxy.backends import backends, free_port
from proxy.documents import (
    balancer,
    check,
    fixed,
    forward,
    group,
    group_arn,
    host,
    listener,
    path,
    redirect,
    rule,
    target,
)
from proxy.machine import Plane
from waiting import until

PUBLIC = "127.0.98.10"


def get(host: str, port: int, path: str = "/", method: str = "GET", **headers: str) -> Any:
    connection = http.client.HTTPConnection(host, port, timeout=10, source_address=("127.0.0.1", 0))
    try:
        connection.request(method, path, headers={name.replace("_", "-"): v for name, v in headers.items()})
        response = connection.getresponse()
        response.text = response.read().decode()  # type: ignore[attr-defined]
        return response
    finally:
        connection.close()


def names(port: int, requests: int) -> set[str]:
    """Who answered. A status in its place where the load balancer itself did."""
    answers = [get(PUBLIC, port) for _ in range(requests)]
    return {json.loads(each.text)["name"] if each.status == 200 else str(each.status) for each in answers}


def test_a_request_reaches_a_target_that_was_found_healthy(plane: Plane):
    port = free_port()
    with backends("web") as [web]:
        plane.applied(
            balancer(
                "web", [listener("web", port, rule(None, forward("web")))], [group("web", target(web.port))], PUBLIC
            )
        )
        until(lambda: plane.is_healthy(group_arn("web"), web.port), "health")
        until(lambda: get(PUBLIC, port).status == 200, "an answer")
        answer = json.loads(get(PUBLIC, port, "/a?b=c", X_Forwarded_For="9.9.9.9").text)
    headers = answer["headers"]
    assert (answer["name"], answer["path"]) == ("web", "/a?b=c")
    assert headers["x-forwarded-for"] == "9.9.9.9,127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", str(port))
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["x-amzn-trace-id"])
    assert headers["host"] == f"{PUBLIC}:{port}"
    assert not [name for name in headers if "envoy" in name or "podium" in name or name == "x-request-id"]
    assert plane.authorization.startswith("AWS4-HMAC-SHA256 Credential=AKIAPROXY/")


def test_no_target_is_503_in_elbs_words(plane: Plane):
    port = free_port()
    plane.applied(balancer("none", [listener("none", port, rule(None, forward("none")))], [group("none")], PUBLIC))
    answer = get(PUBLIC, port)
    assert (answer.status, answer.headers["Server"], answer.headers["Content-Type"]) == (503, "awselb/2.0", "text/html")
    assert "<title>503 Service Temporarily Unavailable</title>" in answer.text


def test_a_target_that_refuses_connections_is_502_when_all_fail(plane: Plane):
    port, nobody = free_port(), free_port()
    failing = group("bad", target(nobody), health_check=check(interval=1))
    plane.applied(balancer("bad", [listener("bad", port, rule(None, forward("bad")))], [failing], PUBLIC))
    health = until(
        lambda: plane.health(group_arn("bad"), nobody).get("asked") and plane.health(group_arn("bad"), nobody),
        "a check",
    )
    assert (health["asked"], health["answered"]) == (f"GET http://127.0.0.1:{nobody}/", "connection refused")
    until(lambda: plane.health(group_arn("bad"), nobody)["state"] == "unhealthy", "unhealthy")
    until(lambda: get(PUBLIC, port).status == 502, "fail open")
    assert "502 Bad Gateway" in get(PUBLIC, port).text


def test_fixed_responses_and_redirects_say_what_was_asked(plane: Plane):
    port = free_port()
    moving = redirect(Host="www.#{host}", Path="/new/#{path}", Query="q=1&#{query}", StatusCode="HTTP_302")
    rules = [
        rule(1, fixed(404, "no <b>such</b>", "text/html"), path("/no/*")),
        rule(2, redirect(Protocol="HTTPS", Port="443"), path("/s*")),
        rule(3, moving, host("Old.*")),
        rule(None, fixed(200)),
    ]
    assert plane.applied(balancer("say", [listener("say", port, *rules)], [], PUBLIC)) == {}
    gone = get(PUBLIC, port, "/no/where")
    assert (gone.status, gone.text, gone.headers["Content-Type"]) == (404, "no <b>such</b>", "text/html")
    assert gone.headers["Server"] == "awselb/2.0"
    to_https = get(PUBLIC, port, "/secure/x?y=z", Host="example.com:8080")
    assert (to_https.status, to_https.headers["Location"]) == (301, "https://example.com:443/secure/x?y=z")
    moved = get(PUBLIC, port, "/a?b=c", Host="OLD.example.com")
    assert (moved.status, moved.headers["Location"]) == (302, f"http://www.OLD.example.com:{port}/new/a?q=1&b=c")
    assert (get(PUBLIC, port).status, get(PUBLIC, port).text) == (200, "")


def test_several_load_balancers_share_a_port_of_127_0_0_1(plane: Plane):
    port = free_port()
    one = balancer("one", [listener("one", port, rule(None, fixed(200, "one")))], [], PUBLIC)
    two = balancer("two", [listener("two", port, rule(None, fixed(200, "two")))], [], "127.0.98.11")
    plane.applied(one)
    assert get("127.0.0.1", port).text == "one"
    plane.applied(two)
    assert get("127.0.0.1", port, Host=two["dns_name"]).text == "two"
    assert get("127.0.0.1", port, Host=f"{one['dns_name']}:{port}").text == "one"
    unknown = get("127.0.0.1", port)
    assert unknown.status == 404
    assert one["dns_name"] in unknown.text
    assert get(PUBLIC, port).text == "one"


def test_draining_targets_are_said_to_be_drained_once_nothing_goes_there(plane: Plane):
    port = free_port()
    with backends("old", "new") as [old, new]:

        def document(**changes: Any) -> dict[str, Any]:
            targets = [target(old.port, **changes), target(new.port)]
            return balancer(
                "drain", [listener("drain", port, rule(None, forward("drain")))], [group("drain", *targets)], PUBLIC
            )

        plane.applied(document())
        until(lambda: all(plane.is_healthy(group_arn("drain"), p) for p in (old.port, new.port)), "health")
        until(lambda: names(port, 4) == {"old", "new"}, "both")
        plane.applied(document(draining=True))
        until(lambda: plane.all(words.DRAINED), "drained")
        assert names(port, 6) == {"new"}
        assert plane.all(words.DRAINED)[-1]["targets"] == [[group_arn("drain"), "127.0.0.1", old.port, 1.0]]


def test_what_elb_does_to_the_forwarded_for_header_is_an_attribute(plane: Plane):
    port = free_port()
    with backends("xff") as [web]:
        for mode, seen in (("preserve", "9.9.9.9"), ("remove", None), ("append", "9.9.9.9,127.0.0.1")):
            attributes = {"routing.http.xff_header_processing.mode": mode}
            rules = [rule(None, forward("xff"))]
            groups = [group("xff", target(web.port))]
            plane.applied(balancer("xff", [listener("xff", port, *rules)], groups, PUBLIC, attributes=attributes))
            until(lambda: get(PUBLIC, port).status == 200, "an answer")
            headers = json.loads(get(PUBLIC, port, X_Forwarded_For="9.9.9.9").text)["headers"]
            assert headers.get("x-forwarded-for") == seen


def test_sticky_sessions_stay_with_their_group_and_their_target(plane: Plane):
    port = free_port()
    sticky = {
        "stickiness.enabled": "true",
        "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": "60",
    }
    with backends("a1", "a2", "b1", "b2") as [a1, a2, b1, b2]:
        groups = [
            group("a", target(a1.port), target(a2.port), attributes=sticky),
            group("b", target(b1.port), target(b2.port), attributes=sticky),
        ]
        rules = [rule(None, forward("a", "b", sticky=600))]
        plane.applied(balancer("sticky", [listener("sticky", port, *rules)], groups, PUBLIC))
        for name, backend in (("a", a1), ("a", a2), ("b", b1), ("b", b2)):
            until(lambda n=name, b=backend: plane.is_healthy(group_arn(n), b.port), "health")
        until(lambda: names(port, 12) == {"a1", "a2", "b1", "b2"}, "all four")
        first = get(PUBLIC, port)
        told = first.headers.get_all("Set-Cookie")
        cookies = {c.partition("=")[0]: c.partition(";")[0] for c in told}
        assert sorted(cookies) == ["AWSALB", "AWSALBCORS", "AWSALBTG", "AWSALBTGCORS"]
        assert sum(c.endswith("; SameSite=None") for c in told) == 2
        for kept in (("AWSALB", "AWSALBTG"), ("AWSALBCORS", "AWSALBTGCORS"), tuple(cookies)):
            given = "; ".join(cookies[name] for name in kept)
            again = {json.loads(get(PUBLIC, port, Cookie=given).text)["name"] for _ in range(12)}
            assert again == {json.loads(first.text)["name"]}, kept


def test_more_forwarders_than_30_are_463(plane: Plane):
    port = free_port()
    plane.applied(balancer("many", [listener("many", port, rule(None, fixed(200)))], [], PUBLIC))
    assert get(PUBLIC, port, X_Forwarded_For=", ".join(["9.9.9.9"] * 30)).status == 200
    answer = get(PUBLIC, port, X_Forwarded_For=", ".join(["9.9.9.9"] * 31))
    assert (answer.status, answer.headers["Server"]) == (463, "awselb/2.0")


def test_a_group_that_speaks_http2_alone_is_asked_in_nothing_else(plane: Plane):
    port = free_port()
    groups = [group("two", target(1), protocol_version="HTTP2", health_check=check(enabled=False))]
    plane.applied(balancer("two", [listener("two", port, rule(None, forward("two")))], groups, PUBLIC))
    answer = get(PUBLIC, port)
    assert (answer.status, answer.headers["Server"]) == (464, "awselb/2.0")
    assert "464" in answer.text


def test_a_target_that_says_nothing_in_time_is_504(plane: Plane):
    port = free_port()
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen()
    number = silent.getsockname()[1]
    attributes = {"idle_timeout.timeout_seconds": "1"}
    check_off = check(enabled=False)
    groups = [group("silent", target(number), health_check=check_off)]
    rules = [rule(None, forward("silent"))]
    plane.applied(balancer("silent", [listener("silent", port, *rules)], groups, PUBLIC, attributes=attributes))
    try:
        answer = get(PUBLIC, port)
    finally:
        silent.close()
    assert (answer.status, answer.headers["Server"]) == (504, "awselb/2.0")
    assert "504 Gateway Time-out" in answer.text


def test_a_request_that_is_none_is_400(plane: Plane):
    port = free_port()
    plane.applied(balancer("four", [listener("four", port, rule(None, fixed(200)))], [], PUBLIC))
    with socket.create_connection((PUBLIC, port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
        answer = connection.recv(65536).decode().lower()
    assert answer.startswith("http/1.1 400")
    assert "server: awselb/2.0" in answer


def test_a_port_that_another_program_has_is_told_and_hurts_nobody(plane: Plane):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        plane.applied(balancer("busy", [listener("busy", port, rule(None, fixed(200, "here")))], [], PUBLIC))
        doors = until(lambda: [d for d in plane.doors() if d["port"] == port], "doors")
        assert get(PUBLIC, port).text == "here"
    trouble = {door["host"]: door["trouble"] for door in doors}
    assert trouble[PUBLIC] is None
    assert trouble["127.0.0.1"].startswith(f"Another program listens at 127.0.0.1:{port}.")
    until(lambda: [d["trouble"] for d in plane.doors() if d["shared"]] == [None], "the port, once it is free")
    assert get("127.0.0.1", port).text == "here"


def test_requests_are_counted_for_cloudwatch(plane: Plane):
    port = free_port()
    with backends("count") as [web]:
        plane.applied(
            balancer(
                "count",
                [listener("count", port, rule(None, forward("count")))],
                [group("count", target(web.port))],
                PUBLIC,
            )
        )
        until(lambda: get(PUBLIC, port).status == 200, "an answer")
        for _ in range(9):
            get(PUBLIC, port)

    def total(metric: str) -> float:
        told = [s for body in plane.all(words.SAMPLES) for s in body["samples"] if s["metric"] == metric]
        whole = [s for s in told if s["dimensions"] == {"LoadBalancer": "app/count/0123456789abcdef"}]
        return sum(v * c for s in whole for v, c in zip(s["values"], s["counts"], strict=True))

    until(lambda: total("HTTPCode_Target_2XX_Count") == 10, "ten answers")
    assert total("RequestCount") >= 10
    until(lambda: total("TargetResponseTime") > 0, "durations, which Envoy adds up every 5 s")
    assert total("ProcessedBytes") > 1000


def test_header_names_that_are_none_are_dropped_when_asked(plane: Plane):
    port = free_port()
    with backends("drop") as [web]:
        for attribute, kept in (("false", True), ("true", False)):
            attributes = {"routing.http.drop_invalid_header_fields.enabled": attribute}
            groups = [group("drop", target(web.port), health_check=check(enabled=False))]
            rules = [rule(None, forward("drop"))]
            plane.applied(balancer("drop", [listener("drop", port, *rules)], groups, PUBLIC, attributes=attributes))
            until(
                lambda k=kept: ("bad!name" in told(port, **{"bad!name": "x", "good-name": "y"})) == k, "the attribute"
            )
            assert told(port, **{"good-name": "y"})["good-name"] == "y"


def told(port: int, **headers: str) -> dict[str, str]:
    """The headers that the target got."""
    return json.loads(get(PUBLIC, port, **headers).text)["headers"]


def test_a_trace_that_came_along_is_carried_on(plane: Plane):
    port, root = free_port(), "Root=1-67891233-abcdef012345678912345678"
    with backends("trace") as [web]:
        groups = [group("trace", target(web.port), health_check=check(enabled=False))]
        plane.applied(balancer("trace", [listener("trace", port, rule(None, forward("trace")))], groups, PUBLIC))
        carried = told(port, X_Amzn_Trace_Id=root)["x-amzn-trace-id"]
        completed = told(port, X_Amzn_Trace_Id="CalledFrom=app")["x-amzn-trace-id"]
    assert re.fullmatch(rf"Self=1-[0-9a-f]{{8}}-[0-9a-f]{{24}};{root}", carried)
    assert re.fullmatch(r"CalledFrom=app;Root=1-[0-9a-f]{8}-[0-9a-f]{24}", completed)
