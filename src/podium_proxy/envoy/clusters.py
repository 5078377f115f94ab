"""A target group as a cluster, and its targets as the cluster's endpoints."""

from collections.abc import Iterable
from typing import Any

from podium_protocol.proxy import LoadBalancer, Target, TargetGroup

_HTTP = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_CONNECT_SECONDS = 10
_NO_LIMIT = 1_000_000_000
_ALGORITHMS = {
    "round_robin": "ROUND_ROBIN",
    "least_outstanding_requests": "LEAST_REQUEST",
    "weighted_random": "RANDOM",
}

Resource = dict[str, Any]


def stat_name(arn: str) -> str:
    """The last part of an ARN: what CloudWatch calls it, too."""
    return arn.rpartition(":")[2]


def cluster(group: TargetGroup, balancer: LoadBalancer, source: str | None) -> Resource:
    """`source` is the address to speak from, None to leave that to the kernel."""
    found: Resource = {
        "name": group["arn"],
        "alt_stat_name": stat_name(group["arn"]),
        "type": "EDS",
        "eds_cluster_config": {"eds_config": {"ads": {}, "resource_api_version": "V3"}},
        "connect_timeout": f"{_CONNECT_SECONDS}s",
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "circuit_breakers": {
            "thresholds": [
                dict.fromkeys(("max_connections", "max_pending_requests", "max_requests", "max_retries"), _NO_LIMIT)
            ]
        },
        "upstream_connection_options": {"tcp_keepalive": {}},
        **_policy(group, balancer),
    }
    if source is not None:
        found["upstream_bind_config"] = {"source_address": {"address": source, "port_value": 0}}
    if balancer["type"] == "application":
        found["typed_extension_protocol_options"] = {_HTTP.rpartition("/")[2]: _protocol(group, balancer)}
    if group["protocol"] in ("HTTPS", "TLS"):
        found["transport_socket"] = _unverified(group)
    return found


def source(balancer: LoadBalancer, group: TargetGroup, here: Iterable[str]) -> str | None:
    """The load balancer's address on this machine, where some target is not on loopback."""
    if all(is_loopback(target["address"]) for target in group["targets"]):
        return None
    held = set(here)
    return next((a["private"] for a in balancer["addresses"] if a["private"] in held), None)


def is_loopback(address: str) -> bool:
    return address.startswith("127.")


def endpoints(arn: str, targets: Iterable[Target]) -> Resource:
    places = sorted({(target["address"], target["port"]) for target in targets})
    found: Resource = {"cluster_name": arn}
    if places:
        found["endpoints"] = [{"lb_endpoints": [_endpoint(address, port) for address, port in places]}]
    return found


def _endpoint(address: str, port: int) -> Resource:
    return {"endpoint": {"address": {"socket_address": {"address": address, "port_value": port}}}}


def _policy(group: TargetGroup, balancer: LoadBalancer) -> Resource:
    attributes = group["attributes"]
    if balancer["type"] == "network":
        sticky = attributes.get("stickiness.enabled") == "true"
        return {"lb_policy": "MAGLEV" if sticky else "RANDOM"}
    policy = _ALGORITHMS.get(attributes.get("load_balancing.algorithm.type", ""), "ROUND_ROBIN")
    found: Resource = {"lb_policy": policy}
    seconds = int(attributes.get("slow_start.duration_seconds") or 0)
    if seconds and policy == "ROUND_ROBIN":
        found["round_robin_lb_config"] = {"slow_start_config": {"slow_start_window": f"{seconds}s"}}
    return found


def _protocol(group: TargetGroup, balancer: LoadBalancer) -> Resource:
    http2 = group.get("protocol_version") in ("HTTP2", "GRPC")
    idle = int(balancer["attributes"].get("idle_timeout.timeout_seconds") or 60)
    explicit: Resource = {"http2_protocol_options": {}} if http2 else {"http_protocol_options": {}}
    return {
        "@type": _HTTP,
        "explicit_http_config": explicit,
        "common_http_protocol_options": {"idle_timeout": f"{idle}s"},
    }


def _unverified(group: TargetGroup) -> Resource:
    """ELB takes whatever certificate a target shows."""
    common: Resource = {"tls_params": {"tls_minimum_protocol_version": "TLSv1_2"}}
    if group.get("protocol_version") in ("HTTP2", "GRPC"):
        common["alpn_protocols"] = ["h2"]
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {"@type": _TLS, "common_tls_context": common},
    }
