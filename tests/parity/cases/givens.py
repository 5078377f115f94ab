"""What was done before a case: each word of its `given` is one of these."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from inprocess import ACCOUNT, REGION, Plane

HOME = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:1b2c3d4e-0000-4000-8000-000000000001"
MANAGED = {
    "infrastructureRoleArn": f"arn:aws:iam::{ACCOUNT}:role/infra",
    "instanceLaunchTemplate": {
        "ec2InstanceProfileArn": f"arn:aws:iam::{ACCOUNT}:instance-profile/p",
        "networkConfiguration": {"subnets": ["subnet-1"]},
    },
}


@dataclass
class Scene:
    """A control plane and the words that cases may use of it."""

    plane: Plane
    words: dict[str, str] = field(default_factory=lambda: {"home": HOME, "account": ACCOUNT, "group": GROUP})
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ecs(self) -> Any:
        return self.plane.ecs

    @property
    def iam(self) -> Any:
        return self.plane.client("iam")

    def client(self, service: str, by: str) -> Any:
        return self.plane.client(service, key=self.keys[by]) if by in self.keys else self.plane.client(service)


Given = Callable[[Scene], None]
GIVENS: dict[str, Given] = {}


def given(function: Given) -> Given:
    GIVENS[function.__name__.strip("_").replace("_", "-")] = function
    return function


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@given
def nothing(scene: Scene) -> None:
    """An account in which nobody has done anything."""


@given
def cluster(scene: Scene) -> None:
    scene.ecs.create_cluster()


@given
def other(scene: Scene) -> None:
    scene.ecs.create_cluster(clusterName="other")


@given
def gone(scene: Scene) -> None:
    scene.ecs.create_cluster(clusterName="gone")
    scene.ecs.delete_cluster(cluster="gone")


@given
def instances(scene: Scene) -> None:
    arns = scene.plane.join(instances=3)
    scene.words |= {"instance": arns[0], "instance2": arns[1], "instance3": arns[2]}
    scene.words["instance-id"] = arns[0].rpartition("/")[2]


@given
def disconnected(scene: Scene) -> None:
    [arn] = scene.plane.join(instances=1, connected=False)
    scene.words["instance"] = arn


@given
def web(scene: Scene) -> None:
    scene.plane.define("web", {"portMappings": [{"containerPort": 80}]})


@given
def tagged(scene: Scene) -> None:
    scene.plane.define("tagged", tags=[{"key": "team", "value": "web"}])


@given
def big(scene: Scene) -> None:
    scene.plane.define("big", {"memory": 7000})


@given
def fixed(scene: Scene) -> None:
    scene.plane.define("fixed", {"portMappings": [{"containerPort": 80, "hostPort": 8080}]})


@given
def pair(scene: Scene) -> None:
    scene.plane.define("pair", {}, {"name": "side", "essential": False, "memory": 32})


@given
def vpc(scene: Scene) -> None:
    scene.plane.define("vpc", networkMode="awsvpc")


@given
def capacity(scene: Scene) -> None:
    """A host that serves Fargate."""
    scene.plane.serve_fargate()


@given
def fargate(scene: Scene) -> None:
    scene.plane.define(
        "fargate", {"memory": 256}, networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"]
    )


@given
def inactive(scene: Scene) -> None:
    scene.plane.define("old")
    scene.ecs.deregister_task_definition(taskDefinition="old:1")


@given
def deleted(scene: Scene) -> None:
    inactive(scene)
    scene.ecs.delete_task_definitions(taskDefinitions=["old:1"])


@given
def service(scene: Scene) -> None:
    """Two tasks of `web`, placed, not running yet."""
    scene.plane.serve("web", 2)


@given
def everywhere(scene: Scene) -> None:
    """A service with a task on each of three instances."""
    scene.plane.serve("web", 3)


@given
def empty(scene: Scene) -> None:
    """A service that wants no tasks."""
    scene.plane.serve("web", 0)


@given
def steady(scene: Scene) -> None:
    scene.plane.settle()
    tasks = scene.plane.tasks("web")
    if tasks:
        scene.words["task"] = tasks[0].arn


@given
def draining(scene: Scene) -> None:
    """A service deleted by force while its tasks still run; the controller has not looked yet."""
    scene.ecs.delete_service(service="web", force=True)


@given
def ended(scene: Scene) -> None:
    scene.ecs.delete_service(service="web", force=True)
    scene.plane.run()


@given
def daemon(scene: Scene) -> None:
    scene.ecs.create_service(serviceName="dmn", taskDefinition="web", schedulingStrategy="DAEMON")
    scene.plane.run()


@given
def external(scene: Scene) -> None:
    scene.ecs.create_service(serviceName="ext", desiredCount=2, deploymentController={"type": "EXTERNAL"})


@given
def taskset(scene: Scene) -> None:
    made = scene.ecs.create_task_set(
        cluster="default", service="ext", taskDefinition="web", launchType="EC2", scale={"value": 50, "unit": "PERCENT"}
    )["taskSet"]
    scene.words |= {"set": made["id"], "set-arn": made["taskSetArn"]}


@given
def codedeploy(scene: Scene) -> None:
    scene.ecs.create_service(
        serviceName="blue",
        taskDefinition="web",
        desiredCount=1,
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[
            {
                "targetGroupArn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/0123456789abcdef",
                "containerName": "app",
                "containerPort": 80,
            }
        ],
    )


@given
def task(scene: Scene) -> None:
    made = scene.ecs.run_task(taskDefinition="web", startedBy="me")["tasks"][0]
    scene.words |= {"task": made["taskArn"], "task-id": made["taskArn"].rpartition("/")[2]}


@given
def running(scene: Scene) -> None:
    scene.plane.obey()


@given
def stopped(scene: Scene) -> None:
    scene.plane.obey()
    scene.plane.exit(scene.words["task"], 3)


@given
def provider(scene: Scene) -> None:
    scene.ecs.create_capacity_provider(
        name="hosts", autoScalingGroupProvider={"autoScalingGroupArn": f"{GROUP}:autoScalingGroupName/hosts"}
    )


@given
def associated(scene: Scene) -> None:
    scene.ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["hosts", "FARGATE"], defaultCapacityProviderStrategy=[]
    )


@given
def managed(scene: Scene) -> None:
    scene.ecs.create_capacity_provider(name="mi", cluster="default", managedInstancesProvider=MANAGED)


@given
def deployment(scene: Scene) -> None:
    [found] = scene.ecs.list_service_deployments(service="web")["serviceDeployments"]
    scene.words |= {"deployment": found["serviceDeploymentArn"], "revision": found["targetServiceRevisionArn"]}


@given
def ann(scene: Scene) -> None:
    """A new user with a key, and nothing else."""
    scene.iam.create_user(UserName="ann")
    key = scene.iam.create_access_key(UserName="ann")["AccessKey"]
    scene.keys["ann"] = (key["AccessKeyId"], key["SecretAccessKey"])
    scene.words["key"] = key["AccessKeyId"]


@given
def role(scene: Scene) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    scene.iam.create_role(RoleName="task", AssumeRolePolicyDocument=document(trust))


@given
def policy(scene: Scene) -> None:
    made = scene.iam.create_policy(
        PolicyName="lists", PolicyDocument=document({"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"})
    )
    scene.words["policy"] = made["Policy"]["Arn"]


@given
def team(scene: Scene) -> None:
    scene.iam.create_group(GroupName="team")


@given
def profile(scene: Scene) -> None:
    scene.iam.create_instance_profile(InstanceProfileName="host")


@given
def agent(scene: Scene) -> None:
    container = {"name": "agent", "image": "agent:1", "memory": 64}
    scene.ecs.register_daemon_task_definition(family="agent", containerDefinitions=[container])


@given
def daemon1(scene: Scene) -> None:
    scene.ecs.create_daemon(
        daemonName="agent",
        daemonTaskDefinitionArn=f"{HOME}:daemon-task-definition/agent:1",
        capacityProviderArns=[f"{HOME}:capacity-provider/mi"],
        clusterArn=f"{HOME}:cluster/default",
    )


@given
def gateway(scene: Scene) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/infra"
    scene.ecs.create_gateway(name="g", infrastructureRoleArn=role, configuration={"hostSharedAlb": {}})


@given
def joined(scene: Scene) -> None:
    scene.ecs.associate_gateway_with_cluster(gateway="g", cluster="default")


@given
def unprotected(scene: Scene) -> None:
    scene.ecs.update_gateway(gateway="g", deletionProtection=False)


@given
def express(scene: Scene) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/infra"
    scene.ecs.create_express_gateway_service(
        serviceName="shop",
        infrastructureRoleArn=role,
        executionRoleArn=role,
        primaryContainer={"image": "shop:1"},
    )


@given
def connected(scene: Scene) -> None:
    scene.ecs.create_service(
        serviceName="connected",
        taskDefinition="web",
        desiredCount=0,
        serviceConnectConfiguration={"enabled": True, "namespace": "internal"},
    )


@given
def network(scene: Scene) -> None:
    """A VPC with a public subnet and one of everything, beside the default one."""
    ec2, words = scene.plane.client("ec2"), scene.words
    [default] = ec2.describe_vpcs()["Vpcs"]
    words["default-vpc"] = default["VpcId"]
    words["default-sg"] = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    words["vpc"] = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=words["vpc"], CidrBlock="10.0.1.0/24")["Subnet"]
    words["subnet"], words["subnet-zone"] = subnet["SubnetId"], subnet["AvailabilityZone"]
    words["sg"] = ec2.create_security_group(VpcId=words["vpc"], GroupName="web", Description="Web")["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    made = ec2.authorize_security_group_ingress(GroupId=words["sg"], IpPermissions=[permission])
    words["sgr"] = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    words["igw"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=words["igw"], VpcId=words["vpc"])
    words["rtb"] = ec2.create_route_table(VpcId=words["vpc"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=words["rtb"], DestinationCidrBlock="0.0.0.0/0", GatewayId=words["igw"])
    words["rtbassoc"] = ec2.associate_route_table(RouteTableId=words["rtb"], SubnetId=words["subnet"])["AssociationId"]
    words["eni"] = ec2.create_network_interface(SubnetId=words["subnet"], Groups=[words["sg"]])["NetworkInterface"][
        "NetworkInterfaceId"
    ]
    words["eipalloc"] = ec2.allocate_address()["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=words["subnet"], AllocationId=words["eipalloc"])["NatGateway"]
    words["nat"], words["nat-eni"] = nat["NatGatewayId"], nat["NatGatewayAddresses"][0]["NetworkInterfaceId"]


@given
def alarm(scene: Scene) -> None:
    """One with a tag, that has not been looked at yet."""
    watched = {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60}
    judged = {"EvaluationPeriods": 2, "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold"}
    tags = [{"Key": "team", "Value": "web"}]
    scene.client("cloudwatch", "root").put_metric_alarm(AlarmName="cpu", Tags=tags, **watched, **judged)
    scene.words["alarm"] = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu"


@given
def names(scene: Scene) -> None:
    """A namespace of DNS with a service and an instance in it, one of HTTP, and an operation."""
    cloudmap = scene.client("servicediscovery", "root")
    vpc = scene.client("ec2", "root").describe_vpcs()["Vpcs"][0]["VpcId"]
    done = cloudmap.create_private_dns_namespace(Name="local", Vpc=vpc, CreatorRequestId="once")["OperationId"]
    namespace = cloudmap.get_operation(OperationId=done)["Operation"]["Targets"]["NAMESPACE"]
    cloudmap.create_http_namespace(Name="apps", CreatorRequestId="once")
    service = cloudmap.create_service(
        Name="web",
        NamespaceId=namespace,
        CreatorRequestId="once",
        DnsConfig={"DnsRecords": [{"Type": "SRV", "TTL": 10}]},
        HealthCheckCustomConfig={"FailureThreshold": 1},
        Tags=[{"Key": "team", "Value": "web"}],
    )["Service"]
    at = {"AWS_INSTANCE_IPV4": "10.0.0.1", "AWS_INSTANCE_PORT": "80"}
    cloudmap.register_instance(ServiceId=service["Id"], InstanceId="one", Attributes=at)
    scene.words |= {"namespace": namespace, "found": service["Id"], "found-arn": service["Arn"], "operation": done}


@given
def balancer(scene: Scene) -> None:
    """An application load balancer with a listener on 80 that forwards, a rule, and a certificate that nobody has."""
    elb, words = scene.client("elbv2", "root"), scene.words
    default = scene.client("ec2", "root").describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])
    subnets = [held["SubnetId"] for held in default["Subnets"]][:2]
    words["subnet-a"], words["subnet-b"] = subnets
    words["vpc-of-balancer"] = vpc = default["Subnets"][0]["VpcId"]
    [made] = elb.create_load_balancer(Name="my-load-balancer", Subnets=subnets)["LoadBalancers"]
    words["balancer"] = made["LoadBalancerArn"]
    for word, name, members in (
        ("targets", "my-targets", {"Protocol": "HTTP", "TargetType": "ip"}),
        ("spare-targets", "my-tcp-targets", {"Protocol": "TCP", "TargetType": "instance"}),
    ):
        [group] = elb.create_target_group(Name=name, Port=80, VpcId=vpc, **members)["TargetGroups"]
        words[word] = group["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=words["targets"], Targets=[{"Id": "172.31.0.99"}])
    forward = [{"Type": "forward", "TargetGroupArn": words["targets"]}]
    wanted = {"Protocol": "HTTP", "Port": 80, "DefaultActions": forward}
    [listener] = elb.create_listener(LoadBalancerArn=words["balancer"], **wanted)["Listeners"]
    words["listener"] = listener["ListenerArn"]
    images = [{"Field": "path-pattern", "Values": ["/img/*"]}]
    [rule] = elb.create_rule(ListenerArn=words["listener"], Priority=10, Conditions=images, Actions=forward)["Rules"]
    words["rule"] = rule["RuleArn"]
    requested = {"DomainName": "www.example.com", "KeyAlgorithm": "EC_prime256v1"}
    words["certificate"] = scene.client("acm", "root").request_certificate(**requested)["CertificateArn"]
