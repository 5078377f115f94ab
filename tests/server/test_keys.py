"""The file of keys, and what each key opens."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import handcore
from inprocess import ACCOUNT, AGENT, REGION, ROOT, Plane, refused
from podium.kernel.principal import PrincipalKind
from podium.server import keys
from podium.server.config import Config, ConfigError


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path)


def test_keys_are_made_once_and_only_their_owner_can_read_them(config: Config) -> None:
    keys.opened(config)
    file = config.data_dir / "credentials.json"
    assert file.stat().st_mode & 0o777 == 0o600
    first = file.read_text()
    keys.opened(config)
    assert file.read_text() == first
    assert [path.name for path in config.data_dir.iterdir()] == ["credentials.json"]


def test_no_two_keys_are_alike(config: Config, tmp_path: Path) -> None:
    seen = set()
    for number in range(5):
        (tmp_path / str(number)).mkdir()
        keys.opened(replace(config, data_dir=tmp_path / str(number)))
        for pair in json.loads((tmp_path / str(number) / "credentials.json").read_text()).values():
            assert len(pair["accessKeyId"]) == 20
            assert len(pair["secretAccessKey"]) == 40
            seen |= set(pair.values())
    assert len(seen) == 30


def test_a_root_key_that_the_operator_brings_replaces_the_one_kept(config: Config) -> None:
    keys.opened(config)
    opened = keys.opened(replace(config, root_key=("AKIAMINE", "secret")))
    assert opened["AKIAMINE"].secret == "secret"
    assert opened["AKIAMINE"].principal.is_root
    kept = json.loads((config.data_dir / "credentials.json").read_text())
    assert kept["root"] == {"accessKeyId": "AKIAMINE", "secretAccessKey": "secret"}
    assert keys.opened(config)["AKIAMINE"].secret == "secret"


def test_a_file_that_cannot_be_read_is_not_replaced(config: Config) -> None:
    file = config.data_dir / "credentials.json"
    file.write_text("{")
    with pytest.raises(ConfigError, match="cannot be read"):
        keys.opened(config)
    assert file.read_text() == "{"


def test_nobody_has_a_key_that_is_not_there(config: Config) -> None:
    assert "AKIAUNKNOWN" not in keys.opened(config)


def test_the_agents_key_is_not_root(config: Config) -> None:
    opened = keys.opened(config)
    agent = json.loads((config.data_dir / "credentials.json").read_text())["agent"]["accessKeyId"]
    principal = opened[agent].principal
    assert not principal.is_root
    assert principal.arn == f"arn:aws:iam::{ACCOUNT}:user/podium-agent"
    assert principal.kind is PrincipalKind.AGENT


@pytest.mark.parametrize("peer", ["192.0.2.7", "::1:2", "::ffff:192.0.2.7", "nowhere"])
def test_root_is_refused_over_plain_http_from_another_host(proving_plane: Plane, peer: str) -> None:
    far = handcore.client(proving_plane.front, "ecs", REGION, (ROOT, "root"), peer=peer)
    with refused(
        "AccessDeniedException",
        "The root key is refused over plain HTTP from another host. Use HTTPS, or call from this machine.",
    ):
        far.list_clusters()


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_root_is_welcome_from_this_machine(proving_plane: Plane, peer: str) -> None:
    near = handcore.client(proving_plane.front, "ecs", REGION, (ROOT, "root"), peer=peer)
    assert near.list_clusters()["clusterArns"] == []


def test_root_is_welcome_over_https_from_anywhere(proving_plane: Plane) -> None:
    far = handcore.client(
        proving_plane.front, "ecs", REGION, (ROOT, "root"), peer="192.0.2.7", endpoint="https://podium.example:4566"
    )
    assert far.list_clusters()["clusterArns"] == []


def test_agents_may_come_from_other_hosts(proving_plane: Plane) -> None:
    far = handcore.client(proving_plane.front, "ecs", REGION, (AGENT, "agent"), peer="192.0.2.7")
    assert far.create_cluster()["cluster"]["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ((ROOT, "wrong"), "InvalidSignatureException"),
        (("AKIAUNKNOWN", "root"), "UnrecognizedClientException"),
    ],
)
def test_a_wrong_secret_and_an_unknown_key_are_told_apart(
    proving_plane: Plane, key: tuple[str, str], code: str
) -> None:
    with refused(code):
        proving_plane.client("ecs", key=key).list_clusters()


def test_an_operation_that_nobody_answers_yet_says_so(plane: Plane) -> None:
    sentence = "Podium does not answer sns ListTopics yet. docs/coverage.md lists what works."
    with refused("NotImplemented", sentence) as answer:
        plane.client("sns").list_topics()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
