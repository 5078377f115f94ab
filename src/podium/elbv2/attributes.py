"""Attributes of load balancers, target groups and listeners: which there are, AWS's defaults, and what they may be.

Records hold those that somebody set; the others are filled in wherever attributes are shown.
Source: Elastic Load Balancing API Reference, LoadBalancerAttribute, TargetGroupAttribute and ListenerAttribute.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from podium.elbv2.errors import Invalid, InvalidConfiguration
from podium.elbv2.records import Listener, LoadBalancer, TargetGroup
from podium.store.records import replace

Demand = Callable[[str], bool]
DELAY = "deregistration_delay.timeout_seconds"
DELETION_PROTECTION = "deletion_protection.enabled"
CROSS_ZONE = "load_balancing.cross_zone.enabled"
WEEK = 604_800
LONGEST_TEXT = 1024


@dataclass(frozen=True, slots=True)
class Attribute:
    default: str
    allows: Demand
    said: str


def _one_of(default: str, *words: str) -> Attribute:
    return Attribute(default, lambda value: value in words, f"one of '{', '.join(words)}'")


def _between(default: str, least: int, most: int, *words: str) -> Attribute:
    """A whole number, or one of the words."""

    def allows(value: str) -> bool:
        return value in words or (_is_number(value) and least <= int(value) <= most)

    return Attribute(default, allows, f"between {least} and {most}" + (f", or {' or '.join(words)}" if words else ""))


def _text(default: str = "", longest: int = LONGEST_TEXT) -> Attribute:
    return Attribute(default, lambda value: len(value) <= longest, f"at most {longest} characters long")


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,7}", value) is not None


_NO, _YES = _one_of("false", "true", "false"), _one_of("true", "true", "false")
_CROSS = _one_of("use_load_balancer_configuration", "true", "false", "use_load_balancer_configuration")
_COUNT, _PERCENT = _between("1", 1, 10_000, "off"), _between("off", 1, 100, "off")

_OF_EVERY_GROUP = {
    "stickiness.enabled": _NO,
    DELAY: _between("300", 0, 3600),
    CROSS_ZONE: _CROSS,
    "target_group_health.dns_failover.minimum_healthy_targets.count": _COUNT,
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": _PERCENT,
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": _between("1", 1, 10_000),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": _PERCENT,
}
_OF_APPLICATION_GROUPS = {
    **_OF_EVERY_GROUP,
    "stickiness.type": _one_of("lb_cookie", "lb_cookie", "app_cookie"),
    "stickiness.lb_cookie.duration_seconds": _between("86400", 1, WEEK),
    "stickiness.app_cookie.cookie_name": _text(longest=256),
    "stickiness.app_cookie.duration_seconds": _between("86400", 1, WEEK),
    "slow_start.duration_seconds": _between("0", 30, 900, "0"),
    "load_balancing.algorithm.type": _one_of(
        "round_robin", "round_robin", "least_outstanding_requests", "weighted_random"
    ),
    "load_balancing.algorithm.anomaly_mitigation": _one_of("off", "on", "off"),
}
_OF_NETWORK_GROUPS = {
    **_OF_EVERY_GROUP,
    "stickiness.type": _one_of("source_ip", "source_ip"),
    "deregistration_delay.connection_termination.enabled": _NO,
    "preserve_client_ip.enabled": _YES,
    "proxy_protocol_v2.enabled": _NO,
    "target_health_state.unhealthy.connection_termination.enabled": _YES,
    "target_health_state.unhealthy.draining_interval_seconds": _between("0", 0, 360_000),
}

_OF_EVERY_BALANCER = {
    "access_logs.s3.enabled": _NO,
    "access_logs.s3.bucket": _text(),
    "access_logs.s3.prefix": _text(),
    DELETION_PROTECTION: _NO,
    "ipv6.deny_all_igw_traffic": _NO,
    "zonal_shift.config.enabled": _NO,
}
_OF_APPLICATIONS = {
    **_OF_EVERY_BALANCER,
    CROSS_ZONE: _one_of("true", "true"),
    "client_keep_alive.seconds": _between("3600", 60, WEEK),
    "connection_logs.s3.enabled": _NO,
    "connection_logs.s3.bucket": _text(),
    "connection_logs.s3.prefix": _text(),
    "health_check_logs.s3.enabled": _NO,
    "health_check_logs.s3.bucket": _text(),
    "health_check_logs.s3.prefix": _text(),
    "idle_timeout.timeout_seconds": _between("60", 1, 4000),
    "routing.http.desync_mitigation_mode": _one_of("defensive", "monitor", "defensive", "strictest"),
    "routing.http.drop_invalid_header_fields.enabled": _NO,
    "routing.http.preserve_host_header.enabled": _NO,
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": _NO,
    "routing.http.xff_client_port.enabled": _NO,
    "routing.http.xff_header_processing.mode": _one_of("append", "append", "preserve", "remove"),
    "routing.http2.enabled": _YES,
    "waf.fail_open.enabled": _NO,
}
_OF_NETWORKS = {
    **_OF_EVERY_BALANCER,
    CROSS_ZONE: _NO,
    "dns_record.client_routing_policy": _one_of(
        "any_availability_zone",
        "availability_zone_affinity",
        "partial_availability_zone_affinity",
        "any_availability_zone",
    ),
    "secondary_ips.auto_assigned.per_subnet": _between("0", 0, 7),
}

_RESPONSE_HEADERS = (
    "access_control_allow_credentials",
    "access_control_allow_headers",
    "access_control_allow_methods",
    "access_control_allow_origin",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "strict_transport_security",
    "x_content_type_options",
    "x_frame_options",
)
_REQUEST_HEADERS = {
    "x_amzn_mtls_clientcert": "X-Amzn-Mtls-Clientcert",
    "x_amzn_mtls_clientcert_issuer": "X-Amzn-Mtls-Clientcert-Issuer",
    "x_amzn_mtls_clientcert_leaf": "X-Amzn-Mtls-Clientcert-Leaf",
    "x_amzn_mtls_clientcert_serial_number": "X-Amzn-Mtls-Clientcert-Serial-Number",
    "x_amzn_mtls_clientcert_subject": "X-Amzn-Mtls-Clientcert-Subject",
    "x_amzn_mtls_clientcert_validity": "X-Amzn-Mtls-Clientcert-Validity",
    "x_amzn_tls_cipher_suite": "X-Amzn-Tls-Cipher-Suite",
    "x_amzn_tls_version": "X-Amzn-Tls-Version",
}
_OF_HTTP = {
    "routing.http.response.server.enabled": _YES,
    **{f"routing.http.response.{name}.header_value": _text() for name in _RESPONSE_HEADERS},
}
_OF_HTTPS = {
    **_OF_HTTP,
    **{f"routing.http.request.{name}.header_name": _text(said, 128) for name, said in _REQUEST_HEADERS.items()},
}
_OF_LISTENERS = {
    "HTTP": _OF_HTTP,
    "HTTPS": _OF_HTTPS,
    "TCP": {"tcp.idle_timeout.seconds": _between("350", 60, 6000)},
}


def known_to(owner: LoadBalancer | TargetGroup | Listener) -> Mapping[str, Attribute]:
    """The attributes that it has, in the order in which they are shown."""
    if isinstance(owner, LoadBalancer):
        return _OF_APPLICATIONS if owner.kind == "application" else _OF_NETWORKS
    if isinstance(owner, Listener):
        return _OF_LISTENERS.get(owner.protocol, {})
    return _OF_APPLICATION_GROUPS if owner.protocol in ("HTTP", "HTTPS") else _OF_NETWORK_GROUPS


def effective(owner: LoadBalancer | TargetGroup | Listener) -> dict[str, str]:
    """All of its attributes: those that somebody set, and AWS's defaults."""
    found = {key: attribute.default for key, attribute in known_to(owner).items()}
    if isinstance(owner, TargetGroup) and owner.protocol not in ("HTTP", "HTTPS"):
        found.update(_of_transport(owner))
    return {**found, **owner.attributes}


def _of_transport(group: TargetGroup) -> dict[str, str]:
    """The defaults that depend on the protocol."""
    udp = group.protocol in ("UDP", "TCP_UDP")
    return {
        "deregistration_delay.connection_termination.enabled": str(udp).lower(),
        "preserve_client_ip.enabled": str(udp or group.target_type != "ip").lower(),
        "target_health_state.unhealthy.connection_termination.enabled": str(not udp).lower(),
    }


def changed(owner: LoadBalancer | TargetGroup | Listener, given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What it has set once these are set too. Raises Invalid, InvalidConfiguration."""
    noun, known, found = _NOUNS[type(owner)], known_to(owner), dict(owner.attributes)
    seen: set[str] = set()
    for pair in given:
        key, value = pair.get("Key") or "", pair.get("Value") or ""
        if key in seen:
            raise Invalid(f"{noun} attribute key '{key}' was specified more than once")
        if key not in known:
            _refuse(noun, key)
        if not known[key].allows(value):
            raise Invalid(f"The value '{value}' of the attribute '{key}' is not valid: it must be {known[key].said}")
        seen.add(key)
        found[key] = value
    if isinstance(owner, TargetGroup):
        _go_together(owner, found)
    return found


_NOUNS = {LoadBalancer: "Load balancer", TargetGroup: "Target group", Listener: "Listener"}
_ANYWHERE = {
    "Load balancer": {*_OF_APPLICATIONS, *_OF_NETWORKS},
    "Target group": {*_OF_APPLICATION_GROUPS, *_OF_NETWORK_GROUPS},
    "Listener": {key for known in _OF_LISTENERS.values() for key in known},
}


def _refuse(noun: str, key: str) -> None:
    if key in _ANYWHERE[noun]:
        raise InvalidConfiguration(f"The provided {noun.lower()} attribute is not supported: '{key}'")
    raise Invalid(f"{noun} attribute key '{key}' is not recognized")


def _go_together(group: TargetGroup, set_: Mapping[str, str]) -> None:
    now = effective(replace(group, attributes=dict(set_)))
    name = now.get("stickiness.app_cookie.cookie_name", "")
    if now["stickiness.enabled"] == "true" and now["stickiness.type"] == "app_cookie" and not name:
        raise InvalidConfiguration("A cookie name must be specified for stickiness of the type 'app_cookie'")
    if name.upper().startswith("AWSALB"):
        raise Invalid(f"The cookie name '{name}' is reserved for use by the load balancer")
    algorithm = now.get("load_balancing.algorithm.type")
    if now.get("load_balancing.algorithm.anomaly_mitigation") == "on" and algorithm != "weighted_random":
        raise InvalidConfiguration("Anomaly mitigation is only available with the algorithm 'weighted_random'")
    if now.get("slow_start.duration_seconds", "0") != "0" and algorithm != "round_robin":
        raise InvalidConfiguration(f"Slow start is not supported with the algorithm '{algorithm}'")
    if group.protocol in ("UDP", "TCP_UDP") and now["preserve_client_ip.enabled"] == "false":
        raise InvalidConfiguration(f"Client IP preservation cannot be disabled for {group.protocol} target groups")


def deregistration_delay(group: TargetGroup, default: int = 300) -> int:
    """How long a target of the group drains, in seconds; `default` where nobody said how long."""
    return int(group.attributes.get(DELAY, default))


def is_protected(balancer: LoadBalancer) -> bool:
    return effective(balancer)[DELETION_PROTECTION] == "true"
