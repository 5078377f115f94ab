"""Users."""

from typing import Any

from podium.iam import documents, names, pages, tags, views
from podium.iam.errors import DeleteConflict, Invalid
from podium.iam.records import AccessKey, User, called
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.kernel.principal import PrincipalKind
from podium.store.records import replace
from podium.store.session import Transaction


@iam.operation
def create_user(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A new user may do nothing."""
    path, given = names.path(request.get("Path")), request["UserName"]
    name = names.free(call, tx, User, given, f"User with name {given} already exists.")
    user = User(
        arn=names.arn(call, User, path, name),
        home=names.home(call),
        called=called(names.home(call), name),
        name=name,
        path=path,
        id=names.new_id(call.ids, User),
        created_at=call.now.replace(microsecond=0),
        boundary=documents.boundary(call, tx, request.get("PermissionsBoundary")),
        tags=tags.parsed(request.get("Tags")),
    )
    return {"User": views.user(tx.put(user))}


@iam.operation(reads=True)
def get_user(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Without a name, the caller itself; root has an ARN and no name."""
    if "UserName" not in request and call.principal.is_root:
        return {"User": _root(call)}
    return {"User": views.user(meant(call, tx, request))}


def _root(call: Call) -> dict[str, Any]:
    return {"Path": "/", "UserId": call.account, "Arn": call.principal.arn}


@iam.operation(reads=True)
def list_users(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rows = pages.under(tx.list(User, home=names.home(call)), request)
    return pages.page("Users", rows, request, lambda u: u.name.lower(), lambda u: views.user(u, whole=False))


@iam.operation
def update_user(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A new name or path is a new ARN; the id, the keys and the groups stay."""
    user = names.user(call, tx, request["UserName"])
    name, path = request.get("NewUserName", user.name), names.path(request.get("NewPath", user.path))
    if name.lower() != user.name.lower():
        names.free(call, tx, User, name, f"User with name {name} already exists.")
    arn = names.arn(call, User, path, name)
    if arn != user.arn:
        tx.delete(user)
        for key in tx.list(AccessKey, user_arn=user.arn):
            tx.put(replace(key, user_arn=arn))
        tx.put(replace(user, arn=arn, name=name, path=path, called=called(user.home, name)))
    return {}


@iam.operation
def delete_user(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    user = names.user(call, tx, request["UserName"])
    if user.groups:
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if tx.list(AccessKey, user_arn=user.arn):
        raise DeleteConflict("Cannot delete entity, must delete access keys first.")
    if user.attached:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if user.inline:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    tx.delete(user)
    return {}


@iam.operation
def put_user_permissions_boundary(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    user = names.user(call, tx, request["UserName"])
    tx.put(replace(user, boundary=documents.boundary(call, tx, request["PermissionsBoundary"])))
    return {}


@iam.operation
def delete_user_permissions_boundary(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(names.user(call, tx, request["UserName"]), boundary=None))
    return {}


def meant(call: Call, tx: Transaction, request: dict[str, Any]) -> User:
    """The user that the request names or, when it names none, the caller."""
    if "UserName" in request:
        return names.user(call, tx, request["UserName"])
    found = tx.get(User, call.principal.issuer_arn) if call.principal.kind is PrincipalKind.USER else None
    if found is None:
        raise Invalid("Must specify userName when calling with non-User credentials")
    return found
