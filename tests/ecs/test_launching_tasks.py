"""RunTask and StartTask: what they accept, what they refuse, and tasks that wait for what Podium does not have."""

import json
from typing import Any

import pytest

from inprocess import ACCOUNT, GROUP, OTHER_SUBNET, REGION, SUBNET, Plane, refused
from people import role, trust
from podium.ecs.acs import assignments
from podium.ecs.records import Task

INVALID, CLIENT = "InvalidParameterException", "ClientException"
NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [GROUP]}}
ON_FARGATE = {"taskDefinition": "net", "launchType": "FARGATE", "networkConfiguration": NETWORK}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready()
    role(plane, "r", trust("ecs-tasks.amazonaws.com"))
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    return plane.ecs


def described(ecs: Any, task: dict[str, Any]) -> dict[str, Any]:
    return dict(ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"][0])


def test_without_a_host_that_serves_fargate_nothing_is_started_and_it_is_said_why(ecs: Any) -> None:
    answer = ecs.run_task(**ON_FARGATE)
    assert answer["tasks"] == []
    [failure] = answer["failures"]
    assert failure["reason"].startswith("Capacity is unavailable at this time.")
    assert failure["detail"] == "No host serves Fargate here. `podium up`, run as root, makes this machine one."


def test_a_task_for_fargate_runs_where_no_user_sees(plane: Plane, ecs: Any) -> None:
    [host] = plane.serve_fargate()
    [task] = ecs.run_task(**ON_FARGATE)["tasks"]
    assert (task["lastStatus"], task["desiredStatus"], task["launchType"]) == ("PROVISIONING", "RUNNING", "FARGATE")
    assert (task["platformVersion"], task["platformFamily"]) == ("1.4.0", "Linux")
    assert task["ephemeralStorage"] == {"sizeInGiB": 20}
    [interface] = task["attachments"]
    assert (interface["type"], interface["status"]) == ("ElasticNetworkInterface", "PRECREATED")
    assert interface["details"] == [{"name": "subnetId", "value": SUBNET}]
    plane.run()
    plane.report(task["taskArn"], "RUNNING")
    shown = described(ecs, task)
    assert (shown["lastStatus"], shown["connectivity"]) == ("RUNNING", "CONNECTED")
    assert shown["availabilityZone"] == f"{REGION}a"
    assert "containerInstanceArn" not in shown
    assert plane.record(Task, task["taskArn"]).container_instance_arn == host
    assert host not in ecs.list_container_instances()["containerInstanceArns"]
    assert [arn.rpartition("/")[2] for arn in ecs.list_clusters()["clusterArns"]] == ["default"]
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.list_container_instances(cluster=host.split("/")[1])


def test_what_a_host_lacks_for_fargate_is_in_the_detail(plane: Plane, ecs: Any) -> None:
    plane.serve_fargate(cpu=128)
    [failure] = ecs.run_task(**ON_FARGATE)["failures"]
    assert failure["detail"] == "What the hosts that serve Fargate lack: RESOURCE:CPU on 1."


def test_its_containers_gain_no_privileges(plane: Plane, ecs: Any) -> None:
    [host] = plane.serve_fargate()
    ecs.run_task(**ON_FARGATE)
    plane.run()
    [assignment] = plane.read(lambda tx: assignments.of_instance(tx, host))
    payload = assignment.payload
    assert payload is not None
    [container] = payload["containers"]
    assert json.loads(container["dockerConfig"]["hostConfig"])["SecurityOpt"] == ["no-new-privileges"]
    assert container["environment"]["AWS_EXECUTION_ENV"] == "AWS_ECS_FARGATE"
    assert payload["launchType"] == "FARGATE"


def test_an_interface_goes_with_its_task(plane: Plane, ecs: Any) -> None:
    plane.serve_fargate()
    [task] = ecs.run_task(**ON_FARGATE)["tasks"]
    plane.run()
    interfaces = plane.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    details = {d["name"]: d["value"] for d in described(ecs, task)["attachments"][0]["details"]}
    assert [i["PrivateIpAddress"] for i in interfaces] == [details["privateIPv4Address"]]
    assert interfaces[0]["Description"].endswith(f":attachment/{task['attachments'][0]['id']}")
    assert described(ecs, task)["containers"][0]["networkInterfaces"] == [
        {"attachmentId": task["attachments"][0]["id"], "privateIpv4Address": details["privateIPv4Address"]}
    ]
    ecs.stop_task(task=task["taskArn"])
    plane.run()
    assert described(ecs, task)["lastStatus"] == "STOPPING"
    assert len(plane.client("ec2").describe_network_interfaces()["NetworkInterfaces"]) == 1
    plane.report(task["taskArn"], "STOPPED")
    assert described(ecs, task)["lastStatus"] == "DEPROVISIONING"
    plane.run()
    assert described(ecs, task)["lastStatus"] == "STOPPED"
    assert described(ecs, task)["attachments"][0]["status"] == "DELETED"
    assert plane.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []


def test_a_subnet_without_a_free_address_is_told_in_ec2_s_words(plane: Plane, ecs: Any) -> None:
    plane.serve_fargate(cpu=100_000, memory=100_000)
    vpc = plane.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    made = plane.client("ec2").create_subnet(VpcId=vpc, CidrBlock="172.31.128.0/28")["Subnet"]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [made]}}
    for _ in range(2):
        tasks = ecs.run_task(**{**ON_FARGATE, "networkConfiguration": network}, count=10)["tasks"]
    plane.run()
    stopped = [
        t for t in ecs.describe_tasks(tasks=[t["taskArn"] for t in tasks])["tasks"] if t["lastStatus"] == "STOPPED"
    ]
    assert len(stopped) == 20 - 11
    assert {(t["stopCode"], t["stoppedReason"]) for t in stopped} == {
        (
            "TaskFailedToStart",
            "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in "
            f"subnet '{made}': InsufficientFreeAddressesInSubnet",
        )
    }


def test_subnets_and_groups_must_be_there(ecs: Any) -> None:
    def network(**members: Any) -> dict[str, Any]:
        awsvpc = {"subnets": [SUBNET], "securityGroups": [], **members}
        return {**ON_FARGATE, "networkConfiguration": {"awsvpcConfiguration": awsvpc}}

    with refused(
        INVALID,
        "Error retrieving subnet information for [subnet-1]: The subnet ID 'subnet-1' does not exist "
        "(ErrorCode: InvalidSubnetID.NotFound)",
    ):
        ecs.run_task(**network(subnets=["subnet-1"]))
    with refused(
        INVALID,
        "Error retrieving security group information for [sg-1]: The security group 'sg-1' does not exist "
        "(ErrorCode: InvalidGroup.NotFound)",
    ):
        ecs.run_task(**network(securityGroups=["sg-1"]))


def test_on_fargate_tasks_go_to_the_zone_that_has_the_fewest_of_their_group(plane: Plane, ecs: Any) -> None:
    plane.serve_fargate()
    both = {"awsvpcConfiguration": {"subnets": [SUBNET, OTHER_SUBNET], "securityGroups": [GROUP]}}
    asked = {**ON_FARGATE, "networkConfiguration": both}
    run_zones = [t["availabilityZone"] for t in ecs.run_task(**asked, count=6)["tasks"]]
    assert sorted(run_zones) == [f"{REGION}a"] * 3 + [f"{REGION}b"] * 3
    gone, *_ = [t for t in plane.tasks() if t.availability_zone == f"{REGION}b"]
    ecs.stop_task(task=gone.arn)
    ecs.run_task(**{**asked, "networkConfiguration": NETWORK}, count=2, group="others")
    [task] = ecs.run_task(**asked)["tasks"]
    assert task["availabilityZone"] == f"{REGION}b", "one of its group is to stop there"
    assert task["attachments"][0]["details"] == [{"name": "subnetId", "value": OTHER_SUBNET}]
    others = ecs.run_task(**asked, count=2, group="others")["tasks"]
    assert [t["availabilityZone"] for t in others] == [f"{REGION}b"] * 2


def test_an_instance_in_another_zone_cannot_have_the_task(plane: Plane, ecs: Any) -> None:
    [instance] = plane.join(instances=1, zones=[f"{REGION}b"], attributes={"ecs.capability.task-eni": ""})
    plane.define("own", networkMode="awsvpc")
    answer = ecs.run_task(taskDefinition="own", networkConfiguration=NETWORK)
    assert {"arn": instance, "reason": "LOCATION"} in answer["failures"]
    other = {"awsvpcConfiguration": {"subnets": [SUBNET, OTHER_SUBNET]}}
    [task] = ecs.run_task(taskDefinition="own", networkConfiguration=other)["tasks"]
    assert task["containerInstanceArn"] == instance
    assert task["attachments"][0]["details"] == [{"name": "subnetId", "value": OTHER_SUBNET}]


def test_a_strategy_shares_tasks_among_its_providers(plane: Plane, ecs: Any) -> None:
    plane.serve_fargate()
    ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=[]
    )
    strategy = [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 2},
    ]
    tasks = ecs.run_task(
        taskDefinition="net", count=4, networkConfiguration=NETWORK, capacityProviderStrategy=strategy
    )["tasks"]
    assert [t["capacityProviderName"] for t in tasks].count("FARGATE_SPOT") == 2
    assert {t["launchType"] for t in tasks} == {"FARGATE"}


def test_tasks_of_an_auto_scaling_group_go_to_its_instances_and_the_others_wait(plane: Plane, ecs: Any) -> None:
    group = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:u:autoScalingGroupName/blue"
    scaled = {"autoScalingGroupArn": group, "managedScaling": {"status": "ENABLED"}}
    ecs.create_capacity_provider(name="blue", autoScalingGroupProvider=scaled)
    ecs.put_cluster_capacity_providers(
        cluster="default",
        capacityProviders=["blue"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "blue", "weight": 1}],
    )
    [own] = plane.join(instances=1, attributes={"podium.auto-scaling-group": "blue"})
    plane.define("big", {"memory": 5000})
    first, second = ecs.run_task(taskDefinition="big", count=2)["tasks"]
    assert (first["containerInstanceArn"], first["capacityProviderName"]) == (own, "blue")
    assert (second["lastStatus"], second["launchType"]) == ("PROVISIONING", "EC2")
    assert "capacity provider blue" in second["containers"][0]["reason"]


def test_external_tasks_run_on_external_instances_alone(plane: Plane, ecs: Any) -> None:
    with refused(INVALID, "No Container Instances were found in your cluster."):
        ecs.run_task(taskDefinition="web", launchType="EXTERNAL")
    [external] = plane.join(instances=1, attributes={"ecs.capability.external": ""})
    [task] = ecs.run_task(taskDefinition="web", launchType="EXTERNAL")["tasks"]
    assert (task["containerInstanceArn"], task["launchType"]) == (external, "EXTERNAL")
    assert external not in {t["containerInstanceArn"] for t in ecs.run_task(taskDefinition="web", count=10)["tasks"]}


REFUSED: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "no network": (
        {"taskDefinition": "net"},
        INVALID,
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ),
    "a network on a bridge": (
        {"networkConfiguration": NETWORK},
        INVALID,
        "Network Configuration is not valid for the given networkMode of this task definition.",
    ),
    "no subnets": (
        {**ON_FARGATE, "networkConfiguration": {"awsvpcConfiguration": {"subnets": []}}},
        INVALID,
        "subnets can not be empty.",
    ),
    "a public address on EC2": (
        {
            "taskDefinition": "net",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"], "assignPublicIp": "ENABLED"}},
        },
        INVALID,
        "Assign public IP is not supported for this launch type.",
    ),
    "Fargate for a bridge": (
        {"launchType": "FARGATE"},
        INVALID,
        "Task definition does not support launch_type FARGATE.",
    ),
    "a platform on EC2": (
        {"platformVersion": "1.4.0"},
        INVALID,
        "The platform version must be null when specifying an EC2 launch type.",
    ),
    "a platform nobody knows": ({**ON_FARGATE, "platformVersion": "9.0"}, "PlatformUnknownException", None),
    "a platform of Windows": (
        {**ON_FARGATE, "platformVersion": "1.0.0"},
        "PlatformTaskDefinitionIncompatibilityException",
        None,
    ),
    "constraints on Fargate": (
        {**ON_FARGATE, "placementConstraints": [{"type": "distinctInstance"}]},
        INVALID,
        "Placement constraints are not supported with FARGATE launch type.",
    ),
    "a strategy on Fargate": (
        {**ON_FARGATE, "placementStrategy": [{"type": "random"}]},
        INVALID,
        "Placement strategies are not supported with FARGATE launch type.",
    ),
    "a size that Fargate does not have": (
        {**ON_FARGATE, "overrides": {"cpu": "512"}},
        CLIENT,
        "No Fargate configuration exists for given values: 512 CPU, 512 memory",
    ),
    "a container that is not there": (
        {"overrides": {"containerOverrides": [{"name": "ghost"}]}},
        INVALID,
        "Override for container named ghost is not a container in the TaskDefinition.",
    ),
    "overrides that are too long": (
        {"overrides": {"containerOverrides": [{"name": "app", "command": ["x" * 9000]}]}},
        INVALID,
        "Container Overrides length must be at most 8192",
    ),
    "a shell without a role": ({"enableExecuteCommand": True}, INVALID, None),
    "tags of a service": ({"propagateTags": "SERVICE"}, INVALID, None),
    "a service's group": ({"group": "service:web"}, INVALID, "Invalid namespace for group."),
    "eleven tasks": ({"count": 11}, INVALID, None),
    "a long name of who started it": ({"startedBy": "x" * 129}, INVALID, None),
    "a token with a space": ({"clientToken": "a b"}, INVALID, None),
    "a volume that the definition does not have": (
        {"volumeConfigurations": [{"name": "v", "managedEBSVolume": {"roleArn": ROLE, "sizeInGiB": 1}}]},
        INVALID,
        "The volume name 'v' in your request does not have a matching volume in your Task Definition",
    ),
}


@pytest.mark.parametrize(("members", "code", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(ecs: Any, members: dict[str, Any], code: str, sentence: str | None) -> None:
    with refused(code, sentence):
        ecs.run_task(**{"taskDefinition": "web", **members})
    assert ecs.list_tasks()["taskArns"] == []


def test_overrides_are_kept_in_plain_numbers_and_given_back(ecs: Any) -> None:
    overrides = {
        "containerOverrides": [{"name": "app", "cpu": 10, "environment": [{"name": "A", "value": "1"}]}],
        "cpu": "0.5 vCPU",
        "memory": "1GB",
        "executionRoleArn": ROLE,
    }
    [task] = ecs.run_task(taskDefinition="web", overrides=overrides)["tasks"]
    kept = {**overrides, "cpu": "512", "memory": "1024", "inferenceAcceleratorOverrides": []}
    assert (task["overrides"], task["cpu"], task["memory"]) == (kept, "512", "1024")


def test_a_role_in_the_overrides_needs_an_instance_that_can_give_it(ecs: Any) -> None:
    answer = ecs.run_task(taskDefinition="web", overrides={"taskRoleArn": ROLE})
    assert {f["reason"] for f in answer["failures"]} == {"ATTRIBUTE"}


def test_a_definition_for_windows_is_not_placed_on_linux(plane: Plane, ecs: Any) -> None:
    plane.join(instances=1, attributes={"ecs.os-type": "linux"})
    plane.define("win", runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"})
    linux = ecs.list_container_instances()["containerInstanceArns"]
    reasons = {f["reason"] for f in ecs.start_task(taskDefinition="win", containerInstances=linux)["failures"]}
    assert "ATTRIBUTE" in reasons


def test_a_token_dies_a_day_after_or_an_hour_after_its_last_task_stopped(plane: Plane, ecs: Any) -> None:
    def run() -> dict[str, Any]:
        return dict(ecs.run_task(taskDefinition="web", clientToken="t")["tasks"][0])

    task = run()
    plane.obey()
    plane.exit(task["taskArn"])
    plane.run()
    assert run() == {"taskArn": task["taskArn"], "lastStatus": "STOPPED", "desiredStatus": "STOPPED"}
    plane.advance(3600)
    again = run()
    assert again["taskArn"] != task["taskArn"]
    plane.obey()
    plane.advance(24 * 3600)
    assert run()["taskArn"] != again["taskArn"]


@pytest.mark.parametrize(
    ("request_", "code", "sentence"),
    [
        ({"interactive": False}, INVALID, "Interactive is the only mode supported currently."),
        ({"task": "0" * 32}, INVALID, "The referenced task was not found."),
        (
            {},
            INVALID,
            "The execute command failed because execute command was not enabled when the task was run or the execute "
            "command agent isn’t running. Wait and try again or run a new task with execute command enabled and try "
            "again.",
        ),
    ],
)
def test_a_command_is_not_executed(plane: Plane, ecs: Any, request_: dict[str, Any], code: str, sentence: str) -> None:
    [task] = ecs.run_task(taskDefinition="web")["tasks"]
    plane.obey()
    with refused(code, sentence):
        ecs.execute_command(**{"task": task["taskArn"], "command": "sh", "interactive": True, **request_})
