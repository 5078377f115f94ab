"""What is settled for a log group: how long, with which key, and whether it may be deleted."""

from typing import Any

from podium.kernel.call import Call
from podium.logs import names, rules
from podium.logs.errors import Invalid
from podium.logs.records import LogGroup
from podium.logs.service import logs
from podium.store.records import replace
from podium.store.session import Transaction


@logs.operation
def put_retention_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _settled(call, tx, request["logGroupName"], retention_days=rules.retention(request["retentionInDays"]))


@logs.operation
def delete_retention_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _settled(call, tx, request["logGroupName"], retention_days=None)


@logs.operation
def associate_kms_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _settled(call, tx, _keyed(request), kms_key=request["kmsKeyId"])


@logs.operation
def disassociate_kms_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _settled(call, tx, _keyed(request), kms_key=None)


def _keyed(request: dict[str, Any]) -> str:
    """A group is named in one of two ways."""
    name, other = request.get("logGroupName"), request.get("resourceIdentifier")
    if (name is None) is (other is None):
        raise Invalid("Specify either logGroupName or resourceIdentifier.")
    return str(name or other)


@logs.operation
def put_log_group_deletion_protection(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    protected = request["deletionProtectionEnabled"]
    return _settled(call, tx, request["logGroupIdentifier"], deletion_protected=protected)


def _settled(call: Call, tx: Transaction, name: str, **settings: Any) -> dict[str, Any]:
    group: LogGroup = names.group(call, tx, name)
    tx.put(replace(group, **settings))
    return {}
