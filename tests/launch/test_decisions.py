"""The launcher's pure parts."""

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.launch import backoff, commands, logs, start
from podium.launch.engine import default_host
from podium.launch.errors import Trouble
from podium.launch.lock import Lock, Taken, holder, is_held
from podium.launch.settings import Settings, shares

SETTINGS = Settings(data_dir=Path("/d"), cpu=2048, memory=4096, docker_host="unix:///d.sock")


@given(st.integers(1, 50), st.integers(50, 10**6), st.integers(50, 10**7))
def test_shares_are_equal_and_never_promise_more_than_was_asked(instances, cpu, memory):
    dealt = shares(replace(SETTINGS, instances=instances, cpu=cpu, memory=memory))
    assert len(dealt) == instances
    assert len({(share.cpu, share.memory) for share in dealt}) == 1
    assert sum(share.cpu for share in dealt) <= cpu < sum(share.cpu + 1 for share in dealt)
    assert sum(share.memory for share in dealt) <= memory < sum(share.memory + 1 for share in dealt)


@pytest.mark.parametrize(
    ("zones", "dealt"),
    [
        ((), ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1a"]),
        (("a",), ["us-east-1a"] * 4),
        (("b", "us-east-1f"), ["us-east-1b", "us-east-1f"] * 2),
    ],
)
def test_zones_are_dealt_out_in_turn(zones, dealt):
    assert [share.zone for share in shares(replace(SETTINGS, instances=4, zones=zones))] == dealt


def test_a_share_of_nothing_is_refused():
    with pytest.raises(Trouble, match="too little for 5000 container instances"):
        shares(replace(SETTINGS, instances=5000))


def test_settings_survive_the_command_line():
    settings = replace(SETTINGS, zones=("a", "b"), cluster="my 'cluster'", ephemeral=True, port=0)
    assert Settings.from_json(settings.to_json()) == settings


def test_a_command_line_names_the_port_that_was_found():
    words = commands.server(replace(SETTINGS, port=0), 4599)
    assert words[words.index("--port") + 1] == "4599"
    assert "--insecure" not in words


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_delays_grow_while_it_keeps_dying_young_and_start_over_once_it_settled(lives):
    deaths, before = 0, 0.0
    for lived in lives:
        deaths = backoff.early_deaths(deaths, lived)
        delay = backoff.delay_seconds(deaths)
        assert 0.0 <= delay <= 10.0
        assert delay == 0.0 if lived >= backoff.SETTLED_SECONDS else delay >= before
        before = delay


def test_the_first_death_is_answered_at_once():
    assert [backoff.delay_seconds(deaths) for deaths in (1, 2, 3, 99)] == [0.0, 0.5, 1.0, 10.0]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("x.y", False)],
)
def test_loopback_is_told_from_the_rest(host, loopback):
    assert start.is_loopback(host) is loopback


def test_docker_host_comes_from_the_environment_first():
    assert default_host({"DOCKER_HOST": "tcp://127.0.0.1:2375"}) == "tcp://127.0.0.1:2375"


def test_a_lock_has_one_holder_and_names_it(tmp_path):
    path = tmp_path / "lock"
    assert not is_held(path)
    with Lock(path):
        assert is_held(path)
        with pytest.raises(Taken) as taken:
            Lock(path).take()
        assert taken.value.pid == holder(path)
    assert not is_held(path)
    assert holder(path) is None


def test_looking_at_a_free_lock_never_keeps_its_taker_away(tmp_path, monkeypatch):
    path = tmp_path / "lock"
    path.touch()
    tried = []
    monkeypatch.setattr(fcntl, "flock", lambda *words: tried.append(words))
    assert not is_held(path)
    assert tried == []


def test_a_log_that_grew_large_is_set_aside_while_its_writer_goes_on(tmp_path):
    path = tmp_path / "part.log"
    with logs.open_log(path) as log:
        log.write(b"old " * 100)
        logs.rotate(path, largest_bytes=100)
        log.write(b"new\n")
    assert path.read_text() == "new\n"
    assert path.with_name("part.log.1").read_text() == "old " * 100


def test_the_last_line_is_the_last_one_with_words_in_it(tmp_path):
    path = tmp_path / "part.log"
    path.write_text("before\nfirst\nlast\n\n  \n")
    assert logs.last_line(path) == "last"
    assert logs.last_line(path, since=path.stat().st_size) == ""
    assert logs.last_line(tmp_path / "none.log") == ""
