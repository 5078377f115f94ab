"""Requests a second through Podium's load balancer, a static Envoy, HAProxy, and to the backend itself, in turn."""

from collections.abc import Callable
from contextlib import ExitStack

from bench import balancers, wires
from bench.raw import until
from bench.wires import Rate

PORT = 18082
CONNECTIONS = 32
THREADS = 1


def measure(rounds: int, seconds: float) -> dict[str, list[Rate]]:
    """By who carried them. Podium and the floor change places from round to round, next to each other."""
    found: dict[str, list[Rate]] = {}
    with ExitStack() as stack:
        ways = _ways(stack)
        for number in range(rounds):
            print(f"bench: requests a second, round {number + 1} of {rounds}", flush=True)
            order = list(ways) if number % 2 else list(reversed(ways))
            for name in order:
                found.setdefault(name, []).append(ways[name](seconds))
    return found


def _ways(stack: ExitStack) -> dict[str, Callable[[float], Rate]]:
    backend = stack.enter_context(wires.nginx(1))
    envoy = stack.enter_context(wires.envoy(THREADS, backend))
    haproxy = stack.enter_context(wires.haproxy(THREADS, backend))
    plane, _ = stack.enter_context(balancers.proxy(THREADS))
    plane.wait(plane.say(balancers.balancer(0, PORT, [("127.0.0.1", backend)])))
    until(lambda: len(plane.healthy) == 1, "the target's health")
    for host, port in (("127.0.64.1", PORT), ("127.0.0.1", envoy), ("127.0.0.1", haproxy)):
        wires.wrk(host, port, 1, CONNECTIONS)  # warm
    return {
        "backend": lambda seconds: wires.wrk("127.0.0.1", backend, seconds, CONNECTIONS),
        "envoy": lambda seconds: wires.wrk("127.0.0.1", envoy, seconds, CONNECTIONS),
        "podium": lambda seconds: wires.wrk("127.0.64.1", PORT, seconds, CONNECTIONS),
        "haproxy": lambda seconds: wires.wrk("127.0.0.1", haproxy, seconds, CONNECTIONS),
    }
