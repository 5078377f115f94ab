"""One check of one target, against real sockets."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from podium_proxy.checks.http2_probe import _digits, _status
from podium_proxy.checks.probes import Question, ask
from podium_proxy.checks.states import Outcome
from proxy.backends import backends, free_port
from proxy.documents import balancer, check, fixed, group, group_arn, listener, path, rule, target
from proxy.machine import running
from waiting import until


@contextmanager
def answering(*pieces: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that takes one connection, reads a little, says `pieces`, and closes. With none it says nothing."""
    heard: list[bytes] = []
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(65536))
                for piece in pieces:
                    connection.sendall(piece)
                if not pieces:
                    connection.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join()


def asked(port: int, version: str = "HTTP1", **changes: Any) -> Outcome:
    document: Any = check(path="/healthz", **changes)
    return asyncio.run(ask(Question(address="127.0.0.1", port=port, check=document, version=version)))


def test_a_check_says_who_asks():
    with answering(b"HTTP/1.1 200 OK\r\n\r\n") as (port, heard):
        assert asked(port).passed
    head = heard[0].decode()
    assert head.startswith(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n")
    assert "\r\nUser-Agent: ELB-HealthChecker/2.0\r\n" in head


def test_redirects_are_not_followed():
    with answering(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n") as (port, _):
        outcome = asked(port)
    assert outcome.description == "Health checks failed with these codes: [302]"
    assert (outcome.asked, outcome.answered) == (f"GET http://127.0.0.1:{port}/healthz", "302 Found")


def test_silence_is_a_timeout_and_a_closed_port_a_refusal():
    with answering() as (port, _):
        outcome = asked(port, timeout=0.1)
    assert (outcome.reason, outcome.answered) == ("Target.Timeout", "nothing within 0.1 s")
    assert asked(free_port()).answered == "connection refused"


@pytest.mark.parametrize(
    ("said", "answered"),
    [(b"SSH-2.0-x\r\n", "no HTTP: 'SSH-2.0-x'"), (b"", "the connection was closed without an answer")],
)
def test_what_is_no_http_is_quoted(said: bytes, answered: str):
    with answering(said) as (port, _):
        outcome = asked(port)
    assert (outcome.reason, outcome.answered) == ("Target.FailedHealthChecks", answered)


def test_tcp_asks_for_a_connection_alone():
    with backends("tcp") as [web]:
        assert asked(web.port, protocol="TCP").passed
    assert asked(free_port(), protocol="TCP").answered == "connection refused"


def test_http2_is_asked_in_http2(tmp_path: Path):
    """Of Envoy, which speaks it: the targets of one load balancer are the listeners of another."""
    first, second = free_port(), free_port()
    rules = [rule(1, fixed(503), path("/sick")), rule(None, fixed(202))]
    inner = balancer("inner", [listener("inner", first, *rules)], [], "127.0.98.50")
    where = {"address": "127.0.98.50"}
    well = group("well", target(first, **where), protocol_version="HTTP2", health_check=check(matcher="202"))
    sick = group("sick", target(first, **where), protocol_version="HTTP2", health_check=check(path="/sick"))
    outer = balancer("outer", [listener("outer", second, rule(None, fixed(200)))], [well, sick], "127.0.98.51")
    with running(tmp_path / "proxy") as (plane, _):
        plane.applied(inner, outer)
        until(lambda: plane.is_healthy(group_arn("well"), first), "health")
        until(lambda: plane.health(group_arn("sick"), first).get("answered") == "503", "the status")


def test_a_target_that_speaks_no_http2_is_said_to():
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (port, _):
        assert asked(port, "HTTP2").answered == "the target answers, but not in HTTP/2"


def test_a_status_is_read_however_it_is_written():
    assert [_status(bytes([code])) for code in (0x88, 0x8D, 0x8E)] == [200, 404, 500]
    assert _status(b"\x3f\x48\x03503"[1:]) == 503
    assert _status(b"\x20\x08\x03429") == 429
    assert _digits(bytes.fromhex("640eff")) == "307"
    assert _status(bytes.fromhex("48826402")) == 302
