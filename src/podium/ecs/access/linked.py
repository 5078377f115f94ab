"""The role that ECS has for itself, and what keeps it from being deleted."""

from podium.ecs.records import Cluster
from podium.store.session import Transaction

LINKED_SERVICE = "ecs.amazonaws.com"


def why_needed(tx: Transaction, account: str) -> str:
    """A sentence while the account has active clusters, in whatever region; empty when it has none."""
    used = sorted(c.arn for c in tx.list(Cluster) if c.status == "ACTIVE" and c.home.endswith(f":{account}"))
    return f"The role is in use by {len(used)} active cluster(s): {used[0]}." if used else ""
