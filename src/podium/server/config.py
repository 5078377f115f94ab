"""What the server is told at its start."""

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, ip_address
from pathlib import Path

from podium.ecs import limits as quotas

VPC_BITS = 16
PUBLIC = "127.0.64.0/18"
LEAST_PATIENCE = 10  # seconds; how often agents' sockets are pinged
PERIODS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
MOST_PATIENCE = 7 * 86400
ACCEPTED = "PODIUM_ACCEPTED_KEYS"  # as --accept-key, separated by blanks


class ConfigError(Exception):
    """The server cannot start as told. The sentence says what to do; starting again would not help."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """`account` and `region` are defaults: a request's own credential scope decides the region.

    `root_key` is an access key with its secret, when the operator brings one; `accepted_keys` are more such,
    for test suites whose keys are fixed. `keep_stopped_hours` is how long stopped tasks can be described.
    `default_vpc` is the range of addresses of the default VPC in `region`, where none is on record yet.
    `public_addresses` are what internet-facing load balancers have on this machine.
    `lost_after` is in seconds, 0 for never and None for what `timing` says; `lost_share` is in percent.
    `events_kept` is how long events for EventBridge are kept, `metrics_kept` metrics; None: none are written.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 4566
    account: str = "123456789012"
    region: str = "us-east-1"
    timing: str = "aws"
    database: str | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    insecure: bool = False
    root_key: tuple[str, str] | None = None
    accepted_keys: tuple[tuple[str, str], ...] = ()
    allow_reset: bool = False
    throttle: bool = False
    keep_stopped_hours: float = 1.0
    default_vpc: str | None = None
    public_addresses: str = PUBLIC
    lost_after: float | None = None
    lost_share: int = 20
    events_kept: timedelta | None = timedelta(hours=24)
    metrics_kept: timedelta | None = timedelta(days=15)
    limits: Mapping[str, int] = field(default_factory=lambda: quotas.AWS)

    @property
    def scheme(self) -> str:
        return "https" if self.tls_certificate else "http"


def parsed(arguments: list[str]) -> Config:
    parser = argparse.ArgumentParser(
        prog="podium server", description="The control plane alone: the AWS APIs and the agents' channels on one port."
    )
    add = parser.add_argument
    add("--data-dir", type=Path, default=Path.home() / ".podium", help="where records and keys are kept (%(default)s)")
    add("--host", default="127.0.0.1", help="address to listen on; beyond loopback it needs TLS or --insecure")
    add("--port", type=int, default=4566, help="port to listen on; 0 picks a free one (%(default)s)")
    add("--account-id", default="123456789012", help="the account of the root key (%(default)s)")
    add("--region", default="us-east-1", help="the region told to clients that ask (%(default)s)")
    add("--timing", choices=("fast", "aws"), default="aws", help="how patient to be where AWS waits out of caution")
    add(
        "--database",
        default=os.environ.get("PODIUM_DATABASE"),
        help="postgresql://… instead of SQLite in the data dir; with a password, set PODIUM_DATABASE instead",
    )
    add("--tls-cert", type=Path, help="certificate chain, PEM")
    add("--tls-key", type=Path, help="its private key, PEM")
    add("--accept-key", action="append", default=[], metavar="ID:SECRET", help="one more key for root; repeatable")
    add("--allow-reset", action="store_true", help="let `podium reset` empty this Podium; for test suites")
    add("--throttle", action="store_true", help="refuse calls beyond AWS's rates, as AWS does")
    add("--keep-stopped-tasks", type=float, default=1.0, metavar="HOURS", help="how long they can be described (1)")
    add("--default-vpc", metavar="CIDR", help="the default VPC's addresses, if it is new (172.31.0.0/16)")
    add("--public-addresses", metavar="CIDR", default=PUBLIC, help="of internet-facing load balancers (%(default)s)")
    add("--lost-after", metavar="SECONDS", help="a host away for so long has lost its tasks, or `off` (by --timing)")
    add("--lost-share", type=int, default=20, metavar="PERCENT", help="the most of a cluster that is lost at once (20)")
    add("--events", default="24h", metavar="PERIOD", help="how long events for EventBridge are kept, or `off` (24h)")
    add("--metrics", default="15d", metavar="PERIOD", help="how long CloudWatch's metrics are kept, or `off` (15d)")
    add("--limits", default="aws", metavar="LIMITS", help="`aws`, `none`, or NAME=VALUE,… beside AWS's (aws)")
    add("--insecure", action="store_true", help="listen beyond loopback without TLS")
    return _checked(parser.parse_args(arguments))


def _checked(given: argparse.Namespace) -> Config:
    if not (given.account_id.isdigit() and len(given.account_id) == 12):
        raise ConfigError(f"--account-id takes 12 digits, not {given.account_id!r}.")
    if bool(given.tls_cert) != bool(given.tls_key):
        raise ConfigError("--tls-cert and --tls-key go together.")
    if not _is_loopback(given.host) and not given.tls_cert and not given.insecure:
        raise ConfigError(
            f"{given.host} can be reached from other machines. Give --tls-cert and --tls-key, or say --insecure."
        )
    if not 1 <= given.lost_share <= 100:
        raise ConfigError(f"--lost-share takes a percentage from 1 to 100, not {given.lost_share}.")
    access, secret = os.environ.get("PODIUM_ROOT_ACCESS_KEY"), os.environ.get("PODIUM_ROOT_SECRET_KEY")
    return Config(
        data_dir=given.data_dir,
        host=given.host,
        port=given.port,
        account=given.account_id,
        region=given.region,
        timing=given.timing,
        database=given.database,
        tls_certificate=given.tls_cert,
        tls_key=given.tls_key,
        insecure=given.insecure,
        root_key=(access, secret) if access and secret else None,
        accepted_keys=tuple(_key(text) for text in [*given.accept_key, *os.environ.get(ACCEPTED, "").split()]),
        allow_reset=given.allow_reset,
        throttle=given.throttle,
        keep_stopped_hours=given.keep_stopped_tasks,
        default_vpc=_range(given.default_vpc) if given.default_vpc else None,
        public_addresses=_pool(given.public_addresses),
        lost_after=_patience(given.lost_after) if given.lost_after else None,
        lost_share=given.lost_share,
        events_kept=_period("--events", given.events),
        metrics_kept=_period("--metrics", given.metrics),
        limits=_limits(given.limits),
    )


def _key(text: str) -> tuple[str, str]:
    access, _, secret = text.partition(":")
    if not access or not secret:
        raise ConfigError("--accept-key takes ID:SECRET, such as test:test.")
    return access, secret


def _patience(text: str) -> float:
    """In seconds, 0 for never. An agent that fell silent at the same time as others must have been missed by then."""
    if text == "off":
        return 0.0
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not LEAST_PATIENCE <= seconds <= MOST_PATIENCE:
        raise ConfigError(
            f"--lost-after takes seconds, at least {LEAST_PATIENCE}, since agents are asked so often whether they are "
            f"there; or `off`. Not {text!r}."
        )
    return seconds


def _period(option: str, text: str) -> timedelta | None:
    if text == "off":
        return None
    found = re.fullmatch(r"(\d{1,4})([mhd])", text)
    if found is None:
        raise ConfigError(f"{option} takes a period such as 90m, 24h or 7d, or `off`, not {text!r}.")
    return int(found[1]) * PERIODS[found[2]]


def _limits(text: str) -> Mapping[str, int]:
    try:
        return quotas.parsed(text)
    except quotas.Unreadable as error:
        raise ConfigError(f"--limits: {error}") from error


def _range(text: str) -> str:
    """A /16: default subnets are /20s of it."""
    try:
        network = IPv4Network(text)
    except ValueError as error:
        raise ConfigError(f"--default-vpc takes a range such as 172.31.0.0/16, not {text!r}.") from error
    if network.prefixlen != VPC_BITS:
        raise ConfigError(f"--default-vpc takes a /{VPC_BITS}, as AWS's is.")
    return str(network)


def _pool(text: str) -> str:
    try:
        return str(IPv4Network(text))
    except ValueError as error:
        raise ConfigError(f"--public-addresses takes a range such as {PUBLIC}, not {text!r}.") from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
