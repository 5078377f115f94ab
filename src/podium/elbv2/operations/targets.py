"""Targets: registering and deregistering them, and how they are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from podium.elbv2 import health, lookups, placing, targets, views
from podium.elbv2.errors import Invalid, InvalidTarget, NotYet, TooManyTargets
from podium.elbv2.records import LoadBalancer, Target, TargetGroup
from podium.elbv2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.session import Transaction

MOST = 1000
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
_INSTANCE = re.compile(r"m?i-[0-9a-f]{8,32}", re.ASCII)


@changes
def register_targets(call: Call, tx: Transaction, request: Request) -> Answer:
    """Registering a target again changes nothing; one that drains begins anew."""
    group = lookups.named(tx, call.home, TargetGroup, request["TargetGroupArn"])
    networks = placing.networks(tx, call.home, group.vpc_id)
    for given in _some(request):
        _usable(networks, group, given)
        targets.register_target(
            tx, group, given["Id"], _port(group, given), given.get("AvailabilityZone") or "", call.now
        )
    if len(lookups.targets_of(tx, group.arn)) > MOST:
        raise TooManyTargets(f"The maximum number of targets in target group '{group.arn}' has been reached")
    return {}


def _some(request: Request) -> Sequence[Mapping[str, Any]]:
    if not request.get("Targets"):
        raise Invalid("At least one target must be specified")
    found: Sequence[Mapping[str, Any]] = request["Targets"]
    return found


def _port(group: TargetGroup, given: Mapping[str, Any]) -> int:
    return int(given.get("Port") or group.port or 0)


def _usable(networks: placing.Networks, group: TargetGroup, given: Mapping[str, Any]) -> None:
    """Raises Invalid, InvalidTarget."""
    if given.get("QuicServerId"):
        raise NotYet("QUIC")
    if group.target_type == "ip":
        _address(networks, given["Id"], given.get("AvailabilityZone"))
    elif not _INSTANCE.fullmatch(given["Id"]):
        raise Invalid(f"Instance ID '{given['Id']}' is not valid")
    elif given.get("AvailabilityZone"):
        raise Invalid("You cannot specify an Availability Zone for a target that is an instance")


def _address(networks: placing.Networks, id: str, zone: str | None) -> None:
    try:
        address = IPv4Address(id)
    except ValueError as error:
        raise Invalid(f"The IP address '{id}' is not a valid IPv4 address") from error
    if own := placing.zone_of(networks, id, ""):
        if zone and zone != own:
            raise Invalid(
                f"The IP address '{id}' is within the VPC, and cannot have its Availability Zone overridden to "
                f"'{zone}' from '{own}'"
            )
        return
    if not any(address in network for network in PRIVATE):
        raise InvalidTarget(
            f"The IP address '{id}' cannot be used as a target: it is neither in the VPC nor in a private range "
            f"({', '.join(map(str, PRIVATE))})"
        )
    if not zone:
        raise Invalid(
            "You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since "
            f"the IP address '{id}' is outside the VPC"
        )


@changes
def deregister_targets(call: Call, tx: Transaction, request: Request) -> Answer:
    """A target that is not registered is no error. Without a port, the group's own is meant."""
    group = lookups.named(tx, call.home, TargetGroup, request["TargetGroupArn"])
    for given in _some(request):
        targets.deregister_target(tx, group, given["Id"], _port(group, given), call.now)
    return {}


@reads
def describe_target_health(call: Call, tx: Transaction, request: Request) -> Answer:
    """Targets that are asked for and are not registered are shown as unused."""
    group = lookups.named(tx, call.home, TargetGroup, request["TargetGroupArn"])
    include = request.get("Include") or ()
    anomalies = not {"AnomalyDetection", "All"}.isdisjoint(include) or not include
    look = _Look(
        group=group,
        balancer=tx.get(LoadBalancer, group.load_balancer_arn or ""),
        networks=placing.networks(tx, call.home, group.vpc_id),
        anomalies=anomalies and group.protocol in ("HTTP", "HTTPS"),
    )
    asked = request.get("Targets")
    if not asked:
        found = lookups.targets_of(tx, group.arn)
        return {"TargetHealthDescriptions": [look.shown(held) for held in found]}
    return {"TargetHealthDescriptions": [_asked(tx, look, given) for given in asked]}


def _asked(tx: Transaction, look: "_Look", given: Mapping[str, Any]) -> views.View:
    port = _port(look.group, given)
    held = targets.target(tx, look.group.arn, given["Id"], port)
    if held is not None:
        return look.shown(held)
    shown = {"Target": {"Id": given["Id"], "Port": port}, "TargetHealth": health.NOT_REGISTERED}
    return {**shown, "HealthCheckPort": look.check_port(port)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What it takes to say how a target of the group is."""

    group: TargetGroup
    balancer: LoadBalancer | None
    networks: placing.Networks
    anomalies: bool

    def shown(self, held: Target) -> views.View:
        zone = placing.zone_of(self.networks, held.id, held.zone)
        return {
            "Target": views.target(held),
            "HealthCheckPort": self.check_port(held.port),
            "TargetHealth": health.of_target(held, self.group, self.balancer, zone),
            **({"AnomalyDetection": views.NORMAL} if self.anomalies else {}),
        }

    def check_port(self, port: int) -> str:
        return str(port) if self.group.check_port == "traffic-port" else self.group.check_port
