"""Stickiness of a target group: a cookie that names the target, made and read by Envoy."""

from typing import Any

from podium_protocol.proxy import TargetGroup

FILTER = "envoy.filters.http.stateful_session"
_SESSION = "type.googleapis.com/envoy.extensions.filters.http.stateful_session.v3"
_COOKIE = "type.googleapis.com/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState"
_DEFAULT_SECONDS = "86400"


def of_targets(group: TargetGroup) -> dict[str, Any]:
    """What a route to `group` adds. A target that has left holds nobody.

    With app_cookie the load balancer's own cookie is given out whether or not the application set its.
    """
    attributes = group["attributes"]
    if attributes.get("stickiness.enabled") != "true":
        return {}
    by_application = attributes.get("stickiness.type") == "app_cookie"
    kind = "app_cookie" if by_application else "lb_cookie"
    seconds = attributes.get(f"stickiness.{kind}.duration_seconds") or _DEFAULT_SECONDS
    cookie = {"name": "AWSALBAPP-0" if by_application else "AWSALB", "path": "/", "ttl": f"{int(seconds)}s"}
    state = {"name": "envoy.http.stateful_session.cookie", "typed_config": {"@type": _COOKIE, "cookie": cookie}}
    session = {"@type": f"{_SESSION}.StatefulSessionPerRoute", "stateful_session": {"session_state": state}}
    return {"typed_per_filter_config": {FILTER: session}}


def is_by_load_balancer(group: TargetGroup) -> bool:
    """With the load balancer's own cookie, of which other sites get a second one."""
    attributes = group["attributes"]
    return attributes.get("stickiness.enabled") == "true" and attributes.get("stickiness.type") != "app_cookie"


def http_filter() -> dict[str, Any]:
    """Is not there for a request whose route does not say what to do: each filter costs every request something."""
    return {"name": FILTER, "disabled": True, "typed_config": {"@type": f"{_SESSION}.StatefulSession"}}
