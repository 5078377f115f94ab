"""What each operation of Elastic Load Balancing asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Elastic Load Balancing V2".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from podium.elbv2 import lookups, names
from podium.elbv2.records import Listener, LoadBalancer, Rule, TargetGroup
from podium.elbv2.service import elbv2
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = Mapping[str, Any]
Context = dict[str, str | tuple[str, ...]]
SERVICE = "elasticloadbalancing"
MEMBERS = ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "RuleArn")


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    said = {**_of_tags(request), **_of_request(request)}
    about = ("*",) if operation.startswith("Describe") else tuple(_resources(call, operation, request)) or ("*",)
    for arn in dict.fromkeys(about):
        context = {**said, **_of_resource(tx, call.home, arn)}
        yield Ask(action=f"{SERVICE}:{operation}", resource=arn, context=context)
    if operation.startswith("Create") and request.get("Tags"):
        made = MAKERS[operation](call, request)
        tagging: Context = {**said, f"{SERVICE}:CreateAction": operation}
        yield Ask(action=f"{SERVICE}:AddTags", resource=made, context=tagging)


def _resources(call: Call, operation: str, request: Request) -> Iterator[str]:
    """Listeners are made of their load balancer, and rules of their listener."""
    if operation in ("CreateLoadBalancer", "CreateTargetGroup"):
        yield MAKERS[operation](call, request)
    yield from (request[member] for member in MEMBERS if request.get(member))
    yield from request.get("ResourceArns") or ()
    yield from (pair["RuleArn"] for pair in request.get("RulePriorities") or () if pair.get("RuleArn"))


def _balancer(call: Call, request: Request) -> str:
    kind = request.get("Type")
    return names.of_load_balancer(
        call.home, kind if kind in ("application", "network") else "application", request["Name"], "*"
    )


# What is made, which has no id yet.
MAKERS: dict[str, Callable[[Call, Request], str]] = {
    "CreateLoadBalancer": _balancer,
    "CreateTargetGroup": lambda call, request: names.of_target_group(call.home, request["Name"], "*"),
    "CreateListener": lambda call, request: names.of_listener(request["LoadBalancerArn"], "*"),
    "CreateRule": lambda call, request: names.of_rule(request["ListenerArn"], "*"),
}


def _of_tags(request: Request) -> Context:
    """The tags that are given or taken away."""
    given = {tag["Key"]: tag.get("Value") or "" for tag in request.get("Tags") or ()}
    keys = (*given, *(request.get("TagKeys") or ()))
    context: Context = {f"aws:RequestTag/{key}": value for key, value in given.items()}
    return {**context, "aws:TagKeys": keys} if keys else context


def _of_request(request: Request) -> Context:
    context: Context = {}
    singles = {"Scheme": "Scheme", "Protocol": "ListenerProtocol", "SslPolicy": "SecurityPolicy"}
    for member, key in singles.items():
        if request.get(member):
            context[f"{SERVICE}:{key}"] = request[member]
    if request.get("SecurityGroups"):
        context[f"{SERVICE}:SecurityGroup"] = tuple(request["SecurityGroups"])
    mapped = (mapping.get("SubnetId") or "" for mapping in request.get("SubnetMappings") or ())
    if subnets := tuple(filter(None, (*(request.get("Subnets") or ()), *mapped))):
        context[f"{SERVICE}:Subnet"] = subnets
    return context


def _of_resource(tx: Transaction, home: str, arn: str) -> Context:
    """The tags that it has; a default rule's are its listener's to keep."""
    tags: dict[str, str] = {}
    kinds: tuple[type[Any], ...] = (LoadBalancer, TargetGroup, Listener, Rule)
    for kind in kinds:
        if (held := lookups.find(tx, home, kind, arn)) is not None:
            tags = held.tags
    if (listener := lookups.default_rule(tx, home, arn)) is not None:
        tags = listener.default_rule_tags
    return {f"{prefix}:ResourceTag/{key}": value for key, value in tags.items() for prefix in ("aws", SERVICE)}


elbv2.asks = asks
