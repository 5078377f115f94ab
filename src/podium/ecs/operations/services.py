"""Services: showing, listing, deleting them."""

from typing import Any

from podium.ecs import names
from podium.ecs.errors import InvalidParameter, NamespaceNotFound, ServiceNotFound
from podium.ecs.records import Cluster, Service, ServiceStatus, TaskSet
from podium.ecs.rules import capacity, choices, pages
from podium.ecs.service import ecs
from podium.ecs.views import services as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_DESCRIBED = 10
FILTERS = {
    "launchType": ("launch_type", capacity.LAUNCH_TYPES),
    "schedulingStrategy": ("scheduling_strategy", ("REPLICA", "DAEMON")),
    "resourceManagementType": ("resource_management", ("CUSTOMER", "ECS")),
}


@ecs.operation
def delete_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """DRAINING until its tasks are on their way out, then INACTIVE. Only a REPLICA service may need force."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    service = names.find_service(call, tx, cluster, request["service"])
    if service is None or service.status is ServiceStatus.INACTIVE:
        raise ServiceNotFound
    if not request.get("force") and service.status is ServiceStatus.ACTIVE:
        _refuse_while_busy(tx, service)
    service = tx.put(replace(service, status=ServiceStatus.DRAINING, desired_count=0))
    return {"service": views.service(tx, service, ("TAGS",))}


def _refuse_while_busy(tx: Transaction, service: Service) -> None:
    if service.scheduling_strategy == "REPLICA" and service.desired_count > 0:
        raise InvalidParameter("The service cannot be stopped while it is scaled above 0.")
    sets = tx.list(TaskSet, service_arn=service.arn)
    if service.controller == "CODE_DEPLOY":  # which begins with a set of its own, and always has it
        sets = [task_set for task_set in sets if task_set.status != "PRIMARY"]
    if len(service.deployments) > 1 or sets:
        raise InvalidParameter("The service cannot be stopped while deployments are active.")


@ecs.operation(reads=True)
def describe_services(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request.get("cluster"))
    include = choices.checked("include", request.get("include", ()), ("TAGS",))
    asked = request["services"]
    if not asked:
        raise InvalidParameter("Services cannot be empty.")
    if len(asked) > MOST_DESCRIBED:
        raise InvalidParameter(f"service names can have at most {MOST_DESCRIBED} items.")
    found, failures = [], []
    for value in asked:
        arn = names.service_arn(call, cluster, value)
        service = tx.get(Service, arn)
        if service is None or service.cluster_arn != cluster.arn:
            failures.append(failure(arn))
        else:
            found.append(views.service(tx, service, include))
    return {"services": found, "failures": failures}


@ecs.operation(reads=True)
def list_services(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """ACTIVE services alone; the filters are ANDed. Ten to a page unless asked otherwise."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    where: dict[str, Any] = {"cluster_arn": cluster.arn, "status": ServiceStatus.ACTIVE}
    for member, (field, words) in FILTERS.items():
        if member in request:
            where[field] = choices.one_of(member, request[member], words)
    return _page([s.arn for s in tx.list(Service, **where)], request)


@ecs.operation(reads=True)
def list_services_by_namespace(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of every cluster. A namespace is known when a service or a cluster's default names it."""
    asked = request["namespace"]
    services = [s for s in tx.list(Service, home=call.home) if s.status is ServiceStatus.ACTIVE]
    found = [s.arn for s in services if _namespace(s.service_connect) == asked]
    defaults = (c.service_connect_defaults for c in tx.list(Cluster, home=call.home))
    if not found and asked not in map(_namespace, defaults):
        raise NamespaceNotFound
    return _page(found, request)


def _namespace(connect: dict[str, Any] | None) -> str | None:
    return (connect or {}).get("namespace")


def _page(arns: list[str], request: dict[str, Any]) -> dict[str, Any]:
    rows, token = pages.page(sorted(arns), request, key=lambda arn: arn, default=10)
    return {"serviceArns": rows, "nextToken": token}
