"""Daemons: one task on every instance of a Managed Instances capacity provider, and what they run."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="ecs_daemon_task_definitions", indexes=("home",))
class DaemonTaskDefinition:
    """One revision. `status` is ACTIVE, DELETE_IN_PROGRESS or DELETED; a deleted one keeps its number taken."""

    arn: str
    home: str
    family: str
    revision: int
    status: str = "ACTIVE"
    document: dict[str, Any]
    tags: dict[str, str] = {}
    registered_at: datetime
    registered_by: str
    delete_requested_at: datetime | None = None


@record(table="ecs_daemons", indexes=("home", "cluster_arn"))
class Daemon:
    """What should run on every instance of `capacity_providers` (ARNs). `status` is ACTIVE or DELETE_IN_PROGRESS.

    Written by the daemon operations; the controller deletes it when it is to go.
    """

    arn: str
    home: str
    cluster_arn: str
    name: str
    status: str = "ACTIVE"
    capacity_providers: tuple[str, ...]
    revision_arn: str
    deployment_arn: str
    client_token: str | None = None
    client_request: str | None = None
    tags: dict[str, str] = {}
    created_at: datetime
    updated_at: datetime


@record(table="ecs_daemon_revisions", indexes=("daemon_arn",))
class DaemonRevision:
    """A daemon as it was when a deployment began. It never changes."""

    arn: str
    home: str
    daemon_arn: str
    cluster_arn: str
    task_definition_arn: str
    capacity_providers: tuple[str, ...]
    container_images: tuple[dict[str, str], ...] = ()
    propagate_tags: str = "NONE"
    enable_ecs_managed_tags: bool = False
    enable_execute_command: bool = False
    critical: bool = True
    created_at: datetime


@record(table="ecs_daemon_deployments", indexes=("daemon_arn",))
class DaemonDeployment:
    """One attempt to bring a daemon's instances to a revision."""

    arn: str
    home: str
    daemon_arn: str
    cluster_arn: str
    status: str = "PENDING"
    status_reason: str = ""
    target_revision_arn: str
    source_revision_arns: tuple[str, ...] = ()
    configuration: dict[str, Any] = {}
    created_at: datetime
    stopped_at: datetime | None = None
