"""A task as the control plane hands it to an agent: the tasks of a PayloadMessage.

Every member is optional to the reader: agents of other versions send fewer, and a control
plane may send more.
"""

from typing import Any, Literal, TypedDict

DesiredStatus = Literal["RUNNING", "STOPPED"]


class PortMapping(TypedDict, total=False):
    """`hostPort` 0 or absent asks for a dynamic port. `containerPortRange` reads `7000-7010`."""

    containerPort: int
    hostPort: int
    protocol: Literal["tcp", "udp"]
    containerPortRange: str


class MountPoint(TypedDict, total=False):
    sourceVolume: str
    containerPath: str
    readOnly: bool


class VolumeFrom(TypedDict, total=False):
    sourceContainer: str
    readOnly: bool


class ContainerDependency(TypedDict, total=False):
    containerName: str
    condition: Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]


class DockerConfig(TypedDict, total=False):
    """`config` and `hostConfig` are JSON texts in Docker's own words; what they say wins."""

    version: str
    config: str
    hostConfig: str


class RestartPolicy(TypedDict, total=False):
    """`restartAttemptPeriod` is in seconds."""

    enabled: bool
    ignoredExitCodes: list[int]
    restartAttemptPeriod: int


class Secret(TypedDict, total=False):
    """A value that the agent fetches as the execution role: `provider` ssm or asm, `target` CONTAINER or LOG_DRIVER.

    `name` is a variable's, or a log option's.
    """

    name: str
    valueFrom: str
    region: str
    provider: str
    type: str
    target: str


class Container(TypedDict, total=False):
    """`cpu` is in CPU units, `memory` in MiB with 0 for no limit, time-outs in seconds with 0 for the default.

    `environment` is complete: overrides are merged already. `overrides` is a JSON text whose
    only accepted key is `command`.
    """

    name: str
    image: str
    containerArn: str
    command: list[str] | None
    entryPoint: list[str] | None
    environment: dict[str, str]
    environmentFiles: list[dict[str, str]]
    cpu: int
    memory: int
    essential: bool
    links: list[str]
    portMappings: list[PortMapping]
    mountPoints: list[MountPoint]
    volumesFrom: list[VolumeFrom]
    overrides: str
    dockerConfig: DockerConfig
    registryAuthentication: dict[str, Any]
    logsAuthStrategy: str
    secrets: list[Secret]
    dependsOn: list[ContainerDependency]
    startTimeout: int
    stopTimeout: int
    restartPolicy: RestartPolicy
    healthCheckType: str
    firelensConfiguration: dict[str, Any]
    managedAgents: list[dict[str, Any]]


class HostVolume(TypedDict, total=False):
    sourcePath: str


class Volume(TypedDict, total=False):
    """`type` host with an empty source path is an empty volume that lives as long as the task."""

    name: str
    type: str
    host: HostVolume
    dockerVolumeConfiguration: dict[str, Any]
    efsVolumeConfiguration: dict[str, Any]


class IAMRoleCredentials(TypedDict, total=False):
    credentialsId: str
    roleArn: str
    accessKeyId: str
    secretAccessKey: str
    sessionToken: str
    expiration: str
    credentialScope: str


class InterfaceAddress(TypedDict, total=False):
    privateAddress: str
    primary: bool


class ElasticNetworkInterface(TypedDict, total=False):
    """`subnetGatewayIpv4Address` carries the subnet's prefix: `10.0.0.1/24`.

    `securityGroupIds` and `vpcCidrs` are Podium's own; agents that do not know them pass over them.
    """

    name: str
    index: int
    macAddress: str
    attachmentArn: str
    ec2Id: str
    interfaceAssociationProtocol: str
    ipv4Addresses: list[InterfaceAddress]
    domainName: list[str]
    domainNameServers: list[str]
    privateDnsName: str
    subnetGatewayIpv4Address: str
    securityGroupIds: list[str]
    vpcCidrs: list[str]


class Task(TypedDict, total=False):
    """`cpu` is in vCPU (0.5 is 512 units), `memory` in MiB, `version` the revision as text.

    `stopTimeout`, in seconds, is Podium's own: with desired status STOPPED it takes the place of every
    container's. Agents that do not know it keep to the containers'. So is `apiEndpoint`: `aws` leaves the containers'
    SDKs to find AWS's own endpoints.
    """

    arn: str
    taskClusterArn: str
    desiredStatus: DesiredStatus
    family: str
    version: str
    containers: list[Container]
    overrides: str
    taskDefinitionAccountId: str
    zone: str
    launchType: str
    networkMode: str
    volumes: list[Volume]
    roleCredentials: IAMRoleCredentials
    executionRoleCredentials: IAMRoleCredentials
    elasticNetworkInterfaces: list[ElasticNetworkInterface]
    cpu: float
    memory: int
    pidMode: str
    ipcMode: str
    associations: list[dict[str, Any]]
    proxyConfiguration: dict[str, Any]
    attachments: list[dict[str, Any]]
    serviceName: str
    group: str
    stopTimeout: int
    apiEndpoint: Literal["aws"]
    enableFaultInjection: bool
