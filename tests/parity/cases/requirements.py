"""What task definitions ask of an instance, and what of them is refused: volumes, ports, files and devices."""

from typing import Any

from inprocess import SUBNET
from parity.cases.case import ABSENT, ANY, Case, api, guide, issue, model, some

CLIENT, INVALID = "ClientException", "InvalidParameterException"
APP = {"name": "app", "image": "web:1", "memory": 128}
ROLE = "arn:aws:iam::{account}:role/e"
ATTRIBUTES = guide("Container instance attributes")
EFS = {"fileSystemId": "fs-12345678"}
EBS = {"roleArn": ROLE, "sizeInGiB": 10}


def register(container: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    return {"family": "f", "containerDefinitions": [{**APP, **(container or {})}], **members}


def asks(name: str, attribute: str, container: dict[str, Any] | None = None, **members: Any) -> Case:
    return Case(name, "RegisterTaskDefinition", register(container, **members), given="nothing", source=ATTRIBUTES,
                answer={"taskDefinition": {"requiresAttributes": some({"name": attribute})}})  # fmt: skip


def shown(
    name: str, source: str, expected: dict[str, Any], container: dict[str, Any] | None = None, **members: Any
) -> Case:
    return Case(name, "RegisterTaskDefinition", register(container, **members), given="nothing", source=source,
                answer={"taskDefinition": expected})  # fmt: skip


def refused(name: str, source: str, container: dict[str, Any] | None = None, sentence: str | None = None,
            inferred: bool = False, **members: Any) -> Case:  # fmt: skip
    return Case(name, "RegisterTaskDefinition", register(container, **members), given="nothing", source=source,
                refused=(CLIENT, sentence), inferred=inferred)  # fmt: skip


def disk(name: str, source: str, given: str = "cluster instances disk", refused: str | None = None,
         inferred: bool = False, **members: Any) -> Case:  # fmt: skip
    """A task whose volume is made at launch as told is refused."""
    volume = {member: value for member, value in {**EBS, **members}.items() if value is not None}
    request = {"taskDefinition": "disk", "volumeConfigurations": [{"name": "v", "managedEBSVolume": volume}]}
    return Case(name, "RunTask", request, given=given, source=source, refused=(INVALID, refused), inferred=inferred)


CASES = [
    asks("an execution role for ECR", "ecs.capability.execution-role-ecr-pull",
         {"image": "{account}.dkr.ecr.us-east-1.amazonaws.com/web:1"}, executionRoleArn=ROLE),
    asks("an execution role for awslogs", "ecs.capability.execution-role-awslogs",
         {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "us-east-1"}}},
         executionRoleArn=ROLE),
    asks("a task role in host mode", "com.amazonaws.ecs.capability.task-iam-role-network-host", taskRoleArn=ROLE,
         networkMode="host"),
    asks("an init process", "com.amazonaws.ecs.capability.docker-remote-api.1.25",
         {"linuxParameters": {"initProcessEnabled": True}}),
    asks("a private registry", "ecs.capability.private-registry-authentication.secretsmanager",
         {"repositoryCredentials": {"credentialsParameter": "arn:aws:secretsmanager:us-east-1:{account}:secret:s-AbCdEf"}},
         executionRoleArn=ROLE),
    asks("files of the environment", "ecs.capability.env-files.s3",
         {"environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::bucket/web.env"}]}, executionRoleArn=ROLE),
    asks("FireLens by Fluent Bit", "ecs.capability.firelens.fluentbit", {"firelensConfiguration": {"type": "fluentbit"}}),
    asks("FireLens by Fluentd", "ecs.capability.firelens.fluentd", {"firelensConfiguration": {"type": "fluentd"}}),
    asks("EFS with IAM", "ecs.capability.efsAuth", taskRoleArn=ROLE,
         volumes=[{"name": "v", "efsVolumeConfiguration": {**EFS, "transitEncryption": "ENABLED",
                                                           "authorizationConfig": {"iam": "ENABLED"}}}]),
    asks("a volume driver", "ecs.capability.docker-plugin.rexray",
         volumes=[{"name": "v", "dockerVolumeConfiguration": {"driver": "rexray", "scope": "shared", "autoprovision": True}}]),
    asks("a log driver by its name", "com.amazonaws.ecs.capability.logging-driver.syslog",
         {"logConfiguration": {"logDriver": "syslog"}}),
    asks("a health check's API", "com.amazonaws.ecs.capability.docker-remote-api.1.24",
         {"healthCheck": {"command": ["CMD", "true"]}}),
    shown("a plain container asks for nothing", ATTRIBUTES, {"requiresAttributes": [], "requiresCompatibilities": ABSENT,
                                                                        "compatibilities": some("EC2")}),
    shown("a GPU as asked for", api("ResourceRequirement"),
          {"containerDefinitions": [{"resourceRequirements": [{"type": "GPU", "value": "1"}]}]},
          {"resourceRequirements": [{"type": "GPU", "value": "1"}]}),
    shown("a Docker volume as told", api("DockerVolumeConfiguration"),
          {"volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "shared", "autoprovision": True}}]},
          volumes=[{"name": "v", "dockerVolumeConfiguration": {"scope": "shared", "autoprovision": True}}]),
    shown("a path of the host as told", api("HostVolumeProperties", "sourcePath"),
          {"volumes": [{"name": "v", "host": {"sourcePath": "/data"}}]},
          volumes=[{"name": "v", "host": {"sourcePath": "/data"}}]),
    shown("a runtime platform as told", api("RuntimePlatform"),
          {"runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}},
          runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}),
    shown("a range of ports as told", api("PortMapping", "containerPortRange"),
          {"containerDefinitions": [{"portMappings": [{"containerPortRange": "8000-8009"}]}]},
          {"portMappings": [{"containerPortRange": "8000-8009"}]}),
    shown("read-only stays read-only", api("MountPoint", "readOnly"),
          {"containerDefinitions": [{"mountPoints": [{"sourceVolume": "v", "containerPath": "/v", "readOnly": True}]}]},
          {"mountPoints": [{"sourceVolume": "v", "containerPath": "/v", "readOnly": True}]},
          volumes=[{"name": "v", "host": {}}]),
    refused("EFS with an access point is encrypted on its way", model("EFSAuthorizationConfig, accessPointId"),
            volumes=[{"name": "v", "efsVolumeConfiguration": {**EFS, "authorizationConfig": {"accessPointId": "fsap-1"}}}]),
    refused("an access point is its own root", model("EFSVolumeConfiguration, rootDirectory"),
            volumes=[{"name": "v", "efsVolumeConfiguration": {**EFS, "rootDirectory": "/x", "transitEncryption": "ENABLED",
                                                              "authorizationConfig": {"accessPointId": "fsap-1"}}}]),
    shown("autoprovision means nothing to a task's own volume", model("DockerVolumeConfiguration, autoprovision"),
          {"volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "task"}}]},
          volumes=[{"name": "v", "dockerVolumeConfiguration": {"scope": "task", "autoprovision": True}}]),
    refused("a volume's name has no blanks", model("Volume, name"), volumes=[{"name": "my volume", "host": {}}]),
    refused("eleven files of the environment", api("ContainerDefinition", "environmentFiles"),
            {"environmentFiles": [{"type": "s3", "value": f"arn:aws:s3:::bucket/{n}.env"} for n in range(11)]},
            executionRoleArn=ROLE),
    refused("a file of the environment elsewhere", model("EnvironmentFile, type"),
            {"environmentFiles": [{"type": "ftp", "value": "arn:aws:s3:::bucket/web.env"}]}, executionRoleArn=ROLE),
    refused("a range that runs backwards", api("PortMapping", "containerPortRange"),
            {"portMappings": [{"containerPortRange": "8009-8000"}]}),
    refused("ranges in host mode", api("PortMapping", "containerPortRange"),
            {"portMappings": [{"containerPortRange": "8000-8009"}]}, networkMode="host"),
    refused("a container that waits for itself", model("ContainerDependency"), inferred=True,
            container={"dependsOn": [{"containerName": "app", "condition": "START"}]}),
    refused("fifty-one exit codes to ignore", model("ContainerRestartPolicy, ignoredExitCodes"),
            {"restartPolicy": {"enabled": True, "ignoredExitCodes": list(range(51))}}),
    refused("swappiness of 101", model("LinuxParameters, swappiness"), {"linuxParameters": {"swappiness": 101, "maxSwap": 64}}),
    refused("an unknown pid mode", model("PidMode"), pidMode="family"),
    refused("an unknown ipc mode", model("IpcMode"), ipcMode="everybody"),
    refused("an unknown application protocol", model("ApplicationProtocol"),
            {"portMappings": [{"containerPort": 80, "name": "web", "appProtocol": "gopher"}]}),
    refused("an unknown log router", model("FirelensConfigurationType"), {"firelensConfiguration": {"type": "logstash"}}),
    refused("an unknown architecture", model("CPUArchitecture"), runtimePlatform={"cpuArchitecture": "Z80"}),
    refused("an unknown limit", model("UlimitName"), {"ulimits": [{"name": "patience", "softLimit": 1, "hardLimit": 1}]}),
    refused("less memory than a container can have", api("ContainerDefinition", "memory"), {"memory": 3}),
    # volumes that are made at launch
    Case("a volume at launch is told at launch", "RunTask", {"taskDefinition": "disk"}, given="cluster instances disk",
         source=model("Volume, configuredAtLaunch"), refused=(INVALID, None)),
    Case("a volume that no definition has", "RunTask",
         {"taskDefinition": "web", "volumeConfigurations": [{"name": "v", "managedEBSVolume": EBS}]},
         given="cluster instances web", source=issue("aws-samples/cdk-preflight rules"), refused=(INVALID, None)),
    disk("a volume of no size", model("TaskManagedEBSVolumeConfiguration, sizeInGiB"), sizeInGiB=None),
    disk("a volume of an unknown type", model("TaskManagedEBSVolumeConfiguration, volumeType"), volumeType="gp9"),
    disk("a gp3 that is too large", model("TaskManagedEBSVolumeConfiguration, sizeInGiB"), inferred=True, volumeType="gp3",
         sizeInGiB=16385),
    disk("an st1 that is too small", model("TaskManagedEBSVolumeConfiguration, sizeInGiB"), inferred=True, volumeType="st1",
         sizeInGiB=100),
    disk("an io2 without operations", model("TaskManagedEBSVolumeConfiguration, iops"), volumeType="io2"),
    disk("a gp3 that is too fast", model("TaskManagedEBSVolumeConfiguration, throughput"), volumeType="gp3", throughput=1001),
    disk("a throughput that gp2 has not", model("TaskManagedEBSVolumeConfiguration, throughput"), volumeType="gp2",
         throughput=125),
    # overrides
    Case("an override's environment is merged in the answer as given", "RunTask",
         {"taskDefinition": "web", "overrides": {"containerOverrides": [
             {"name": "app", "environment": [{"name": "A", "value": "1"}], "cpu": 64, "memory": 256}]}},
         given="cluster instances web", source=api("ContainerOverride"),
         answer={"tasks": [{"overrides": {"containerOverrides": [
             {"name": "app", "environment": [{"name": "A", "value": "1"}], "cpu": 64, "memory": 256}]}}]}),
    Case("every container has its override", "RunTask",
         {"taskDefinition": "pair", "overrides": {"containerOverrides": [{"name": "side", "command": ["true"]}]}},
         given="cluster instances pair", source=api("TaskOverride", "containerOverrides"),
         answer={"tasks": [{"overrides": {"containerOverrides": some({"name": "side", "command": ["true"]},
                                                                     {"name": "app"})}}]}),
    Case("an override of a task's size", "RunTask",
         {"taskDefinition": "fargate", "launchType": "FARGATE", "overrides": {"cpu": "512", "memory": "1024"},
          "networkConfiguration": {"awsvpcConfiguration": {"subnets": [SUBNET]}}},
         given="cluster capacity fargate", source=api("TaskOverride", "cpu"),
         answer={"tasks": [{"cpu": "512", "memory": "1024"}]}),
    Case("an override to a size that Fargate has not", "RunTask",
         {"taskDefinition": "fargate", "launchType": "FARGATE", "overrides": {"cpu": "256", "memory": "8192"},
          "networkConfiguration": {"awsvpcConfiguration": {"subnets": [SUBNET]}}},
         given="cluster fargate", source=guide("Task CPU and memory at the Fargate launch type"), refused=(ANY, None)),
    Case("an override names its container", "RunTask",
         {"taskDefinition": "web", "overrides": {"containerOverrides": [{"command": ["true"]}]}},
         given="cluster instances web", source=issue("aws/aws-sdk-go #2553"), refused=(INVALID, "name cannot be blank.")),
]  # fmt: skip
