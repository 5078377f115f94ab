"""A plain SDK in a task finds Podium and its role by itself, as on AWS.

The image has no Python; boto3 runs from here inside the container's network namespace, with the container's environment
and nothing else.
"""

import json
import subprocess
import sys

import pytest

from docker.images import tiny
from docker.test_up import Machine
from waiting import until

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
MAY_LIST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ecs:ListClusters", "ecs:*TaskProtection"], "Resource": "*"}],
}
PROGRAM = """
import boto3, json, os, time, urllib.request
from botocore.exceptions import BotoCoreError, ClientError
def asked(request, until):
    while True:
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except OSError:  # an agent of this machine ended, and broke off
            if time.monotonic() > until:
                raise
until = time.monotonic() + 60
while True:
    try:
        told = {"arn": boto3.client("sts").get_caller_identity()["Arn"]}
        break
    except BotoCoreError:  # no credentials while another agent's test takes the endpoint away
        if time.monotonic() > until:
            raise
ecs = boto3.client("ecs")
told["clusters"] = ecs.list_clusters()["clusterArns"]
try:
    ecs.list_services()
except ClientError as error:
    told["refused"] = error.response["Error"]["Code"]
told["metadata"] = asked(os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/taskWithTags", until)
body = json.dumps({"ProtectionEnabled": True, "ExpiresInMinutes": 5}).encode()
request = urllib.request.Request(os.environ["ECS_AGENT_URI"] + "/task-protection/v1/state", body, method="PUT")
told["protection"] = asked(request, until)
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.up("--cluster", "default")
    trust, policy = json.dumps(TRUST), json.dumps(MAY_LIST)
    machine.aws("iam", "create-role", "--role-name", "app", "--assume-role-policy-document", trust)
    machine.aws(*("iam", "put-role-policy", "--role-name", "app", "--policy-name", "p"), *("--policy-document", policy))
    yield machine
    machine.close()


def a_task(machine, mode):
    """The ARN of a task that runs in that network mode, and the container it consists of as Docker shows it."""
    container = {"name": "app", "image": tiny(), "memory": 32, "command": ["sleep", "1000"], "stopTimeout": 2}
    machine.aws(
        *("ecs", "register-task-definition", "--family", mode, "--network-mode", mode),
        *("--task-role-arn", "app", "--container-definitions", json.dumps([container])),
    )
    tags = "key=team,value=blue"
    ran = machine.aws("ecs", "run-task", "--task-definition", mode, "--tags", tags)
    arn = ran["tasks"][0]["taskArn"]

    def is_running():
        return machine.aws("ecs", "describe-tasks", "--tasks", arn)["tasks"][0]["lastStatus"] == "RUNNING"

    until(is_running, "the task to run")
    listed = ["docker", "ps", "-q", "--filter", f"label=com.amazonaws.ecs.task-arn={arn}"]
    docker_id = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.strip()
    shown = subprocess.run(["docker", "inspect", docker_id], check=True, capture_output=True, text=True).stdout
    return arn, json.loads(shown)[0]


def run_inside(container, program):
    """What the program prints, run in the container's network and environment."""
    network = f"--net=/proc/{container['State']['Pid']}/ns/net"
    command = ["nsenter", network, "env", "-i", *container["Config"]["Env"], sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("mode", ["bridge", "host"])
def test_a_plain_sdk_is_the_task_s_role_and_may_what_its_policies_allow(machine, mode):
    arn, container = a_task(machine, mode)
    told = run_inside(container, PROGRAM)
    task_id = arn.rpartition("/")[2]
    assert told["arn"].endswith(f":assumed-role/app/{task_id}")
    assert [c.rpartition("/")[2] for c in told["clusters"]] == ["default"]
    assert told["refused"] == "AccessDeniedException"
    assert told["metadata"]["TaskTags"] == {"team": "blue"}
    assert "Errors" not in told["metadata"]
    assert told["protection"]["failure"]["Arn"] == arn, "only tasks of services are protected"
    entries = machine("audit", "--json", "--operation", "UpdateTaskProtection").stdout
    assert f"assumed-role/app/{task_id}" in entries
