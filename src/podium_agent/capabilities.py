"""What the agent can do, as attributes that task definitions are matched against."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_PREFIX = "com.amazonaws.ecs.capability."
_REMOTE_APIS = ("1.17", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.28", "1.29", "1.30", "1.32")
_ALWAYS = (
    _PREFIX + "privileged-container",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.container-restart-policy",
    "ecs.capability.efs",
    "ecs.capability.env-files.s3",
    "ecs.capability.execute-command",
    "ecs.capability.full-sync",
    "ecs.capability.network.container-port-range",
    "ecs.capability.pid-ipc-namespace-sharing",
    "ecs.capability.secrets.asm.bootstrap.log-driver",
    "ecs.capability.secrets.asm.environment-variables",
    "ecs.capability.secrets.ssm.bootstrap.log-driver",
    "ecs.capability.secrets.ssm.environment-variables",
    "ecs.capability.task-cpu-mem-limit",
)
_NETWORKS = ("ecs.capability.task-eni", "ecs.capability.task-eni-block-instance-metadata")
_LOG_DRIVERS = ("json-file", "local", "syslog", "journald", "gelf", "fluentd", "splunk", "logentries", "none")
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_RESERVED_PORTS = ["22", "2375", "2376", "51678", "51679", "51681"]


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What depends on the machine. `info` is Docker's answer to `GET /info`; `networks`: awsvpc tasks can run.

    `more` names capabilities that others found.
    """

    info: Mapping[str, Any]
    networks: bool = False
    more: tuple[str, ...] = ()


def attributes(abilities: Abilities, zone: str, custom: Mapping[str, str]) -> list[dict[str, str]]:
    """Attributes for RegisterContainerInstance."""
    info = abilities.info
    plugins = info.get("Plugins") or {}
    drivers = [*(plugins.get("Log") or ["json-file"]), "none"]
    names = [*_ALWAYS, *(f"{_PREFIX}docker-remote-api.{version}" for version in _REMOTE_APIS)]
    names += abilities.more
    names += [f"{_PREFIX}logging-driver.{driver}" for driver in _LOG_DRIVERS if driver in drivers]
    names += [f"ecs.capability.docker-plugin.{driver}" for driver in plugins.get("Volume") or ["local"]]
    names += _NETWORKS if abilities.networks else ()
    valued = {
        "ecs.os-type": "linux",
        "ecs.os-family": "LINUX",
        "ecs.cpu-architecture": _ARCHITECTURES.get(info.get("Architecture", ""), "x86_64"),
        "ecs.availability-zone": zone,
        **custom,
    }
    return [*({"name": name} for name in names), *({"name": n, "value": v} for n, v in valued.items())]


def total_resources(cpu: int, memory_mib: int) -> list[dict[str, Any]]:
    """Resources for RegisterContainerInstance: CPU units, MiB, and the ports nobody may have."""
    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory_mib},
        _port_set("PORTS", _RESERVED_PORTS),
        _port_set("PORTS_UDP", []),
    ]


def _port_set(name: str, ports: Iterable[str]) -> dict[str, Any]:
    return {"name": name, "type": "STRINGSET", "stringSetValue": list(ports)}
