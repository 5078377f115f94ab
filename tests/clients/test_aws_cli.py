"""The aws command line goes through one life cycle twice: with its shorthand, and with JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from server.server_process import Server, running

AWS = Path(sys.executable).parent / "aws"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
GROUP = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1b2c3d4e-0000-4000-8000-000000000001"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("cli") / "data") as server:
        yield server


class Cli:
    def __init__(self, server: Server) -> None:
        key = server.keys["root"]
        self._url = server.url
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(server.data_dir),
            "AWS_ACCESS_KEY_ID": key["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_PAGER": "",
        }

    def run(self, service: str, *words: str) -> Any:
        done = self.tried(service, *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def tried(self, service: str, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [str(AWS), "--endpoint-url", self._url, "--output", "json", service, *words]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True)

    def json(self, service: str, operation: str, request: Mapping[str, Any]) -> Any:
        return self.run(service, operation, "--cli-input-json", json.dumps(request))


@pytest.fixture(scope="module")
def cli(server: Server) -> Cli:
    return Cli(server)


def test_a_life_cycle_in_shorthand(cli: Cli) -> None:
    role = cli.run("iam", "create-role", "--role-name", "short", "--assume-role-policy-document", json.dumps(TRUST))
    cli.run(
        "iam", "attach-role-policy", "--role-name", "short",
        "--policy-arn", "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    )  # fmt: skip
    made = cli.run(
        "ecs", "create-cluster", "--cluster-name", "short", "--tags", "key=team,value=web",
        "--settings", "name=containerInsights,value=enabled",
    )  # fmt: skip
    assert made["cluster"]["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    cli.run(
        "ecs", "create-capacity-provider", "--name", "short", "--auto-scaling-group-provider",
        f"autoScalingGroupArn={GROUP}:autoScalingGroupName/short,managedScaling={{status=DISABLED}}",
    )  # fmt: skip
    cli.run(
        "ecs", "put-cluster-capacity-providers", "--cluster", "short", "--capacity-providers", "short",
        "--default-capacity-provider-strategy", "capacityProvider=short,weight=1",
    )  # fmt: skip
    told = cli.run(
        "ecs", "register-task-definition", "--family", "short", "--execution-role-arn", role["Role"]["Arn"],
        "--container-definitions", "name=app,image=web,memory=64,portMappings=[{containerPort=80}]",
    )  # fmt: skip
    assert told["taskDefinition"]["containerDefinitions"][0]["portMappings"] == [
        {"containerPort": 80, "hostPort": 0, "protocol": "tcp"}
    ]
    cli.run(
        "ecs", "create-service", "--cluster", "short", "--service-name", "web", "--task-definition", "short",
        "--desired-count", "0", "--launch-type", "EC2", "--deployment-configuration",
        "maximumPercent=150,minimumHealthyPercent=50",
    )  # fmt: skip
    cli.run("ecs", "update-service", "--cluster", "short", "--service", "web", "--desired-count", "1")
    shown = cli.run("ecs", "describe-services", "--cluster", "short", "--services", "web", "ghost")
    assert shown["services"][0]["desiredCount"] == 1
    assert shown["services"][0]["deploymentConfiguration"]["maximumPercent"] == 150
    assert [f["reason"] for f in shown["failures"]] == ["MISSING"]
    refused = cli.tried("ecs", "delete-cluster", "--cluster", "short")
    assert "The Cluster cannot be deleted while Services are active." in refused.stderr
    cli.run("ecs", "delete-service", "--cluster", "short", "--service", "web", "--force")
    cli.run("ecs", "wait", "services-inactive", "--cluster", "short", "--services", "web")
    cli.run("ecs", "deregister-task-definition", "--task-definition", "short:1")
    deleted = cli.run("ecs", "delete-task-definitions", "--task-definitions", "short:1")
    assert deleted["taskDefinitions"][0]["status"] == "DELETE_IN_PROGRESS"
    cli.run(
        "ecs", "put-cluster-capacity-providers", "--cluster", "short", "--capacity-providers",
        "--default-capacity-provider-strategy",
    )  # fmt: skip
    cli.run("ecs", "delete-capacity-provider", "--capacity-provider", "short")
    assert cli.run("ecs", "delete-cluster", "--cluster", "short")["cluster"]["status"] == "INACTIVE"


def test_a_life_cycle_in_json(cli: Cli) -> None:
    cli.json("iam", "create-user", {"UserName": "json", "Tags": [{"Key": "team", "Value": "web"}]})
    policy = cli.json(
        "iam",
        "create-policy",
        {
            "PolicyName": "json",
            "PolicyDocument": json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}]}
            ),
        },
    )
    cli.json("iam", "attach-user-policy", {"UserName": "json", "PolicyArn": policy["Policy"]["Arn"]})
    told = cli.json(
        "iam",
        "simulate-principal-policy",
        {
            "PolicySourceArn": "arn:aws:iam::123456789012:user/json",
            "ActionNames": ["ecs:RunTask", "iam:CreateUser"],
        },
    )
    assert [r["EvalDecision"] for r in told["EvaluationResults"]] == ["allowed", "implicitDeny"]
    cli.json("ecs", "create-cluster", {"clusterName": "json"})
    cli.json(
        "ecs",
        "register-task-definition",
        {"family": "json", "containerDefinitions": [{"name": "app", "image": "web", "memory": 64}]},
    )
    request = {"cluster": "json", "serviceName": "web", "taskDefinition": "json", "desiredCount": 2}
    made = cli.json("ecs", "create-service", request)
    assert made["service"]["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    again = cli.tried("ecs", "create-service", "--cli-input-json", json.dumps(request))
    assert "Creation of service was not idempotent." in again.stderr
    cli.json("ecs", "update-service", {"cluster": "json", "service": "web", "desiredCount": 0})
    cli.json("ecs", "delete-service", {"cluster": "json", "service": "web"})
    assert cli.json("ecs", "list-services", {"cluster": "json"})["serviceArns"] == []
    cli.json("ecs", "delete-cluster", {"cluster": "json"})
    cli.json("iam", "detach-user-policy", {"UserName": "json", "PolicyArn": policy["Policy"]["Arn"]})
    cli.json("iam", "delete-policy", {"PolicyArn": policy["Policy"]["Arn"]})
    cli.json("iam", "delete-user", {"UserName": "json"})


def test_a_network_by_shorthand(cli: Cli) -> None:
    vpc = cli.run("ec2", "create-vpc", "--cidr-block", "10.3.0.0/16", "--tag-specifications",
                  "ResourceType=vpc,Tags=[{Key=Name,Value=cli}]")["Vpc"]["VpcId"]  # fmt: skip
    group = cli.run("ec2", "create-security-group", "--group-name", "web", "--description", "Web", "--vpc-id", vpc)
    identity = group["GroupId"]
    allowed = cli.run("ec2", "authorize-security-group-ingress", "--group-id", identity, "--protocol", "tcp",
                      "--port", "8080-8081", "--cidr", "10.0.0.0/8")  # fmt: skip
    assert [(r["FromPort"], r["ToPort"], r["CidrIpv4"]) for r in allowed["SecurityGroupRules"]] == [
        (8080, 8081, "10.0.0.0/8")
    ]
    cli.run("ec2", "authorize-security-group-ingress", "--group-id", identity, "--protocol", "all", "--source-group",
            identity)  # fmt: skip
    [shown] = cli.run("ec2", "describe-security-groups", "--filters", f"Name=vpc-id,Values={vpc}",
                      "Name=group-name,Values=w*")["SecurityGroups"]  # fmt: skip
    assert len(shown["IpPermissions"]) == 2
    assert cli.run("ec2", "describe-network-interfaces")["NetworkInterfaces"] == []
    refused = cli.tried("ec2", "delete-vpc", "--vpc-id", vpc)
    assert f"(DependencyViolation) when calling the DeleteVpc operation: The vpc '{vpc}' has" in refused.stderr
    dry = cli.tried("ec2", "delete-security-group", "--group-id", identity, "--dry-run")
    assert "DryRunOperation" in dry.stderr


def test_a_load_balancer_by_shorthand(cli: Cli) -> None:
    """What the command line's own waiters wait for comes."""
    held = [one for one in cli.run("ec2", "describe-subnets")["Subnets"] if one["DefaultForAz"]][:2]
    subnets, vpc = [one["SubnetId"] for one in held], held[0]["VpcId"]
    [made] = cli.run("elbv2", "create-load-balancer", "--name", "cli", "--subnets", *subnets)["LoadBalancers"]
    balancer = made["LoadBalancerArn"]
    cli.run("elbv2", "wait", "load-balancer-available", "--load-balancer-arns", balancer)
    [group] = cli.run("elbv2", "create-target-group", "--name", "cli", "--protocol", "HTTP", "--port", "80",
                      "--target-type", "ip", "--vpc-id", vpc)["TargetGroups"]  # fmt: skip
    targets = group["TargetGroupArn"]
    cli.run("elbv2", "modify-target-group-attributes", "--target-group-arn", targets, "--attributes",
            "Key=deregistration_delay.timeout_seconds,Value=0")  # fmt: skip
    assert cli.run("elbv2", "describe-target-health", "--target-group-arn", targets)["TargetHealthDescriptions"] == []
    [listener] = cli.run("elbv2", "create-listener", "--load-balancer-arn", balancer, "--protocol", "HTTP", "--port",
                         "80", "--default-actions", f"Type=forward,TargetGroupArn={targets}")["Listeners"]  # fmt: skip
    rule = cli.run(
        "elbv2", "create-rule", "--listener-arn", listener["ListenerArn"], "--priority", "7",
        "--conditions", "Field=path-pattern,Values=/a",
        "--actions", "Type=fixed-response,FixedResponseConfig={MessageBody=ok,StatusCode=200,ContentType=text/plain}",
    )["Rules"][0]  # fmt: skip
    assert (rule["Priority"], rule["Actions"][0]["FixedResponseConfig"]["MessageBody"]) == ("7", "ok")
    cli.run("elbv2", "register-targets", "--target-group-arn", targets, "--targets", "Id=172.31.0.200,Port=8080")
    health = cli.run("elbv2", "describe-target-health", "--target-group-arn", targets)["TargetHealthDescriptions"]
    assert [(found["Target"]["Port"], found["TargetHealth"]["State"]) for found in health] == [(8080, "initial")]
    cli.run("elbv2", "deregister-targets", "--target-group-arn", targets, "--targets", "Id=172.31.0.200,Port=8080")
    cli.run("elbv2", "wait", "target-deregistered", "--target-group-arn", targets, "--targets",
            "Id=172.31.0.200,Port=8080")  # fmt: skip
    used = cli.tried("elbv2", "delete-target-group", "--target-group-arn", targets)
    assert f"(ResourceInUse) when calling the DeleteTargetGroup operation: Target group '{targets}'" in used.stderr
    assert cli.run("elbv2", "delete-load-balancer", "--load-balancer-arn", balancer) is None
    cli.run("elbv2", "wait", "load-balancers-deleted", "--load-balancer-arns", balancer)
    cli.run("elbv2", "delete-target-group", "--target-group-arn", targets)
