"""Clusters: named places for capacity and tasks."""

from datetime import datetime
from typing import Any

from podium.ecs.records.living import Living
from podium.store.records import record

FARGATE_POOL = "podium.fargate"
"""The name under which hosts join that serve Fargate. No user's cluster can have it, for the dot."""

POOLED = "POOLED"
"""The status of the cluster of that name: users do not see it, nor its container instances."""


@record(table="ecs_clusters", indexes=("home",), totals={"home": Living})
class Cluster:
    """A cluster. `home` is partition, region and account, the index that lists select by.

    Written by the cluster and capacity provider operations alone. `default_strategy` items are as the API shows
    them, weight and base always there. `attachments` are what hangs on the cluster's capacity providers and its
    Service Connect namespace. A deleted cluster stays, INACTIVE. The hosts that serve Fargate have a cluster of their
    own, POOLED, in every region.
    """

    arn: str
    home: str
    name: str
    status: str = "ACTIVE"
    settings: tuple[dict[str, str], ...] = ()
    configuration: dict[str, Any] | None = None
    service_connect_defaults: dict[str, Any] | None = None
    capacity_providers: tuple[str, ...] = ()
    default_strategy: tuple[dict[str, Any], ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    tags: dict[str, str] = {}
    created_at: datetime
