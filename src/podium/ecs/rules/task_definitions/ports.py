"""Port mappings, and what else a network mode forbids.

Source: Amazon ECS API Reference, PortMapping and ContainerDefinition.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from podium.ecs.errors import Client
from podium.ecs.rules.task_definitions.documents import Document, Rule, containers, mappings, one_of

PORT_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]{0,63}")
RANGE = re.compile(r"(\d{1,5})-(\d{1,5})", re.ASCII)
MOST_RANGES = 100
HIGHEST = 65535
NOT_ON_AWSVPC = {
    "disableNetworking": "Disable Networking is",
    "dnsSearchDomains": "DNS search domains are",
    "dnsServers": "DNS servers are",
    "extraHosts": "Extra hosts are",
    "hostname": "Hostname is",
}


def _mappings(document: Document) -> None:
    mode = document.get("networkMode")
    for container, mapping in mappings(document):
        if "containerPortRange" in mapping:
            _range(container, mapping, mode)
            continue
        if not 1 <= mapping.get("containerPort", 0) <= HIGHEST:
            raise Client(f"Invalid 'containerPort' setting for container '{container['name']}'.")
        if not 0 <= mapping["hostPort"] <= HIGHEST:
            raise Client(f"Invalid 'hostPort' setting for container '{container['name']}'.")
        if mode in ("awsvpc", "host") and mapping["hostPort"] != mapping["containerPort"]:
            raise Client(f"When networkMode={mode}, the host ports and container ports in port mappings must match.")
    if mode == "none" and any(mappings(document)):
        raise Client("Port mappings are not supported when networkMode=none.")


def _range(container: Document, mapping: Document, mode: str | None) -> None:
    if mapping.get("containerPort"):
        raise Client("cannot specify both single port and port range")
    setting = f"Invalid 'containerPortRange' setting for container '{container['name']}'."
    if mapping.get("hostPort"):
        raise Client(f"{setting} A host port cannot be specified with a port range.")
    if mode == "host":
        raise Client(f"{setting} Port ranges are not supported when networkMode=host.")
    found = RANGE.fullmatch(mapping["containerPortRange"])
    if not found or not 1 <= int(found[1]) < int(found[2]) <= HIGHEST:
        raise Client(setting)


def _ranges_apart(document: Document) -> None:
    """A container port is mapped by one entry for a protocol: ranges neither overlap nor hold a single port."""
    for container in containers(document):
        spans = sorted(_spans(container))
        if sum(last > first for _, first, last in spans) > MOST_RANGES:
            raise Client(f"Container '{container['name']}' can have at most {MOST_RANGES} port ranges.")
        for (protocol, first, last), (other, start, end) in pairwise(spans):
            if protocol == other and start <= last and (last > first or end > start):
                raise Client(f"Port ranges of container '{container['name']}' overlap.")


def _spans(container: Document) -> Iterator[tuple[str, int, int]]:
    for mapping in container["portMappings"]:
        first, _, last = mapping.get("containerPortRange", str(mapping.get("containerPort"))).partition("-")
        yield mapping["protocol"], int(first), int(last or first)


def _mapped_once(document: Document) -> None:
    seen = set()
    for _, mapping in mappings(document):
        port, protocol = mapping.get("hostPort"), mapping["protocol"]
        if port and (port, protocol) in seen:
            raise Client(f"{protocol.upper()} host port '{port}' is mapped multiple times in task.")
        seen.add((port, protocol))


def _port_names(document: Document) -> None:
    seen: set[str] = set()
    for container, mapping in mappings(document):
        if "appProtocol" in mapping:
            one_of("appProtocol", mapping["appProtocol"], ("http", "http2", "grpc"))
        name = mapping.get("name")
        if name is None:
            continue
        if not PORT_NAME.fullmatch(name):
            raise Client(f"Invalid port mapping name '{name}' for container '{container['name']}'.")
        if name in seen:
            raise Client(f"Port mapping name '{name}' must be unique within a Task Definition.")
        seen.add(name)


def _awsvpc(document: Document) -> None:
    if document.get("networkMode") != "awsvpc":
        return
    for container in containers(document):
        for name, words in NOT_ON_AWSVPC.items():
            if container.get(name):
                raise Client(f"{words} not supported on container when networkMode=awsvpc")


RULES: tuple[Rule, ...] = (_mappings, _ranges_apart, _mapped_once, _port_names, _awsvpc)
