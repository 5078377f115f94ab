"""ExecuteCommand: everything but the channel, which Podium does not have yet."""

from typing import Any

from podium.ecs import names
from podium.ecs.errors import InvalidParameter, TargetNotConnected
from podium.ecs.records import Container, Task, TaskStatus
from podium.ecs.service import ecs
from podium.kernel.call import Call
from podium.store.session import Transaction

NOT_ENABLED = (
    "The execute command failed because execute command was not enabled when the task was run or the execute command "
    "agent isn’t running. Wait and try again or run a new task with execute command enabled and try again."
)


@ecs.operation
def execute_command(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """No agent listens inside containers yet, so that every request that is in order ends as one without an agent."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    if not request["interactive"]:
        raise InvalidParameter("Interactive is the only mode supported currently.")
    task = names.find_task(call, tx, cluster, request["task"])
    if task is None:
        raise InvalidParameter("The referenced task was not found.")
    container = _container(task, request.get("container"))
    if not task.enable_execute_command:
        raise InvalidParameter(NOT_ENABLED)
    if task.last_status is TaskStatus.STOPPED or container.last_status != "RUNNING":
        raise InvalidParameter(NOT_ENABLED)
    raise TargetNotConnected


def _container(task: Task, name: str | None) -> Container:
    """A task of one container needs no name for it."""
    if name is None:
        if len(task.containers) > 1:
            raise InvalidParameter(
                "A container name must be specified because the task has more than one container. "
                "Specify a container name and try again."
            )
        return task.containers[0]
    for container in task.containers:
        if container.name == name:
            return container
    raise InvalidParameter(f"The container {name} was not found in the task. Specify a valid container and try again.")
