"""Services: creating, changing, deleting, describing."""

from typing import Any

from parity.cases.case import ABSENT, ANY, Case, api, cli, guide, issue, model, some

INVALID, CLIENT = "InvalidParameterException", "ClientException"
CNF = ("ClusterNotFoundException", "Cluster not found.")
SNF = ("ServiceNotFoundException", "Service not found.")
PREFLIGHT = issue("aws-samples/cdk-preflight, deploy log")
ON = "cluster instances web"
TARGET = "arn:aws:elasticloadbalancing:us-east-1:{account}:targetgroup/web/0123456789abcdef"
SUBNETS = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}


def create(**members: Any) -> dict[str, Any]:
    given = {"serviceName": "new", "taskDefinition": "web", "desiredCount": 1, **members}
    return {name: value for name, value in given.items() if value is not None}


def made(name: str, source: str, shown: dict[str, Any], given: str = ON, **members: Any) -> Case:
    return Case(name, "CreateService", create(**members), given=given, source=source, answer={"service": shown})


def refused(
    name: str, sentence: str | None, source: str, given: str = ON, code: str = INVALID, inferred: bool = False, **members: Any
) -> Case:
    return Case(name, "CreateService", create(**members), given=given, source=source, refused=(code, sentence),
                inferred=inferred)  # fmt: skip


def changed(name: str, source: str, shown: dict[str, Any], given: str = f"{ON} service", **members: Any) -> Case:
    return Case(name, "UpdateService", {"service": "web", **members}, given=given, source=source,
                answer={"service": shown})  # fmt: skip


def unchanged(
    name: str, sentence: str | None, source: str, given: str = f"{ON} service", code: str = INVALID,
    inferred: bool = False, **members: Any
) -> Case:  # fmt: skip
    return Case(name, "UpdateService", {"service": "web", **members}, given=given, source=source,
                refused=(code, sentence), inferred=inferred)  # fmt: skip


DAEMON = {"schedulingStrategy": "DAEMON", "desiredCount": None}
BALANCED = [{"targetGroupArn": TARGET, "containerName": "app", "containerPort": 80}]

CASES = [
    made("a service begins ACTIVE with nothing running", cli("create-service"),
         {"serviceName": "new", "status": "ACTIVE", "desiredCount": 1, "runningCount": 0, "pendingCount": 0,
          "serviceArn": "{home}:service/default/new", "clusterArn": "{home}:cluster/default", "events": []}),
    made("its lists are empty", cli("create-service"),
         {"loadBalancers": [], "serviceRegistries": [], "placementConstraints": [], "placementStrategy": []}),
    made("its defaults", cli("create-service"),
         {"schedulingStrategy": "REPLICA", "propagateTags": "NONE", "enableECSManagedTags": False,
          "enableExecuteCommand": False, "launchType": "EC2"}),
    made("it rolls between 100 and 200 percent", api("DeploymentConfiguration"),
         {"deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING",
                                      "deploymentCircuitBreaker": {"enable": False, "rollback": False}}}),
    made("it names its controller", cli("create-service"), {"deploymentController": {"type": "ECS"}}),
    made("it balances its zones", api("CreateService", "availabilityZoneRebalancing"),
         {"availabilityZoneRebalancing": "ENABLED"}),
    made("whose resources they are", model("ResourceManagementType"), {"resourceManagementType": "CUSTOMER"}),
    made("who made it, and when", api("Service"),
         {"createdBy": "arn:aws:iam::{account}:root", "createdAt": ANY}),
    made("its first deployment", api("Deployment"),
         {"deployments": [{"status": "PRIMARY", "rolloutState": "IN_PROGRESS", "failedTasks": 0, "runningCount": 0,
                           "pendingCount": 0, "taskDefinition": "{home}:task-definition/web:1"}]}),
    made("the whole ARN of its definition", api("Service", "taskDefinition"),
         {"taskDefinition": "{home}:task-definition/web:1"}),
    made("tags as given", api("CreateService", "tags"), {"tags": [{"key": "a", "value": "b"}]},
         tags=[{"key": "a", "value": "b"}]),
    made("percentages as given", api("DeploymentConfiguration"),
         {"deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50}},
         deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 50}),
    made("a circuit breaker as given", api("DeploymentCircuitBreaker"),
         {"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}},
         deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}}),
    made("placement as given", cli("create-service"),
         {"placementStrategy": [{"type": "binpack", "field": "memory"}],
          "placementConstraints": [{"type": "distinctInstance"}]},
         placementStrategy=[{"type": "binpack", "field": "MEMORY"}],
         placementConstraints=[{"type": "distinctInstance"}]),
    made("no task at all is fine", api("CreateService", "desiredCount"), {"desiredCount": 0}, desiredCount=0),
    made("a service without instances is accepted", guide("Amazon ECS services"), {"status": "ACTIVE"},
         given="cluster web"),
    made("a daemon service counts its instances", api("CreateService", "schedulingStrategy"),
         {"schedulingStrategy": "DAEMON",
          "deploymentConfiguration": {"maximumPercent": 100, "minimumHealthyPercent": 0}}, **DAEMON),
    made("an external service needs its name alone", issue("getmoto/moto #3151"),
         {"deploymentController": {"type": "EXTERNAL"}, "deployments": []}, given="cluster", taskDefinition=None,
         deploymentController={"type": "EXTERNAL"}),
    made("Fargate runs the latest platform", cli("create-service"),
         {"launchType": "FARGATE", "platformVersion": "LATEST", "platformFamily": "Linux"}, given="cluster fargate",
         taskDefinition="fargate", launchType="FARGATE", networkConfiguration=SUBNETS),
    made("a network as given", cli("create-service"),
         {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": [],
                                                           "assignPublicIp": "DISABLED"}}},
         given="cluster fargate", taskDefinition="fargate", launchType="FARGATE", networkConfiguration=SUBNETS),
    made("the name of an ended service is free", issue("floci #1095"), {"status": "ACTIVE"}, given=f"{ON} empty ended",
         serviceName="web"),
    Case("Fargate without capacity starts nothing and says so", "DescribeServices", {"services": ["none"]},
         answer={"services": [], "failures": [{"arn": "{home}:service/default/none", "reason": "MISSING"}]},
         source=issue("getmoto/moto #2898")),
    # CreateService refuses
    refused("an active service is not created again", "Creation of service was not idempotent.",
            issue("hashicorp/terraform-provider-aws #2283"), given=f"{ON} service", serviceName="web"),
    refused("nor one that drains", "Unable to Start a service that is still Draining.",
            issue("hashicorp/terraform-provider-aws #14489"), given=f"{ON} service steady draining", serviceName="web"),
    refused("a service's name has no blanks",
            r"ServiceName must match ^[a-zA-Z0-9\-_]{1,255}$, but was my service", PREFLIGHT, serviceName="my service"),
    refused("an unknown cluster", CNF[1], api("CreateService", "errors"), code=CNF[0], cluster="ghost"),
    refused("a definition that is not there", "TaskDefinition not found.", api("CreateService", "errors"),
            code=CLIENT, taskDefinition="ghost"),
    refused("an inactive definition", "TaskDefinition is inactive", api("CreateService", "errors"), code=CLIENT,
            given="cluster instances inactive", taskDefinition="old:1"),
    refused("a family of odd letters", "Family contains invalid characters.", issue("aws/aws-cli #6774"), code=CLIENT,
            taskDefinition="a b"),
    refused("no definition", "TaskDefinition can not be blank.", api("CreateService", "taskDefinition"),
            taskDefinition=None),
    refused("an empty definition", "Family should not be null or empty.",
            issue("hashicorp/terraform-provider-aws #27428"), code=CLIENT, taskDefinition=""),
    refused("a definition for task sets", "TaskDefinition must be blank.", issue("aws/aws-cdk #6245"),
            deploymentController={"type": "EXTERNAL"}),
    refused("a replica service without a count", None, api("CreateService", "desiredCount"), desiredCount=None),
    refused("less than nothing", None, api("CreateService", "desiredCount"), desiredCount=-1),
    refused("a launch type and a strategy", "Specifying both a launch type and capacity provider strategy is not "
            "supported. Remove one and try again.", issue("terraform-linters/tflint-ruleset-aws #349"),
            launchType="EC2", capacityProviderStrategy=[{"capacityProvider": "FARGATE"}]),
    refused("an unknown launch type", None, model("LaunchType"), launchType="LAMBDA"),
    refused("an unknown scheduling strategy", None, model("SchedulingStrategy"), schedulingStrategy="SOMETIMES"),
    refused("an unknown controller", None, model("DeploymentControllerType"), deploymentController={"type": "ME"}),
    refused("EC2 has no platform version", "The platform version must be null when specifying an EC2 launch type.",
            issue("aws/amazon-ecs-cli #1040"), launchType="EC2", platformVersion="1.4.0"),
    refused("a definition that is not for Fargate", "Task definition does not support launch_type FARGATE.",
            api("CreateService", "launchType"), launchType="FARGATE"),
    refused("awsvpc without a network", "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
            api("CreateService", "networkConfiguration"), given="cluster instances vpc", taskDefinition="vpc"),
    refused("a network without awsvpc", "Network Configuration is not valid for the given networkMode of this task "
            "definition.", api("CreateService", "networkConfiguration"), networkConfiguration=SUBNETS),
    refused("a network without subnets", "subnets can not be empty.", api("AwsVpcConfiguration", "subnets"),
            given="cluster instances vpc", taskDefinition="vpc",
            networkConfiguration={"awsvpcConfiguration": {"subnets": []}}),
    refused("more than 16 subnets", None, api("AwsVpcConfiguration", "subnets"), given="cluster instances vpc",
            taskDefinition="vpc",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [f"subnet-{n}" for n in range(17)]}}),
    refused("more than five security groups", None, api("AwsVpcConfiguration", "securityGroups"),
            given="cluster instances vpc", taskDefinition="vpc",
            networkConfiguration={"awsvpcConfiguration": {
                "subnets": ["subnet-1"], "securityGroups": [f"sg-{n}" for n in range(6)]}}),
    refused("a public address on EC2", "Assign public IP is not supported for this launch type.",
            api("AwsVpcConfiguration", "assignPublicIp"), given="cluster instances vpc", taskDefinition="vpc",
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}),
    refused("Fargate with constraints", "Placement constraints are not supported with FARGATE launch type.",
            issue("hashicorp/terraform-provider-aws #26337"), given="cluster fargate", taskDefinition="fargate",
            launchType="FARGATE", networkConfiguration=SUBNETS, placementConstraints=[{"type": "distinctInstance"}]),
    refused("Fargate with strategies", "Placement strategies are not supported with FARGATE launch type.",
            issue("hashicorp/terraform-provider-aws #26337"), given="cluster fargate", taskDefinition="fargate",
            launchType="FARGATE", networkConfiguration=SUBNETS, placementStrategy=[{"type": "random"}]),
    refused("100 and 100 percent", "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block "
            "deployments.", PREFLIGHT, deploymentConfiguration={"maximumPercent": 100, "minimumHealthyPercent": 100}),
    refused("a daemon service with a count", "The daemon scheduling strategy does not support a desired count for "
            "services. Remove the desired count value and try again", issue("fabfuel/ecs-deploy #59"),
            schedulingStrategy="DAEMON", desiredCount=1),
    refused("even a count of 0", "The daemon scheduling strategy does not support a desired count for services. Remove "
            "the desired count value and try again", issue("gruntwork-io/cloud-nuke #219"),
            schedulingStrategy="DAEMON", desiredCount=0),
    refused("a daemon service with a strategy", "The daemon scheduling strategy does not support placement strategies. "
            "Remove the placement strategy and try again", PREFLIGHT, placementStrategy=[{"type": "random"}], **DAEMON),
    refused("a daemon service beyond 100 percent", "The daemon scheduling strategy does not support values above 100 for "
            "maximumPercent on a deployment configuration. Change the maximumPercent value to 100, and try again",
            issue("aws/aws-cdk #2209"), deploymentConfiguration={"maximumPercent": 200}, **DAEMON),
    refused("a daemon service with a capacity provider", "Specifying a capacity provider strategy is not supported when "
            "you create a service using the DAEMON scheduling strategy.", issue("aws/containers-roadmap #692"),
            given=f"{ON} provider associated", capacityProviderStrategy=[{"capacityProvider": "hosts"}], **DAEMON),
    refused("a provider that is not the cluster's", "The specified capacity provider strategy cannot contain a capacity "
            "provider that is not associated with the cluster. Associate the capacity provider with the cluster and try "
            "again.", issue("aws/containers-roadmap #631"), given=f"{ON} provider",
            capacityProviderStrategy=[{"capacityProvider": "hosts", "weight": 1}]),
    refused("Fargate and groups together", "A capacity provider strategy cannot contain a mix of capacity providers "
            "using Auto Scaling groups and Fargate providers. Specify one or the other and try again.",
            api("CreateService", "capacityProviderStrategy"), given=f"{ON} provider associated",
            capacityProviderStrategy=[{"capacityProvider": "hosts", "weight": 1},
                                      {"capacityProvider": "FARGATE", "weight": 1}]),
    refused("distinctInstance with an expression", "distinctInstance expression should not be specified.",
            issue("hashicorp/terraform #11471"),
            placementConstraints=[{"type": "distinctInstance", "expression": "attribute:a exists"}]),
    refused("an unknown constraint", None, model("PlacementConstraintType"), placementConstraints=[{"type": "near"}]),
    refused("an unknown strategy", None, model("PlacementStrategyType"), placementStrategy=[{"type": "heap"}]),
    refused("more than ten constraints", None, api("CreateService", "placementConstraints"),
            placementConstraints=[{"type": "memberOf", "expression": f"attribute:a{n} exists"} for n in range(11)]),
    refused("more than five strategies", None, api("CreateService", "placementStrategy"),
            placementStrategy=[{"type": "spread", "field": "instanceId"}] * 6),
    refused("grace without anything to be gracious to", "Health check grace period is only valid for services "
            "configured to use load balancers", issue("hashicorp/terraform-provider-aws #31104"),
            healthCheckGracePeriodSeconds=30),
    refused("a shell without a task role", "The service couldn't be created because a valid taskRoleArn is not being "
            "used. Specify a valid task role in your task definition and try again.",
            guide("Monitor Amazon ECS containers with ECS Exec"), enableExecuteCommand=True),
    refused("an unknown propagation", None, model("PropagateTags"), propagateTags="MAYBE"),
    refused("a container that is not there", "The container ghost does not exist in the task definition.",
            api("LoadBalancer", "containerName"), loadBalancers=[{**BALANCED[0], "containerName": "ghost"}]),
    refused("a port that is not there", "The container app did not have a container port 81 defined.",
            api("LoadBalancer", "containerPort"), loadBalancers=[{**BALANCED[0], "containerPort": 81}]),
    refused("a name and a target group", "loadBalancerName and targetGroupArn cannot both be specified. You must specify "
            "either a loadBalancerName or a targetGroupArn in all loadBalancer entries", PREFLIGHT,
            loadBalancers=[{**BALANCED[0], "loadBalancerName": "classic"}]),
    refused("a volume that the definition does not have", "The volume name 'v' in your request does not have a matching "
            "volume in your Task Definition", issue("aws-samples/cdk-preflight rules"),
            volumeConfigurations=[{"name": "v", "managedEBSVolume": {"roleArn": "arn:aws:iam::{account}:role/r"}}]),
    refused("tags that repeat", "Multiple tags contain the same key.", issue("hashicorp/terraform-provider-aws #32259"),
            tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]),
    refused("a client token of 37 characters", None, api("CreateService", "clientToken"), clientToken="t" * 37),
    # UpdateService
    changed("a count changes without a deployment", api("UpdateService", "desiredCount"),
            {"desiredCount": 3, "deployments": [ANY]}, desiredCount=3),
    changed("a new definition makes a deployment", cli("update-service"),
            {"taskDefinition": "{home}:task-definition/web:2",
             "deployments": [{"status": "PRIMARY"}, {"status": "ACTIVE"}]}, given=f"{ON} service steady web",
            taskDefinition="web"),
    changed("the same definition makes none", api("UpdateService", "forceNewDeployment"), {"deployments": [ANY]},
            given=f"{ON} service steady", taskDefinition="web"),
    changed("unless it is forced", api("UpdateService", "forceNewDeployment"), {"deployments": [ANY, ANY]},
            given=f"{ON} service steady", forceNewDeployment=True),
    changed("percentages change without a deployment", api("UpdateService", "deploymentConfiguration"),
            {"deploymentConfiguration": {"maximumPercent": 150}, "deployments": [ANY]},
            deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 50}),
    changed("nothing given, nothing changed", api("UpdateService"), {"desiredCount": 2, "deployments": [ANY]}),
    changed("an empty list clears placement", api("UpdateService", "placementStrategy"), {"placementStrategy": []},
            placementStrategy=[]),
    changed("tags of tasks to come", api("UpdateService", "propagateTags"), {"propagateTags": "SERVICE"},
            propagateTags="SERVICE"),
    unchanged("an unknown service", SNF[1], api("UpdateService", "errors"), given=ON, code=SNF[0]),
    unchanged("an ended service", "Service was not ACTIVE.", issue("floci #1095"), given=f"{ON} empty ended",
              code="ServiceNotActiveException"),
    unchanged("a draining service", "Service was not ACTIVE.", api("UpdateService", "errors"),
              given=f"{ON} service steady draining", code="ServiceNotActiveException"),
    unchanged("a service of an unknown cluster", CNF[1], api("UpdateService", "errors"), code=CNF[0], cluster="ghost"),
    unchanged("to a definition that is not there", "TaskDefinition not found.", api("UpdateService", "errors"),
              code=CLIENT, taskDefinition="ghost"),
    unchanged("to an inactive definition", "TaskDefinition is inactive", api("UpdateService", "errors"), code=CLIENT,
              given=f"{ON} inactive service", taskDefinition="old:1"),
    unchanged("to 100 and 100 percent", "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block "
              "deployments.", PREFLIGHT,
              deploymentConfiguration={"maximumPercent": 100, "minimumHealthyPercent": 100}),
    unchanged("grace without anything to be gracious to, later", "Health check grace period is only valid for services "
              "configured to use load balancers", issue("hashicorp/terraform-provider-aws #31104"),
              healthCheckGracePeriodSeconds=30),
    unchanged("to a shell without a role", "The service couldn't be updated because a valid taskRoleArn is not being "
              "used. Specify a valid task role in your task definition and try again.",
              guide("Monitor Amazon ECS containers with ECS Exec"), enableExecuteCommand=True),
    unchanged("from a launch type to a strategy without force", "When switching from launch type to capacity provider "
              "strategy on an existing service, or making a change to a capacity provider strategy on a service that is "
              "already using one, you must force a new deployment.", issue("pipe-cd/pipecd PR 6385"),
              given=f"{ON} provider associated service",
              capacityProviderStrategy=[{"capacityProvider": "hosts", "weight": 1}]),
    Case("a daemon service to a count", "UpdateService", {"service": "dmn", "desiredCount": 0}, given=f"{ON} daemon",
         refused=(INVALID, "The daemon scheduling strategy does not support a desired count for services. Remove the "
                           "desired count value and try again"), source=issue("fabfuel/ecs-deploy #59")),
    Case("a service of CodeDeploy to a definition", "UpdateService", {"service": "blue", "taskDefinition": "web"},
         given=f"{ON} codedeploy", refused=(
             INVALID, "Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS "
                      "CodeDeploy to trigger a new deployment."), source=api("UpdateService", "taskDefinition")),
    Case("a service of CodeDeploy by force", "UpdateService", {"service": "blue", "forceNewDeployment": True},
         given=f"{ON} codedeploy", refused=(
             INVALID, "Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS "
                      "CodeDeploy to trigger a new deployment."), source=api("UpdateService", "forceNewDeployment")),
    # DeleteService
    Case("a service that wants tasks is not deleted", "DeleteService", {"service": "web"}, given=f"{ON} service",
         refused=(INVALID, "The service cannot be stopped while it is scaled above 0."),
         source=api("DeleteService", "force")),
    Case("unless by force", "DeleteService", {"service": "web", "force": True}, given=f"{ON} service",
         answer={"service": {"status": "DRAINING"}}, source=cli("delete-service")),
    Case("a service that wants none is deleted", "DeleteService", {"service": "web"}, given=f"{ON} empty",
         answer={"service": {"serviceName": "web"}}, source=api("DeleteService")),
    Case("a daemon service needs no force", "DeleteService", {"service": "dmn"}, given=f"{ON} daemon",
         answer={"service": {"status": "DRAINING"}}, source=api("DeleteService", "force")),
    Case("deleting an unknown service", "DeleteService", {"service": "ghost"}, refused=SNF,
         source=api("DeleteService", "errors")),
    Case("deleting an ended service", "DeleteService", {"service": "web"}, given=f"{ON} empty ended", refused=SNF,
         source=issue("floci #1095")),
    Case("deleting in an unknown cluster", "DeleteService", {"cluster": "ghost", "service": "web"}, refused=CNF,
         source=api("DeleteService", "errors")),
    # describing and listing
    Case("an ended service is described", "DescribeServices", {"services": ["web"]}, given=f"{ON} empty ended",
         answer={"services": [{"status": "INACTIVE"}]}, source=api("DeleteService")),
    Case("a service by its ARN", "DescribeServices", {"services": ["{home}:service/default/web"]}, given=f"{ON} service",
         answer={"services": [{"serviceName": "web"}]}, source=api("DescribeServices", "services")),
    Case("a service by its ARN of old", "DescribeServices", {"services": ["{home}:service/web"]}, given=f"{ON} service",
         answer={"services": [{"serviceName": "web"}]}, source=guide("Amazon Resource Names (ARNs) and IDs")),
    Case("an ARN of another cluster", "DescribeServices", {"services": ["{home}:service/other/web"]}, given=f"{ON} service",
         refused=(INVALID, "Invalid identifier: Identifier is for cluster other. Your cluster is default"),
         source=issue("aws/aws-toolkit-vscode #2915")),
    Case("an ARN of another type", "DescribeServices", {"services": ["{home}:task/default/web"]}, given=f"{ON} service",
         refused=(INVALID, "Unsupported resource type: task"), source=issue("aws/aws-cli #7875")),
    Case("more than ten services", "DescribeServices", {"services": [f"s{n}" for n in range(11)]},
         refused=(INVALID, "service names can have at most 10 items."), source=issue("aws/aws-toolkit-vscode #2362")),
    Case("services of an unknown cluster", "DescribeServices", {"cluster": "ghost", "services": ["web"]}, refused=CNF,
         source=api("DescribeServices", "errors")),
    Case("an unknown include of services", "DescribeServices", {"services": ["web"], "include": ["ALL"]},
         given=f"{ON} service", refused=(INVALID, "include should be one of [TAGS]"), source=model("ServiceField")),
    Case("tags of a service when asked", "DescribeServices", {"services": ["web"], "include": ["TAGS"]},
         given=f"{ON} service", answer={"services": [{"tags": []}]}, source=api("DescribeServices", "include")),
    Case("counters follow tasks", "DescribeServices", {"services": ["web"]}, given=f"{ON} service steady",
         answer={"services": [{"runningCount": 2, "pendingCount": 0}]}, source=issue("localstack #2987")),
    Case("a completed rollout", "DescribeServices", {"services": ["web"]}, given=f"{ON} service steady",
         answer={"services": [{"deployments": [{"rolloutState": "COMPLETED", "runningCount": 2}]}]},
         source=guide("How the Amazon ECS deployment circuit breaker detects failures")),
    Case("a service says that it is steady", "DescribeServices", {"services": ["web"]}, given=f"{ON} service steady",
         answer={"services": [{"events": some({"message": "(service web) has reached a steady state."})}]},
         source=guide("Amazon ECS service event messages")),
    Case("a service says what stands in the way", "DescribeServices", {"services": ["web"]},
         given="cluster web service",
         answer={"services": [{"events": some({"message": ANY})}]}, source=guide("Amazon ECS service event messages")),
    Case("services are listed", "ListServices", given=f"{ON} service",
         answer={"serviceArns": ["{home}:service/default/web"]}, source=cli("list-services")),
    Case("ended services are not listed", "ListServices", given=f"{ON} empty ended", answer={"serviceArns": []},
         source=api("DeleteService")),
    Case("services by launch type", "ListServices", {"launchType": "FARGATE"}, given=f"{ON} service",
         answer={"serviceArns": []}, source=api("ListServices", "launchType")),
    Case("services by scheduling strategy", "ListServices", {"schedulingStrategy": "DAEMON"},
         given=f"{ON} service daemon", answer={"serviceArns": ["{home}:service/default/dmn"]},
         source=api("ListServices", "schedulingStrategy")),
    Case("services by an unknown launch type", "ListServices", {"launchType": "LAMBDA"}, refused=(INVALID, None),
         source=model("LaunchType")),
    Case("services listed in an unknown cluster", "ListServices", {"cluster": "ghost"}, refused=CNF,
         source=api("ListServices", "errors")),
    Case("services of an unknown namespace", "ListServicesByNamespace", {"namespace": "ghost"},
         refused=("NamespaceNotFoundException", None), source=api("ListServicesByNamespace", "errors")),
    Case("a namespace is required", "ListServicesByNamespace", {}, refused=(INVALID, None),
         source=model("ListServicesByNamespaceRequest, required")),
    # deployments and revisions
    Case("a service's deployments are listed", "ListServiceDeployments", {"service": "web"}, given=f"{ON} service",
         answer={"serviceDeployments": [{"serviceArn": "{home}:service/default/web", "createdAt": ANY,
                                         "targetServiceRevisionArn": ANY, "status": "IN_PROGRESS"}]},
         source=cli("list-service-deployments")),
    Case("a finished deployment", "ListServiceDeployments", {"service": "web"}, given=f"{ON} service steady",
         answer={"serviceDeployments": [{"status": "SUCCESSFUL", "finishedAt": ANY}]},
         source=cli("list-service-deployments")),
    Case("deployments by status", "ListServiceDeployments", {"service": "web", "status": ["STOPPED"]},
         given=f"{ON} service", answer={"serviceDeployments": []}, source=api("ListServiceDeployments", "status")),
    Case("deployments of an unknown service", "ListServiceDeployments", {"service": "ghost"}, refused=SNF,
         source=api("ListServiceDeployments", "errors")),
    Case("a deployment is described", "DescribeServiceDeployments", {"serviceDeploymentArns": ["{deployment}"]},
         given=f"{ON} service steady deployment",
         answer={"serviceDeployments": [{"serviceDeploymentArn": "{deployment}", "status": "SUCCESSFUL",
                                         "deploymentConfiguration": {"maximumPercent": 200},
                                         "targetServiceRevision": {"arn": "{revision}"}}], "failures": []},
         source=cli("describe-service-deployments")),
    Case("a deployment that is not there", "DescribeServiceDeployments",
         {"serviceDeploymentArns": ["{home}:service-deployment/default/web/NCWGC2ZR-taawPAYrIaU5"]},
         answer={"serviceDeployments": [], "failures": [{"reason": "MISSING"}]},
         source=api("DescribeServiceDeployments", "failures")),
    Case("more than 20 deployments", "DescribeServiceDeployments",
         {"serviceDeploymentArns": [f"{{home}}:service-deployment/default/web/{n:021d}" for n in range(21)]},
         refused=(INVALID, None), source=api("DescribeServiceDeployments", "serviceDeploymentArns")),
    Case("a revision is described", "DescribeServiceRevisions", {"serviceRevisionArns": ["{revision}"]},
         given=f"{ON} service deployment",
         answer={"serviceRevisions": [{"serviceRevisionArn": "{revision}", "launchType": "EC2",
                                       "taskDefinition": "{home}:task-definition/web:1",
                                       "containerImages": [{"containerName": "app", "image": "web:1"}]}]},
         source=cli("describe-service-revisions")),
    Case("a revision that is not there", "DescribeServiceRevisions",
         {"serviceRevisionArns": ["{home}:service-revision/default/web/4980306466373577095"]},
         answer={"serviceRevisions": [], "failures": [{"reason": "MISSING"}]},
         source=api("DescribeServiceRevisions", "failures")),
    Case("more than 20 revisions", "DescribeServiceRevisions",
         {"serviceRevisionArns": [f"{{home}}:service-revision/default/web/{n:019d}" for n in range(21)]},
         refused=(INVALID, None), source=api("DescribeServiceRevisions", "serviceRevisionArns")),
    Case("a deployment in progress is stopped", "StopServiceDeployment", {"serviceDeploymentArn": "{deployment}"},
         given=f"{ON} service deployment", answer={"serviceDeploymentArn": "{deployment}"},
         source=api("StopServiceDeployment")),
    Case("a finished one is not", "StopServiceDeployment", {"serviceDeploymentArn": "{deployment}"},
         given=f"{ON} service steady deployment", refused=("ConflictException", None),
         source=api("StopServiceDeployment", "errors")),
    Case("nor one that is not there", "StopServiceDeployment",
         {"serviceDeploymentArn": "{home}:service-deployment/default/web/NCWGC2ZR-taawPAYrIaU5"},
         refused=("ServiceDeploymentNotFoundException", "The service deployment does not exist."),
         source=api("StopServiceDeployment", "errors")),
    Case("going on needs a hook", "ContinueServiceDeployment",
         {"serviceDeploymentArn": "{deployment}", "hookId": "mine"}, given=f"{ON} service deployment",
         refused=(INVALID, "Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}"),
         source=api("ContinueServiceDeployment")),
]  # fmt: skip
