"""Finding instances, by the names of their namespace and service."""

from collections.abc import Mapping, Sequence
from typing import Any

from podium.kernel.call import Call
from podium.kernel.ids import Ids
from podium.servicediscovery import names, views
from podium.servicediscovery.errors import NamespaceNameNotFound
from podium.servicediscovery.records import Instance, Service
from podium.servicediscovery.rules.words import one_of
from podium.servicediscovery.service import servicediscovery
from podium.store.session import Transaction

DEFAULT_RESULTS = 100
OR_ELSE_ALL = "HEALTHY_OR_ELSE_ALL"


@servicediscovery.operation(reads=True)
def discover_instances(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of more than are asked for, some by chance."""
    one_of(request.get("HealthStatus"), "HealthStatusFilter", "healthStatus")
    service = _asked(call, tx, request)
    rows = matching(tx.list(Instance, service_arn=service.arn), request)
    rows = in_health(rows, service, request.get("HealthStatus") or OR_ELSE_ALL)
    rows = some(rows, request.get("MaxResults") or DEFAULT_RESULTS, call.ids)
    shown = [views.found(one, service, request["NamespaceName"]) for one in rows]
    return {"Instances": shown, "InstancesRevision": service.instances_revision}


@servicediscovery.operation(reads=True)
def discover_instances_revision(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    service = _asked(call, tx, request)
    return {"InstancesRevision": service.instances_revision}


def _asked(call: Call, tx: Transaction, request: Mapping[str, Any]) -> Service:
    """No account shares a namespace with another. Raises NamespaceNotFound or ServiceNotFound."""
    if request.get("OwnerAccount") not in (None, call.account):
        raise NamespaceNameNotFound(request["NamespaceName"])
    return names.discovered(tx, call.home, request["NamespaceName"], request["ServiceName"])


def matching(rows: Sequence[Instance], request: Mapping[str, Any]) -> list[Instance]:
    """Those with all the query's parameters, and with the optional ones as well if there are any such."""
    found = [one for one in rows if _has(one, request.get("QueryParameters"))]
    wished = [one for one in found if _has(one, request.get("OptionalParameters"))]
    return wished or found


def _has(instance: Instance, parameters: Mapping[str, str] | None) -> bool:
    return all(instance.attributes.get(key) == value for key, value in (parameters or {}).items())


def in_health(rows: list[Instance], service: Service, status: str) -> list[Instance]:
    """All of them, where nothing says how they are."""
    if not service.custom_health or status == "ALL":
        return rows
    if status == views.UNHEALTHY:
        return [one for one in rows if not one.healthy]
    healthy = [one for one in rows if one.healthy]
    return rows if status == OR_ELSE_ALL and not healthy else healthy


def some(rows: list[Instance], most: int, ids: Ids) -> list[Instance]:
    left = list(rows)
    chosen: list[Instance] = []
    if len(left) <= most:
        return left
    while len(chosen) < most:
        at = ids.below(len(left))
        left[at], left[-1] = left[-1], left[at]
        chosen.append(left.pop())
    return chosen
