"""Daemon task definitions: registering, showing, listing, deleting."""

from typing import Any

from podium.ecs import names
from podium.ecs.errors import Client
from podium.ecs.records import DaemonTaskDefinition
from podium.ecs.rules import choices, daemons, enums, pages, tags
from podium.ecs.service import ecs
from podium.ecs.views.daemons import daemon_task_definition, definition_summary
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

STATUSES = ("ACTIVE", "DELETE_IN_PROGRESS", "ALL")
KIND = "daemon-task-definition"


@ecs.operation
def register_daemon_task_definition(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Always a new revision. A number is never used twice."""
    enums.check("RegisterDaemonTaskDefinition", request)
    document = daemons.document(request)
    family = request["family"]
    last = max((d.revision for d in _of_family(call, tx, family)), default=0)
    made = DaemonTaskDefinition(
        arn=call.arn("ecs", f"{KIND}/{family}:{last + 1}"),
        home=call.home,
        family=family,
        revision=last + 1,
        document=document,
        tags=tags.parsed(request.get("tags")),
        registered_at=call.now,
        registered_by=call.principal_arn,
    )
    return {"daemonTaskDefinitionArn": tx.put(made).arn}


@ecs.operation(reads=True)
def describe_daemon_task_definition(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found = find(call, tx, request["daemonTaskDefinition"])
    if found is None:
        raise Client("Unable to describe daemon task definition.")
    return {"daemonTaskDefinition": daemon_task_definition(found)}


@ecs.operation(reads=True)
def list_daemon_task_definitions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """By family and revision. `family` means one, `familyPrefix` any that begins so."""
    status = choices.one_of("status", request.get("status", "ACTIVE"), STATUSES)
    descending = choices.one_of("sort", request.get("sort", "ASC"), ("ASC", "DESC")) == "DESC"
    found = [d for d in tx.list(DaemonTaskDefinition, home=call.home) if status in ("ALL", d.status)]
    if "revision" in request:
        choices.one_of("revision", request["revision"], ("LAST_REGISTERED",))
        found = [d for d in found if d.revision == max(o.revision for o in found if o.family == d.family)]
    if "family" in request:
        found = [d for d in found if d.family == request["family"]]
    found = [d for d in found if d.family.startswith(request.get("familyPrefix", ""))]
    found.sort(key=_order, reverse=descending)
    rows, token = pages.page(found, request, key=_order, descending=descending)
    return {"daemonTaskDefinitions": [definition_summary(d) for d in rows], "nextToken": token}


@ecs.operation
def delete_daemon_task_definition(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """DELETE_IN_PROGRESS; the controller makes it DELETED once no daemon has it."""
    if ":" not in request["daemonTaskDefinition"].rpartition("/")[2]:
        raise Client("Revision is missing.")
    found = find(call, tx, request["daemonTaskDefinition"])
    if found is None:
        raise Client("Unable to describe daemon task definition.")
    if found.status != "ACTIVE":
        raise Client("The specified daemon task definition is not in ACTIVE status.")
    tx.put(replace(found, status="DELETE_IN_PROGRESS", delete_requested_at=call.now))
    return {"daemonTaskDefinitionArn": found.arn}


def find(call: Call, tx: Transaction, value: str) -> DaemonTaskDefinition | None:
    """The revision that `family`, `family:revision` or an ARN means: without a revision, the newest ACTIVE one."""
    family, colon, revision = names.family_and_revision(value, KIND)
    if colon:
        if not revision.isdecimal():
            raise Client(f"Invalid revision number. Number: {revision}")
        found = tx.get(DaemonTaskDefinition, call.arn("ecs", f"{KIND}/{family}:{int(revision)}"))
        return found if found is not None and found.home == call.home else None
    active = [d for d in _of_family(call, tx, family) if d.status == "ACTIVE"]
    return max(active, key=lambda d: d.revision, default=None)


def _of_family(call: Call, tx: Transaction, family: str) -> list[DaemonTaskDefinition]:
    return [d for d in tx.list(DaemonTaskDefinition, home=call.home) if d.family == family]


def _order(definition: DaemonTaskDefinition) -> tuple[str, int]:
    return definition.family, definition.revision
