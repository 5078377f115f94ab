"""Deployments that nobody notices, by any protocol; and a load balancer that goes on without its control plane."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from amounts import examples
from docker.agents import docker
from docker.crowds import crowd
from docker.greeter import greeter
from docker.test_traffic import Traffic, load
from waiting import until

pytestmark = pytest.mark.timeout(120 + 60 * examples(2))


@pytest.fixture(scope="module")
def podium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traffic]:
    podium = Traffic(tmp_path_factory.mktemp("rolling"))
    yield podium
    podium.podium("down")


@pytest.fixture(scope="module")
def web(podium: Traffic) -> str:
    """The url of the service `web`: two tasks on Fargate that say their version."""
    words = ("--health-check-interval-seconds", "5", "--health-check-timeout-seconds", "2")
    group = podium.target_group("web", *words)
    delay = "Key=deregistration_delay.timeout_seconds,Value=1"
    podium.aws("elbv2", "modify-target-group-attributes", "--target-group-arn", group, "--attributes", delay)
    podium.balance("web", group)
    version(podium, "0")
    podium.serve("web", group, 2)
    return podium.url("web")


def version(podium: Traffic, text: str) -> None:
    podium.define(
        "web",
        {
            "name": "app",
            "image": greeter(),
            "portMappings": [{"containerPort": 8080}],
            "environment": [{"name": "VERSION", "value": text}],
        },
    )


def test_rolling_deployments_fail_no_request_of_any_protocol(podium, web):
    place = urlsplit(web)
    with crowd(place.hostname, place.port or 80) as clients:
        clients.more("0")
        for number in range(1, examples(2) + 1):
            version(podium, str(number))
            podium.aws("ecs", "update-service", "--service", "web", "--task-definition", "web")
            podium.completed("web")
            clients.more(str(number))
            assert clients.failed == {}
    assert clients.failed == {}


def test_a_target_that_dies_is_taken_out_while_the_control_plane_hangs(podium, web):
    """It is stopped for all of the load: nobody but the proxy can have done it."""
    server = podium.pid("server")
    [victim, *_] = podium.aws("ecs", "list-tasks", "--service-name", "web")["taskArns"]
    dying = podium.task(victim)["containers"][0]["runtimeId"]
    os.kill(server, signal.SIGSTOP)
    try:
        with load(web) as requests:
            until(lambda: sum(requests.told.values()) > 50, "requests")
            docker("kill", "--signal", "KILL", dying)
            said = sum(requests.told.values())
            until(lambda: sum(requests.told.values()) > said + 300, "more requests")
        assert sum(requests.failed.values()) <= len(requests._clients)
        assert state(server) == "T"
        with load(web) as requests:
            until(lambda: sum(requests.told.values()) > 300, "more requests")
        assert requests.failed == {}
    finally:
        os.kill(server, signal.SIGCONT)
    assert podium.pid("server") == server
    podium.completed("web")


def state(pid: int) -> str:
    """As the kernel calls it; T is stopped."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return json.dumps(told.strip())[1]
