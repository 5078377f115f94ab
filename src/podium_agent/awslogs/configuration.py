"""What a container's log configuration says of CloudWatch Logs. No I/O."""

from collections.abc import Mapping

from podium_agent.awslogs.spool import Sender
from podium_agent.engine.definitions import docker_json
from podium_agent.engine.records import Container, Task
from podium_agent.role_credentials import EXECUTION_ROLE, credentials_id

DRIVER = "awslogs"


def options(container: Container) -> Mapping[str, str] | None:
    """Of the awslogs driver; None when the container has another."""
    log = docker_json(container.definition, "hostConfig").get("LogConfig") or {}
    return (log.get("Config") or {}) if log.get("Type") == DRIVER else None


def stream(container: Container) -> dict[str, str] | None:
    """The members that name the stream, or None where Docker alone knows its name, or the driver is another."""
    given = options(container)
    if given is None or "tag" in given:
        return None
    name = given.get("awslogs-stream") or container.docker_id
    group = given.get("awslogs-group")
    return {"logGroupName": group, "logStreamName": name} if group and name else None


def sender(task: Task, container: Container, cluster: str) -> Sender:
    """`cluster` is the membership's."""
    return Sender(
        task_arn=task.arn,
        credentials_id=credentials_id(task.payload, EXECUTION_ROLE),
        cluster=cluster,
        makes_groups=(options(container) or {}).get("awslogs-create-group") == "true",
    )
