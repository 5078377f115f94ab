"""The parameters under a path, one level deep or all the way down, in the version that is asked for."""

from collections.abc import Mapping
from typing import Any

from podium.kernel.call import Call
from podium.ssm import filters, names, rules
from podium.ssm.records import Parameter, ParameterVersion
from podium.store.session import Transaction


def under(call: Call, tx: Transaction, request: Mapping[str, Any]) -> list[tuple[Parameter, ParameterVersion]]:
    """Those that pass the request's filters. With one by Label, the versions that have it, and no others.

    Raises Invalid, TooDeep, InvalidFilterKey, InvalidFilterOption, InvalidFilterValue.
    """
    path, deep = rules.path(request["Path"]), bool(request.get("Recursive"))
    given = request.get("ParameterFilters") or ()
    tests, label = filters.tests(given, filters.BY_PATH), filters.label(given)
    return [
        (held, version)
        for held in tx.list(Parameter, home=call.home)
        if filters.below(path, held.name, recursive=deep)
        and (version := _version(tx, held, label)) is not None
        and all(test(held, version) for test in tests)
    ]


def _version(tx: Transaction, held: Parameter, label: str | None) -> ParameterVersion | None:
    if label is None:
        return names.newest(tx, held)
    return next((version for version in names.versions(tx, held) if label in version.labels), None)
