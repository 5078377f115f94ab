"""Parameters' values: of one, of some, of a hierarchy, and as they were."""

from typing import Any

from podium.kernel.call import Call
from podium.ssm import hierarchy, names, values, views
from podium.ssm.errors import Invalid, ParameterNotFound, VersionNotFound
from podium.ssm.operations.paging import by_fifty, by_ten
from podium.ssm.records import Parameter, ParameterVersion
from podium.ssm.service import ssm
from podium.store.session import Transaction

View = dict[str, Any]


@ssm.operation(reads=True)
def get_parameter(call: Call, tx: Transaction, request: dict[str, Any]) -> View:
    return {"Parameter": _asked(call, tx, request["Name"], request)}


@ssm.operation(reads=True)
def get_parameters(call: Call, tx: Transaction, request: dict[str, Any]) -> View:
    """Names and versions that are not there are answered apart, and nobody is refused for them."""
    found: list[View] = []
    unknown: list[str] = []
    for name in dict.fromkeys(request["Names"]):
        try:
            found.append(_asked(call, tx, name, request))
        except (ParameterNotFound, VersionNotFound):
            unknown.append(name)
    return {"Parameters": found, "InvalidParameters": unknown}


@ssm.operation(reads=True)
def get_parameters_by_path(call: Call, tx: Transaction, request: dict[str, Any]) -> View:
    shown, more = by_ten(hierarchy.under(call, tx, request), lambda row: row[0].name, request)
    return {"Parameters": [_shown(call, tx, held, version, request) for held, version in shown], **more}


@ssm.operation(reads=True)
def get_parameter_history(call: Call, tx: Transaction, request: dict[str, Any]) -> View:
    """The oldest first."""
    held, decrypt = names.parameter(call, tx, request["Name"]), bool(request.get("WithDecryption"))
    if names.asked(call, request["Name"])[1]:
        raise Invalid("GetParameterHistory tells of all versions: leave the version out of Name.")
    shown, more = by_fifty(names.versions(tx, held), lambda version: f"{version.number:019d}", request)
    told = [views.history(held, each, values.shown(call, tx, each, decrypt=decrypt)) for each in shown]
    return {"Parameters": told, **more}


def _asked(call: Call, tx: Transaction, name: str, request: dict[str, Any]) -> View:
    held, version = names.version(call, tx, name)
    return _shown(call, tx, held, version, request, names.asked(call, name)[1])


def _shown(
    call: Call,
    tx: Transaction,
    held: Parameter,
    version: ParameterVersion,
    request: dict[str, Any],
    selector: str = "",
) -> View:
    value = values.shown(call, tx, version, decrypt=bool(request.get("WithDecryption")))
    return views.parameter(held, version, value, selector)
