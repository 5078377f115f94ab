"""Port ranges on a real Docker Engine."""

import pytest

from docker.agents import AgentProcess, a_container, a_task, containers_of, docker


@pytest.fixture
def agent(plane, tmp_path):
    agent = AgentProcess(plane, tmp_path, "--dynamic-host-port-range", "29300-29305")
    yield agent
    if agent.process.poll() is None:
        agent.end()
    agent.sweep()


def a_range(text: str, protocol: str = "tcp"):
    return a_container(portMappings=[{"containerPortRange": text, "protocol": protocol}])


def test_a_range_gets_as_many_host_ports_in_a_row(plane, agent):
    arn = plane.run(a_task(a_range("7000-7003", "udp")))
    (binding,) = plane.wait_for(arn, "RUNNING")["containers"][0]["networkBindings"]
    assert (binding["containerPortRange"], binding["protocol"]) == ("7000-7003", "udp")
    first, last = (int(port) for port in binding["hostPortRange"].split("-"))
    assert (first >= 29300, last) == (True, first + 3)
    published = docker("port", *containers_of(arn)).splitlines()
    assert sorted(line for line in published if "[::]" not in line and " :::" not in line) == [
        f"{7000 + n}/udp -> 0.0.0.0:{first + n}" for n in range(4)
    ]
    too_many = plane.run(a_task(a_range("1-7", "udp")))
    assert plane.wait_for(too_many, "STOPPED")["reason"].endswith("7 contiguous host ports are unavailable")
