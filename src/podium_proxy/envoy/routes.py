"""The rules of a listener as a virtual host: one route, or a few, for each rule in its order."""

from dataclasses import dataclass
from typing import Any

from podium_protocol.proxy import Listener, LoadBalancer, Rule
from podium_proxy.envoy import access_logs, actions, conditions
from podium_proxy.envoy.replies import SERVER, header, html, said_by_us

_TAKEN_OFF = [conditions.SOURCE, "x-envoy-external-address", "x-envoy-internal", "x-envoy-attempt-count"]
_NOT_IMPLEMENTED = 501
_CLIENT = {
    "header": {"key": "x-forwarded-for", "value": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"},
    "append_action": "APPEND_IF_EXISTS_OR_ADD",
}
_FORWARDED_FOR = {"append": [_CLIENT]}
_MORE_THAN_30 = {"name": "x-forwarded-for", "string_match": {"safe_regex": {"regex": "(?:[^,]*,){30}.*"}}}
_TOO_MANY_FORWARDERS = {"match": {"prefix": "", "headers": [_MORE_THAN_30]}, **said_by_us(463)}


@dataclass(frozen=True, kw_only=True)
class VirtualHost:
    """`refused` has a sentence for each rule that is not carried out; such a rule answers 501, and never forwards."""

    resource: dict[str, Any]
    refused: tuple[str, ...] = ()


def virtual_host(balancer: LoadBalancer, listener: Listener) -> VirtualHost:
    """Its `domains` are any; whoever shares it with others puts in better ones."""
    around = actions.Around(
        groups={group["arn"]: group for group in balancer["target_groups"]},
        idle=f"{int(balancer['attributes'].get('idle_timeout.timeout_seconds') or 60)}s",
        secure=listener["protocol"] == "HTTPS",
    )
    mode = balancer["attributes"].get("routing.http.xff_header_processing.mode") or "append"
    routes: list[dict[str, Any]] = []
    refused: list[str] = []
    logs = access_logs.are_wanted(balancer)
    for rule in listener["rules"]:
        found, trouble = _rule(rule, around)
        told = access_logs.of_route(listener, rule.get("priority") or 0, rule["actions"]) if logs else {}
        routes += [{**route, **told} for route in found] if told else found
        refused += [trouble] if trouble else []
    last = access_logs.of_route(listener, None, []) if logs else {}
    resource = {
        "name": listener["arn"],
        "domains": ["*"],
        "routes": [
            {**_TOO_MANY_FORWARDERS, **last},
            *routes,
            {"match": {"prefix": ""}, **said_by_us(503), **last},
        ],
        "request_headers_to_add": [header("x-forwarded-port", str(listener["port"])), *_FORWARDED_FOR.get(mode, [])],
        "request_headers_to_remove": [*_TAKEN_OFF, *(["x-forwarded-for"] if mode == "remove" else [])],
    }
    return VirtualHost(resource=resource, refused=tuple(refused))


def _rule(rule: Rule, around: actions.Around) -> tuple[list[dict[str, Any]], str | None]:
    where = f"Rule {rule['priority']}" if rule.get("priority") is not None else "The default rule"
    try:
        match = conditions.match(rule["conditions"])
    except conditions.Unmatchable as error:
        return [], f"{where} is passed over: {error}."
    try:
        return actions.routes(match, rule["actions"], around), None
    except actions.Undoable as error:
        return [{"match": match, **said_by_us(_NOT_IMPLEMENTED)}], f"{where} answers {_NOT_IMPLEMENTED}: {error}."


def unknown_host(port: int, names: list[str]) -> dict[str, Any]:
    """What 127.0.0.1 says when nobody there is meant."""
    listed = "".join(f"<li>{name}</li>" for name in names)
    page = html(404).replace(
        "</body>",
        f"<p>Several load balancers share port {port} of 127.0.0.1. Say by the Host header which is meant:</p>"
        f"<ul>{listed}</ul>\r\n</body>",
    )
    # a direct response may have 4096 bytes
    answer = {"status": 404, "body": {"inline_string": page if len(page) < 4000 else html(404)}}
    headers = [header("server", SERVER), header("content-type", "text/html")]
    route = {"match": {"prefix": ""}, "direct_response": answer, "response_headers_to_add": headers}
    return {"name": "unknown", "domains": ["*"], "routes": [route]}
