"""Changes of listeners, rules and targets, many of them, while everybody's connections stay open."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.sync.server import serve

from amounts import examples
from proxy.backends import backends, free_port
from proxy.documents import balancer, check, fixed, forward, group, listener, path, rule, target
from proxy.load import load
from proxy.machine import Plane, running
from waiting import until

pytestmark = pytest.mark.timeout(60 + 2 * examples(50))

PUBLIC = "127.0.98.60"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with running(tmp_path_factory.mktemp("proxy")) as (plane, _):
        yield plane


def changed(chance: random.Random, port: int, others: list[int], ports: list[int], talker: int) -> dict[str, Any]:
    """The same listener, with other rules and targets, and other listeners beside it."""
    unchecked = check(enabled=False)
    chosen = chance.sample(ports, chance.randint(1, len(ports)))
    groups = [
        group("a", *(target(each, draining=each not in chosen) for each in ports), health_check=unchecked),
        group("b", target(chance.choice(ports)), health_check=unchecked),
        group("ws", target(talker), health_check=unchecked),
    ]
    rules = [rule(n, fixed(200, "more"), path(f"/more/{n}")) for n in range(2, chance.randint(2, 5))]
    share = chance.randint(0, 100)
    default = rule(None, forward("a", "b", weights=(100 - share, share)))
    first = listener("web", port, rule(1, forward("ws"), path("/ws")), *rules, default)
    beside = chance.sample(others, chance.randint(0, len(others)))
    return balancer("web", [first, *(listener("web", each, default) for each in beside)], groups, PUBLIC)


def test_changes_of_listeners_rules_and_targets_drop_no_connection(plane: Plane):
    chance, port, others = random.Random(1), free_port(), [free_port() for _ in range(3)]
    with (
        backends("one", "two", "three") as found,
        serve(lambda socket: [socket.send(f"echo {frame}") for frame in socket], "127.0.0.1", 0) as server,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ports, talker = [each.port for each in found], server.socket.getsockname()[1]
        assert plane.applied(changed(chance, port, others, ports, talker)) == {}
        with load(PUBLIC, port) as requests, connect(f"ws://{PUBLIC}:{port}/ws", proxy=None) as socket:
            for number in range(examples(50)):
                assert plane.applied(changed(chance, port, others, ports, talker)) == {}
                socket.send(str(number))
                assert socket.recv(timeout=10) == f"echo {number}"
            seen = requests.done
            until(lambda: requests.done > seen + 20, "more requests")
            assert requests.failures == []
        server.shutdown()


def test_a_listener_that_takes_the_place_of_one_that_goes_is_there(plane: Plane):
    """It comes in the message that takes the other away, with an address of each of two that were apart."""
    port = free_port()
    old = balancer("old", [listener("old", port, rule(None, fixed(200, "old")))], [], "127.0.98.61")
    new = balancer("new", [listener("new", port, rule(None, fixed(200, "new")))], [], "127.0.98.62")
    new["addresses"] = [{**new["addresses"][0], "private": old["addresses"][0]["private"]}]
    assert plane.applied(old) == {}
    assert plane.applied(new, gone=(old["arn"],)) == {}
    with load("127.0.99.61", port) as requests:
        until(lambda: requests.done > 5, "requests")
    assert requests.failures == []
