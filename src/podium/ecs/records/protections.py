"""Task protection: tasks that no scale-in and no deployment may stop for now."""

from datetime import datetime

from podium.store.records import record


@record(table="ecs_task_protections", indexes=("service_arn", "cluster_arn"))
class TaskProtection:
    """Written by UpdateTaskProtection; it goes when it expires or its task stops. `arn` is the task's."""

    arn: str
    cluster_arn: str
    service_arn: str
    expires_at: datetime
