"""Operations that are asked for and looked up later. Here they are done when they are answered."""

from podium.kernel.call import Call
from podium.servicediscovery import names
from podium.servicediscovery.records import Operation, OperationType
from podium.store.session import Transaction


def done(call: Call, tx: Transaction, kind: OperationType, **targets: str) -> dict[str, str]:
    """The answer of an operation that AWS goes on with by itself. `targets` are ids by NAMESPACE, SERVICE, INSTANCE."""
    identity = names.new_operation_id(call.ids, call.now)
    tx.put(
        Operation(
            arn=names.arn(call.home, "operation", identity),
            home=call.home,
            id=identity,
            type=kind,
            targets=targets,
            created_at=call.now,
        )
    )
    return {"OperationId": identity}
