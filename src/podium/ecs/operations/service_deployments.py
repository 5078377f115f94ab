"""Service deployments and revisions: looking at them, stopping and continuing them."""

from typing import Any, TypeVar

from podium.ecs import histories, names
from podium.ecs.errors import Conflict, InvalidParameter, ServiceDeploymentNotFound, ServiceNotFound
from podium.ecs.records import DeploymentStatus, ServiceDeployment, ServiceRevision
from podium.ecs.rules import choices, pages
from podium.ecs.service import ecs
from podium.ecs.views import deployments as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

R = TypeVar("R", ServiceDeployment, ServiceRevision)
S = DeploymentStatus
MOST_DESCRIBED = 20
STOPS = ("ABORT", "ROLLBACK")


@ecs.operation(reads=True)
def list_service_deployments(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Newest first; `createdAt` takes a time before, a time after, or both."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    service = names.find_service(call, tx, cluster, request["service"])
    if service is None:
        raise ServiceNotFound
    statuses = choices.checked("status", request.get("status", ()), [s.value for s in S])
    created = request.get("createdAt") or {}
    after, before = created.get("after"), created.get("before")
    found = [
        history
        for history in tx.list(ServiceDeployment, service_arn=service.arn)
        if (not statuses or history.status.value in statuses)
        and (after is None or history.created_at > after)
        and (before is None or history.created_at < before)
    ]
    found.sort(key=lambda history: history.number, reverse=True)
    rows, token = pages.page(found, request, key=lambda history: history.number, descending=True, default=20)
    return {"serviceDeployments": [views.brief(h) for h in rows], "nextToken": token}


@ecs.operation(reads=True)
def describe_service_deployments(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found, failures = _looked_up(call, tx, ServiceDeployment, request["serviceDeploymentArns"], "serviceDeploymentArns")
    return {"serviceDeployments": [views.service_deployment(tx, h) for h in found], "failures": failures}


@ecs.operation(reads=True)
def describe_service_revisions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found, failures = _looked_up(call, tx, ServiceRevision, request["serviceRevisionArns"], "serviceRevisionArns")
    return {"serviceRevisions": [views.revision(tx, r) for r in found], "failures": failures}


def _looked_up(
    call: Call, tx: Transaction, kind: type[R], arns: list[str], member: str
) -> tuple[list[R], list[dict[str, str]]]:
    if not arns:
        raise InvalidParameter(f"{member} cannot be empty.")
    if len(arns) > MOST_DESCRIBED:
        raise InvalidParameter(f"{member} can have at most {MOST_DESCRIBED} items.")
    word = {ServiceDeployment: "service-deployment", ServiceRevision: "service-revision"}[kind]
    found = {arn: _own(call, tx.get(kind, names.arn_of_type(arn, word))) for arn in arns}
    return [r for r in found.values() if r], [failure(arn) for arn, r in found.items() if r is None]


def _own(call: Call, record: R | None) -> R | None:
    return record if record is not None and record.service_arn.startswith(call.arn("ecs", "service/")) else None


@ecs.operation
def stop_service_deployment(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Asks for it; the service's controller does it."""
    stop = choices.one_of("stopType", request.get("stopType") or "ROLLBACK", STOPS)
    history = _known(call, tx, request["serviceDeploymentArn"])
    if history.status not in histories.STOPPABLE:
        raise Conflict(
            f"The service deployment cannot be stopped because its status is {history.status.value}.",
            resourceIds=[history.arn],
        )
    asked = S.ROLLBACK_REQUESTED if stop == "ROLLBACK" else S.STOP_REQUESTED
    tx.put(replace(history, status=asked, updated_at=call.now))
    return {"serviceDeploymentArn": history.arn}


@ecs.operation
def continue_service_deployment(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """No deployment of Podium's waits at a hook yet, so that there is never one to continue."""
    choices.one_of("action", request.get("action") or "CONTINUE", ("ROLLBACK", "CONTINUE"))
    history = _known(call, tx, request["serviceDeploymentArn"])
    if not _is_hook(request["hookId"]):
        raise InvalidParameter("Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}")
    if history.status in histories.ENDED:
        raise InvalidParameter(
            "Continuing a service deployment is not allowed for service deployment in terminal states."
        )
    raise InvalidParameter(
        "Provided hookId is either completed, unavailable, or not associated with the given Resource ARN"
    )


def _is_hook(hook_id: str) -> bool:
    head, _, rest = hook_id.partition("-")
    kind, _, name = rest.partition("-")
    return head == "ecs" and bool(kind) and bool(name)


def _known(call: Call, tx: Transaction, arn: str) -> ServiceDeployment:
    history = _own(call, tx.get(ServiceDeployment, names.arn_of_type(arn, "service-deployment")))
    if history is None:
        raise ServiceDeploymentNotFound
    return history
