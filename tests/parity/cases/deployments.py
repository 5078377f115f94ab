"""Services as they change: deployments, what they tell of themselves, and what services are refused."""

from typing import Any

from inprocess import SUBNET
from parity.cases.case import ABSENT, ANY, Case, api, cli, guide, issue, model, some

INVALID, CLIENT = "InvalidParameterException", "ClientException"
ON = "cluster instances web"
TARGET = "arn:aws:elasticloadbalancing:us-east-1:{account}:targetgroup/web/0123456789abcdef"
OTHER = TARGET.replace("web", "green")
RULE = "arn:aws:elasticloadbalancing:us-east-1:{account}:listener-rule/app/lb/0123456789abcdef/fedcba9876543210/0011223344556677"
LISTENER = "arn:aws:elasticloadbalancing:us-east-1:{account}:listener/app/lb/0123456789abcdef/fedcba9876543210"
ROLE = "arn:aws:iam::{account}:role/lb"
BALANCED = {"targetGroupArn": TARGET, "containerName": "app", "containerPort": 80}
ADVANCED = {"alternateTargetGroupArn": OTHER, "productionListenerRule": RULE, "roleArn": ROLE}
EVENTS = guide("Amazon ECS service event messages")
BLUE_GREEN = guide("Amazon ECS blue/green deployments")
HOOKS = guide("Lifecycle hooks for Amazon ECS service deployments")


def create(**members: Any) -> dict[str, Any]:
    given = {"serviceName": "new", "taskDefinition": "web", "desiredCount": 1, **members}
    return {name: value for name, value in given.items() if value is not None}


def made(
    name: str, source: str, shown: dict[str, Any], given: str = ON, inferred: bool = False, **members: Any
) -> Case:
    return Case(name, "CreateService", create(**members), given=given, source=source, answer={"service": shown},
                inferred=inferred)  # fmt: skip


def refused(name: str, sentence: str | None, source: str, given: str = ON, code: str = INVALID, inferred: bool = False,
            **members: Any) -> Case:  # fmt: skip
    return Case(name, "CreateService", create(**members), given=given, source=source, refused=(code, sentence),
                inferred=inferred)  # fmt: skip


def shown(name: str, source: str, given: str, **members: Any) -> Case:
    return Case(name, "DescribeServices", {"services": ["web"]}, given=given, source=source,
                answer={"services": [members]})  # fmt: skip


def configured(**members: Any) -> dict[str, Any]:
    return {"deploymentConfiguration": members}


def blue_green(**members: Any) -> dict[str, Any]:
    return {"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5, **members}}


def balanced(**members: Any) -> list[dict[str, Any]]:
    return [{**BALANCED, "advancedConfiguration": {**ADVANCED, **members}}]


CASES = [
    # what a service tells while it changes
    shown("an update keeps what still runs", api("Deployment", "status"), f"{ON} service steady forced",
          deployments=[{"status": "PRIMARY", "rolloutState": "IN_PROGRESS"},
                       {"status": "ACTIVE", "rolloutState": "COMPLETED", "runningCount": 2}]),
    shown("and is over when nothing of it runs", api("Deployment", "rolloutState"), f"{ON} service steady forced steady",
          deployments=[{"status": "PRIMARY", "rolloutState": "COMPLETED", "runningCount": 2, "desiredCount": 2}]),
    shown("an update gives the service its definition at once", api("Service", "taskDefinition"),
          f"{ON} service steady web renewed", taskDefinition="{home}:task-definition/web:2"),
    shown("it tells what it started", EVENTS, f"{ON} service", events=some({"message": ANY, "id": ANY, "createdAt": ANY})),
    shown("a service without instances says so", EVENTS, "cluster web service", runningCount=0,
          events=some({"message": "(service web) was unable to place a task because no container instance met all of its "
                                  "requirements. Reason: No Container Instances were found in your cluster. For more "
                                  "information, see the Troubleshooting section of the Amazon ECS Developer Guide."})),
    shown("a service whose deployment is done says so", EVENTS, f"{ON} service steady deployment",
          events=some({"message": ANY}, {"message": "(service web) has reached a steady state."})),
    shown("no task, no event but of the deployment", EVENTS, f"{ON} empty steady", runningCount=0,
          events=[{"message": "(service web) has reached a steady state."}, {"message": ANY}]),
    shown("a service that drains wants nothing", api("DeleteService", "force"), f"{ON} service steady draining",
          status="DRAINING", desiredCount=0),
    shown("a service that ended runs nothing", api("DeleteService"), f"{ON} empty ended", runningCount=0, desiredCount=0),
    shown("which revision runs", cli("describe-service-revisions"), f"{ON} service steady deployment",
          currentServiceRevisions=[{"arn": "{revision}", "runningTaskCount": 2, "pendingTaskCount": 0}]),
    Case("tasks of a service carry its group and its deployment", "DescribeTasks", {"tasks": ["{task}"]},
         given=f"{ON} service steady rollout", answer={"tasks": [{"group": "service:web", "startedBy": "{rollout}"}]},
         source=api("Task", "group; startedBy")),
    Case("tags of a service are its tasks' when it says so", "DescribeTasks", {"tasks": ["{task}"], "include": ["TAGS"]},
         given=f"{ON} propagating steady", answer={"tasks": [{"tags": [{"key": "team", "value": "web"}]}]},
         source=api("CreateService", "propagateTags")),
    Case("managed tags name the service", "DescribeTasks", {"tasks": ["{task}"], "include": ["TAGS"]},
         given=f"{ON} managed-tags steady",
         answer={"tasks": [{"tags": some({"key": "aws:ecs:clusterName", "value": "default"},
                                         {"key": "aws:ecs:serviceName", "value": "web"})}]},
         source=guide("Tagging your Amazon ECS resources for billing")),
    Case("a deployment in its course", "DescribeServiceDeployments", {"serviceDeploymentArns": ["{deployment}"]},
         given=f"{ON} service deployment",
         answer={"serviceDeployments": [{"status": "IN_PROGRESS", "startedAt": ANY, "finishedAt": ABSENT,
                                         "targetServiceRevision": {"requestedTaskCount": 2, "runningTaskCount": 0}}]},
         source=model("ServiceDeployment")),
    Case("a breaker that is off", "DescribeServiceDeployments", {"serviceDeploymentArns": ["{deployment}"]},
         given=f"{ON} service deployment",
         answer={"serviceDeployments": [{"deploymentCircuitBreaker": {"status": "DISABLED"}}]},
         source=model("ServiceDeploymentRollbackMonitorsStatus")),
    Case("a breaker that watches", "DescribeServiceDeployments", {"serviceDeploymentArns": ["{deployment}"]},
         given=f"{ON} guarded deployment",
         answer={"serviceDeployments": [{"deploymentCircuitBreaker": {"status": "MONITORING", "failureCount": 0,
                                                                      "threshold": 3}}]},
         source=guide("How the Amazon ECS deployment circuit breaker detects failures, threshold")),
    Case("two failures do not trip it", "DescribeServices", {"services": ["web"]}, given=f"{ON} guarded failed failed",
         answer={"services": [{"deployments": [{"rolloutState": "IN_PROGRESS", "failedTasks": 2}]}]},
         source=guide("How the Amazon ECS deployment circuit breaker detects failures, threshold")),
    Case("three do", "DescribeServices", {"services": ["web"]}, given=f"{ON} guarded failed failed failed",
         answer={"services": [{"deployments": [{
             "rolloutState": "FAILED", "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start."}]}]},
         source=guide("How the Amazon ECS deployment circuit breaker detects failures, threshold")),
    Case("without a breaker three failures end nothing", "DescribeServices", {"services": ["web"]},
         given=f"{ON} single failed failed failed",
         answer={"services": [{"deployments": [{"rolloutState": "IN_PROGRESS", "failedTasks": 3}]}]},
         source=model("DeploymentCircuitBreaker, enable")),
    Case("deployments that ended well", "ListServiceDeployments", {"service": "web", "status": ["SUCCESSFUL"]},
         given=f"{ON} service steady", answer={"serviceDeployments": [{"status": "SUCCESSFUL"}]},
         source=api("ListServiceDeployments", "status")),
    Case("deployments of an unknown status", "ListServiceDeployments", {"service": "web", "status": ["TIRED"]},
         given=f"{ON} service", refused=(INVALID, None), source=model("ServiceDeploymentStatus")),
    Case("the newest deployment is the first", "ListServiceDeployments", {"service": "web"},
         given=f"{ON} service steady forced",
         answer={"serviceDeployments": [{"status": "IN_PROGRESS"}, {"status": "SUCCESSFUL"}]},
         source=api("ListServiceDeployments")),
    Case("an update stops the deployment before it", "ListServiceDeployments", {"service": "web"},
         given=f"{ON} service forced",
         answer={"serviceDeployments": [{"status": "IN_PROGRESS"}, {"status": "STOPPED"}]},
         source=model("ServiceDeploymentStatus, STOPPED")),
    Case("a definition that is not active still runs", "DescribeServices", {"services": ["web"]},
         given=f"{ON} service retired steady", answer={"services": [{"runningCount": 2}]},
         source=api("DeregisterTaskDefinition")),
    # percentages and breakers that are refused
    refused("less than nothing must be healthy", None, model("DeploymentConfiguration, minimumHealthyPercent"),
            **configured(minimumHealthyPercent=-1)),
    refused("more than all must be healthy", "minimumHealthyPercent must be at most 100",
            issue("aws-samples/cdk-preflight, deploy log"), **configured(minimumHealthyPercent=101, maximumPercent=200)),
    refused("less than all at most", None, model("DeploymentConfiguration, maximumPercent"), inferred=True,
            **configured(minimumHealthyPercent=50, maximumPercent=99)),
    refused("an unknown deployment strategy", None, model("DeploymentStrategy"), **configured(strategy="PURPLE")),
    refused("a canary of nothing", None, model("CanaryConfiguration, canaryPercent"),
            **configured(strategy="CANARY", canaryConfiguration={"canaryPercent": 0.0})),
    refused("a canary that bakes for more than a day", None, model("CanaryConfiguration, canaryBakeTimeInMinutes"),
            **configured(strategy="CANARY", canaryConfiguration={"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 1441})),
    refused("steps that are too small", None, model("LinearConfiguration, stepPercent"),
            **configured(strategy="LINEAR", linearConfiguration={"stepPercent": 2.9})),
    # blue, green, and load balancers
    made("a balanced service begins", api("CreateService", "loadBalancers"),
         {"status": "ACTIVE", "loadBalancers": [BALANCED], "runningCount": 0}, loadBalancers=[BALANCED]),
    made("a balanced service is gracious", api("CreateService", "healthCheckGracePeriodSeconds"),
         {"healthCheckGracePeriodSeconds": 30}, loadBalancers=[BALANCED], healthCheckGracePeriodSeconds=30),
    made("its role is ECS's own", issue("hashicorp/terraform-provider-aws #16526"),
         {"roleArn": "arn:aws:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"},
         loadBalancers=[BALANCED]),
    refused("a role without a balancer", None, api("CreateService", "role"), role="ecsServiceRole"),
    refused("one target group twice", f"Duplicate targetGroupArn found: {TARGET}", api("CreateService", "loadBalancers"),
            inferred=True, loadBalancers=[BALANCED, BALANCED]),
    refused("balancers old and new", "All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or ELBv2 "
            "(defining targetGroupArn)", api("LoadBalancer"), inferred=True,
            loadBalancers=[BALANCED, {"loadBalancerName": "classic", "containerName": "app", "containerPort": 80}]),
    refused("blue and green need listeners", "advancedConfiguration field is required for all loadBalancers when using a "
            "non-ROLLING deployment strategy", BLUE_GREEN, inferred=True, loadBalancers=[BALANCED], **blue_green()),
    refused("a listener is no rule", "productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or "
            f"ListenerArn for NLB. Got: {LISTENER}", BLUE_GREEN, inferred=True,
            loadBalancers=balanced(productionListenerRule=LISTENER), **blue_green()),
    refused("one rule for both", f"The following rules cannot be used as both production and test listener rules: {RULE}",
            BLUE_GREEN, inferred=True, loadBalancers=balanced(testListenerRule=RULE), **blue_green()),
    refused("nothing blue or green behind an old balancer", "advancedConfiguration field is not allowed with ELBv1 "
            "loadBalancers", BLUE_GREEN, inferred=True,
            loadBalancers=[{"loadBalancerName": "classic", "containerName": "app", "containerPort": 80,
                            "advancedConfiguration": ADVANCED}], **blue_green()),
    refused("an old balancer on Fargate", "Classic Load Balancers are not supported with Fargate",
            issue("aws-samples/cdk-preflight rules"), given="cluster fargate-port", taskDefinition="fargate",
            launchType="FARGATE", networkConfiguration={"awsvpcConfiguration": {"subnets": [SUBNET]}},
            loadBalancers=[{"loadBalancerName": "classic", "containerName": "app", "containerPort": 80}]),
    made("blue and green begin in progress", BLUE_GREEN, {"deployments": [{"rolloutState": "IN_PROGRESS"}]},
         inferred=True, loadBalancers=balanced(), **blue_green()),
    refused("a hook of an unknown kind", "Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE", HOOKS, inferred=True,
            **blue_green(lifecycleHooks=[{"targetType": "EMAIL", "lifecycleStages": ["PRE_SCALE_UP"]}])),
    refused("a pause where there is none", "Invalid lifecycle stage provided for Pause Hook", HOOKS, inferred=True,
            **blue_green(lifecycleHooks=[{"targetType": "PAUSE", "lifecycleStages": ["TEST_TRAFFIC_SHIFT"]}])),
    refused("a hook without a function", None, model("DeploymentLifecycleHook, hookTargetArn"),
            **blue_green(lifecycleHooks=[{"targetType": "AWS_LAMBDA", "roleArn": ROLE, "lifecycleStages": ["PRE_SCALE_UP"]}])),
    refused("a hook at an unknown stage", None, model("DeploymentLifecycleHookStage"),
            **blue_green(lifecycleHooks=[{"hookTargetArn": "arn:aws:lambda:us-east-1:{account}:function:f", "roleArn": ROLE,
                                          "lifecycleStages": ["TEATIME"]}])),
    # registries, Service Connect, zones
    refused("two registries", None, api("CreateService", "serviceRegistries"),
            serviceRegistries=[{"registryArn": "arn:aws:servicediscovery:us-east-1:{account}:service/srv-1",
                                "containerName": "app", "containerPort": 80}] * 2),
    refused("a registry of a container that is not there", "The container ghost does not exist in the task definition.",
            api("ServiceRegistry", "containerName"),
            serviceRegistries=[{"registryArn": "arn:aws:servicediscovery:us-east-1:{account}:service/srv-1",
                                "containerName": "ghost", "containerPort": 80}]),
    refused("more tasks than Cloud Map takes", None, guide("Amazon ECS service quotas, tasks per service"), desiredCount=1001,
            serviceRegistries=[{"registryArn": "arn:aws:servicediscovery:us-east-1:{account}:service/srv-1",
                                "containerName": "app", "containerPort": 80}]),
    shown("a task that was stopped before it ran was pending", EVENTS, f"{ON} service steady grown shrunk",
          events=some({"message": "(service web) stopped 1 pending tasks."})),
    Case("a task that cannot be launched is a failed task", "DescribeServices", {"services": ["web"]},
         given="cluster instances roleless service", source=model("DeploymentCircuitBreaker"),
         answer={"services": [{"deployments": [{"failedTasks": 1}],
                               "events": some({"message": ANY})}]}),
    refused("a port of no name in Service Connect", None, api("ServiceConnectService", "portName"),
            serviceConnectConfiguration={"enabled": True, "namespace": "internal", "services": [{"portName": "nope"}]}),
    refused("rebalancing with nothing to spare", None, guide("Balancing an Amazon ECS service across Availability Zones"),
            availabilityZoneRebalancing="ENABLED", **configured(maximumPercent=100, minimumHealthyPercent=50)),
    made("without rebalancing nothing need be spared", guide("Balancing an Amazon ECS service across Availability Zones"),
         {"availabilityZoneRebalancing": "DISABLED"}, availabilityZoneRebalancing="DISABLED",
         **configured(maximumPercent=100, minimumHealthyPercent=50)),
    Case("rebalancing stays as it was", "UpdateService", {"service": "web", "desiredCount": 3}, given=f"{ON} service",
         answer={"service": {"availabilityZoneRebalancing": "ENABLED"}},
         source=model("UpdateServiceRequest, availabilityZoneRebalancing")),
    refused("nobody weighs anything", "There are no capacity providers with a weight value greater than zero defined in the "
            "default capacity provider strategy. At least one capacity provider must have a weight value greater than zero "
            "specified. Update the cluster's default capacity provider strategy or specify a valid capacity provider "
            "strategy and try again.", issue("terraform-aws-modules/terraform-aws-ecs #27"), given=f"{ON} weightless"),
    Case("a provider in use stays with the cluster", "PutClusterCapacityProviders",
         {"cluster": "default", "capacityProviders": [], "defaultCapacityProviderStrategy": []},
         given=f"{ON} provider associated provided",
         refused=("ResourceInUseException", "The specified capacity provider is in use and cannot be removed."),
         source=issue("aws/containers-roadmap #631")),
    Case("a cluster without such a provider", "PutClusterCapacityProviders",
         {"cluster": "default", "capacityProviders": ["ghost"], "defaultCapacityProviderStrategy": []},
         refused=(INVALID, "The specified capacity provider was not found. Specify a valid capacity provider and try "
                           "again."), source=issue("terraform-aws-modules/terraform-aws-ecs #53")),
    # task sets
    Case("a sixth task set", "CreateTaskSet", {"cluster": "default", "service": "ext", "taskDefinition": "web"},
         given=f"{ON} external taskset taskset taskset taskset taskset",
         refused=(INVALID, "5 deployments exist on the service. Unable to create new TaskSet since this exceeds the "
                           "maximum limit."), source=issue("aws-samples/ecs-bg-external-controller #6")),
    Case("the primary task set stays", "DeleteTaskSet", {"cluster": "default", "service": "ext", "taskSet": "{set}"},
         given=f"{ON} external taskset primary", refused=(INVALID, None), source=api("DeleteTaskSet", "force")),
    Case("the primary task set goes by force", "DeleteTaskSet",
         {"cluster": "default", "service": "ext", "taskSet": "{set}", "force": True},
         given=f"{ON} external taskset primary", answer={"taskSet": {"status": "DRAINING"}}, source=api("DeleteTaskSet", "force")),
    Case("all of a service is twice a half", "UpdateTaskSet",
         {"cluster": "default", "service": "ext", "taskSet": "{set}", "scale": {"value": 100, "unit": "PERCENT"}},
         given=f"{ON} external taskset", answer={"taskSet": {"computedDesiredCount": 2}},
         source=api("TaskSet", "computedDesiredCount")),
    Case("a definition for a service of task sets", "UpdateService", {"service": "ext", "taskDefinition": "web"},
         given=f"{ON} external", refused=(INVALID, None), source=api("UpdateService", "external deployment controller")),
]  # fmt: skip
