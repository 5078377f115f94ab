"""Policies that belong to one user, group or role, and go with it."""

from collections.abc import Callable
from typing import Any

from podium.iam import documents, names, pages, views
from podium.iam.errors import not_found
from podium.iam.operations.roles import own
from podium.iam.records import Holder
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

Request = dict[str, Any]


@iam.operation
def put_user_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _put(tx, names.user(call, tx, request["UserName"]), request)


@iam.operation
def put_group_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _put(tx, names.group(call, tx, request["GroupName"]), request)


@iam.operation
def put_role_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _put(tx, own(call, tx, request["RoleName"]), request)


@iam.operation(reads=True)
def get_user_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _get(names.user(call, tx, request["UserName"]), "UserName", request)


@iam.operation(reads=True)
def get_group_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _get(names.group(call, tx, request["GroupName"]), "GroupName", request)


@iam.operation(reads=True)
def get_role_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _get(names.role(call, tx, request["RoleName"]), "RoleName", request)


@iam.operation
def delete_user_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _delete(tx, names.user(call, tx, request["UserName"]), request)


@iam.operation
def delete_group_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _delete(tx, names.group(call, tx, request["GroupName"]), request)


@iam.operation
def delete_role_policy(call: Call, tx: Transaction, request: Request) -> Request:
    return _delete(tx, own(call, tx, request["RoleName"]), request)


@iam.operation(reads=True)
def list_user_policies(call: Call, tx: Transaction, request: Request) -> Request:
    return _list(names.user(call, tx, request["UserName"]), request)


@iam.operation(reads=True)
def list_group_policies(call: Call, tx: Transaction, request: Request) -> Request:
    return _list(names.group(call, tx, request["GroupName"]), request)


@iam.operation(reads=True)
def list_role_policies(call: Call, tx: Transaction, request: Request) -> Request:
    return _list(names.role(call, tx, request["RoleName"]), request)


def _put(tx: Transaction, held: Holder, request: Request) -> Request:
    tx.put(replace(held, inline=documents.inline(held, request["PolicyName"], request["PolicyDocument"])))
    return {}


def _get(held: Holder, noun: str, request: Request) -> Request:
    name = _known(held, request["PolicyName"])
    return {noun: held.name, "PolicyName": name, "PolicyDocument": views.document(held.inline[name])}


def _delete(tx: Transaction, held: Holder, request: Request) -> Request:
    name = _known(held, request["PolicyName"])
    tx.put(replace(held, inline={n: text for n, text in held.inline.items() if n != name}))
    return {}


def _list(held: Holder, request: Request) -> Request:
    return pages.page("PolicyNames", held.inline, request, _itself, _itself)


def _known(held: Holder, name: str) -> str:
    if name not in held.inline:
        raise not_found(f"{names.NOUNS[type(held)]} policy", name)
    return name


_itself: Callable[[str], str] = str
