"""AWS's token buckets: how many calls of a kind an account may make in a region.

Source: Amazon ECS API Reference, "Request throttling for the Amazon ECS API".
"""

from dataclasses import dataclass
from datetime import datetime

from podium.kernel.errors import ClientError

# bucket -> (burst, refill a second, operations)
ECS: dict[str, tuple[int, float, tuple[str, ...]]] = {
    "cluster modify": (
        20,
        1,
        ("CreateCluster", "DeleteCluster", "UpdateCluster", "UpdateClusterSettings", "PutClusterCapacityProviders"),
    ),
    "cluster read": (50, 20, ("DescribeClusters", "ListClusters")),
    "task definition modify": (20, 1, ("RegisterTaskDefinition", "DeregisterTaskDefinition")),
    "task definition read": (
        50,
        20,
        ("DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies"),
    ),
    "task definition delete": (5, 1, ("DeleteTaskDefinitions",)),
    "capacity provider modify": (
        10,
        1,
        ("CreateCapacityProvider", "UpdateCapacityProvider", "DeleteCapacityProvider"),
    ),
    "capacity provider read": (50, 20, ("DescribeCapacityProviders",)),
    "tag modify": (20, 10, ("TagResource", "UntagResource")),
    "tag read": (50, 20, ("ListTagsForResource",)),
    "setting modify": (10, 1, ("PutAccountSetting", "PutAccountSettingDefault", "DeleteAccountSetting")),
    "setting read": (50, 20, ("ListAccountSettings",)),
    "cluster resource modify": (
        100,
        40,
        (
            "RunTask",
            "StartTask",
            "StopTask",
            "PutAttributes",
            "DeleteAttributes",
            "UpdateContainerInstancesState",
            "DeregisterContainerInstance",
            "UpdateContainerAgent",
            "ExecuteCommand",
        ),
    ),
    "cluster resource read": (
        100,
        20,
        ("DescribeTasks", "ListTasks", "DescribeContainerInstances", "ListContainerInstances", "ListAttributes"),
    ),
    "agent modify": (
        200,
        120,
        (
            "SubmitTaskStateChange",
            "SubmitContainerStateChange",
            "SubmitAttachmentStateChanges",
            "RegisterContainerInstance",
            "DiscoverPollEndpoint",
        ),
    ),
    "service modify": (
        50,
        5,
        (
            "CreateService",
            "UpdateService",
            "DeleteService",
            "CreateTaskSet",
            "UpdateTaskSet",
            "DeleteTaskSet",
            "UpdateServicePrimaryTaskSet",
        ),
    ),
    "service read": (100, 20, ("DescribeServices", "ListServices", "DescribeTaskSets")),
    "service deployment read": (50, 20, ("DescribeServiceDeployments", "ListServiceDeployments")),
    "service revision read": (50, 20, ("DescribeServiceRevisions",)),
    "task protection": (200, 80, ("GetTaskProtection", "UpdateTaskProtection")),
    "namespace read": (10, 1, ("ListServicesByNamespace",)),
}
_BUCKET_OF = {operation: name for name, (_, _, operations) in ECS.items() for operation in operations}


class Throttled(ClientError):
    code = "ThrottlingException"

    def __init__(self) -> None:
        super().__init__("Rate exceeded")


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


class Throttle:
    """Buckets are an account's in a region. Operations that AWS names no bucket for are never refused."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def take(self, account: str, region: str, service: str, operation: str, now: datetime) -> None:
        """Take one token. Raises Throttled when the bucket is empty."""
        name = _BUCKET_OF.get(operation) if service == "ecs" else None
        if name is None:
            return
        burst, refill, _ = ECS[name]
        bucket = self._buckets.setdefault((account, region, name), _Bucket(burst, now))
        bucket.tokens = min(burst, bucket.tokens + refill * (now - bucket.at).total_seconds())
        bucket.at = now
        if bucket.tokens < 1:
            raise Throttled
        bucket.tokens -= 1
