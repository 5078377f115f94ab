"""What listeners and rules do with a request, normalized: every default that AWS shows is filled in.

Source: Elastic Load Balancing API Reference, Action, and User Guide for Application Load Balancers, "Actions".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from podium.elbv2.errors import Invalid, InvalidAction, NotYet, TooManyActions

Action = dict[str, Any]
Given = Mapping[str, Any]
FORWARD, REDIRECT, FIXED = "forward", "redirect", "fixed-response"
CONTENT_TYPES = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")
MOST_GROUPS, MOST_WEIGHT, LONGEST_STICKINESS = 5, 999, 604_800
AS_THEY_ARE = {
    "Protocol": "#{protocol}",
    "Host": "#{host}",
    "Port": "#{port}",
    "Path": "/#{path}",
    "Query": "#{query}",
}


def normalized(kind: str, protocol: str, port: int, given: Sequence[Given]) -> tuple[Action, ...]:
    """The actions of a listener of a load balancer of this kind, or of a rule of it. Raises what is wrong."""
    if not given:
        raise Invalid("At least one action must be specified")
    for action in given:
        if action["Type"] not in (FORWARD, REDIRECT, FIXED):
            raise NotYet(f"actions of the type {action['Type']}")
    if len(given) > 1:
        raise TooManyActions("Only one action of the types forward, redirect and fixed-response can be specified")
    [action] = given
    if kind == "network" and action["Type"] != FORWARD:
        raise InvalidAction(f"Action type '{action['Type']}' is not supported for network load balancers")
    _only_its_own(action)
    made = _MAKERS[action["Type"]](action, protocol, port)
    return ({**made, "Order": action["Order"]} if action.get("Order") else made,)


_CONFIGS = {
    FORWARD: ("TargetGroupArn", "ForwardConfig"),
    REDIRECT: ("RedirectConfig",),
    FIXED: ("FixedResponseConfig",),
}


def _only_its_own(action: Given) -> None:
    foreign = [name for kind, names in _CONFIGS.items() if kind != action["Type"] for name in names]
    for name in foreign:
        if action.get(name):
            raise Invalid(f"{name} cannot be specified for an action of the type '{action['Type']}'")


def _forward(action: Given, protocol: str, port: int) -> Action:
    arn, config = action.get("TargetGroupArn"), action.get("ForwardConfig") or {}
    groups = config.get("TargetGroups") or ([{"TargetGroupArn": arn}] if arn else [])
    if not groups:
        raise Invalid("A target group ARN must be specified")
    if len(groups) > MOST_GROUPS:
        raise InvalidAction(f"A forward action can have at most '{MOST_GROUPS}' target groups")
    made = [_weighted(group) for group in groups]
    arns = [group["TargetGroupArn"] for group in made]
    if len(set(arns)) < len(arns):
        raise Invalid("A target group cannot be specified more than once in a forward action")
    if arn and arns != [arn]:
        raise Invalid("The target group ARN and the only target group of the forward configuration must be the same")
    alone = {"TargetGroupArn": arns[0]} if len(arns) == 1 else {}
    sticky = _stickiness(config.get("TargetGroupStickinessConfig") or {})
    forward = {"TargetGroups": made, "TargetGroupStickinessConfig": sticky}
    return {"Type": FORWARD, **alone, "ForwardConfig": forward}


def _weighted(group: Given) -> dict[str, Any]:
    weight = group.get("Weight")
    if not group.get("TargetGroupArn"):
        raise Invalid("A target group ARN must be specified")
    if weight is not None and not 0 <= weight <= MOST_WEIGHT:
        raise Invalid(f"The weight of a target group must be between 0 and {MOST_WEIGHT}")
    return {"TargetGroupArn": group["TargetGroupArn"], "Weight": 1 if weight is None else weight}


def _stickiness(given: Given) -> dict[str, Any]:
    seconds = given.get("DurationSeconds")
    if seconds is not None and not 1 <= seconds <= LONGEST_STICKINESS:
        raise Invalid(f"The duration of target group stickiness must be between 1 and {LONGEST_STICKINESS} seconds")
    if not given.get("Enabled"):
        return {"Enabled": False, **({"DurationSeconds": seconds} if seconds is not None else {})}
    if seconds is None:
        raise Invalid("A duration must be specified for target group stickiness")
    return {"Enabled": True, "DurationSeconds": seconds}


def _redirect(action: Given, protocol: str, port: int) -> Action:
    config = action.get("RedirectConfig")
    if not config:
        raise Invalid("A redirect configuration must be specified")
    made = {**AS_THEY_ARE, **{name: config[name] for name in AS_THEY_ARE if config.get(name) is not None}}
    if made["Port"] != AS_THEY_ARE["Port"] and not _is_port(made["Port"]):
        raise Invalid(f"The redirect port '{made['Port']}' must be '#{{port}}' or a port from 1 to 65535")
    if not made["Path"].startswith("/"):
        raise Invalid(f"The redirect path '{made['Path']}' must begin with a '/' character")
    if _loops(made, protocol, port):
        raise InvalidAction("The redirect configuration is not valid because it creates a loop.")
    return {"Type": REDIRECT, "RedirectConfig": {**made, "StatusCode": config["StatusCode"]}}


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536


def _loops(made: Mapping[str, str], protocol: str, port: int) -> bool:
    """Whether nothing but the query would change."""
    return (
        made["Protocol"] in (AS_THEY_ARE["Protocol"], protocol)
        and made["Port"] in (AS_THEY_ARE["Port"], str(port))
        and made["Host"] == AS_THEY_ARE["Host"]
        and made["Path"] == AS_THEY_ARE["Path"]
    )


def _fixed(action: Given, protocol: str, port: int) -> Action:
    config = action.get("FixedResponseConfig")
    if not config:
        raise Invalid("A fixed response configuration must be specified")
    content_type = config.get("ContentType") or "text/plain"
    if content_type not in CONTENT_TYPES:
        raise Invalid(f"The content type '{content_type}' must be one of '{', '.join(CONTENT_TYPES)}'")
    body = {"MessageBody": config["MessageBody"]} if config.get("MessageBody") else {}
    made = {**body, "StatusCode": config["StatusCode"], "ContentType": content_type}
    return {"Type": FIXED, "FixedResponseConfig": made}


_MAKERS = {FORWARD: _forward, REDIRECT: _redirect, FIXED: _fixed}
