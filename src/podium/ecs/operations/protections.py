"""Task protection: tasks of a service that scale-in and deployments must leave alone for a while.

Source: Amazon ECS Developer Guide, "Protect your Amazon ECS tasks from being terminated by scale-in events".
"""

from datetime import timedelta
from typing import Any

from podium.ecs import names
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Cluster, Service, Task, TaskProtection, TaskStatus
from podium.ecs.service import ecs
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.session import Transaction

MOST_ASKED, MOST_CHANGED = 100, 10
MINUTES, MOST_MINUTES = 120, 2880


@ecs.operation
def update_task_protection(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Protecting again counts from now. Tasks that no service started cannot be protected."""
    cluster = names.cluster(call, tx, request["cluster"])
    _check_count(request["tasks"], MOST_CHANGED)
    minutes = request.get("expiresInMinutes", MINUTES)
    if not 1 <= minutes <= MOST_MINUTES:
        raise InvalidParameter(f"expiresInMinutes must be between 1 and {MOST_MINUTES}")
    shown, failures = [], []
    for value in request["tasks"]:
        arn, task, reason = _service_task(call, tx, cluster, value)
        if task is not None and request["protectionEnabled"] and _blocks(call, tx, task):
            reason = "DEPLOYMENT_BLOCKED"
        if reason or task is None:
            failures.append(failure(arn, reason))
        elif request["protectionEnabled"]:
            expires = call.now + timedelta(minutes=minutes)
            service = task.service_arn or ""
            tx.put(TaskProtection(arn=arn, cluster_arn=cluster.arn, service_arn=service, expires_at=expires))
            shown.append(_shown(call, tx, arn))
        else:
            if (held := tx.get(TaskProtection, arn)) is not None:
                tx.delete(held)
            shown.append(_shown(call, tx, arn))
    return {"protectedTasks": shown, "failures": failures}


@ecs.operation(reads=True)
def get_task_protection(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Without tasks, every one of the cluster that is protected."""
    cluster = names.cluster(call, tx, request["cluster"])
    asked = request.get("tasks")
    if not asked:
        asked = sorted(p.arn for p in tx.list(TaskProtection, cluster_arn=cluster.arn) if p.expires_at > call.now)
    elif len(asked) > MOST_ASKED:
        raise InvalidParameter(f"taskIds can have at most {MOST_ASKED} items.")
    found = [_service_task(call, tx, cluster, value) for value in asked]
    return {
        "protectedTasks": [_shown(call, tx, arn) for arn, _, reason in found if not reason],
        "failures": [failure(arn, reason) for arn, _, reason in found if reason],
    }


def _check_count(tasks: list[str], most: int) -> None:
    if not tasks:
        raise InvalidParameter("Tasks cannot be empty.")
    if len(tasks) > most:
        raise InvalidParameter(f"taskIds can have at most {most} items.")


def _service_task(call: Call, tx: Transaction, cluster: Cluster, value: str) -> tuple[str, Task | None, str]:
    """The task's ARN and, if it can be protected, the task; else the reason why it cannot."""
    arn = names.task_arn(call, cluster, value)
    task = names.find_task(call, tx, cluster, value)
    if task is None or task.last_status is TaskStatus.STOPPED:
        return arn, None, "MISSING"
    return (arn, task, "") if task.service_arn else (arn, None, "TASK_NOT_VALID")


def _blocks(call: Call, tx: Transaction, task: Task) -> bool:
    """Whether protected tasks of older deployments already hold up the service's newest."""
    service = tx.get(Service, task.service_arn or "")
    if service is None or len(service.deployments) < 2 or tx.get(TaskProtection, task.arn) is not None:
        return False
    held = [tx.get(Task, p.arn) for p in tx.list(TaskProtection, service_arn=service.arn) if p.expires_at > call.now]
    return any(t is not None and t.started_by != service.primary.id for t in held)


def _shown(call: Call, tx: Transaction, arn: str) -> dict[str, Any]:
    held = tx.get(TaskProtection, arn)
    if held is None or held.expires_at <= call.now:
        return {"taskArn": arn, "protectionEnabled": False}
    return {"taskArn": arn, "protectionEnabled": True, "expirationDate": held.expires_at}
