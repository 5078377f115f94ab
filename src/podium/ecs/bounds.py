"""What a container agent's credential may ever do, whatever any policy says.

The key by which agents join may register an instance, and nothing else. The credential of a container
instance is good for that instance alone: its own registration, its own channels, and what becomes of the
tasks that were placed on it. An agent that signs with a user's or a role's key is held to the same:
the instance answers to whoever registered it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from podium.ecs.errors import Forbidden, InvalidParameter
from podium.ecs.records import ContainerInstance, InstanceStatus, Stranger, Task
from podium.kernel.call import Call
from podium.kernel.principal import Principal, PrincipalKind
from podium.store.session import Transaction

Request = Mapping[str, Any]
REPORTS = frozenset({"SubmitContainerStateChange", "SubmitTaskStateChange"})
JOINING = frozenset({"CreateCluster", "RegisterContainerInstance"})


def check(call: Call, tx: Transaction, operation: str, request: Request) -> None:
    """Raises Forbidden for what lies beyond the caller's bounds. Users and roles still need a policy."""
    principal = call.principal
    if principal.kind is PrincipalKind.AGENT:
        _only_joins(principal, operation, request)
    elif principal.kind is PrincipalKind.INSTANCE:
        _only_itself(tx, principal, operation, request)
    elif not principal.is_root and operation in OWN:
        _only_its_registrar(tx, principal, operation, request)


def is_valid(instance: ContainerInstance | None, issued_at: datetime | None) -> bool:
    """Whether an instance's credential still counts: it ends with the instance, and when it is revoked."""
    if instance is None or instance.status is InstanceStatus.INACTIVE:
        return False
    return instance.revoked_at is None or issued_at is None or issued_at > instance.revoked_at


def still_counts(tx: Transaction, principal: Principal) -> bool:
    """Whether nothing has ended the caller's credential that its instance's record tells of."""
    if principal.kind is not PrincipalKind.INSTANCE:
        return True
    return is_valid(tx.get(ContainerInstance, principal.issuer_arn), principal.issued_at)


def may_speak_for(instance: ContainerInstance, principal: Principal) -> bool:
    """Whether `principal` may open the instance's channels: all that it answers to, except the key for joining.

    Nobody may for one that was revoked: it can only join again, as another.
    """
    return instance.revoked_at is None and principal.kind is not PrincipalKind.AGENT and answers_to(instance, principal)


def answers_to(instance: ContainerInstance, principal: Principal) -> bool:
    """Whether `principal` may act for the instance: itself, whoever registered it, and root."""
    if principal.kind is PrincipalKind.INSTANCE:
        return principal.issuer_arn == instance.arn and is_valid(instance, principal.issued_at)
    return principal.is_root or instance.registered_by == (principal.issuer_arn or principal.arn)


def may_come_back(instance: ContainerInstance, principal: Principal, claim: str) -> bool:
    """Whether `principal` may register the instance again: whoever knows its claim, or is the instance, or root.

    An instance that never made a claim comes back with whoever registered it.
    """
    if instance.claim and principal.kind is not PrincipalKind.INSTANCE and not principal.is_root:
        return instance.claim == claim
    return not instance.registered_by or answers_to(instance, principal)


def _only_joins(principal: Principal, operation: str, request: Request) -> None:
    if operation not in JOINING:
        raise Forbidden(principal.arn, operation, "this key serves to register container instances alone")
    if operation == "CreateCluster" and request.get("clusterName", "default") != "default":
        raise Forbidden(principal.arn, operation, "this key may create the cluster named default and no other")


def _only_itself(tx: Transaction, principal: Principal, operation: str, request: Request) -> None:
    if not still_counts(tx, principal):
        raise Forbidden(principal.arn, operation, "the container instance was deregistered or its credential revoked")
    about = OF_AN_INSTANCE.get(operation)
    if about is None:
        raise Forbidden(principal.arn, operation, "a container instance's credential is good for itself alone")
    if about(tx, request) not in (None, principal.issuer_arn):
        if operation in REPORTS:
            raise InvalidParameter("The referenced task was not found.")  # the agent gives the report up
        raise Forbidden(principal.arn, operation, "it names another container instance")


def _only_its_registrar(tx: Transaction, principal: Principal, operation: str, request: Request) -> None:
    arn = OWN[operation](tx, request)
    instance = tx.get(ContainerInstance, arn) if arn else None
    if instance is not None and instance.registered_by and not answers_to(instance, principal):
        raise Forbidden(principal.arn, operation, "the container instance was registered by another principal")


def _instance_of_task(tx: Transaction, request: Request) -> str | None:
    """The instance that holds the task; None for a task that no record knows."""
    task = tx.get(Task, request.get("task") or "") or tx.get(Stranger, request.get("task") or "")
    return (task.container_instance_arn or "nowhere") if task else None


def _instance_of_resource(tx: Transaction, request: Request) -> str | None:
    """The instance itself, or the one that holds the task: a task asks for its tags by way of its agent."""
    task = tx.get(Task, request["resourceArn"])
    return (task.container_instance_arn or "nowhere") if task is not None else str(request["resourceArn"])


def _instance_of_attachments(tx: Transaction, request: Request) -> str | None:
    """Attachments name no instance: their tasks' records do, once there are attachments."""
    return None


OWN: Mapping[str, Callable[[Transaction, Request], str | None]] = {
    "DiscoverPollEndpoint": lambda tx, request: request.get("containerInstance"),
    "ListTagsForResource": lambda tx, request: request["resourceArn"],
    "RegisterContainerInstance": lambda tx, request: request.get("containerInstanceArn") or "another",
    "SubmitAttachmentStateChanges": _instance_of_attachments,
    "SubmitContainerStateChange": _instance_of_task,
    "SubmitTaskStateChange": _instance_of_task,
}

OF_AN_INSTANCE = {**OWN, "ListTagsForResource": _instance_of_resource}
