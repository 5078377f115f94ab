"""Sessions of ExecuteCommand."""

from datetime import datetime

from podium.kernel.principal import Principal
from podium.store.records import record


@record(table="ecs_exec_sessions", indexes=("id", "task_arn"))
class ExecSession:
    """One session, from when it is granted until it is over; of one that is over there is no record.

    `token_digest` proves the token that opens its data channel until `token_expires_at`; it is empty once the token
    was used. `principal`, `source_ip` and `user_agent` are whose permission is asked again. `command` is what to run,
    with a terminal or without; or `port` is where to connect to in the container's network. `attached_at` is when its
    channel was first opened. `endpoint` is the URL by which the caller reached this server.
    """

    arn: str
    id: str
    home: str
    cluster_arn: str
    task_arn: str
    container_name: str
    container_instance_arn: str
    command: str = ""
    terminal: bool = True
    port: int | None = None
    principal: Principal
    source_ip: str
    user_agent: str
    endpoint: str
    token_digest: str = ""
    token_expires_at: datetime
    created_at: datetime
    attached_at: datetime | None = None
