"""How long a change takes to be in force among many load balancers, from the document to Envoy's acknowledgement."""

import random
import time
from dataclasses import dataclass
from pathlib import Path

from bench import balancers, process
from bench.balancers import Document, Plane
from bench.raw import until
from podium_proxy.supervision import found

PORT = 18080
TARGETS_EACH = 10
PER_SECOND = 100
_LAST_SECONDS = 60.0
_WARM_SECONDS = 3.0


@dataclass(frozen=True)
class Found:
    """Seconds for each change, sorted; those until everything was there at first; and MiB."""

    seconds: list[float]
    whole: float
    envoy_mib: float
    proxy_mib: float

    def percentile(self, part: float) -> float:
        return self.seconds[min(len(self.seconds) - 1, int(len(self.seconds) * part))]


def measure(count: int, seconds: float, backend_port: int) -> Found:
    """`count` load balancers, all on one port, with ten healthy targets each; then so many seconds of changes."""
    fleet = [_with_targets(number, TARGETS_EACH, backend_port) for number in range(count)]
    with balancers.proxy(threads=1) as (plane, data_dir):
        began = time.monotonic()
        plane.wait(plane.say(*fleet))
        whole = time.monotonic() - began
        print(f"bench: {count} load balancers are there after {whole:.1f} s", flush=True)
        until(lambda: len(plane.healthy) == count * TARGETS_EACH, "the targets' health", 300)
        print(f"bench: {count * TARGETS_EACH} targets are healthy; {PER_SECOND} changes a second", flush=True)
        _change(plane, count, _WARM_SECONDS, backend_port)
        took = _change(plane, count, seconds, backend_port)
        return Found(took, whole, *_memory(data_dir))


def _change(plane: Plane, count: int, seconds: float, backend_port: int) -> list[float]:
    """Of five changes four are of targets, and one is of a rule's weights."""
    chance = random.Random(1)
    sent: list[tuple[int, float]] = []
    began = time.monotonic()
    for number in range(int(seconds * PER_SECOND)):
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        one, how = chance.randrange(count), chance.random()
        weights = (1, 0) if how < 0.8 else (chance.randrange(1, 100), 1)
        document = _with_targets(one, chance.randrange(1, TARGETS_EACH), backend_port, weights)
        sent.append((0, time.monotonic()))
        sent[-1] = (plane.say(document), sent[-1][1])
    plane.wait(sent[-1][0], _LAST_SECONDS)
    return _waits(sent, list(plane.applied))


def _waits(sent: list[tuple[int, float]], applied: list[tuple[int, float]]) -> list[float]:
    """An acknowledgement is of its revision and of all before it."""
    reached = iter(applied)
    revision, at = next(reached)
    waits = []
    for wanted, said in sent:
        while revision < wanted:
            revision, at = next(reached)
        waits.append(at - said)
    return sorted(waits)


def _with_targets(number: int, targets: int, port: int, weights: tuple[int, int] = (1, 0)) -> Document:
    first = number * TARGETS_EACH
    places = [(f"127.{200 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}", port) for n in range(first, first + targets)]
    return balancers.balancer(number, PORT, places, weights)


def _memory(data_dir: Path) -> tuple[float, float]:
    """Envoy's and the proxy's, in MiB."""
    envoy = found.running(data_dir)
    assert envoy is not None, "Envoy runs until the proxy is swept"
    return process.resident_mib(envoy.pid), process.resident_mib(process.running("podium_proxy", str(data_dir)))
