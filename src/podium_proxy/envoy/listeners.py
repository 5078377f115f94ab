"""A place where somebody listens, as Envoy's listener. Its routes and certificates are resources of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from podium_protocol.proxy import Listener, LoadBalancer
from podium_proxy.envoy import access_logs, actions, conditions, scripts, stickiness, tls
from podium_proxy.envoy.clusters import stat_name
from podium_proxy.envoy.replies import local_replies

_EXTENSIONS = "type.googleapis.com/envoy.extensions"
_MANAGER = f"{_EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = f"{_EXTENSIONS}.filters.http.router.v3.Router"
_TCP = f"{_EXTENSIONS}.filters.network.tcp_proxy.v3.TcpProxy"
_INSPECTOR = f"{_EXTENSIONS}.filters.listener.tls_inspector.v3.TlsInspector"
_MUTATION = f"{_EXTENSIONS}.http.early_header_mutation.header_mutation.v3.HeaderMutation"
_NLB_IDLE_SECONDS = 350

Resource = dict[str, Any]
WEB = ("HTTP", "HTTPS")
SECURE = ("HTTPS", "TLS")


def listener(
    name: str, places: Sequence[tuple[str, int]], chains: list[Resource], default: Resource | None = None
) -> Resource:
    """One for all hosts and ports: each listener has its own filters in every thread, and these take room."""
    first, *others = [{"address": {"socket_address": {"address": h, "port_value": p}}} for h, p in places]
    found: Resource = {
        "name": name,
        **first,
        "additional_addresses": others,
        "filter_chains": chains,
        "per_connection_buffer_limit_bytes": 65536,
    }
    if default is not None:
        found["default_filter_chain"] = default
    if any("transport_socket" in chain for chain in [*chains, *([default] if default else [])]):
        inspector = {"name": "envoy.filters.listener.tls_inspector", "typed_config": {"@type": _INSPECTOR}}
        found["listener_filters"] = [inspector]
    return found


def chain(balancer: LoadBalancer, document: Listener, routes: str) -> Resource | None:
    """What a listener does with a connection. `routes` names its route configuration. None: nobody to send it to."""
    if document["protocol"] in WEB:
        filters = [_named("envoy.filters.network.http_connection_manager", manager(balancer, document, routes))]
    else:
        proxy = _tcp_proxy(balancer, document)
        if proxy is None:
            return None
        filters = [_named("envoy.filters.network.tcp_proxy", proxy)]
    found: Resource = {"name": document["arn"], "filters": filters}
    if document["protocol"] in SECURE:
        found["transport_socket"] = tls.transport(document, _protocols(balancer, document))
    return found


def manager(
    balancer: LoadBalancer,
    document: Listener,
    routes: str,
    stats: str | None = None,
    sharing: Sequence[LoadBalancer] = (),
) -> Resource:
    """`stats` where others share it, whose load balancers are `sharing`: the name of what is counted."""
    served = sharing or (balancer,)
    attributes = balancer["attributes"]
    idle = f"{int(attributes.get('idle_timeout.timeout_seconds') or 60)}s"
    found: Resource = {
        "@type": _MANAGER,
        "stat_prefix": stats or stat_name(balancer["arn"]),
        "rds": {"route_config_name": routes, "config_source": {"ads": {}, "resource_api_version": "V3"}},
        "http_filters": _filters(document, attributes, served),
        "use_remote_address": True,
        "skip_xff_append": True,  # Envoy would write the machine's address for a client on loopback
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "stream_idle_timeout": idle,
        "common_http_protocol_options": {
            "idle_timeout": idle,
            "max_connection_duration": f"{int(attributes.get('client_keep_alive.seconds') or 3600)}s",
        },
        "http1_safe_max_connection_duration": True,
        "http_protocol_options": {"accept_http_10": True, "default_host_for_http_10": balancer["dns_name"]},
        "local_reply_config": local_replies(),
    }
    if any(access_logs.are_wanted(each) for each in served):
        found["access_log"] = [access_logs.logger(document if len(served) == 1 else None)]
    if conditions.needs_source(document["rules"]):
        found["early_header_mutation_extensions"] = [_source_header()]
    return found


def _filters(document: Listener, attributes: Mapping[str, str], served: Sequence[LoadBalancer]) -> list[Resource]:
    drop = attributes.get("routing.http.drop_invalid_header_fields.enabled") == "true"
    sticky = any(stickiness.is_by_load_balancer(group) for each in served for group in each["target_groups"])
    secure = document["protocol"] == "HTTPS"
    return [
        scripts.http_filter(document["port"], drop_invalid=drop, sticky=sticky, secure=secure),
        stickiness.http_filter(),
        _named("envoy.filters.http.router", {"@type": _ROUTER, "suppress_envoy_headers": True}),
    ]


def _source_header() -> Resource:
    value = {"key": conditions.SOURCE, "value": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"}
    append = {"append": {"header": value, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
    return _named("envoy.http.early_header_mutation.header_mutation", {"@type": _MUTATION, "mutations": [append]})


def _tcp_proxy(balancer: LoadBalancer, document: Listener) -> Resource | None:
    groups = {group["arn"]: group for group in balancer["target_groups"]}
    forward = next((a for r in document["rules"] for a in r["actions"] if a.get("Type") == "forward"), None)
    chosen = {arn: w for arn, w in actions.weights(forward).items() if w and arn in groups} if forward else {}
    if not chosen:
        return None
    seconds = int(document["attributes"].get("tcp.idle_timeout.seconds") or _NLB_IDLE_SECONDS)
    found: Resource = {
        "@type": _TCP,
        "stat_prefix": stat_name(balancer["arn"]),
        "idle_timeout": f"{seconds}s",
        "hash_policy": [{"source_ip": {}}],
    }
    if len(chosen) == 1:
        found["cluster"] = next(iter(chosen))
    else:
        found["weighted_clusters"] = {"clusters": [{"name": arn, "weight": w} for arn, w in chosen.items()]}
    return found


def _protocols(balancer: LoadBalancer, document: Listener) -> list[str]:
    if document["protocol"] == "HTTPS":
        http2 = balancer["attributes"].get("routing.http2.enabled") != "false"
        return ["h2", "http/1.1"] if http2 else ["http/1.1"]
    return _ALPN.get(document.get("alpn_policy") or "None", [])


_ALPN = {
    "HTTP1Only": ["http/1.1"],
    "HTTP2Only": ["h2"],
    "HTTP2Optional": ["http/1.1", "h2"],
    "HTTP2Preferred": ["h2", "http/1.1"],
}


def _named(name: str, config: Resource) -> Resource:
    return {"name": name, "typed_config": config}
