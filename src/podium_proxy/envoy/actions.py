"""A rule's actions as routes: forward with weights and stickiness, redirect, fixed response.

Sticky groups become routes of their own, tried first: the cookie names the group, as ELB's does, so that a change of
weights moves nobody who has one. A group whose weight is 0 holds nobody.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from podium_protocol.proxy import TargetGroup
from podium_proxy.envoy import stickiness
from podium_proxy.envoy.replies import SERVER, header, said_by_us

GROUP_COOKIE = "AWSALBTG"
_LUA = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute"

Route = dict[str, Any]


class Undoable(Exception):
    """An action that is not carried out here; the text says which."""


def routes(match: Route, actions: list[dict[str, Any]], groups: Mapping[str, TargetGroup], idle: str) -> list[Route]:
    """The routes of one rule, in their order. Raises Undoable."""
    action = max(actions, key=lambda action: action.get("Order", 0)) if actions else {}
    first = next((a for a in actions if a.get("Type", "") not in _ROUTING), None)
    if first is not None:
        raise Undoable(f"an action of type {first.get('Type')!r} is not carried out here")
    kind = action.get("Type")
    if kind == "forward":
        return _forward(match, action, groups, idle)
    if kind == "redirect":
        return [{"match": match, **_redirect(action["RedirectConfig"])}]
    if kind == "fixed-response":
        return [{"match": match, **_fixed(action["FixedResponseConfig"])}]
    raise Undoable("a rule without an action answers nothing")


_ROUTING = ("forward", "redirect", "fixed-response")


def weights(action: Mapping[str, Any]) -> dict[str, int]:
    """The target groups that a forward names, with their weights."""
    tuples = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
    return {each["TargetGroupArn"]: int(each.get("Weight", 1)) for each in tuples}


def token(arn: str) -> str:
    """What the group's cookie holds: says nothing to who reads it."""
    return hashlib.sha256(arn.encode()).hexdigest()[:40]


def _forward(match: Route, action: Mapping[str, Any], groups: Mapping[str, TargetGroup], idle: str) -> list[Route]:
    chosen = {arn: weight for arn, weight in weights(action).items() if weight and arn in groups}
    if not chosen:
        return [{"match": match, **said_by_us(503)}]
    sticky = action.get("ForwardConfig", {}).get("TargetGroupStickinessConfig") or {}
    seconds = int(sticky.get("DurationSeconds") or 3600) if sticky.get("Enabled") and len(weights(action)) > 1 else 0
    held = [_held(match, arn, groups[arn], idle, seconds) for arn in chosen] if seconds else []
    return [*held, {"match": match, **_spread(chosen, groups, idle, seconds)}]


def _held(match: Route, arn: str, group: TargetGroup, idle: str, seconds: int) -> Route:
    cookie = {
        "name": "cookie",
        "string_match": {"safe_regex": {"regex": f"(?:.*; ?)?{GROUP_COOKIE}={token(arn)}(?:;.*)?"}},
    }
    narrowed = {**match, "headers": [*match.get("headers", []), cookie]}
    return {"match": narrowed, **_spread({arn: 1}, {arn: group}, idle, seconds)}


def _spread(chosen: Mapping[str, int], groups: Mapping[str, TargetGroup], idle: str, seconds: int) -> Route:
    common: Route = {"timeout": "0s", "idle_timeout": idle, "retry_policy": _RETRIES}
    if len(chosen) == 1:
        arn = next(iter(chosen))
        return {"route": {"cluster": arn, **common}, **_extras(groups[arn], seconds)}
    clusters = [{"name": arn, "weight": w, **_extras(groups[arn], seconds)} for arn, w in chosen.items()]
    return {"route": {"weighted_clusters": {"clusters": clusters}, **common}}


_RETRIES = {
    "retry_on": "connect-failure,refused-stream,reset-before-request",
    "num_retries": 1,
    "retry_host_predicate": [
        {
            "name": "envoy.retry_host_predicates.previous_hosts",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
            },
        }
    ],
    "host_selection_retry_max_attempts": 3,
}
"""Only what no target has seen is sent once more."""


def _extras(group: TargetGroup, seconds: int) -> Route:
    """What a group adds to the route, or to its share of one: its cookies."""
    found = dict(stickiness.of_targets(group))
    if seconds:
        cookie = f"{GROUP_COOKIE}={token(group['arn'])}; Max-Age={seconds}; Path=/"
        found["response_headers_to_add"] = [
            {"header": {"key": "set-cookie", "value": cookie}, "append_action": "APPEND_IF_EXISTS_OR_ADD"}
        ]
    return found


def _fixed(config: Mapping[str, Any]) -> Route:
    response: Route = {"status": int(config["StatusCode"])}
    if config.get("MessageBody"):
        response["body"] = {"inline_string": config["MessageBody"]}
    headers = [header("server", SERVER), header("content-type", config.get("ContentType") or "text/plain")]
    return {"direct_response": response, "response_headers_to_add": headers}


def _redirect(config: Mapping[str, Any]) -> Route:
    """`scripts.REDIRECT` fills in the placeholders. The direct response is never reached."""
    context = {
        "status": config["StatusCode"].removeprefix("HTTP_"),
        "protocol": config.get("Protocol") or "#{protocol}",
        "host": config.get("Host") or "#{host}",
        "port": config.get("Port") or "#{port}",
        "path": config.get("Path") or "/#{path}",
        "query": config["Query"] if config.get("Query") is not None else "#{query}",
    }
    script = {"@type": _LUA, "filter_context": context}
    return {"direct_response": {"status": 500}, "typed_per_filter_config": {"envoy.filters.http.lua": script}}
