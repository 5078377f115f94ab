"""What Elastic Load Balancing answers, and what each operation asks for. Importing this package registers both."""

from podium.elbv2 import access
from podium.elbv2.operations import (
    attributes,
    capacity,
    certificates,
    limits,
    listeners,
    load_balancers,
    places,
    rules,
    tags,
    target_groups,
    targets,
)

__all__ = [
    "access",
    "attributes",
    "capacity",
    "certificates",
    "limits",
    "listeners",
    "load_balancers",
    "places",
    "rules",
    "tags",
    "target_groups",
    "targets",
]
