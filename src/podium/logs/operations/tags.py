"""Tags of log groups, in the API of today and in the one before it."""

from collections.abc import Iterable, Mapping
from typing import Any

from podium.kernel import tags
from podium.kernel.call import Call
from podium.logs import names, rules
from podium.logs.records import LogGroup
from podium.logs.service import logs
from podium.store.records import replace
from podium.store.session import Transaction


@logs.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _tagged(tx, names.of_arn(call, tx, request["resourceArn"]), request["tags"])


@logs.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _untagged(tx, names.of_arn(call, tx, request["resourceArn"]), request["tagKeys"])


@logs.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"tags": names.of_arn(call, tx, request["resourceArn"]).tags}


@logs.operation
def tag_log_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _tagged(tx, names.group(call, tx, request["logGroupName"]), request["tags"])


@logs.operation
def untag_log_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _untagged(tx, names.group(call, tx, request["logGroupName"]), request["tags"])


@logs.operation(reads=True)
def list_tags_log_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"tags": names.group(call, tx, request["logGroupName"]).tags}


def _tagged(tx: Transaction, group: LogGroup, given: Mapping[str, str]) -> dict[str, Any]:
    tx.put(replace(group, tags=rules.tags({**group.tags, **given}, group.arn)))
    return {}


def _untagged(tx: Transaction, group: LogGroup, keys: Iterable[str]) -> dict[str, Any]:
    tx.put(replace(group, tags=tags.without(group.tags, keys)))
    return {}
