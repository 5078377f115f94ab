"""Account settings: choosing, taking back, showing."""

import re
from typing import Any

from podium.ecs.errors import AccessDenied, InvalidParameter
from podium.ecs.records import AccountSetting
from podium.ecs.rules import account_settings as rules
from podium.ecs.rules import pages
from podium.ecs.service import ecs
from podium.kernel.call import Call
from podium.store.session import Transaction

PAGE = 10
PRINCIPAL = re.compile(r"arn:[\w-]+:iam::(\d{12}):(root|(user|role)/.+)")


@ecs.operation
def put_account_setting(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Chosen for the caller, or for the principal named. What root chooses is the default for everyone."""
    principal = _principal(call, request, "PutAccountSetting")
    name = rules.known(request["name"])
    if name in rules.ROOT_ALONE and principal != rules.root_arn(call):
        raise InvalidParameter(f"The account setting {name} can only be set for the root user.")
    return {"setting": _chosen(call, tx, name, principal, request["value"])}


@ecs.operation
def put_account_setting_default(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"setting": _chosen(call, tx, request["name"], rules.root_arn(call), request["value"])}


@ecs.operation
def delete_account_setting(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The answer shows the value that holds from now on."""
    principal = _principal(call, request, "DeleteAccountSetting")
    chosen = rules.own(call, tx, rules.known(request["name"]), principal)
    if chosen is not None:
        tx.delete(chosen)
    return {"setting": _shown(request["name"], rules.effective(call, tx, request["name"], principal), principal)}


@ecs.operation(reads=True)
def list_account_settings(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Those chosen for the principal or, when the effective ones are asked for, every one as it holds."""
    principal = _principal(call, request, "ListAccountSettings")
    if "value" in request and "name" not in request:
        raise InvalidParameter("You must specify an account setting name to filter by value.")
    names = [rules.known(request["name"])] if "name" in request else sorted(rules.VALUES)
    if not request.get("effectiveSettings"):
        names = [n for n in names if rules.own(call, tx, n, principal)]
    found = [(n, rules.effective(call, tx, n, principal)) for n in names]
    found = [(n, value) for n, value in found if request.get("value", value) == value]
    rows, token = pages.page(found, request, key=lambda row: row[0], default=PAGE, most=PAGE)
    return {"settings": [_shown(n, value, principal) for n, value in rows], "nextToken": token}


def _chosen(call: Call, tx: Transaction, name: str, principal: str, value: str) -> dict[str, str]:
    value = rules.checked(name, value)
    arn = rules.key(call, name, principal)
    tx.put(AccountSetting(arn=arn, home=call.home, name=name, principal_arn=principal, value=value))
    return _shown(name, value, principal)


def _principal(call: Call, request: dict[str, Any], operation: str) -> str:
    """Root may name anyone in the account; everybody else themselves alone."""
    own = rules.principal_arn(call)
    asked: str = request.get("principalArn") or own
    named = PRINCIPAL.fullmatch(asked)
    if asked != own and (named is None or named[1] != call.account):
        raise InvalidParameter("Invalid principalArn")
    if asked != own and not call.principal.is_root:
        raise AccessDenied(call.principal.arn, f"ecs:{operation}")
    return asked


def _shown(name: str, value: str, principal: str) -> dict[str, str]:
    kind = "aws_managed" if name in rules.AWS_MANAGED else "user"
    return {"name": name, "value": value, "principalArn": principal, "type": kind}
