"""The agent's ways of working, from options and from the environment."""

import argparse

import pytest

from podium_agent import options
from podium_agent.config import ConfigError, Habits


def habits(*arguments: str, **environment: str) -> Habits:
    parser = argparse.ArgumentParser()
    options.add_to(parser)
    return options.habits(parser.parse_args(arguments), environment)


def test_without_anything_said_the_ways_are_the_usual_ones():
    assert habits() == Habits()


def test_an_option_wins_over_its_variable():
    assert habits(ECS_DYNAMIC_HOST_PORT_RANGE="40000-40009").dynamic_host_port_range == (40000, 40009)
    both = habits("--dynamic-host-port-range", "5-6", ECS_DYNAMIC_HOST_PORT_RANGE="40000-40009")
    assert both.dynamic_host_port_range == (5, 6)


def test_a_metadata_file_is_given_when_the_official_agent_s_variable_says_so():
    assert habits(ECS_ENABLE_CONTAINER_METADATA="true").enable_container_metadata
    assert not habits(
        "--enable-container-metadata", "false", ECS_ENABLE_CONTAINER_METADATA="true"
    ).enable_container_metadata


@pytest.mark.parametrize("text", ["40000", "9-7", "0-7", "1-70000", "a-b"])
def test_what_cannot_be_read_is_told_with_where_it_came_from(text):
    with pytest.raises(ConfigError, match=f"ECS_DYNAMIC_HOST_PORT_RANGE: '{text}' is no range of ports"):
        habits(ECS_DYNAMIC_HOST_PORT_RANGE=text)


def test_the_server_that_tasks_ask_for_names_is_an_address():
    assert habits(PODIUM_DNS_SERVER="172.31.0.2").dns_server == "172.31.0.2"
    with pytest.raises(ConfigError, match=r"--dns-server: 'dns\.example' is no IP address"):
        habits("--dns-server", "dns.example")
