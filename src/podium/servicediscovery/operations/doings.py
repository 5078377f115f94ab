"""Operations, for those who ask whether they are done."""

from typing import Any

from podium.kernel.call import Call
from podium.servicediscovery import filters, names, views
from podium.servicediscovery.filters import Between, By
from podium.servicediscovery.operations.paging import page
from podium.servicediscovery.records import Operation, OperationType
from podium.servicediscovery.service import servicediscovery
from podium.store.session import Transaction

STATUSES = ("SUBMITTED", "PENDING", "SUCCESS", "FAIL")
FILTERS = {
    "NAMESPACE_ID": By(lambda o: o.targets.get("NAMESPACE", "")),
    "SERVICE_ID": By(lambda o: o.targets.get("SERVICE", "")),
    "STATUS": By(lambda o: "SUCCESS", filters.IN, among=STATUSES),
    "TYPE": By(lambda o: o.type.value, filters.IN, among=list(OperationType)),
    "UPDATE_DATE": Between(lambda o: o.created_at),
}


@servicediscovery.operation(reads=True)
def get_operation(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"Operation": views.operation(names.operation(tx, call.home, request["OperationId"]))}


@servicediscovery.operation(reads=True)
def list_operations(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rows = filters.kept(tx.list(Operation, home=call.home), request.get("Filters"), FILTERS)
    shown, more = page(rows, lambda row: row.arn, request)
    return {"Operations": [{"Id": one.id, "Status": "SUCCESS"} for one in shown], **more}
