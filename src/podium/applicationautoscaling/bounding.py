"""A desired count that is outside its new bounds is moved into them.

Source: Application Auto Scaling API Reference, RegisterScalableTarget; DescribeScalingActivities for the words.
"""

from podium.applicationautoscaling.records import ScalableTarget, ScalingActivity
from podium.ecs.records import Service
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

KEPT = 100  # activities of a service; AWS keeps those of six weeks


def bring_inside(call: Call, tx: Transaction, target: ScalableTarget, service: Service) -> None:
    """What UpdateService does with a desired count alone: no deployment begins. A daemon service has no count."""
    count = min(max(service.desired_count, target.min_capacity), target.max_capacity)
    if count == service.desired_count or service.scheduling_strategy == "DAEMON":
        return
    which = "minimum" if count == target.min_capacity else "maximum"
    tx.put(replace(service, desired_count=count))
    _forget_oldest(tx, target)
    identity = call.ids.uuid()
    tx.put(
        ScalingActivity(
            arn=f"{target.home}:{identity}",
            home=target.home,
            id=identity,
            resource_id=target.resource_id,
            description=f"Setting desired count to {count}.",
            cause=f"{which} capacity was set to {count}",
            message=f"Successfully set desired count to {count}.",
            at=call.now,
        )
    )


def _forget_oldest(tx: Transaction, target: ScalableTarget) -> None:
    held = tx.list(ScalingActivity, resource_id=target.resource_id, home=target.home)
    for activity in sorted(held, key=lambda a: a.at)[: max(0, len(held) - KEPT + 1)]:
        tx.delete(activity)
