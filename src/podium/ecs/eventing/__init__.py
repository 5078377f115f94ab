"""What ECS tells EventBridge: a change of a record becomes an event of the same transaction."""

from podium.ecs.eventing.outbox import Outbox

__all__ = ["Outbox"]
