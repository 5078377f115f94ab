"""Access logs of load balancers, as a real Envoy and the proxy beside it make them."""

import base64
import gzip
import http.client
import re
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from podium_protocol import proxy as words
from podium_proxy.access_logs import entries, files
from podium_proxy.envoy import listeners, routes
from proxy.backends import backends, free_port
from proxy.documents import (
    arn_of,
    balancer,
    fixed,
    forward,
    group,
    group_arn,
    listener,
    path,
    redirect,
    rule,
    target,
)
from proxy.machine import Machine, Plane, running
from proxy.test_real_envoy import get
from waiting import until

PUBLIC = "127.0.98.10"
LOGGED = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs"}
# By the User Guide's own expression for Athena, with what it calls each field.
FIELDS = [
    "type",
    "time",
    "elb",
    "client_ip",
    "client_port",
    "target_ip",
    "target_port",
    "request_processing_time",
    "target_processing_time",
    "response_processing_time",
    "elb_status_code",
    "target_status_code",
    "received_bytes",
    "sent_bytes",
    "request_verb",
    "request_url",
    "request_proto",
    "user_agent",
    "ssl_cipher",
    "ssl_protocol",
    "target_group_arn",
    "trace_id",
    "domain_name",
    "chosen_cert_arn",
    "matched_rule_priority",
    "request_creation_time",
    "actions_executed",
    "redirect_url",
    "error_reason",
    "target_port_list",
    "target_status_code_list",
    "classification",
    "classification_reason",
    "conn_trace_id",
]
LINE = re.compile(
    r"([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*)[:-]([0-9]*) ([-.0-9]*) ([-.0-9]*) ([-.0-9]*) (|[-0-9]*) "
    r"(-|[-0-9]*) ([-0-9]*) ([-0-9]*) \"([^ ]*) (.*) (- |[^ ]*)\" \"([^\"]*)\" ([A-Z0-9-_]+) ([A-Za-z0-9.-]*) "
    r"([^ ]*) \"([^\"]*)\" \"([^\"]*)\" \"([^\"]*)\" ([-.0-9]*) ([^ ]*) \"([^\"]*)\" \"([^\"]*)\" \"([^ ]*)\" "
    r"\"([^\s]+?)\" \"([^\s]+)\" \"([^ ]*)\" \"([^ ]*)\" ?([^ ]*)?"
)


def read(line: str) -> dict[str, str]:
    found = LINE.fullmatch(line)
    assert found is not None, line
    return dict(zip(FIELDS, found.groups(), strict=True))


def logged(plane: Plane, name: str, count: int) -> list[dict[str, str]]:
    """The lines of a load balancer, once there are so many."""

    def lines() -> list[str]:
        found = {b["id"]: b for b in plane.all(words.ACCESS_LOG) if b["load_balancer"] == arn_of(name)}
        texts = [gzip.decompress(base64.b64decode(b["content"])).decode() for b in found.values()]
        return [line for text in texts for line in text.splitlines()]

    until(lambda: len(lines()) >= count, f"{count} lines of {name}")
    return [read(line) for line in lines()]


def ready(plane: Plane, name: str, port: int) -> None:
    until(lambda: plane.is_healthy(group_arn(name), port), "the target")


def test_a_request_is_told_with_all_that_awss_own_expression_reads(plane: Plane) -> None:
    port = free_port()
    rules = [
        rule(10, redirect(Path="/new"), path("/old")),
        rule(20, fixed(418, "tea"), path("/tea")),
        rule(None, forward("web")),
    ]
    with backends("web") as [web]:
        document = balancer("shop", [listener("shop", port, *rules)], [group("web", target(web.port))], PUBLIC)
        plane.applied({**document, "attributes": LOGGED})
        ready(plane, "web", web.port)
        get(PUBLIC, port, "/a?b=c", Host=f"shop.example:{port}", User_Agent='say "so"')
        get(PUBLIC, port, "/old")
        get(PUBLIC, port, "/tea")
        by_path = {line["request_url"].split(str(port), 1)[1]: line for line in logged(plane, "shop", 3)}
    line = by_path["/a?b=c"]
    assert line["request_url"] == f"http://shop.example:{port}/a?b=c"
    assert (line["type"], line["elb"]) == ("http", "app/shop/0123456789abcdef")
    assert (line["request_verb"], line["request_proto"]) == ("GET", "HTTP/1.1")
    assert line["user_agent"] == "say \\x22so\\x22"
    assert (line["client_ip"], line["target_ip"], line["target_port"]) == ("127.0.0.1", "127.0.0.1", str(web.port))
    assert (line["elb_status_code"], line["target_status_code"]) == ("200", "200")
    assert line["target_group_arn"] == group_arn("web")
    assert (line["matched_rule_priority"], line["actions_executed"]) == ("0", "forward")
    assert line["trace_id"].startswith("Root=1-")
    assert (line["ssl_cipher"], line["ssl_protocol"], line["domain_name"]) == ("-", "-", "-")
    assert int(line["received_bytes"]) > 50
    assert int(line["sent_bytes"]) > 50
    assert all(0 <= float(line[f"{part}_processing_time"]) < 10 for part in ("request", "target", "response"))
    assert line["request_creation_time"] <= line["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"])
    moved = by_path["/old"]
    assert (moved["elb_status_code"], moved["target_status_code"], moved["target_ip"]) == ("301", "-", "")
    assert (moved["matched_rule_priority"], moved["actions_executed"]) == ("10", "redirect")
    assert moved["redirect_url"].endswith("/new")
    assert moved["target_processing_time"] == "-1"
    assert (by_path["/tea"]["elb_status_code"], by_path["/tea"]["actions_executed"]) == ("418", "fixed-response")


def test_a_client_that_leaves_is_460(plane: Plane) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        unchecked = group("mute", target(silent.getsockname()[1]))
        unchecked["health_check"]["enabled"] = False
        document = balancer("left", [listener("left", port, rule(None, forward("mute")))], [unchecked], PUBLIC)
        plane.applied({**document, "attributes": LOGGED})
        with socket.create_connection((PUBLIC, port)) as client:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            taken, _ = silent.accept()
            taken.recv(100)
        [line] = logged(plane, "left", 1)
        taken.close()
    assert (line["elb_status_code"], line["target_status_code"]) == ("460", "-")


def test_what_is_no_request_is_told_all_the_same(plane: Plane) -> None:
    port = free_port()
    document = balancer("junk", [listener("junk", port, rule(None, fixed(200)))], [], PUBLIC)
    plane.applied({**document, "attributes": LOGGED})
    with socket.create_connection((PUBLIC, port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
        client.recv(65536)
    [line] = logged(plane, "junk", 1)
    assert (line["elb_status_code"], line["matched_rule_priority"], line["actions_executed"]) == ("400", "-1", "-")


def test_an_envoy_that_hands_over_writes_down_what_it_still_carries(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path) as (plane, machine):
        document = balancer("moved", [listener("moved", port, rule(None, fixed(200, "ok")))], [], PUBLIC)
        plane.applied({**document, "attributes": LOGGED})
        with closing(http.client.HTTPConnection(PUBLIC, port, timeout=10)) as kept:
            ask(kept, "/before")
            logged(plane, "moved", 1)
            before = machine.envoy()
            machine.stop()
            machine.start(threads=2)
            until(lambda: machine.envoy() not in (0, before), "another Envoy")
            for count, path in ((2, "/one"), (3, "/two")):
                ask(kept, path)
                assert logged(plane, "moved", count)[-1]["request_url"].endswith(path)


def ask(kept: http.client.HTTPConnection, path: str) -> None:
    kept.request("GET", path)
    kept.getresponse().read()


def test_only_those_that_keep_logs_are_told_also_where_they_share_a_door(plane: Plane) -> None:
    port = free_port()
    mine = balancer("mine", [listener("mine", port, rule(None, fixed(200)))], [])
    other = balancer("other", [listener("other", port, rule(None, fixed(200)))], [])
    plane.applied({**mine, "attributes": LOGGED}, other)
    plane.heard.clear()
    for document in (other, mine):
        get("127.0.0.1", port, Host=document["dns_name"])
    assert len(logged(plane, "mine", 1)) == 1
    assert {body["load_balancer"] for body in plane.all(words.ACCESS_LOG)} == {arn_of("mine")}


def test_what_nobody_took_is_told_again_and_is_the_same(proxy: tuple[Plane, Machine], plane: Plane) -> None:
    port = free_port()
    document = balancer("late", [listener("late", port, rule(None, fixed(200)))], [])
    plane.applied({**document, "attributes": LOGGED})
    plane.heard.clear()
    plane.keeps = False
    get("127.0.0.1", port)
    first = until(lambda: plane.all(words.ACCESS_LOG), "the log", seconds=30)[0]
    machine = proxy[1]
    assert files.waiting(machine.data_dir)
    machine.kill()
    plane.heard.clear()
    plane.keeps = True
    machine.start()
    again = until(lambda: plane.all(words.ACCESS_LOG), "the log once more", seconds=30)[0]
    assert again == first
    until(lambda: not files.waiting(machine.data_dir), "it to be taken")


def test_one_that_keeps_no_log_costs_nothing() -> None:
    for attributes, kept in (({}, False), (LOGGED, True)):
        document: Any = balancer("quiet", [listener("quiet", 80, rule(None, fixed(200)))], [], attributes=attributes)
        [heard] = document["listeners"]
        assert ("access_log" in listeners.manager(document, heard, "routes")) is kept
        told = routes.virtual_host(document, heard).resource["routes"]
        assert all(("metadata" in route) is kept for route in told)


def entry(**members: Any) -> dict[str, Any]:
    arn = listener("shop", 443)["arn"]
    told = {"listener": arn, "port": "443", "began": "1700000000.000001", "status": 200, "client": "127.0.0.1:1"}
    return {**told, "priority": "0", **members}


def line(told: dict[str, Any], **changes: Any) -> dict[str, str]:
    certificates = [
        {"arn": "arn:first", "chain": "", "key": "", "names": ["other.example"]},
        {"arn": "arn:wild", "chain": "", "key": "", "names": ["*.shop.example"]},
    ]
    document: Any = balancer("shop", [listener("shop", 443, certificates=certificates)], [], **changes)
    return read(entries.line(told, document))


def test_tls_names_the_certificate_by_what_the_client_asked_for() -> None:
    secure = entry(tls="TLSv1.3", cipher="TLS_AES_128_GCM_SHA256", protocol="HTTP/2", method="GET", authority="a")
    told = line({**secure, "server_name": "www.shop.example"})
    assert (told["type"], told["domain_name"], told["chosen_cert_arn"]) == ("h2", "www.shop.example", "arn:wild")
    assert told["request_url"] == "https://a:443"
    assert line({**secure, "server_name": "who.example"})["chosen_cert_arn"] == "arn:first"


def test_what_cannot_be_read_is_a_line_all_the_same() -> None:
    assert line(entry(status=400))["elb_status_code"] == "400"
    assert line(entry(agent="x\r\ny"))["user_agent"] == "x  y"


def test_a_host_loses_its_port_alone() -> None:
    told = {"method": "GET", "path": "/", "protocol": "HTTP/1.1"}
    for authority, host in (("a:80", "a"), ("[2001:db8::1]:80", "[2001:db8::1]"), ("[2001:db8::1]", "[2001:db8::1]")):
        assert line(entry(**told, authority=authority))["request_url"] == f"http://{host}:443/"


def test_a_client_that_leaves_amid_its_answer_has_had_one() -> None:
    socket = entry(upgrade="websocket", status=101, flags="DC", details="via_upstream")
    assert (line(socket)["elb_status_code"], line(socket)["target_status_code"]) == ("101", "101")
    assert line(entry(status=0, flags="DC"))["elb_status_code"] == "460"


def test_kinds() -> None:
    socket = entry(upgrade="WebSocket", status=101, protocol="HTTP/1.1")
    assert line(socket)["type"] == "ws"
    assert line({**socket, "tls": "TLSv1.2"})["type"] == "wss"
    grpc = group("grpc", protocol_version="GRPC")
    assert line(entry(group=grpc["arn"], protocol="HTTP/2"), target_groups=[grpc])["type"] == "grpcs"


def test_lines_that_are_cut_are_passed_over() -> None:
    assert entries.told('{"listener": "a') is None
    assert entries.told("[]") is None
    assert entries.told('{"listener": null}') is None


def test_what_waits_for_too_long_falls_off_the_oldest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 25)
    for at in (1, 2, 3, 4):
        (tmp_path / "access.log").write_text("x" * 10)
        files.cut(tmp_path, at)
    assert [path.name for path in files.too_much(tmp_path)] == ["access-0000000002000.log", "access-0000000001000.log"]
    monkeypatch.setattr(files, "MOST_BYTES", 5)
    assert len(files.too_much(tmp_path)) == 3
    files.cut(tmp_path, 9)  # nothing was written
    assert len(files.waiting(tmp_path)) == 4


def test_a_long_period_is_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_TEXT", 400)  # each is more than 200
    arn = listener("shop", 80)["arn"]
    (tmp_path / "access.log").write_text(f'{{"listener": "{arn}", "agent": "{"x" * 20}"}}\n' * 5)
    files.cut(tmp_path, 1700000000)
    [waits] = files.waiting(tmp_path)
    document: Any = balancer("shop", [], [], attributes=LOGGED)
    made = list(files.made(waits, {document["arn"]: document}))
    assert [len(gzip.decompress(file.content).splitlines()) for file in made] == [2, 2, 1]
    assert len({file.id for file in made}) == 3
    assert {file.ended for file in made} == {1700000000}
    assert list(files.made(waits, {})) == []
