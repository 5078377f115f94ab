"""The waits that AWS has out of caution, as settings with two presets."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How patient the control plane is.

    `healthy_after`: how long a task without health checks must run before it counts as healthy.
    `backoff`: after the third start in a row that failed, doubled each time, up to `backoff_most`.
    `place_again_after`: when a service that found no room looks again, if nothing else wakes it.
    `stopped_kept`: how long DescribeTasks still shows a stopped task.
    `provisioning_most`: how long a task waits PROVISIONING for capacity.
    `deleted_definitions_kept`: how long a task definition stays DELETE_IN_PROGRESS at least.
    `alarms_bake_least`, `alarms_bake_most`: how long a deployment's alarms are watched once its tasks are healthy.
    `deployments_kept`: how long the history of a service deployment is kept after its end.
    `deregistration`: how long a task that is to stop may finish what a load balancer sent it, where its target group
    has no deregistration delay of its own.
    `lost_after`: how long a host's agent may be away before its tasks are declared lost; None: for ever.
    """

    healthy_after: timedelta
    backoff: timedelta
    backoff_most: timedelta
    place_again_after: timedelta
    stopped_kept: timedelta = timedelta(hours=1)
    inactive_kept: timedelta = timedelta(hours=1)
    provisioning_most: timedelta = timedelta(minutes=15)
    deleted_definitions_kept: timedelta = timedelta(minutes=1)
    deployments_kept: timedelta = timedelta(days=90)
    lost_after: timedelta | None = None
    deregistration: timedelta = timedelta(minutes=5)
    alarms_bake_least: timedelta = timedelta(minutes=5)
    alarms_bake_most: timedelta = timedelta(days=1)


FAST = Timing(
    healthy_after=timedelta(0),
    backoff=timedelta(seconds=1),
    backoff_most=timedelta(seconds=30),
    place_again_after=timedelta(seconds=1),
    provisioning_most=timedelta(seconds=30),
    lost_after=timedelta(seconds=10),
    deregistration=timedelta(seconds=2),
    alarms_bake_least=timedelta(seconds=10),
    alarms_bake_most=timedelta(seconds=10),
)
AWS = Timing(
    healthy_after=timedelta(seconds=40),
    backoff=timedelta(seconds=10),
    backoff_most=timedelta(minutes=15),
    place_again_after=timedelta(seconds=30),
)
PRESETS = {"fast": FAST, "aws": AWS}
