"""Service-linked roles: made and unmade at a service's bidding."""

from typing import Any

from podium.iam import linked, names, views
from podium.iam.errors import NoSuchEntity
from podium.iam.records import Deletion
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.session import Transaction


@iam.operation
def create_service_linked_role(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    role = linked.create(call, tx, request["AWSServiceName"], request.get("CustomSuffix"), request.get("Description"))
    view = views.role(role)
    del view["RoleLastUsed"]
    return {"Role": view}


@iam.operation
def delete_service_linked_role(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The deletion is done, or found impossible, at once; the caller asks for its outcome with the id it gets."""
    role = names.role(call, tx, request["RoleName"])
    if role.linked_service is None:
        raise NoSuchEntity(f"Service-linked role with name {role.name} cannot be found.")
    needed = linked.why_needed(tx, call.account, role.linked_service)
    if not needed:
        tx.delete(role)
    task_id = f"task{role.path}{role.name}/{call.ids.uuid()}"
    tx.put(
        Deletion(
            arn=f"arn:{call.partition}:iam::{call.account}:deletion/{task_id}",
            home=names.home(call),
            task_id=task_id,
            status="FAILED" if needed else "SUCCEEDED",
            reason=needed,
            asked_at=call.now,
        )
    )
    return {"DeletionTaskId": task_id}


@iam.operation(reads=True)
def get_service_linked_role_deletion_status(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    task_id = request["DeletionTaskId"]
    found = tx.get(Deletion, f"arn:{call.partition}:iam::{call.account}:deletion/{task_id}")
    if found is None:
        raise NoSuchEntity(f"Deletion task {task_id} cannot be found.")
    if not found.reason:
        return {"Status": found.status}
    return {"Status": found.status, "Reason": {"Reason": found.reason}}
