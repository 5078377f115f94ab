"""The agent's smaller parts."""

import json
import socket
import tomllib
from pathlib import Path

import pytest

from podium_agent import capabilities, hostports
from podium_agent.capabilities import Abilities
from podium_agent.channels.usage import Reading, cpu_percent, from_docker
from podium_agent.config import ConfigError, read_credentials
from podium_agent.version import AGENT_VERSION


def test_the_agent_calls_itself_by_the_version_of_its_package():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == AGENT_VERSION


def test_keys_come_from_the_profile_of_the_credentials_file(tmp_path):
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps({"agent": {"accessKeyId": "A", "secretAccessKey": "hidden"}}))
    credentials = read_credentials(path, "agent", {})
    assert (credentials.access_key_id, credentials.secret_access_key) == ("A", "hidden")
    assert "hidden" not in repr(credentials)
    with pytest.raises(ConfigError, match="no usable profile 'root'"):
        read_credentials(path, "root", {})


def test_missing_keys_are_told_with_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match="--credentials-file"):
        read_credentials(None, "agent", {})
    with pytest.raises(ConfigError, match="Cannot read"):
        read_credentials(tmp_path / "none", "agent", {})


def test_a_port_somebody_listens_on_is_not_free():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not hostports.is_free(port, "tcp")
        assert hostports.is_free(port, "udp")


def test_capabilities_name_only_the_log_drivers_that_docker_has():
    info = {"Plugins": {"Log": ["json-file", "awslogs"], "Volume": ["local", "rexray"]}, "Architecture": "aarch64"}
    attributes = {
        a["name"]: a.get("value") for a in capabilities.attributes(Abilities(info=info), "us-east-1a", {"rack": "7"})
    }
    drivers = {name.rpartition(".")[2] for name in attributes if "logging-driver" in name}
    assert drivers == {"json-file", "none"}
    assert {"ecs.capability.docker-plugin.local", "ecs.capability.docker-plugin.rexray"} <= attributes.keys()
    assert (attributes["ecs.cpu-architecture"], attributes["rack"]) == ("arm64", "7")
    assert attributes["ecs.availability-zone"] == "us-east-1a"


def test_cpu_is_a_share_of_the_whole_host_and_memory_is_without_the_page_cache():
    def stats(used, passed):
        memory = {"usage": 30 * 2**20, "stats": {"inactive_file": 10 * 2**20}}
        cpu = {"cpu_usage": {"total_usage": used}, "system_cpu_usage": passed}
        return from_docker({"cpu_stats": cpu, "memory_stats": memory})

    assert cpu_percent(stats(100, 1000), stats(150, 1200)) == 25.0
    assert cpu_percent(stats(100, 1000), stats(100, 1000)) == 0.0
    assert stats(100, 1000) == Reading(cpu=100, host=1000, memory_mib=20)
    assert from_docker({"cpu_stats": {}, "memory_stats": {}}) is None
