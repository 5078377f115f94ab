"""What Fargate takes: its sizes and its rules."""

from typing import Any

from parity.cases.case import Case, api, guide, issue, some

CLIENT = "ClientException"
SIZES = {
    256: (512, 1024, 2048),
    512: (1024, 2048, 3072, 4096),
    1024: (2048, 8192),
    2048: (4096, 16384),
    4096: (8192, 30720),
    8192: (16384, 61440),
    16384: (32768, 122880),
}
WRONG = ((256, 4096), (512, 512), (1024, 1024), (1024, 9216), (2048, 17408), (4096, 31744), (8192, 18432), (16384, 24576),
         (128, 512), (32768, 122880), (256, 600))  # fmt: skip
PREFLIGHT = issue("aws-samples/cdk-preflight rules")
TABLE = guide("Fargate task definition differences, task CPU and memory")


def fargate(container: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    given = {"networkMode": "awsvpc", "cpu": "256", "memory": "512", **members}
    return {
        "family": "f",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{"name": "app", "image": "web:1", **(container or {})}],
        **{name: value for name, value in given.items() if value is not None},
    }


def refused(
    name: str, sentence: str | None, source: str, container: dict[str, Any] | None = None, **members: Any
) -> Case:
    return Case(name, "RegisterTaskDefinition", fargate(container, **members), given="nothing", source=source,
                refused=(CLIENT, sentence))  # fmt: skip


CASES = [
    *(
        Case(f"{cpu} units and {memory} MiB run on Fargate", "RegisterTaskDefinition",
             fargate(cpu=str(cpu), memory=str(memory)), given="nothing", source=TABLE,
             answer={"taskDefinition": {"compatibilities": some("FARGATE"), "cpu": str(cpu), "memory": str(memory)}})
        for cpu, memories in SIZES.items()
        for memory in memories
    ),
    *(
        refused(f"{cpu} units and {memory} MiB do not",
                f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory", TABLE,
                cpu=str(cpu), memory=str(memory))
        for cpu, memory in WRONG
    ),
    refused("Fargate needs CPU", "Fargate requires that 'cpu' be defined at the task level.", TABLE, cpu=None),
    refused("Fargate needs memory", "Fargate requires that 'memory' be defined at the task level.", TABLE, {"memory": 128},
            memory=None),
    refused("Fargate needs awsvpc", "Fargate only supports network mode ‘awsvpc’.", TABLE, networkMode="bridge"),
    refused("Fargate needs a role for ECR", "Fargate requires task definition to have execution role ARN to support ECR "
            "images.", api("RegisterTaskDefinition", "executionRoleArn"),
            {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1"}),
    refused("Fargate needs a role for awslogs", "Fargate requires task definition to have execution role ARN to support "
            "log driver awslogs.", api("RegisterTaskDefinition", "executionRoleArn"),
            {"logConfiguration": {"logDriver": "awslogs",
                                  "options": {"awslogs-group": "g", "awslogs-region": "us-east-1",
                                              "awslogs-stream-prefix": "p"}}}),
    refused("Fargate has no host's processes", "Tasks using the Fargate launch type do not support pidMode 'host'. The "
            "supported value for pidMode is 'task'.", api("RegisterTaskDefinition", "pidMode"), pidMode="host"),
    refused("Fargate shares no memory", "Tasks using the Fargate launch type do not support ipcMode.",
            api("RegisterTaskDefinition", "ipcMode"), ipcMode="task"),
    refused("Fargate has no privileges", None, api("ContainerDefinition", "privileged"), {"privileged": True}),
    refused("Fargate has no Docker volumes", "Fargate compatible task definitions do not support "
            "dockerVolumeConfiguration", PREFLIGHT, volumes=[{"name": "v", "dockerVolumeConfiguration": {}}]),
    refused("Fargate has no host's paths", "Fargate compatible task definitions do not support sourcePath", PREFLIGHT,
            volumes=[{"name": "v", "host": {"sourcePath": "/data"}}]),
    refused("Fargate has no devices", None, api("LinuxParameters", "devices"),
            {"linuxParameters": {"devices": [{"hostPath": "/dev/fuse"}]}}),
    refused("Fargate adds SYS_PTRACE alone", None, api("KernelCapabilities"),
            {"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}}),
    refused("Fargate's tasks are not placed", None, api("RegisterTaskDefinition", "placementConstraints"),
            placementConstraints=[{"type": "memberOf", "expression": "attribute:a exists"}]),
    refused("Fargate knows three log drivers", None, api("LogConfiguration", "logDriver"),
            {"logConfiguration": {"logDriver": "syslog"}}),
    refused("Fargate stops within two minutes", "Tasks using the Fargate launch type must have a container stop timeout "
            "of less than 120 seconds.", api("ContainerDefinition", "stopTimeout"), {"stopTimeout": 121}),
    refused("a little storage is too little", "EphemeralStorage size should be at least 21",
            api("EphemeralStorage"), ephemeralStorage={"sizeInGiB": 20}),
    refused("much storage is too much", "EphemeralStorage size should be at most 200", api("EphemeralStorage"),
            ephemeralStorage={"sizeInGiB": 201}),
    Case("storage as asked for", "RegisterTaskDefinition", fargate(ephemeralStorage={"sizeInGiB": 21}),
         given="nothing", answer={"taskDefinition": {"ephemeralStorage": {"sizeInGiB": 21}}},
         source=api("EphemeralStorage")),
    Case("two minutes to stop are accepted", "RegisterTaskDefinition", fargate({"stopTimeout": 120}), given="nothing",
         answer={"taskDefinition": {"containerDefinitions": [{"stopTimeout": 120}]}},
         source=api("ContainerDefinition", "stopTimeout")),
]  # fmt: skip
