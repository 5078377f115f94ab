"""Secrets and their versions without their values."""

from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import filters, names, views
from podium.secretsmanager.operations.paging import page
from podium.secretsmanager.records import Secret
from podium.secretsmanager.service import secretsmanager
from podium.store.session import Transaction

ORDERS = {
    "created-date": lambda held: (held.created_at, held.arn),
    "last-accessed-date": lambda held: (held.created_at, held.arn),
    "last-changed-date": lambda held: (held.changed_at, held.arn),
    "name": lambda held: (held.name, held.arn),
}


@secretsmanager.operation(reads=True)
def describe_secret(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Also of one that is going to be deleted."""
    return views.secret(names.secret(call, tx, request["SecretId"]))


@secretsmanager.operation(reads=True)
def list_secrets(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The newest first, unless asked otherwise; those that are going to be deleted only when asked for."""
    held = [one for one in tx.list(Secret, home=call.home) if request.get("IncludePlannedDeletion") or _lives(one)]
    rows = [one for one in held if filters.passes(one, request.get("Filters") or ())]
    rows.sort(key=ORDERS[request.get("SortBy") or "created-date"], reverse=request.get("SortOrder") != "asc")
    places = {one.arn: f"{place:08d}" for place, one in enumerate(rows)}
    shown, more = page(rows, lambda one: places[one.arn], request)
    return {"SecretList": [views.summary(one) for one in shown], **more}


def _lives(held: Secret) -> bool:
    return held.deletes_at is None


@secretsmanager.operation(reads=True)
def list_secret_version_ids(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Those that have stages; the others, which may be forgotten, only when asked for."""
    held = names.secret(call, tx, request["SecretId"])
    staged, all_of_them = frozenset(held.stages.values()), request.get("IncludeDeprecated")
    rows = [version for version in names.versions(tx, held) if all_of_them or version.id in staged]
    shown, more = page(rows, lambda version: version.id, request)
    return views.named(held, Versions=[views.version(held, version) for version in shown], **more)
