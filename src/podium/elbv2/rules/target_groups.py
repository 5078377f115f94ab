"""What a target group may be, and how its targets are checked, with AWS's defaults.

Source: Elastic Load Balancing API Reference, CreateTargetGroup and ModifyTargetGroup.
"""

import re
from collections.abc import Mapping
from typing import Any

from podium.elbv2.errors import Invalid, InvalidConfiguration, NotYet
from podium.elbv2.rules import protocols

Fields = dict[str, Any]
VERSIONS = ("GRPC", "HTTP1", "HTTP2")
GRPC_PATH = "/AWS.ALB/healthcheck"
TRAFFIC_PORT = "traffic-port"
_CODES = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_HTTP_MOST = {protocols.APPLICATION: 499, protocols.NETWORK: 599}

# What the request calls a field of the record.
_MEMBERS = {
    "HealthCheckPort": "check_port",
    "HealthCheckIntervalSeconds": "check_interval",
    "HealthCheckTimeoutSeconds": "check_timeout",
    "HealthyThresholdCount": "healthy_threshold",
    "UnhealthyThresholdCount": "unhealthy_threshold",
}


def kind(request: Mapping[str, Any]) -> Fields:
    """What it is, and never ceases to be: target type, protocol, port. Raises Invalid, NotYet."""
    target_type, protocol = request.get("TargetType") or "instance", request.get("Protocol")
    if target_type in ("lambda", "alb"):
        raise NotYet(f"target groups of the target type {target_type}")
    if not protocol:
        raise Invalid("A protocol must be specified")
    if protocol in protocols.NOT_YET:
        raise NotYet(f"target groups of the protocol {protocol}")
    if not request.get("Port"):
        raise Invalid("A port must be specified")
    if not request.get("VpcId"):
        raise Invalid("A VPC ID must be specified")
    if request.get("IpAddressType") == "ipv6":
        raise NotYet("target groups of IPv6 addresses")
    if request.get("TargetControlPort"):
        raise NotYet("target control ports")
    return {
        "target_type": target_type,
        "protocol": protocol,
        "protocol_version": _version(protocol, request.get("ProtocolVersion")),
        "port": request["Port"],
        "vpc_id": request["VpcId"],
    }


def _version(protocol: str, given: str | None) -> str | None:
    if protocol not in protocols.OF_APPLICATIONS:
        if given:
            raise InvalidConfiguration(f"A protocol version cannot be specified for the protocol '{protocol}'")
        return None
    if given and given not in VERSIONS:
        raise Invalid(f"Protocol version '{given}' must be one of '{', '.join(VERSIONS)}'")
    return given or "HTTP1"


def check(group: Mapping[str, Any], request: Mapping[str, Any], before: Fields | None = None) -> Fields:
    """The health check that the request asks for; what it leaves out is as `before`, or AWS's default.

    `group` has `protocol`, `protocol_version` and `target_type`. Raises Invalid, InvalidConfiguration.
    """
    if request.get("HealthCheckEnabled") is False:
        raise InvalidConfiguration(
            f"Health check enabled must be true for target groups with target type '{group['target_type']}'"
        )
    protocol = request.get("HealthCheckProtocol") or (before or {}).get("check_protocol")
    start = {**defaults(group, protocol), **_kept(protocol, before)}
    found = {**start, **{ours: request[theirs] for theirs, ours in _MEMBERS.items() if request.get(theirs) is not None}}
    if found["check_protocol"] not in OF_KINDS[protocols.kind_of(group["protocol"])]:
        raise Invalid(f"Health check protocol '{found['check_protocol']}' must be one of 'HTTP, HTTPS, TCP'")
    _of_http(group, request, found)
    _sound(found)
    return found


def _kept(protocol: str | None, before: Fields | None) -> Fields:
    """What stays when the protocol changes: path and matcher only from one kind of HTTP to another."""
    if before is None:
        return {}
    kept = {field: before[field] for field in _MEMBERS.values()}
    if "TCP" not in (protocol, before["check_protocol"]):
        kept.update(check_path=before["check_path"], matcher=before["matcher"])
    return kept


OF_KINDS = {protocols.APPLICATION: ("HTTP", "HTTPS"), protocols.NETWORK: ("HTTP", "HTTPS", "TCP")}


def defaults(group: Mapping[str, Any], protocol: str | None) -> Fields:
    kind = protocols.kind_of(group["protocol"])
    protocol = protocol or ("HTTP" if kind == protocols.APPLICATION else "TCP")
    grpc, http = group["protocol_version"] == "GRPC", protocol != "TCP"
    wide = "200-399" if kind == protocols.NETWORK else "200"
    return {
        "check_protocol": protocol,
        "check_port": TRAFFIC_PORT,
        "check_path": (GRPC_PATH if grpc else "/") if http else None,
        "check_interval": 30,
        "check_timeout": 5 if kind == protocols.APPLICATION else 6 if protocol == "HTTP" else 10,
        "healthy_threshold": 5,
        "unhealthy_threshold": 2,
        "matcher": ("12" if grpc else wide) if http else None,
    }


def _of_http(group: Mapping[str, Any], request: Mapping[str, Any], found: Fields) -> None:
    """Path and matcher, which checks over TCP do not have."""
    path, matcher = request.get("HealthCheckPath"), request.get("Matcher") or {}
    given = matcher.get("GrpcCode") if group["protocol_version"] == "GRPC" else matcher.get("HttpCode")
    if found["check_protocol"] == "TCP":
        if path:
            raise InvalidConfiguration("A health check path cannot be specified for health checks over TCP")
        if any(matcher.values()):
            raise InvalidConfiguration("A matcher cannot be specified for health checks over TCP")
        return
    if any(matcher.values()) and not given:
        raise InvalidConfiguration("The matcher must be of the protocol version: HTTP codes, or gRPC codes for GRPC")
    if path:
        if not path.startswith("/"):
            raise Invalid(f"Health check path '{path}' must begin with a '/' character")
        found["check_path"] = path
    if given:
        most = 99 if group["protocol_version"] == "GRPC" else _HTTP_MOST[protocols.kind_of(group["protocol"])]
        found["matcher"] = _codes(given, 0 if most == 99 else 200, most)


def _codes(given: str, least: int, most: int) -> str:
    for part in given.split(","):
        match = _CODES.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (-1, -1)
        if not least <= first <= last <= most:
            raise Invalid(f"Health check matcher '{given}' must be codes or ranges of codes from {least} to {most}")
    return given


def _sound(found: Fields) -> None:
    if found["check_timeout"] >= found["check_interval"]:
        raise Invalid("Health check interval must be greater than the timeout.")
    port = found["check_port"]
    if port != TRAFFIC_PORT and not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        raise Invalid(f"Health check port '{port}' must be '{TRAFFIC_PORT}' or a port from 1 to 65535")
