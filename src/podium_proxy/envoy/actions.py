"""A rule's actions as routes: forward with weights and stickiness, redirect, fixed response.

Sticky groups become routes of their own, tried first: the cookie names the group, as ELB's does, so that a change of
weights moves nobody who has one. A group whose weight is 0 holds nobody.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium_protocol.proxy import TargetGroup
from podium_proxy.envoy import scripts, stickiness
from podium_proxy.envoy.replies import SERVER, header, said_by_us

GROUP_COOKIE, GROUP_COOKIE_ELSEWHERE = "AWSALBTG", "AWSALBTGCORS"
_ONLY_HTTP2 = ("GRPC", "HTTP2")

Route = dict[str, Any]


class Undoable(Exception):
    """An action that is not carried out here; the text says which."""


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a rule's listener has. `idle` is how long a request may be silent; `secure`: it speaks TLS."""

    groups: Mapping[str, TargetGroup]
    idle: str
    secure: bool


def routes(match: Route, actions: list[dict[str, Any]], around: Around) -> list[Route]:
    """The routes of one rule, in their order. Raises Undoable."""
    action = max(actions, key=lambda action: action.get("Order", 0)) if actions else {}
    first = next((a for a in actions if a.get("Type", "") not in _ROUTING), None)
    if first is not None:
        raise Undoable(f"an action of type {first.get('Type')!r} is not carried out here")
    kind = action.get("Type")
    if kind == "forward":
        return _forward(match, action, around)
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


def _forward(match: Route, action: Mapping[str, Any], around: Around) -> list[Route]:
    chosen = {arn: weight for arn, weight in weights(action).items() if weight and arn in around.groups}
    if not chosen:
        return [{"match": match, **said_by_us(503)}]
    sticky = action.get("ForwardConfig", {}).get("TargetGroupStickinessConfig") or {}
    seconds = int(sticky.get("DurationSeconds") or 3600) if sticky.get("Enabled") and len(weights(action)) > 1 else 0
    held = [_held(match, arn, around, seconds) for arn in chosen] if seconds else []
    return [*held, {"match": match, **_spread(chosen, around, seconds)}]


def _held(match: Route, arn: str, around: Around, seconds: int) -> Route:
    cookie = {
        "name": "cookie",
        "string_match": {"safe_regex": {"regex": f"(?:.*; ?)?{GROUP_COOKIE}(?:CORS)?={token(arn)}(?:;.*)?"}},
    }
    narrowed = {**match, "headers": [*match.get("headers", []), cookie]}
    return {"match": narrowed, **_spread({arn: 1}, around, seconds)}


def _spread(chosen: Mapping[str, int], around: Around, seconds: int) -> Route:
    common: Route = {"timeout": "0s", "idle_timeout": around.idle, "retry_policy": _RETRIES}
    groups = {arn: around.groups[arn] for arn in chosen}
    script = _script(list(groups.values()))
    if len(chosen) == 1:
        [arn] = chosen
        extras = _extras(groups[arn], seconds, around)
        filters = {**extras.pop("typed_per_filter_config", {}), **script}
        return {"route": {"cluster": arn, **common}, **extras, **_filters(filters)}
    clusters = [{"name": arn, "weight": w, **_extras(groups[arn], seconds, around)} for arn, w in chosen.items()]
    return {"route": {"weighted_clusters": {"clusters": clusters}, **common}, **_filters(script)}


def _filters(found: Route) -> Route:
    return {"typed_per_filter_config": found} if found else {}


def _script(groups: list[TargetGroup]) -> Route:
    """Groups that speak HTTP/2 alone are asked nothing in another protocol: 464."""
    versions = {group["protocol_version"] for group in groups}
    only = next((version for version in _ONLY_HTTP2 if version in versions), None)
    sticky = any(stickiness.is_by_load_balancer(group) for group in groups)
    return scripts.of_route(context={"version": only} if only else None, sticky=sticky)


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


def _extras(group: TargetGroup, seconds: int, around: Around) -> Route:
    """What a group adds to the route, or to its share of one: its cookies."""
    found = dict(stickiness.of_targets(group))
    if seconds:
        value = f"{token(group['arn'])}; Max-Age={seconds}; Path=/"
        elsewhere = f"{value}; SameSite=None{'; Secure' if around.secure else ''}"
        found["response_headers_to_add"] = [
            _set_cookie(f"{GROUP_COOKIE}={value}"),
            _set_cookie(f"{GROUP_COOKIE_ELSEWHERE}={elsewhere}"),
        ]
    return found


def _set_cookie(cookie: str) -> Route:
    return {"header": {"key": "set-cookie", "value": cookie}, "append_action": "APPEND_IF_EXISTS_OR_ADD"}


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
    return {"direct_response": {"status": 500}, **_filters(scripts.of_route(context=context))}
