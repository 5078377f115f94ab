"""What the agent was started with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from podium_agent.engine.settings import PREFER_CACHED
from podium_protocol.signing import Credentials

EVERY_CLUSTER = "*"
FARGATE_POOL = "podium.fargate"
"""What a host joins that serves Fargate: its tasks are of every cluster, and no user sees it."""


class ConfigError(Exception):
    """The agent cannot start like this. The message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Habits:
    """The agent's ways of working, as `options` reads them. None for a range stands for the kernel's.

    Intervals and ages are in seconds, watermarks in percent.
    """

    dynamic_host_port_range: tuple[int, int] | None = None
    task_cpu_mem_limit: bool = True
    task_pids_limit: int = 0
    image_pull_behavior: str = PREFER_CACHED
    image_cleanup_interval: float = 1800.0
    image_minimum_cleanup_age: float = 3600.0
    num_images_delete_per_cycle: int = 5
    image_high_watermark: int = 90
    image_low_watermark: int = 80
    runtime: str = ""
    fargate_runtime: str = ""
    enable_container_metadata: bool = False
    dns_server: str = ""
    log_spool_mib: int = 256


@dataclass(frozen=True, kw_only=True)
class Config:
    """`cluster` is a name, an ARN, or `*` for every active cluster. `cpu` is in CPU units and
    `memory_mib` in MiB, both promised to each cluster that is joined; None stands for what
    Docker's machine has. `fargate`: serve Fargate, too. `cleanup_wait` is in seconds.
    """

    endpoint: str
    cluster: str
    data_dir: Path
    credentials_file: Path | None
    profile: str
    region: str
    zone: str
    cpu: int | None
    memory_mib: int | None
    docker_host: str
    attributes: Mapping[str, str]
    cleanup_wait: float
    fargate: bool = False
    habits: Habits = Habits()


def read_credentials(path: Path | None, profile: str, environment: Mapping[str, str]) -> Credentials:
    """The keys of `profile` in a Podium credentials file, or those of the environment.

    Raises ConfigError when there are none.
    """
    if path is None:
        return _from_environment(environment)
    try:
        keys = json.loads(path.read_text())[profile]
        return Credentials(access_key_id=keys["accessKeyId"], secret_access_key=keys["secretAccessKey"])
    except OSError as error:
        raise ConfigError(f"Cannot read the credentials file {path}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"The credentials file {path} has no usable profile {profile!r}.") from error


def _from_environment(environment: Mapping[str, str]) -> Credentials:
    key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        raise ConfigError("No keys: give --credentials-file, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    return Credentials(access_key_id=key, secret_access_key=secret, session_token=environment.get("AWS_SESSION_TOKEN"))
