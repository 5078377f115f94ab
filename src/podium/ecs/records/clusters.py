"""Clusters: named places for capacity and tasks."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="ecs_clusters", indexes=("home",))
class Cluster:
    """A cluster. `home` is partition, region and account, the index that lists select by.

    Written by the cluster operations alone. A deleted cluster stays, INACTIVE.
    """

    arn: str
    home: str
    name: str
    status: str = "ACTIVE"
    settings: tuple[dict[str, str], ...] = ()
    configuration: dict[str, Any] | None = None
    service_connect_defaults: dict[str, Any] | None = None
    tags: dict[str, str] = {}
    created_at: datetime
