"""What the session-manager-plugin asks of Systems Manager about a session of ECS Exec: to resume it, or to end it."""

from typing import Any

from podium.ecs import exec_sessions
from podium.kernel.call import Call
from podium.ssm.errors import SessionNotFound
from podium.ssm.service import ssm
from podium.store.session import Transaction


@ssm.operation
def resume_session(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """For the caller whose session it is, after its link was lost."""
    told = exec_sessions.resume(call, tx, request["SessionId"])
    if told is None:
        raise SessionNotFound(request["SessionId"])
    return dict(told)


@ssm.operation
def terminate_session(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One that is over already is as ended as it can be."""
    exec_sessions.terminate(call, tx, request["SessionId"])
    return {"SessionId": request["SessionId"]}
