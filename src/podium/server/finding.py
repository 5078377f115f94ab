"""Services and tasks by what a person calls them."""

from collections.abc import Callable
from typing import TypeVar

from podium.ecs import names
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Cluster, Service, ServiceStatus, Task
from podium.kernel.call import Call
from podium.kernel.errors import ClientError
from podium.store.session import Transaction

K = TypeVar("K", Service, Task)


class NothingOfThatName(ClientError):
    code = "ResourceNotFoundException"
    status = 404

    def __init__(self, wanted: str, cluster: str | None) -> None:
        where = f" in the cluster {cluster}" if cluster else ""
        super().__init__(f"There is no service and no task {wanted}{where}.")


class SeveralOfThatName(ClientError):
    code = "InvalidParameterException"

    def __init__(self, wanted: str, arns: list[str]) -> None:
        super().__init__(f"{wanted} may be any of {', '.join(sorted(arns))}: say which by --cluster or by its ARN.")


def service_or_task(tx: Transaction, call: Call, wanted: str, cluster: str | None) -> Service | Task:
    """By a service's name, a task's id or its beginning, or an ARN. Raises NothingOfThatName or SeveralOfThatName."""
    if wanted.startswith("arn:"):
        known = tx.get(Service, wanted) or tx.get(Task, wanted)
        if known is None or not wanted.startswith(call.arn("ecs", "")):
            raise NothingOfThatName(wanted, None)
        return known
    clusters = _clusters(tx, call, cluster)
    if services := _services(tx, call, wanted, clusters):
        return _only(wanted, services)
    tasks = [t for c in clusters for t in tx.list(Task, cluster_arn=c.arn) if _is_id(wanted, t)]
    if not tasks:
        raise NothingOfThatName(wanted, cluster)
    return _only(wanted, tasks)


def service(tx: Transaction, call: Call, wanted: str, cluster: str | None) -> Service:
    """By its name or ARN. Raises NothingOfThatName or SeveralOfThatName."""
    known = tx.get(Service, wanted)
    if known is not None and wanted.startswith(call.arn("ecs", "")):
        return known
    services = _services(tx, call, wanted, _clusters(tx, call, cluster))
    if not services:
        raise NothingOfThatName(wanted, cluster)
    return _only(wanted, services)


def _clusters(tx: Transaction, call: Call, cluster: str | None) -> list[Cluster]:
    if cluster:
        return [names.cluster(call, tx, cluster)]
    return [c for c in tx.list(Cluster, home=call.home) if c.status == "ACTIVE"]


def _services(tx: Transaction, call: Call, wanted: str, clusters: list[Cluster]) -> list[Service]:
    """Those that are there; where none is, those that were."""
    services = _each(clusters, lambda c: tx.get(Service, _arn(call, c, wanted)))
    return [s for s in services if s.status is not ServiceStatus.INACTIVE] or services


def _each(clusters: list[Cluster], look: Callable[[Cluster], Service | None]) -> list[Service]:
    return [found for cluster in clusters if (found := look(cluster)) is not None]


def _arn(call: Call, cluster: Cluster, name: str) -> str:
    try:
        return names.service_arn(call, cluster, name)
    except InvalidParameter:
        return ""


def _is_id(wanted: str, task: Task) -> bool:
    """As much of it as `podium status` shows is enough."""
    own = names.task_id(task.arn)
    return own == wanted or (len(wanted) >= 6 and own.startswith(wanted))


def _only(wanted: str, found: list[K]) -> K:
    if len(found) > 1:
        raise SeveralOfThatName(wanted, [one.arn for one in found])
    return found[0]
