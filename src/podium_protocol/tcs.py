"""TCS, the telemetry channel: how what runs is doing.

Times are seconds since the epoch, with milliseconds after the point. Every publish is
acknowledged, or the agent takes the link for dead.
"""

from typing import Any, Literal, TypedDict

from podium_protocol.envelope import Message

PUBLISH_METRICS = "PublishMetricsRequest"
ACK_METRICS = "AckPublishMetric"
PUBLISH_HEALTH = "PublishHealthRequest"
ACK_HEALTH = "AckPublishHealth"
PUBLISH_INSTANCE_STATUS = "PublishInstanceStatusRequest"
ACK_INSTANCE_STATUS = "AckPublishInstanceStatus"
HEARTBEAT = "HeartbeatMessage"
STOP_SESSION = "StopTelemetrySessionMessage"
BAD_REQUEST = "BadRequestException"

ACKS = {
    PUBLISH_METRICS: ACK_METRICS,
    PUBLISH_HEALTH: ACK_HEALTH,
    PUBLISH_INSTANCE_STATUS: ACK_INSTANCE_STATUS,
}
"""The acknowledgement each publish waits for."""

TASKS_PER_MESSAGE = 10
"""A set of more tasks is sent as several messages; the last of them says `fin`."""

HealthStatus = Literal["HEALTHY", "UNHEALTHY", "UNKNOWN"]


class PublishMetadata(TypedDict, total=False):
    """`fin` marks the last message of a set that shares one `messageId`."""

    cluster: str
    containerInstance: str
    messageId: str
    idle: bool
    fin: bool


class StatsSet(TypedDict, total=False):
    """CPU in percent of the whole host, memory in MiB."""

    min: float
    max: float
    sampleCount: int
    sum: float


class ContainerMetric(TypedDict, total=False):
    containerName: str
    containerArn: str
    cpuStatsSet: StatsSet
    memoryStatsSet: StatsSet
    networkStatsSet: dict[str, Any]
    storageStatsSet: dict[str, Any]
    restartStatsSet: dict[str, Any]


class TaskMetric(TypedDict, total=False):
    taskArn: str
    taskDefinitionFamily: str
    taskDefinitionVersion: str
    containerMetrics: list[ContainerMetric]


class PublishMetricsRequest(TypedDict, total=False):
    metadata: PublishMetadata
    instanceMetrics: dict[str, Any]
    taskMetrics: list[TaskMetric]
    timestamp: float


class ContainerHealth(TypedDict, total=False):
    containerName: str
    healthStatus: HealthStatus
    statusSince: float
    statusMessage: str


class TaskHealth(TypedDict, total=False):
    taskArn: str
    clusterArn: str
    taskDefinitionFamily: str
    taskDefinitionVersion: str
    containers: list[ContainerHealth]


class PublishHealthRequest(TypedDict, total=False):
    metadata: PublishMetadata
    tasks: list[TaskHealth]
    timestamp: float


class InstanceStatus(TypedDict, total=False):
    """What the agent found when it looked at its host: `type` is ContainerRuntime, for one."""

    type: str
    status: Literal["OK", "IMPAIRED", "INSUFFICIENT_DATA", "INITIALIZING"]
    statusReason: str
    lastUpdated: float
    lastStatusChange: float


class PublishInstanceStatusRequest(TypedDict, total=False):
    metadata: dict[str, str]
    statuses: list[InstanceStatus]
    timestamp: float


def publish_metrics(body: PublishMetricsRequest) -> Message:
    return Message(type=PUBLISH_METRICS, body=body)


def publish_health(body: PublishHealthRequest) -> Message:
    return Message(type=PUBLISH_HEALTH, body=body)


def acknowledgement(publish: Message) -> Message | None:
    """The answer to a publish; None for a type that takes none."""
    answer = ACKS.get(publish.type)
    return None if answer is None else Message(type=answer, body={"message": "ok"})
