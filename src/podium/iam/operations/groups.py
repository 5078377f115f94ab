"""Groups, and who is in them."""

from typing import Any

from podium.iam import names, pages, views
from podium.iam.errors import DeleteConflict, NoSuchEntity, quota
from podium.iam.records import Group, User, called
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_OF_A_USER = 10


@iam.operation
def create_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    path, given = names.path(request.get("Path")), request["GroupName"]
    name = names.free(call, tx, Group, given, f"Group with name {given} already exists.")
    group = Group(
        arn=names.arn(call, Group, path, name),
        home=names.home(call),
        called=called(names.home(call), name),
        name=name,
        path=path,
        id=names.new_id(call.ids, Group),
        created_at=call.now.replace(microsecond=0),
    )
    return {"Group": views.group(tx.put(group))}


@iam.operation(reads=True)
def get_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group = names.group(call, tx, request["GroupName"])
    shown = pages.page(
        "Users", members(tx, group), request, lambda u: u.name.lower(), lambda u: views.user(u, whole=False)
    )
    return {"Group": views.group(group), **shown}


@iam.operation(reads=True)
def list_groups(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rows = pages.under(tx.list(Group, home=names.home(call)), request)
    return pages.page("Groups", rows, request, lambda g: g.name.lower(), views.group)


@iam.operation(reads=True)
def list_groups_for_user(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    user = names.user(call, tx, request["UserName"])
    rows = [group for arn in user.groups if (group := tx.get(Group, arn)) is not None]
    return pages.page("Groups", rows, request, lambda g: g.name.lower(), views.group)


@iam.operation
def update_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A new name or path is a new ARN, for its members too."""
    group = names.group(call, tx, request["GroupName"])
    name, path = request.get("NewGroupName", group.name), names.path(request.get("NewPath", group.path))
    if name.lower() != group.name.lower():
        names.free(call, tx, Group, name, f"Group with name {name} already exists.")
    arn = names.arn(call, Group, path, name)
    if arn != group.arn:
        for user in members(tx, group):
            tx.put(replace(user, groups=tuple(arn if g == group.arn else g for g in user.groups)))
        tx.delete(group)
        tx.put(replace(group, arn=arn, name=name, path=path, called=called(group.home, name)))
    return {}


@iam.operation
def delete_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group = names.group(call, tx, request["GroupName"])
    if members(tx, group):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if group.attached:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if group.inline:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    tx.delete(group)
    return {}


@iam.operation
def add_user_to_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Adding a member again is no error."""
    group, user = names.group(call, tx, request["GroupName"]), names.user(call, tx, request["UserName"])
    if group.arn not in user.groups:
        if len(user.groups) >= MOST_OF_A_USER:
            raise quota("GroupsPerUser", MOST_OF_A_USER)
        tx.put(replace(user, groups=(*user.groups, group.arn)))
    return {}


@iam.operation
def remove_user_from_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group, user = names.group(call, tx, request["GroupName"]), names.user(call, tx, request["UserName"])
    if group.arn not in user.groups:
        raise NoSuchEntity(f"The user with name {user.name} cannot be found in the group {group.name}.")
    tx.put(replace(user, groups=tuple(g for g in user.groups if g != group.arn)))
    return {}


def members(tx: Transaction, group: Group) -> list[User]:
    return [user for user in tx.list(User, home=group.home) if group.arn in user.groups]
