"""Secrets' values, one or some at a time."""

from typing import Any

from podium import iam
from podium.kernel.call import Call
from podium.kernel.errors import ClientError
from podium.secretsmanager import access, filters, names, staging, values, views
from podium.secretsmanager.errors import (
    InvalidParameter,
    StageElsewhere,
    StageNotFound,
    VersionNotFound,
)
from podium.secretsmanager.operations.paging import batch
from podium.secretsmanager.records import Secret, SecretVersion
from podium.secretsmanager.service import secretsmanager
from podium.store.session import Transaction


@secretsmanager.operation(reads=True)
def get_secret_value(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of the current version, unless another is asked for by its id or its stage."""
    held = names.living(call, tx, request["SecretId"])
    return _value(call, tx, held, _version(tx, held, request.get("VersionId"), request.get("VersionStage")))


@secretsmanager.operation(reads=True)
def batch_get_secret_value(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Those that are named, or that pass the filters. What the caller may not read is answered apart."""
    wanted, given = request.get("SecretIdList") or (), request.get("Filters") or ()
    if bool(wanted) is bool(given):
        raise InvalidParameter("You must specify either SecretIdList or Filters, and not both.")
    if wanted and (request.get("MaxResults") or request.get("NextToken")):
        raise InvalidParameter("MaxResults and NextToken go with Filters.")
    more: dict[str, str] = {}
    if not wanted:
        living = [held for held in tx.list(Secret, home=call.home) if held.deletes_at is None]
        shown, more = batch([held for held in living if filters.passes(held, given)], lambda held: held.arn, request)
        wanted = [held.arn for held in shown]
    found: list[dict[str, Any]] = []
    errors: list[dict[str, str]] = []
    for secret_id in dict.fromkeys(wanted):
        try:
            iam.authorize(call, tx, names.SERVICE, access.reading(call, tx, secret_id))
            found.append(get_secret_value(call, tx, {"SecretId": secret_id}))
        except ClientError as error:
            errors.append({"SecretId": secret_id, "ErrorCode": error.code, "Message": str(error)})
    return {"SecretValues": found, "Errors": errors, **more}


def _version(tx: Transaction, held: Secret, version_id: str | None, stage: str | None) -> SecretVersion:
    """Raises VersionNotFound, StageNotFound, StageElsewhere."""
    if version_id is None:
        stage = stage or staging.CURRENT
        if stage not in held.stages:
            raise StageNotFound(stage)
        version_id = held.stages[stage]
    found = names.version(tx, held, version_id)
    if found is None:  # also of one that a rotation has begun, and has no value yet
        raise VersionNotFound(version_id)
    if stage is not None and held.stages.get(stage) != version_id:
        raise StageElsewhere
    return found


def _value(call: Call, tx: Transaction, held: Secret, version: SecretVersion) -> dict[str, Any]:
    return views.value(held, version, values.plain(call, tx, version))
