"""What ECR remembers. `home` is partition, region and account."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="ecr_repositories", indexes=("home",))
class Repository:
    """A name for images of which there are none yet, with what is settled for them. Only the API writes it.

    The policies are JSON as it was given; nothing expires and nobody is let in by them yet. `encryption` is in the
    API's own names.
    """

    arn: str
    home: str
    name: str
    mutability: str = "MUTABLE"
    exclusion_filters: tuple[dict[str, str], ...] = ()
    scan_on_push: bool = False
    encryption: dict[str, str] = {}
    lifecycle_policy: str | None = None
    policy: str | None = None
    created_at: datetime
    tags: dict[str, str] = {}


@record(table="ecr_registries")
class Registry:
    """What is settled for all repositories of a home; there is none until something is. Only the API writes it.

    `arn` is the home. `replication` and `scanning` are in the API's own names, and have no effect.
    """

    arn: str
    policy: str | None = None
    replication: dict[str, Any] = {}
    scanning: dict[str, Any] = {}


ALL = (Repository, Registry)
