"""Service-linked roles: those that a service makes for itself, and that nobody else may change.

Source: Amazon ECS Developer Guide, "Using service-linked roles for Amazon ECS"; IAM User Guide, "Service-linked
roles".
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from podium.iam import judging, names
from podium.iam.errors import InvalidInput
from podium.iam.records import Role, called
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction

InUse = Callable[[Transaction, str], str]
AWS_POLICIES = "iam::aws:policy/aws-service-role/"


@dataclass(frozen=True, slots=True)
class Linked:
    """`description` is what the service gives a role that it makes unasked. With `suffixes` there may be several."""

    name: str
    policy: str
    description: str
    suffixes: bool = False


SERVICES = {
    "ecs.amazonaws.com": Linked(
        "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy", "Role to enable Amazon ECS to manage your cluster."
    ),
    "ecs-compute.amazonaws.com": Linked(
        "AWSServiceRoleForECSCompute", "AmazonECSComputeServiceRolePolicy", "Role to enable Amazon ECS compute."
    ),
    "ecs.application-autoscaling.amazonaws.com": Linked(
        "AWSServiceRoleForApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy", ""
    ),
    "elasticloadbalancing.amazonaws.com": Linked(
        "AWSServiceRoleForElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
        "Allows ELB to call AWS services on your behalf.",
    ),
    "autoscaling.amazonaws.com": Linked(
        "AWSServiceRoleForAutoScaling",
        "AutoScalingServiceRolePolicy",
        "Default Service-Linked Role enables access to AWS Services and Resources used or managed by Auto Scaling",
        suffixes=True,
    ),
}
_IN_USE: dict[str, InUse] = {}


def in_use(service: str, why: InUse) -> None:
    """`why` says, of a transaction and an account, what still needs the service's role; empty when nothing does."""
    _IN_USE[service] = why


def why_needed(tx: Transaction, account: str, service: str) -> str:
    return _IN_USE[service](tx, account) if service in _IN_USE else ""


def ensure_service_linked_role(call: Call, tx: Transaction, service: str) -> Role | None:
    """The service's role, made when it is not there. None when the caller may not make it: AWS goes on without."""
    linked = SERVICES[service]
    found = names.named(call, tx, Role, linked.name)
    if found is not None:
        return found
    if not judging.allows(call, tx, ask(call, service, linked.name)):
        return None
    return tx.put(made(call, service, linked.name, linked.description))


def create(call: Call, tx: Transaction, service: str, suffix: str | None, description: str | None) -> Role:
    """Raises InvalidInput for a service without one, and for a name already taken."""
    linked = SERVICES.get(service)
    if linked is None:
        raise InvalidInput(f"Service role cannot be created: {service} is not a service that has one here.")
    if suffix and not linked.suffixes:
        raise InvalidInput(f"Custom suffix is not allowed for {service}")
    name = f"{linked.name}_{suffix}" if suffix else linked.name
    if tx.list(Role, called=called(names.home(call), name)):
        raise InvalidInput(f"Service role name {name} has been taken in this account, please try a different suffix.")
    return tx.put(made(call, service, name, description or ""))


def ask(call: Call, service: str, name: str) -> Ask:
    arn = names.arn(call, Role, _path(service), name)
    return Ask(action="iam:CreateServiceLinkedRole", resource=arn, context={"iam:AWSServiceName": service})


def made(call: Call, service: str, name: str, description: str) -> Role:
    trusts = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    path = _path(service)
    return Role(
        arn=names.arn(call, Role, path, name),
        home=names.home(call),
        called=called(names.home(call), name),
        name=name,
        path=path,
        id=names.new_id(call.ids, Role),
        created_at=call.now.replace(microsecond=0),
        trust=json.dumps({"Version": "2012-10-17", "Statement": [trusts]}),
        description=description or None,
        linked_service=service,
        attached=(f"arn:{call.partition}:{AWS_POLICIES}{SERVICES[service].policy}",),
    )


def _path(service: str) -> str:
    return f"{names.LINKED_PATH}{service}/"
