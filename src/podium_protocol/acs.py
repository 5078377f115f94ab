"""ACS, the agent communication channel: what is to run.

The names are the wire's. A control plane sends payloads, manifests, heartbeats and
verified stops; an agent acknowledges each and says which stops it wants verified.
"""

from collections.abc import Mapping
from typing import Any, TypedDict

from podium_protocol.envelope import Message
from podium_protocol.payload import DesiredStatus, ElasticNetworkInterface, IAMRoleCredentials, Task

PAYLOAD = "PayloadMessage"
ACK = "AckRequest"
NACK = "NackRequest"
HEARTBEAT = "HeartbeatMessage"
HEARTBEAT_ACK = "HeartbeatAckRequest"
MANIFEST = "TaskManifestMessage"
STOP_VERIFICATION = "TaskStopVerificationMessage"
STOP_VERIFICATION_ACK = "TaskStopVerificationAck"
CREDENTIALS = "IAMRoleCredentialsMessage"
CREDENTIALS_ACK = "IAMRoleCredentialsAckRequest"
SECURITY_GROUPS = "PodiumSecurityGroupsMessage"
SESSION = "PodiumSessionMessage"
STATE_CHANGE = "PodiumStateChangeMessage"
STATE_CHANGE_ACK = "PodiumStateChangeAck"
CLOSE = "CloseMessage"
ERROR = "ErrorMessage"

PROTOCOL_VERSION = "2"
"""The version an agent asks for: the server may close a link whose heartbeats go unanswered."""


class PayloadMessage(TypedDict, total=False):
    """Tasks to start or stop. `generatedAt` is in milliseconds since the epoch.

    `seqNum` and a manifest's `timeline` are one growing number per container instance.
    """

    messageId: str
    clusterArn: str
    containerInstanceArn: str
    tasks: list[Task]
    seqNum: int
    generatedAt: int


class AckRequest(TypedDict, total=False):
    cluster: str
    containerInstance: str
    messageId: str


class NackRequest(AckRequest, total=False):
    reason: str


class HeartbeatMessage(TypedDict, total=False):
    """With Podium's own `takesStateChanges` the agent may tell of state changes on this connection."""

    messageId: str
    healthy: bool
    takesStateChanges: bool


class HeartbeatAckRequest(TypedDict, total=False):
    messageId: str


class TaskIdentifier(TypedDict, total=False):
    """Podium's agent adds what a lost record can be made again by.

    `elasticNetworkInterfaces` are as the task's payload announced them.
    """

    taskArn: str
    taskClusterArn: str
    desiredStatus: DesiredStatus
    family: str
    version: str
    group: str
    elasticNetworkInterfaces: list[ElasticNetworkInterface]


class TaskManifestMessage(TypedDict, total=False):
    """All that should be on the instance. One whose `timeline` is not news is passed over in silence."""

    messageId: str
    clusterArn: str
    containerInstanceArn: str
    tasks: list[TaskIdentifier]
    timeline: int
    generatedAt: int


class TaskStopVerificationMessage(TypedDict, total=False):
    """The tasks an agent runs and the manifest `messageId` did not list."""

    messageId: str
    stopCandidates: list[TaskIdentifier]


class TaskStopVerificationAck(TypedDict, total=False):
    """Those of the candidates that really are to stop. Echoes the manifest's `messageId`."""

    messageId: str
    generatedAt: int
    stopTasks: list[TaskIdentifier]


class IAMRoleCredentialsMessage(TypedDict, total=False):
    messageId: str
    taskArn: str
    taskClusterArn: str
    roleType: str
    roleCredentials: IAMRoleCredentials


class IAMRoleCredentialsAckRequest(TypedDict, total=False):
    messageId: str
    credentialsId: str
    expiration: str


class SecurityGroupRule(TypedDict, total=False):
    """What one rule lets through. `protocol` is tcp, udp, icmp, a number, or `all`.

    `fromPort` and `toPort` are ports, or an ICMP type and code with -1 for any; absent for every port.
    `cidrs` are ranges of IPv4 addresses, single ones among them: a group that a rule names is resolved to its members.
    """

    protocol: str
    fromPort: int
    toPort: int
    cidrs: list[str]


class SecurityGroup(TypedDict, total=False):
    groupId: str
    ingress: list[SecurityGroupRule]
    egress: list[SecurityGroupRule]


class SecurityGroupsMessage(TypedDict, total=False):
    """Podium's own: all security groups that network interfaces on the instance are in. Replaces the last one."""

    messageId: str
    clusterArn: str
    containerInstanceArn: str
    groups: list[SecurityGroup]


class SessionMessage(TypedDict, total=False):
    """Podium's own: a session for which the agent is to dial `podium_protocol.sessions.PATH`. Nothing acknowledges it.

    `command` is what to run, with a terminal or without; or `port` is where to connect to in the container's network.
    `columns` and `rows` are the terminal's size at first, where it is known.
    """

    sessionId: str
    taskArn: str
    containerName: str
    command: list[str]
    terminal: bool
    columns: int
    rows: int
    port: int


class StateChangeMessage(TypedDict, total=False):
    """Podium's own: what SubmitTaskStateChange would be called with. Any number may be on their way at once."""

    messageId: str
    change: Mapping[str, Any]


class StateChangeAck(TypedDict, total=False):
    """The change of that number is durable; or, with `code`, it was refused, as the call would have been."""

    messageId: str
    code: str
    message: str
    status: int


def state_change(body: StateChangeMessage) -> Message:
    return Message(type=STATE_CHANGE, body=body)


def state_change_ack(body: StateChangeAck) -> Message:
    return Message(type=STATE_CHANGE_ACK, body=body)


def session(body: SessionMessage) -> Message:
    return Message(type=SESSION, body=body)


def security_groups(body: SecurityGroupsMessage) -> Message:
    return Message(type=SECURITY_GROUPS, body=body)


def payload(body: PayloadMessage) -> Message:
    return Message(type=PAYLOAD, body=body)


def manifest(body: TaskManifestMessage) -> Message:
    return Message(type=MANIFEST, body=body)


def heartbeat(body: HeartbeatMessage) -> Message:
    return Message(type=HEARTBEAT, body=body)


def heartbeat_ack(body: HeartbeatAckRequest) -> Message:
    return Message(type=HEARTBEAT_ACK, body=body)


def ack(body: AckRequest) -> Message:
    return Message(type=ACK, body=body)


def stop_verification(body: TaskStopVerificationMessage) -> Message:
    return Message(type=STOP_VERIFICATION, body=body)


def stop_verification_ack(body: TaskStopVerificationAck) -> Message:
    return Message(type=STOP_VERIFICATION_ACK, body=body)
