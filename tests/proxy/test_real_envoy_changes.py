"""Changes, deaths and absences, under load: what clients must not notice."""

import http.client
import json
import os
import signal
import threading
from typing import Any

import grpc
from websockets.sync.client import connect
from websockets.sync.server import serve

from proxy.backends import backends, free_port
from proxy.certificates import certificate
from proxy.documents import arn_of, balancer, check, fixed, forward, group, group_arn, listener, path, rule, target
from proxy.load import load
from proxy.machine import Machine, Plane, running
from waiting import until

PUBLIC, OTHER = "127.0.98.30", "127.0.98.31"


def text(host: str, port: int, place: str = "/") -> tuple[int, str]:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", place)
        response = connection.getresponse()
        return response.status, response.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def web(port: int, *groups: dict[str, Any], weights: tuple[int, ...] = (), **changes: Any) -> dict[str, Any]:
    rules = [rule(None, forward(*(g["name"] for g in groups), weights=weights))]
    return balancer("web", [listener("web", port, *rules)], list(groups), PUBLIC, **changes)


def test_weights_and_targets_change_without_a_failed_request(plane: Plane):
    port = free_port()
    with backends("blue", "green", "third") as [blue, green, third]:
        one, two = group("blue", target(blue.port)), group("green", target(green.port))
        plane.applied(web(port, one, two, weights=(1, 0)))
        until(lambda: plane.is_healthy(group_arn("green"), green.port), "health")
        until(lambda: text(PUBLIC, port)[0] == 200, "an answer")
        with load(PUBLIC, port) as running_load:
            for share in range(0, 101, 20):
                plane.applied(web(port, one, two, weights=(100 - share, share)))
                seen = running_load.done
                until(lambda s=seen: running_load.done > s + 20, "more requests")
            both = group("green", target(green.port), target(third.port))
            plane.applied(web(port, one, both, weights=(0, 1)))
            until(lambda: plane.is_healthy(group_arn("green"), third.port), "health")
            leaving = group("green", target(green.port, draining=True), target(third.port))
            plane.applied(web(port, one, leaving, weights=(0, 1)))
            new = group("new", target(blue.port), target(third.port), attributes={"slow_start.duration_seconds": "30"})
            plane.applied(web(port, one, leaving, new, weights=(0, 1, 0)))
            until(lambda: plane.is_healthy(group_arn("new"), blue.port), "health")
            plane.applied(web(port, new, weights=(1,)))
            seen = running_load.done
            until(lambda: running_load.done > seen + 50, "more requests")
    assert running_load.failures == []
    assert running_load.done > 100


def test_a_new_target_group_gets_requests_only_when_envoy_knows_it(plane: Plane):
    """A group and the rule that names it come in one message."""
    port = free_port()
    with backends("one", "two") as found:
        off = check(enabled=False)
        groups = [group(f"g{n}", target(found[n % 2].port), health_check=off) for n in range(8)]
        plane.applied(web(port, groups[0]))
        with load(PUBLIC, port) as running_load:
            for each in groups[1:]:
                plane.applied(web(port, each))
            seen = running_load.done
            until(lambda: running_load.done > seen + 20, "more requests")
    assert running_load.failures == []


def test_an_open_web_socket_outlives_changes(plane: Plane):
    port = free_port()
    with serve(lambda socket: [socket.send(f"echo {frame}") for frame in socket], "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        number = server.socket.getsockname()[1]
        groups = [group("ws", target(number), health_check=check(protocol="TCP"))]
        plane.applied(web(port, *groups))
        until(lambda: plane.is_healthy(group_arn("ws"), number), "health")
        until(lambda: text(PUBLIC, port)[0] == 426, "a server that wants an upgrade")
        with connect(f"ws://{PUBLIC}:{port}/") as socket:
            socket.send("before")
            assert socket.recv(timeout=10) == "echo before"
            plane.applied(web(port, group("ws", target(number, draining=True), health_check=check(protocol="TCP"))))
            plane.applied(web(port, group("other"), group("ws", target(number, draining=True)), weights=(1, 1)))
            socket.send("after")
            assert socket.recv(timeout=10) == "echo after"
        server.shutdown()


class Greeter(grpc.GenericRpcHandler):
    def service(self, details: Any) -> Any:
        if details.method != "/greet.Greeter/Hello":
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, _: b"hello " + request)


def test_grpc_reaches_grpc_targets_and_is_checked_as_such(plane: Plane):
    from concurrent.futures import ThreadPoolExecutor

    port = free_port()
    server = grpc.server(ThreadPoolExecutor(2), handlers=[Greeter()])
    number = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        checked = check(path="/AWS.ALB/healthcheck", matcher="12")
        groups = [group("rpc", target(number), protocol_version="GRPC", health_check=checked)]
        plane.applied(web(port, *groups))
        until(lambda: plane.is_healthy(group_arn("rpc"), number), "health")
        with grpc.insecure_channel(f"{PUBLIC}:{port}") as channel:
            call = channel.unary_unary("/greet.Greeter/Hello", bytes, bytes)
            assert until(lambda: answer(call), "an answer") == b"hello you"
    finally:
        server.stop(None).wait()


def answer(call: Any) -> bytes:
    try:
        return call(b"you", timeout=5)
    except grpc.RpcError:
        return b""


def test_what_envoy_refuses_is_told_and_hurts_nobody_else(plane: Plane):
    port, other = free_port(), free_port()
    broken = {**certificate("arn:broken", "a.example.com"), "chain": "no certificate"}
    fine = balancer("fine", [listener("fine", other, rule(None, fixed(200, "fine")))], [], OTHER)
    secure = listener("bad", port, rule(None, fixed(200)), protocol="HTTPS", certificates=[broken])
    refused = plane.applied(fine, balancer("bad", [secure], [], PUBLIC))
    assert list(refused) == [arn_of("bad")]
    assert "certificate" in refused[arn_of("bad")].lower()
    assert text(OTHER, other) == (200, "fine")
    assert plane.applied(balancer("bad", [], [], PUBLIC)) == {}


def test_a_regular_expression_that_envoy_cannot_read_passes_the_rule_over(plane: Plane):
    port = free_port()
    looking = {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/(?=x)"]}}
    fitting = {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/[ab]+$"]}}
    rules = [rule(1, fixed(403), looking), rule(2, fixed(200, "fits"), fitting), rule(None, fixed(200, "rest"))]
    refused = plane.applied(balancer("regex", [listener("regex", port, *rules)], [], PUBLIC))
    assert refused[arn_of("regex")].startswith("Rule 1 is passed over: the regular expression")
    assert [text(PUBLIC, port, place)[1] for place in ("/abba", "/abc", "/x")] == ["fits", "rest", "rest"]


def test_a_proxy_that_was_killed_finds_envoy_again(plane: Plane, proxy: tuple[Plane, Machine]):
    machine, port = proxy[1], free_port()
    with backends("kept") as [kept]:
        document = web(port, group("kept", target(kept.port)))
        plane.applied(document)
        until(lambda: text(PUBLIC, port)[0] == 200, "an answer")
        envoy = machine.envoy()
        with load(PUBLIC, port) as running_load:
            machine.kill()
            until(lambda: running_load.done > 20, "requests without a proxy")
            links = len(plane.all("Health"))
            machine.start()
            until(lambda: len(plane.all("Health")) > links, "the link")
            plane.applied(balancer("late", [listener("late", port, rule(None, fixed(200, "late")))], [], OTHER))
        assert text(OTHER, port) == (200, "late")
        assert running_load.failures == []
        assert machine.envoy() == envoy
        assert plane.is_healthy(group_arn("kept"), kept.port)


def test_another_envoy_takes_over_without_a_failed_request(plane: Plane, proxy: tuple[Plane, Machine]):
    """As after an upgrade: what would be started now is not what runs."""
    machine, port = proxy[1], free_port()
    with backends("up") as [up]:
        plane.applied(web(port, group("up", target(up.port))))
        until(lambda: text(PUBLIC, port)[0] == 200, "an answer")
        before = machine.envoy()
        with load(PUBLIC, port) as running_load:
            machine.stop()
            machine.start(threads=2)
            until(lambda: machine.envoy() not in (0, before), "another Envoy")
            seen = running_load.done
            until(lambda: running_load.done > seen + 500, "more requests")
        plane.applied(balancer("next", [listener("next", port, rule(None, fixed(200, "next")))], [], OTHER))
        assert text(OTHER, port) == (200, "next")
        assert "Envoy has ended" not in machine.log()
        assert running_load.failures == []


def test_an_envoy_that_was_killed_is_back_with_all_it_had(plane: Plane, proxy: tuple[Plane, Machine]):
    machine, port = proxy[1], free_port()
    plane.applied(balancer("back", [listener("back", port, rule(None, fixed(200, "back"), path("/b")))], [], PUBLIC))
    before = until(machine.envoy, "Envoy")
    os.kill(before, signal.SIGKILL)
    until(lambda: machine.envoy() not in (0, before), "another Envoy")
    until(lambda: text(PUBLIC, port, "/b") == (200, "back"), "an answer")
    troubles = [body["trouble"] for body in plane.all("Addresses")]
    assert any(trouble and trouble.startswith("Envoy ended") for trouble in troubles)
    until(lambda: plane.all("Addresses")[-1]["trouble"] is None, "the trouble's end")


def test_a_start_without_the_control_plane_serves(tmp_path: Any):
    port = free_port()
    with backends("alone") as [alone], running(tmp_path / "proxy") as (plane, machine):
        plane.applied(web(port, group("alone", target(alone.port))))
        until(lambda: text(PUBLIC, port)[0] == 200, "an answer")
        until(lambda: (machine.data_dir / "state" / "health").exists(), "the state")
        machine.stop()
        plane.close()
        envoy = machine.envoy()
        os.kill(envoy, signal.SIGKILL)
        until(lambda: text(PUBLIC, port)[0] == 0, "silence")
        machine.start()
        until(lambda: text(PUBLIC, port)[0] == 200, "an answer again")
        assert json.loads(text(PUBLIC, port)[1])["name"] == "alone"
        machine.sweep()
        assert (machine.envoy(), text(PUBLIC, port)[0]) == (0, 0)


def test_a_target_is_not_called_healthy_before_envoy_sends_to_it(proxy: tuple[Plane, Machine], plane: Plane):
    machine, port = proxy[1], free_port()
    patient = check(interval=1, unhealthy_threshold=10)
    with backends("late", "fails") as [late, fails]:
        late.status = 503
        groups = [group("late", target(late.port), health_check=patient)]
        groups += [group("fails", target(fails.port), health_check=check(interval=1))]
        rules = [rule(1, forward("fails"), path("/f")), rule(None, forward("late"))]
        plane.applied(balancer("late", [listener("late", port, *rules)], groups, PUBLIC))
        until(lambda: plane.is_healthy(group_arn("fails"), fails.port), "health")
        os.kill(machine.envoy(), signal.SIGSTOP)
        try:
            late.status, fails.status, before = 200, 503, late.checks
            until(lambda: late.checks > before, "a check that passes")
            until(lambda: plane.health(group_arn("fails"), fails.port)["state"] == "unhealthy", "news of another")
            assert plane.health(group_arn("late"), late.port)["state"] == "initial"
        finally:
            os.kill(machine.envoy(), signal.SIGCONT)
        until(lambda: plane.is_healthy(group_arn("late"), late.port), "health")
        until(lambda: text(PUBLIC, port)[0] == 200, "an answer")
