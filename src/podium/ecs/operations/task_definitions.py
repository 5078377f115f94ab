"""Task definitions: registering, showing, listing, retiring."""

from typing import Any

from podium.ecs import limits, names
from podium.ecs.errors import Client
from podium.ecs.records import Family, TaskDefinition, TaskDefinitionStatus
from podium.ecs.rules import choices, enums, pages, tags, task_definitions
from podium.ecs.service import ecs
from podium.ecs.views import task_definitions as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

ACTIVE, INACTIVE = TaskDefinitionStatus.ACTIVE, TaskDefinitionStatus.INACTIVE
STILL_ACTIVE = "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
NOT_THERE = "The specified task definition does not exist. Specify a valid account, family, revision and try again."
MOST_TO_DELETE = 10


@ecs.operation
def register_task_definition(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Always a new revision, whatever the content: the family's counter only rises."""
    document = task_definitions.stored(request)
    enums.check("RegisterTaskDefinition", request, Client)
    family_arn = names.family_arn(call, document["family"])
    family = tx.get(Family, family_arn) or Family(arn=family_arn, home=call.home, name=document["family"])
    limits.one_more_revision(call, family.last_revision)
    family = tx.put(replace(family, last_revision=family.last_revision + 1))
    definition = tx.put(
        TaskDefinition(
            arn=call.arn("ecs", f"task-definition/{family.name}:{family.last_revision}"),
            home=call.home,
            family_arn=family.arn,
            family=family.name,
            revision=family.last_revision,
            document=document,
            tags=tags.parsed(request.get("tags")),
            registered_at=call.now,
            registered_by=call.principal_arn,
        )
    )
    shown = {"taskDefinition": views.task_definition(definition)}
    return {**shown, "tags": tags.shown(definition.tags)} if definition.tags else shown


@ecs.operation
def deregister_task_definition(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    definition = _known(call, tx, _with_revision(request["taskDefinition"]))
    if definition.status is ACTIVE:
        definition = tx.put(replace(definition, status=INACTIVE, deregistered_at=call.now))
    return {"taskDefinition": views.task_definition(definition)}


@ecs.operation
def delete_task_definitions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """INACTIVE ones become DELETE_IN_PROGRESS; they go when nothing refers to them any more."""
    asked = request["taskDefinitions"]
    if not asked:
        raise Client("size of TaskDefinition references list must be greater than 0")
    if len(asked) > MOST_TO_DELETE:
        raise Client("Size of TaskDefinition references list cannot exceed 10")
    gone, failures = [], []
    for value in asked:
        definition = names.task_definition(call, tx, _with_revision(value))
        if definition is None or definition.home != call.home:
            failures.append(failure(_arn(call, value), NOT_THERE))
        elif definition.status is ACTIVE:
            failures.append(failure(definition.arn, STILL_ACTIVE))
        else:
            gone.append(views.task_definition(tx.put(_going(definition, call))))
    return {"taskDefinitions": gone, "failures": failures}


def _with_revision(value: str) -> str:
    _, colon, _ = names.family_and_revision(value)
    if not colon:
        raise Client("Revision is missing.")
    return value


def _arn(call: Call, value: str) -> str:
    return value if value.startswith("arn:") else call.arn("ecs", f"task-definition/{value}")


def _going(definition: TaskDefinition, call: Call) -> TaskDefinition:
    """Asked a second time, it keeps the time of the first."""
    asked = definition.delete_requested_at or call.now
    return replace(definition, status=TaskDefinitionStatus.DELETE_IN_PROGRESS, delete_requested_at=asked)


@ecs.operation(reads=True)
def describe_task_definition(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    include = choices.checked("include", request.get("include", ()), ("TAGS",), Client)
    definition = _known(call, tx, request["taskDefinition"])
    shown: dict[str, Any] = {"taskDefinition": views.task_definition(definition)}
    return {**shown, "tags": tags.shown(definition.tags)} if include else shown


@ecs.operation(reads=True)
def list_task_definitions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """`familyPrefix` is, despite its name, the whole family."""
    status = choices.one_of("status", request.get("status", "ACTIVE"), [s.value for s in TaskDefinitionStatus], Client)
    descending = choices.one_of("sort", request.get("sort", "ASC"), ("ASC", "DESC"), Client) == "DESC"
    family = request.get("familyPrefix")
    found = [
        d
        for d in tx.list(TaskDefinition, home=call.home)
        if d.status.value == status and (family is None or d.family == family)
    ]
    found.sort(key=lambda d: (d.family, d.revision), reverse=descending)
    rows, token = pages.page(found, request, key=lambda d: (d.family, d.revision), descending=descending)
    return {"taskDefinitionArns": [d.arn for d in rows], "nextToken": token}


@ecs.operation(reads=True)
def list_task_definition_families(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """ACTIVE: families with an ACTIVE revision; INACTIVE: those with none; ALL or nothing: both."""
    status = choices.one_of("status", request.get("status", "ALL"), ("ACTIVE", "INACTIVE", "ALL"), Client)
    prefix = request.get("familyPrefix", "")
    active: dict[str, bool] = {}
    for d in tx.list(TaskDefinition, home=call.home):
        active[d.family] = active.get(d.family, False) or d.status is ACTIVE
    wanted = {"ACTIVE": {True}, "INACTIVE": {False}, "ALL": {True, False}}[status]
    found = sorted(name for name, alive in active.items() if name.startswith(prefix) and alive in wanted)
    rows, token = pages.page(found, request, key=lambda name: name)
    return {"families": rows, "nextToken": token}


def _known(call: Call, tx: Transaction, value: str) -> TaskDefinition:
    definition = names.task_definition(call, tx, value)
    if definition is None or definition.home != call.home:
        raise Client("Unable to describe task definition.")
    return definition
