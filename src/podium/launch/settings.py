"""What `podium up` was asked for."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from podium.launch.errors import Trouble
from podium.launch.paths import DataDir

DEFAULT_PORT = 4566
DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
TIMINGS = ("fast", "aws")
EVERY_CLUSTER = "*"


@dataclass(frozen=True, kw_only=True)
class Programs:
    """What Python runs for each part; tests put stand-ins here."""

    server: tuple[str, ...] = ("-m", "podium.server")
    agent: tuple[str, ...] = ("-m", "podium_agent")
    proxy: tuple[str, ...] = ("-m", "podium_proxy")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a supervisor needs to know, and no secret: it is handed over on a command line.

    `cpu` is in CPU units and `memory` in MiB, both for all container instances together.
    Port 0 means any free port, the same one as last time if that is still free. `lost_after` is
    in seconds or `off`, empty for what `timing` says. `proxy`: whether traffic is carried here; `dns`: whether this
    machine itself is to know the names of load balancers and registries.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    insecure: bool = False
    account_id: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    timing: str = "fast"
    cluster: str = EVERY_CLUSTER
    instances: int = 1
    zones: tuple[str, ...] = ()
    cpu: int
    memory: int
    docker_host: str
    fargate: bool = True
    default_vpc: str = ""
    public_addresses: str = ""
    proxy: bool = True
    dns: bool = False
    ephemeral: bool = False
    allow_reset: bool = False
    throttle: bool = False
    keep_stopped_hours: float = 1.0
    lost_after: str = ""
    lost_share: int = 20
    events: str = "24h"
    metrics: str = "15d"
    limits: str = "aws"
    programs: Programs = Programs()

    @property
    def paths(self) -> DataDir:
        return DataDir(root=self.data_dir)

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"data_dir": str(self.data_dir)})

    @classmethod
    def from_json(cls, text: str) -> "Settings":
        return cls.from_mapping(json.loads(text))

    @classmethod
    def from_mapping(cls, members: Mapping[str, Any]) -> "Settings":
        known = {field.name: members[field.name] for field in fields(cls) if field.name in members}
        programs = Programs(**{name: tuple(words) for name, words in known["programs"].items()})
        typed = {"data_dir": Path(known["data_dir"]), "zones": tuple(known["zones"]), "programs": programs}
        return cls(**(known | typed))


@dataclass(frozen=True, kw_only=True)
class Share:
    """One container instance's part of the machine."""

    number: int
    zone: str
    cpu: int
    memory: int

    @property
    def name(self) -> str:
        return f"agent-{self.number}"


def shares(settings: Settings) -> tuple[Share, ...]:
    """The container instances, each with an equal share, zones dealt out in turn.

    Rounded down, so together they never promise more than was asked for. A zone is a letter, or a full name
    such as us-east-1a. Unless told otherwise, one instance is in zone a, and more go through a, b and c.
    """
    count = settings.instances
    if count < 1:
        raise Trouble("--instances must be at least 1; to run the API alone, use `podium server`.")
    if settings.cpu < count or settings.memory < count:
        raise Trouble(
            f"{settings.cpu} CPU units and {settings.memory} MiB are too little for {count} container instances. "
            "Ask for fewer --instances, or promise more with --cpu and --memory."
        )
    zones = settings.zones or ("a", "b", "c")
    return tuple(
        Share(
            number=number + 1,
            zone=_zone(zones[number % len(zones)], settings.region),
            cpu=settings.cpu // count,
            memory=settings.memory // count,
        )
        for number in range(count)
    )


def _zone(name: str, region: str) -> str:
    return name if name.startswith(region) else region + name
