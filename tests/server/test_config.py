"""What the server is told at its start, and what it says of what cannot be."""

from pathlib import Path

import pytest

from podium.server.config import ConfigError, parsed


def test_everything_has_a_default() -> None:
    config = parsed([])
    assert (config.host, config.port, config.timing) == ("127.0.0.1", 4566, "aws")
    assert (config.account, config.region) == ("123456789012", "us-east-1")
    assert config.data_dir == Path.home() / ".podium"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_needs_no_further_words(host: str) -> None:
    assert parsed(["--host", host]).scheme == "http"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "podium.example"])
def test_beyond_loopback_it_needs_tls_or_the_word_insecure(host: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parsed(["--host", host])
    assert str(refusal.value) == (
        f"{host} can be reached from other machines. Give --tls-cert and --tls-key, or say --insecure."
    )
    assert parsed(["--host", host, "--insecure"]).host == host
    assert parsed(["--host", host, "--tls-cert", "c.pem", "--tls-key", "k.pem"]).scheme == "https"


@pytest.mark.parametrize("account", ["1", "12345678901x", "1234567890123"])
def test_an_account_has_twelve_digits(account: str) -> None:
    with pytest.raises(ConfigError, match=f"--account-id takes 12 digits, not '{account}'."):
        parsed(["--account-id", account])


@pytest.mark.parametrize("half", [["--tls-cert", "c.pem"], ["--tls-key", "k.pem"]])
def test_a_certificate_and_its_key_go_together(half: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"--tls-cert and --tls-key go together\."):
        parsed(half)


def test_a_root_key_comes_by_the_environment_where_no_process_list_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_ROOT_ACCESS_KEY", "AKIAMINE")
    monkeypatch.setenv("PODIUM_ROOT_SECRET_KEY", "secret")
    assert parsed([]).root_key == ("AKIAMINE", "secret")


@pytest.mark.parametrize(("said", "meant"), [([], None), (["--lost-after", "off"], 0), (["--lost-after", "90"], 90)])
def test_how_long_a_host_may_be_away_is_by_timing_or_as_said(said: list[str], meant: float | None) -> None:
    assert parsed(said).lost_after == meant


@pytest.mark.parametrize("wrong", ["9", "soon", "nan", "inf", "-1"])
def test_a_host_is_not_given_up_before_others_would_be_missed(wrong: str) -> None:
    with pytest.raises(ConfigError, match="--lost-after takes seconds, at least 10"):
        parsed(["--lost-after", wrong])


@pytest.mark.parametrize("wrong", ["0", "101"])
def test_a_share_is_a_percentage(wrong: str) -> None:
    with pytest.raises(ConfigError, match="--lost-share takes a percentage from 1 to 100"):
        parsed(["--lost-share", wrong])


@pytest.mark.parametrize(("said", "hours"), [([], 24), (["--events", "90m"], 1.5), (["--events", "7d"], 168)])
def test_events_are_kept_for_a_period(said: list[str], hours: float) -> None:
    kept = parsed(said).events_kept
    assert kept is not None
    assert kept.total_seconds() == hours * 3600


def test_no_events_need_be_kept() -> None:
    assert parsed(["--events", "off"]).events_kept is None
    with pytest.raises(ConfigError, match="--events takes a period such as 90m, 24h or 7d, or `off`, not 'long'"):
        parsed(["--events", "long"])


@pytest.mark.parametrize(("said", "days"), [([], 15), (["--metrics", "36h"], 1.5)])
def test_metrics_are_kept_for_a_period(said: list[str], days: float) -> None:
    kept = parsed(said).metrics_kept
    assert kept is not None
    assert kept.total_seconds() == days * 86_400


def test_no_metrics_need_be_kept() -> None:
    assert parsed(["--metrics", "off"]).metrics_kept is None
    with pytest.raises(ConfigError, match="--metrics takes a period such as"):
        parsed(["--metrics", "long"])


def test_limits_are_aws_s_unless_said_otherwise() -> None:
    assert parsed([]).limits["services"] == 5000
    assert parsed(["--limits", "services=7"]).limits["services"] == 7
    with pytest.raises(ConfigError, match="--limits: 'pods=1' is no limit"):
        parsed(["--limits", "pods=1"])
