"""Parameters without their values."""

from typing import Any

from podium.kernel.call import Call
from podium.ssm import filters, names, views
from podium.ssm.errors import Invalid
from podium.ssm.operations.paging import by_fifty
from podium.ssm.records import Parameter
from podium.ssm.service import ssm
from podium.store.session import Transaction


@ssm.operation(reads=True)
def describe_parameters(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Those that are shared by other accounts are none."""
    given, older = request.get("ParameterFilters") or (), request.get("Filters") or ()
    if given and older:
        raise Invalid("You can use either Filters or ParameterFilters in a single request.")
    tests = [*filters.tests(given, filters.DESCRIBING), *filters.older(older)]
    held = [] if request.get("Shared") else tx.list(Parameter, home=call.home)
    rows = [(each, names.newest(tx, each)) for each in held]
    wanted = [(each, version) for each, version in rows if all(test(each, version) for test in tests)]
    shown, more = by_fifty(wanted, lambda row: row[0].name, request)
    return {"Parameters": [views.metadata(each, version) for each, version in shown], **more}
