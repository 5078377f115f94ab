"""Roles and their trust policies."""

from typing import Any

from podium.iam import documents, names, pages, tags, trusting, views
from podium.iam.errors import DeleteConflict, InvalidInput, UnmodifiableEntity
from podium.iam.records import InstanceProfile, Role, called
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@iam.operation
def create_role(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    path = names.path(request.get("Path"))
    if path.startswith(names.LINKED_PATH):
        raise InvalidInput(f"Path {path} is reserved for service-linked roles.")
    given = request["RoleName"]
    name = names.free(call, tx, Role, given, f"Role with name {given} already exists.")
    trust = documents.trust(request["AssumeRolePolicyDocument"])
    role = tx.put(
        Role(
            arn=names.arn(call, Role, path, name),
            home=names.home(call),
            called=called(names.home(call), name),
            name=name,
            path=path,
            id=names.new_id(call.ids, Role),
            created_at=call.now.replace(microsecond=0),
            trust=trust,
            trusted_ids=trusting.ids_of_trusted(call, tx, trust),
            description=_description(request.get("Description")),
            max_session_seconds=request.get("MaxSessionDuration", 3600),
            boundary=documents.boundary(call, tx, request.get("PermissionsBoundary")),
            tags=tags.parsed(request.get("Tags")),
        )
    )
    view = views.role(role)
    del view["RoleLastUsed"]
    return {"Role": view}


def _description(given: str | None) -> str | None:
    return given or None


@iam.operation(reads=True)
def get_role(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"Role": views.role(names.role(call, tx, request["RoleName"]))}


@iam.operation(reads=True)
def list_roles(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rows = pages.under(tx.list(Role, home=names.home(call)), request)
    return pages.page("Roles", rows, request, lambda r: r.name.lower(), lambda r: views.role(r, whole=False))


@iam.operation
def update_role(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is left out stays. Of a service-linked role the description alone may be changed."""
    role = (own if "MaxSessionDuration" in request else names.role)(call, tx, request["RoleName"])
    if "Description" in request:
        role = replace(role, description=_description(request["Description"]))
    tx.put(replace(role, max_session_seconds=request.get("MaxSessionDuration", role.max_session_seconds)))
    return {}


@iam.operation
def update_role_description(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    role = names.role(call, tx, request["RoleName"])
    return {"Role": views.role(tx.put(replace(role, description=_description(request["Description"]))))}


@iam.operation
def update_assume_role_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    role = own(call, tx, request["RoleName"])
    trust = documents.trust(request["PolicyDocument"])
    tx.put(replace(role, trust=trust, trusted_ids=trusting.ids_of_trusted(call, tx, trust)))
    return {}


@iam.operation
def put_role_permissions_boundary(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    role = own(call, tx, request["RoleName"])
    tx.put(replace(role, boundary=documents.boundary(call, tx, request["PermissionsBoundary"])))
    return {}


@iam.operation
def delete_role_permissions_boundary(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(own(call, tx, request["RoleName"]), boundary=None))
    return {}


@iam.operation
def delete_role(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Sessions of the role end with it."""
    role = own(call, tx, request["RoleName"])
    if any(p.role_arn == role.arn for p in tx.list(InstanceProfile, home=role.home)):
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    if role.attached:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if role.inline:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    tx.delete(role)
    return {}


def own(call: Call, tx: Transaction, name: str) -> Role:
    """A role that its owner may change. Raises UnmodifiableEntity for a service-linked one."""
    role = names.role(call, tx, name)
    if role.linked_service is not None:
        raise UnmodifiableEntity(name)
    return role
