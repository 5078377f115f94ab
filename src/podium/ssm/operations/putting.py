"""Parameters: putting them, and deleting them with all their versions."""

from typing import Any

from podium.kernel.call import Call
from podium.ssm import names, patterns, rules, values
from podium.ssm.errors import AlreadyExists, MaxVersions
from podium.ssm.records import Parameter, ParameterVersion
from podium.ssm.service import ssm
from podium.store.records import replace
from podium.store.session import Transaction


@ssm.operation
def put_parameter(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A new parameter, or the next version of one that is there: what it leaves out is as it was in the one before."""
    name, held = request["Name"], names.find(call, tx, request["Name"])
    rules.new_name(call, name)
    if held is not None and not request.get("Overwrite"):
        raise AlreadyExists
    before = names.newest(tx, held) if held is not None else None
    version = _version(call, names.arn(call, name), request, before)
    tags = rules.TAGS.given(request.get("Tags"))
    if version.allowed_pattern:
        patterns.check(version.allowed_pattern, request["Value"])
    version = tx.put(replace(version, value=values.kept(call, tx, version, request["Value"])))
    if held is None:
        tx.put(Parameter(arn=version.parameter_arn, home=call.home, name=name, tags=tags))
    else:
        _forget_oldest(tx, tx.put(replace(held, latest=version.number)))
    return {"Version": version.number, "Tier": version.tier}


def _version(call: Call, arn: str, request: dict[str, Any], before: ParameterVersion | None) -> ParameterVersion:
    """Still without its value."""
    kind = rules.type_of(request, before)
    rules.settled(request, kind)
    number = before.number + 1 if before is not None else 1
    key = request.get("KeyId") or (before.key_id if before is not None else None) or values.DEFAULT_KEY
    return ParameterVersion(
        arn=names.version_arn(arn, number),
        parameter_arn=arn,
        number=number,
        type=kind,
        value="",
        key_id=key if kind == rules.SECURE else None,
        description=request.get("Description", before.description if before is not None else None),
        allowed_pattern=request.get("AllowedPattern", before.allowed_pattern if before is not None else None),
        tier=rules.tier(request, before),
        data_type=request.get("DataType") or (before.data_type if before is not None else "text"),
        changed_at=call.now,
        changed_by=call.principal_arn,
    )


def _forget_oldest(tx: Transaction, held: Parameter) -> None:
    """A version with a label is not forgotten, and stands in the way. Raises MaxVersions."""
    oldest, *others = names.versions(tx, held)
    if len(others) < rules.MOST_VERSIONS:
        return
    if oldest.labels:
        raise MaxVersions(held.name, oldest.number)
    tx.delete(oldest)


@ssm.operation
def delete_parameter(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    _delete(tx, names.parameter(call, tx, request["Name"]))
    return {}


@ssm.operation
def delete_parameters(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Names that nothing has are answered apart, and nobody is refused for them."""
    found = {name: names.find(call, tx, name) for name in dict.fromkeys(request["Names"])}
    for held in {held.arn: held for held in found.values() if held is not None}.values():
        _delete(tx, held)
    return {
        "DeletedParameters": [name for name, held in found.items() if held is not None],
        "InvalidParameters": [name for name, held in found.items() if held is None],
    }


def _delete(tx: Transaction, held: Parameter) -> None:
    for version in names.versions(tx, held):
        tx.delete(version)
    tx.delete(held)
