"""What the proxy was started with."""

import json
from dataclasses import dataclass
from pathlib import Path

from podium_protocol.signing import Credentials


class ConfigError(Exception):
    """The proxy cannot start like this. The message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """`concurrency` is how many threads of Envoy carry traffic; `host_dns` whether this machine asks us for names,
    `access_logs_every` how many seconds of requests one access log tells of.
    """

    endpoint: str
    data_dir: Path
    credentials: Credentials
    region: str
    concurrency: int
    host_dns: bool = False
    access_logs_every: float = 300.0


def read_credentials(path: Path, profile: str) -> Credentials:
    """The keys of `profile` in a Podium credentials file. Raises ConfigError."""
    try:
        keys = json.loads(path.read_text())[profile]
        return Credentials(access_key_id=keys["accessKeyId"], secret_access_key=keys["secretAccessKey"])
    except OSError as error:
        raise ConfigError(f"Cannot read the credentials file {path}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"The credentials file {path} has no usable profile {profile!r}.") from error
