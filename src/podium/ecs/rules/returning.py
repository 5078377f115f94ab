"""What becomes of a lost task's containers that still run when their host is back.

A cluster says it by a tag of its own. Source: no AWS interface; Podium's own.
"""

from collections.abc import Mapping

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Cluster

TAG, STOP, KEEP = "podium:returning", "stop", "keep"


def check_tags(tags: Mapping[str, str]) -> None:
    """Raises InvalidParameter for a value that says nothing."""
    value = tags.get(TAG)
    if value not in (None, STOP, KEEP):
        raise InvalidParameter(f"The tag {TAG} of a cluster is {STOP} or {KEEP}, not '{value}'.")


def are_kept(cluster: Cluster | None) -> bool:
    """Left running, beside what replaced them."""
    return cluster is not None and cluster.tags.get(TAG) == KEEP
