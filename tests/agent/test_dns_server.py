"""Whom containers ask for names."""

from typing import Any

import pytest

from agent.engine_hands import Hands, a_container, a_task
from podium_agent.engine import instructions as i
from podium_agent.engine.internal import NETWORK_PAUSE
from podium_agent.engine.settings import Settings
from podium_agent.engine.specs import create_body

SERVER = "172.31.0.2"
ASKED = {"version": "1.18", "hostConfig": '{"Dns": ["10.0.0.53"]}'}
INTERFACE = {
    "ec2Id": "eni-1",
    "macAddress": "0a:00:00:00:00:01",
    "ipv4Addresses": [{"privateAddress": "10.0.0.5", "primary": True}],
    "subnetGatewayIpv4Address": "10.0.0.1/24",
}


def asked_servers(task: dict[str, Any], **settings: Any) -> dict[str, list[str] | None]:
    """By container, what Docker is told of name servers."""
    hands = Hands(**settings)
    hands.give(task)
    [held] = hands.engine.tasks.values()
    told = Settings(cluster="default", container_instance_arn="arn", **settings)
    bodies = {c.name: create_body(held, c, told) for c in held.containers}
    return {name: body["HostConfig"].get("Dns") for name, body in bodies.items()}


@pytest.mark.parametrize(("mode", "servers"), [("bridge", [SERVER]), ("none", [SERVER]), ("host", None)])
def test_a_container_asks_the_agents_server_unless_it_is_on_the_hosts_network(mode: str, servers: Any) -> None:
    assert asked_servers(a_task(networkMode=mode), dns_server=SERVER) == {"main": servers}


def test_what_the_definition_names_wins() -> None:
    assert asked_servers(a_task(a_container(dockerConfig=ASKED)), dns_server=SERVER) == {"main": ["10.0.0.53"]}


def test_nobody_is_told_anything_where_the_agent_has_none() -> None:
    assert asked_servers(a_task()) == {"main": None}


def test_containers_of_a_task_with_an_interface_share_what_its_pause_container_asks() -> None:
    task = a_task(networkMode="awsvpc", elasticNetworkInterfaces=[INTERFACE])
    assert asked_servers(task, dns_server=SERVER) == {NETWORK_PAUSE: [SERVER], "main": None}
    named = a_task(a_container(dockerConfig=ASKED), networkMode="awsvpc", elasticNetworkInterfaces=[INTERFACE])
    assert asked_servers(named, dns_server=SERVER) == {NETWORK_PAUSE: ["10.0.0.53"], "main": None}


def test_the_container_is_created_so() -> None:
    hands = Hands(dns_server=SERVER)
    hands.give(a_task())
    [create] = hands.of(i.Create)
    assert create.body["HostConfig"]["Dns"] == [SERVER]
