"""A target that was found healthy is told once Envoy sends to it, and whatever else was found is told at once."""

import json
from types import SimpleNamespace
from typing import Any

from podium_proxy.ads.snapshot import Snapshot
from podium_proxy.arrivals import Arrivals
from podium_proxy.documents import Documents
from podium_proxy.reports import Reports


def health(port: int, state: str) -> Any:
    return {"target_group": "web", "id": "10.0.0.1", "port": port, "since": 1.0, "state": state}


HEALTHY, UNHEALTHY = health(1, "healthy"), health(1, "unhealthy")


def found(*healths: Any) -> Arrivals:
    arrivals = Arrivals()
    for each in healths:
        arrivals.found(each)
    return arrivals


def test_a_healthy_target_waits_for_its_generation_and_is_told_once():
    arrivals = found(HEALTHY, health(2, "initial"))
    assert arrivals.mark(3) == [health(2, "initial")]
    assert [arrivals.reached(n) for n in (2, 3, 4)] == [[], [HEALTHY], []]


def test_one_that_failed_meanwhile_is_never_called_healthy():
    arrivals = found(HEALTHY)
    assert arrivals.mark(1) == []
    arrivals.found(UNHEALTHY)
    assert arrivals.mark(2) == [UNHEALTHY]
    assert arrivals.reached(2) == []


def test_one_that_failed_and_passed_again_waits_for_the_later_generation():
    arrivals = found(HEALTHY)
    arrivals.mark(1)
    arrivals.found(UNHEALTHY)
    arrivals.found(HEALTHY)
    assert arrivals.mark(2) == [UNHEALTHY]
    assert [arrivals.reached(n) for n in (1, 2)] == [[], [HEALTHY]]


def test_a_new_link_hears_of_all_but_those_that_wait():
    arrivals = found(HEALTHY)
    arrivals.mark(1)
    arrivals.found(health(2, "healthy"))
    arrivals.found(health(3, "unhealthy"))
    everything = [HEALTHY, *(health(port, "healthy") for port in (2, 4)), health(3, "unhealthy")]
    assert arrivals.anew(everything) == [health(4, "healthy"), health(3, "unhealthy")]
    assert arrivals.mark(2) == []
    assert arrivals.reached(2) == [HEALTHY, health(2, "healthy")]


def test_where_no_envoy_runs_nobody_waits_for_it():
    arrivals = found(HEALTHY)
    arrivals.mark(1)
    arrivals.found(health(2, "healthy"))
    assert arrivals.all() == [HEALTHY, health(2, "healthy")]
    assert arrivals.reached(1) == []


def test_the_control_plane_hears_of_it_at_once_only_while_envoy_is_in_trouble():
    sent: list[str] = []
    traffic: Any = SimpleNamespace(refused={})
    reports = Reports(Documents(), Snapshot(), traffic, sent.append)
    reports.found(HEALTHY)
    reports.mark([])
    assert sent == []
    reports.settled(0, {})
    assert [json.loads(each)["message"] for each in sent] == [{"targets": [HEALTHY]}]
    reports.trouble = "Envoy ended."
    reports.found(health(2, "healthy"))
    reports.mark([])
    assert json.loads(sent[-1])["message"] == {"targets": [health(2, "healthy")]}
