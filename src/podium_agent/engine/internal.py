"""Containers that a task has beside those of its definition: they hold what the others share.

The network pause container of an awsvpc task makes the task's network namespace, with the host's
network as its own to begin with, because that takes half the time Docker takes to make one. The
namespace pause container holds the process or IPC namespace of a task with pidMode or ipcMode `task`.

Source: the open-source agent names both and never reports either.
"""

import json
from typing import Any

from podium_agent.engine.interfaces import Interface
from podium_protocol import payload

PAUSE_IMAGE = "podium/pause:1"
_PREFIX = "~internal~"
NETWORK_PAUSE = f"{_PREFIX}ecs~pause"
NAMESPACE_PAUSE = f"{_PREFIX}ecs~pause~namespace"
PROVISIONED = "PROVISIONED"
"""The condition that a network pause container meets once its interface is there."""

_OLDEST_DOCKER_API = "1.18"
_MAKES_THE_NETWORK = {"CapAdd": ["SYS_ADMIN", "SETUID", "SETGID"], "NetworkMode": "host"}
_HOLDS_NAMESPACES = {"CapAdd": ["SETUID", "SETGID"], "NetworkMode": "none"}
_LEAST = {"CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges"], "ReadonlyRootfs": True}


def is_internal(name: str) -> bool:
    return name.startswith(_PREFIX)


def shares_namespaces(given: payload.Task) -> bool:
    return "task" in (given.get("pidMode"), given.get("ipcMode"))


def edges(given: payload.Task) -> list[tuple[str, str]]:
    """What every container of the definition waits for."""
    awaited = [(NETWORK_PAUSE, PROVISIONED)] if given.get("networkMode") == "awsvpc" else []
    return awaited + ([(NAMESPACE_PAUSE, "START")] if shares_namespaces(given) else [])


def definitions(given: payload.Task, interface: Interface | None) -> list[payload.Container]:
    made = [] if interface is None else [_network_pause(given, interface)]
    return made + ([_namespace_pause(given)] if shares_namespaces(given) else [])


def _network_pause(given: payload.Task, interface: Interface) -> payload.Container:
    """Names and addresses that containers look up are Docker's files of this container, which the others share."""
    asked = [_host_config(c) for c in given.get("containers") or []]
    hosts = [f"{interface.host_name}:{interface.address}"] if interface.host_name else []
    hosts += [host for config in asked for host in config.get("ExtraHosts") or []]
    servers = [s for config in asked for s in config.get("Dns") or []] or list(interface.name_servers)
    domains = [d for config in asked for d in config.get("DnsSearch") or []] or list(interface.search_domains)
    host_config = {"ExtraHosts": hosts, "Dns": servers, "DnsSearch": domains, **_MAKES_THE_NETWORK}
    config = {"Hostname": interface.host_name} if interface.host_name else {}
    return _pause(NETWORK_PAUSE, ["-n"], config, {name: value for name, value in host_config.items() if value})


def _namespace_pause(given: payload.Task) -> payload.Container:
    shared = {"IpcMode": "shareable"} if given.get("ipcMode") == "task" else {}
    return _pause(NAMESPACE_PAUSE, [], {}, {**_HOLDS_NAMESPACES, **shared})


def _pause(name: str, command: list[str], config: dict[str, Any], host_config: dict[str, Any]) -> payload.Container:
    return {
        "name": name,
        "image": PAUSE_IMAGE,
        "command": command,
        "essential": True,
        "cpu": 0,
        "memory": 0,
        "environment": {},
        "overrides": "{}",
        "stopTimeout": 2,
        "dockerConfig": {
            "version": _OLDEST_DOCKER_API,
            "config": json.dumps(config),
            "hostConfig": json.dumps({**_LEAST, **host_config}),
        },
    }


def _host_config(definition: payload.Container) -> dict[str, Any]:
    try:
        decoded = json.loads((definition.get("dockerConfig") or {}).get("hostConfig") or "{}")
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
