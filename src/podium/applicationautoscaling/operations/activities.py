"""What was scaled, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

from podium.applicationautoscaling import views
from podium.applicationautoscaling.operations.describing import page
from podium.applicationautoscaling.records import ScalingActivity
from podium.applicationautoscaling.service import autoscaling
from podium.kernel.call import Call
from podium.store.session import Transaction

END = datetime(9999, 1, 1, tzinfo=UTC)


@autoscaling.operation(reads=True)
def describe_scaling_activities(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The newest first. None is told that did not scale: nothing tries in vain."""
    shown, more = page(tx.list(ScalingActivity, home=call.home), request, _newest_first)
    return {"ScalingActivities": [views.activity(activity) for activity in shown], **more}


def _newest_first(activity: ScalingActivity) -> str:
    return f"{(END - activity.at) // timedelta(microseconds=1):020d}/{activity.id}"
