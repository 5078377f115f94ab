"""Managed policies attached to users, groups and roles."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from podium.iam import documents, names, pages, views
from podium.iam.operations.roles import own
from podium.iam.records import Group, Holder, Role, User
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

Request = dict[str, Any]
KINDS: tuple[type[User] | type[Group] | type[Role], ...] = (User, Group, Role)


@iam.operation
def attach_user_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _attach(call, tx, names.user(call, tx, request["UserName"]), request)


@iam.operation
def attach_group_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _attach(call, tx, names.group(call, tx, request["GroupName"]), request)


@iam.operation
def attach_role_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _attach(call, tx, own(call, tx, request["RoleName"]), request)


@iam.operation
def detach_user_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _detach(tx, names.user(call, tx, request["UserName"]), request)


@iam.operation
def detach_group_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _detach(tx, names.group(call, tx, request["GroupName"]), request)


@iam.operation
def detach_role_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _detach(tx, own(call, tx, request["RoleName"]), request)


@iam.operation(reads=True)
def list_attached_user_policies(call: Call, tx: Transaction, request: Request) -> Request:
    return _list(tx, names.user(call, tx, request["UserName"]), request)


@iam.operation(reads=True)
def list_attached_group_policies(call: Call, tx: Transaction, request: Request) -> Request:
    return _list(tx, names.group(call, tx, request["GroupName"]), request)


@iam.operation(reads=True)
def list_attached_role_policies(call: Call, tx: Transaction, request: Request) -> Request:
    return _list(tx, names.role(call, tx, request["RoleName"]), request)


ENTITIES: dict[str, tuple[type[User] | type[Group] | type[Role], str, str, str]] = {
    "User": (User, "PolicyUsers", "UserName", "UserId"),
    "Group": (Group, "PolicyGroups", "GroupName", "GroupId"),
    "Role": (Role, "PolicyRoles", "RoleName", "RoleId"),
}


@iam.operation(reads=True)
def list_entities_for_policy(call: Call, tx: Transaction, request: Request) -> Request:
    """Who has the policy; or, for `PolicyUsageFilter` PermissionsBoundary, whom it bounds."""
    arn = documents.attachable(call, tx, request["PolicyArn"]).arn
    bounding = request.get("PolicyUsageFilter") == "PermissionsBoundary"
    wanted = request.get("EntityFilter")
    rows = [
        (title, held)
        for title, (kind, *_) in ENTITIES.items()
        if wanted in (None, title)
        for held in pages.under(tx.list(kind, home=names.home(call)), request)
        if (bounds(held) == arn if bounding else arn in held.attached)
    ]
    paged = pages.page("rows", rows, request, lambda row: f"{row[0]}/{row[1].name.lower()}", lambda row: row)
    shown = paged.pop("rows")
    return {**paged, **{ENTITIES[title][1]: list(_named(title, shown)) for title in ENTITIES}}


def _named(title: str, rows: list[tuple[str, Holder]]) -> Iterator[dict[str, str]]:
    _, _, name, id_ = ENTITIES[title]
    return ({name: held.name, id_: held.id} for of, held in rows if of == title)


def _attach(call: Call, tx: Transaction, held: Holder, request: Request) -> Request:
    tx.put(replace(held, attached=documents.attached(call, tx, held, request["PolicyArn"])))
    return {}


def _detach(tx: Transaction, held: Holder, request: Request) -> Request:
    tx.put(replace(held, attached=documents.detached(held, request["PolicyArn"])))
    return {}


def _list(tx: Transaction, held: Holder, request: Request) -> Request:
    prefix = request.get("PathPrefix") or "/"
    arns = [arn for arn in held.attached if f"/{arn.partition(':policy/')[2]}".startswith(prefix)]
    [*shown] = views.attached(arns)
    return pages.page("AttachedPolicies", shown, request, lambda row: row["PolicyArn"], lambda row: row)


def bounds(held: Holder) -> str | None:
    return None if isinstance(held, Group) else held.boundary


def usage(tx: Transaction, home: str) -> tuple[Counter[str], Counter[str]]:
    """How often each policy is attached, and how many it bounds."""
    everyone = [held for kind in KINDS for held in tx.list(kind, home=home)]
    attached = Counter(arn for held in everyone for arn in held.attached)
    return attached, Counter(arn for held in everyone if (arn := bounds(held)))
