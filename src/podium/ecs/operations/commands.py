"""ExecuteCommand: a session is granted here, and takes place on its data channel."""

from typing import Any

from podium.ecs import exec_sessions, names
from podium.ecs.errors import InvalidParameter
from podium.ecs.service import ecs
from podium.kernel.call import Call
from podium.store.session import Transaction


@ecs.operation
def execute_command(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The session begins when its channel is opened with the token, within a minute."""
    names.cluster(call, tx, request.get("cluster"))
    if not request["interactive"]:
        raise InvalidParameter("Interactive is the only mode supported currently.")
    found = exec_sessions.target(call, tx, request)
    exec_sessions.has_room(tx, found.task.arn, found.container.name)
    exec_sessions.words(request["command"])
    session = exec_sessions.granted(call, found, request["command"])
    return {
        "clusterArn": session.cluster_arn,
        "taskArn": session.task_arn,
        "containerArn": found.container.arn,
        "containerName": session.container_name,
        "interactive": True,
        "session": exec_sessions.opened(tx, session, call.ids, call.now),
    }
