"""What CreateService and UpdateService keep, what they refuse, and services that wait for what Podium does not have."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, SUBNET, Plane, refused

INVALID = "InvalidParameterException"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
GROUPS = [f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{name}/1" for name in "ab"]
RULE = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener-rule/app/lb/1/2/3"
BALANCER = {"targetGroupArn": GROUPS[0], "containerName": "app", "containerPort": 80}
CLASSIC = {"loadBalancerName": "old", "containerName": "app", "containerPort": 80}
SHIFTING = {
    **BALANCER,
    "advancedConfiguration": {"alternateTargetGroupArn": GROUPS[1], "productionListenerRule": RULE, "roleArn": ROLE},
}
NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [], "assignPublicIp": "DISABLED"}}
FARGATE = {"taskDefinition": "net", "launchType": "FARGATE", "networkConfiguration": NETWORK}
ALARMS = {"alarmNames": ["a"], "enable": True, "rollback": True}
ALARM = {
    "Namespace": "N",
    "MetricName": "M",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
PAUSE = {"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}
CONNECT = {"enabled": True, "namespace": "n", "services": [{"portName": "http"}]}
VOLUME = {"name": "data", "managedEBSVolume": {"roleArn": ROLE, "sizeInGiB": 10}}
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    """A client, with instances and definitions: web with a port, net for Fargate, disk with a volume of its own."""
    plane.ready()
    port = {"portMappings": [{"containerPort": 80, "name": "http"}]}
    plane.define("web", port)
    plane.define("net", port, networkMode="awsvpc", cpu="256", memory="512")
    plane.define("disk", volumes=[{"name": "data", "configuredAtLaunch": True}])
    plane.client("cloudwatch").put_metric_alarm(AlarmName="a", **ALARM)
    for arn in GROUPS:
        plane.group_in_use(arn)
    return plane.ecs


def create(ecs: Any, **members: Any) -> dict[str, Any]:
    given = {"serviceName": "web", "taskDefinition": "web", "desiredCount": 1, **members}
    return dict(ecs.create_service(**given)["service"])


def describe(ecs: Any) -> dict[str, Any]:
    return dict(ecs.describe_services(services=["web"])["services"][0])


WAITING: dict[str, tuple[dict[str, Any], str]] = {
    "Service Connect": ({"serviceConnectConfiguration": CONNECT}, "Podium has no Service Connect yet."),
    "volumes": (
        {"taskDefinition": "disk", "volumeConfigurations": [VOLUME]},
        "Podium makes no Amazon EBS volumes yet.",
    ),
    "VPC Lattice": (
        {"vpcLatticeConfigurations": [{"roleArn": ROLE, "targetGroupArn": "arn:x", "portName": "http"}]},
        "Podium has no VPC Lattice yet.",
    ),
    "a gateway": ({"gatewayConnectors": [{"portName": "http"}]}, "Podium has no gateways yet."),
    "blue and green": (
        {"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}},
        "Podium has no BLUE_GREEN deployments yet",
    ),
    "hooks": (
        {"deploymentConfiguration": {"lifecycleHooks": [PAUSE]}},
        "Podium has no deployment lifecycle hooks yet.",
    ),
}


@pytest.mark.parametrize(("members", "sentence"), WAITING.values(), ids=WAITING.keys())
@pytest.mark.parametrize("desired", [0, 2])
def test_a_service_that_needs_what_podium_lacks_waits_and_says_so(
    plane: Plane, ecs: Any, members: dict[str, Any], sentence: str, desired: int
) -> None:
    create(ecs, **members, desiredCount=desired)
    plane.advance(7200)
    service = describe(ecs)
    [deployment] = service["deployments"]
    assert deployment["rolloutState"] == "IN_PROGRESS"
    assert sentence in deployment["rolloutStateReason"]
    [event] = plane.events()
    assert event.startswith("was unable to place a task. Reason: ")
    assert sentence in event
    [history] = ecs.list_service_deployments(service="web")["serviceDeployments"]
    assert (history["status"], sentence in history["statusReason"]) == ("IN_PROGRESS", True)
    assert plane.tasks("web") == []


def test_a_service_behind_a_classic_load_balancer_waits(plane: Plane, ecs: Any) -> None:
    create(ecs, loadBalancers=[CLASSIC])
    plane.advance(60)
    assert plane.events() == ["was unable to place a task. Reason: Podium has no Classic Load Balancers."]
    assert plane.tasks("web") == []


def test_it_starts_its_tasks_once_it_no_longer_needs_that(plane: Plane, ecs: Any) -> None:
    create(ecs, loadBalancers=[CLASSIC])
    plane.run()
    ecs.update_service(service="web", loadBalancers=[])
    plane.settle()
    assert (len(plane.tasks("web")), describe(ecs)["deployments"][0]["rolloutState"]) == (1, "COMPLETED")
    assert describe(ecs)["loadBalancers"] == []


def test_a_running_service_keeps_its_tasks_while_its_update_waits(plane: Plane, ecs: Any) -> None:
    create(ecs, desiredCount=2, deploymentConfiguration={"minimumHealthyPercent": 0})
    plane.settle()
    before = {t.arn for t in plane.tasks("web")}
    ecs.update_service(service="web", loadBalancers=[CLASSIC])
    plane.advance(3600)
    assert {t.arn for t in plane.tasks("web")} == before
    assert [d["status"] for d in describe(ecs)["deployments"]] == ["PRIMARY", "ACTIVE"]


def test_hooks_that_are_taken_off_let_the_same_deployment_go_on(plane: Plane, ecs: Any) -> None:
    create(ecs, deploymentConfiguration={"lifecycleHooks": [PAUSE]})
    plane.run()
    ecs.update_service(service="web", deploymentConfiguration={"lifecycleHooks": []})
    plane.settle()
    assert len(ecs.list_service_deployments(service="web")["serviceDeployments"]) == 1
    assert describe(ecs)["deployments"][0]["rolloutState"] == "COMPLETED"


def test_a_service_on_fargate_shows_its_platform_and_network(ecs: Any) -> None:
    service = create(ecs, **FARGATE)
    assert (service["platformVersion"], service["platformFamily"], service["roleArn"]) == ("LATEST", "Linux", LINKED)
    [deployment] = service["deployments"]
    assert (deployment["platformVersion"], deployment["networkConfiguration"]) == ("1.4.0", NETWORK)


def test_the_deployment_configuration_is_given_back_whole(ecs: Any) -> None:
    configuration = {
        "deploymentCircuitBreaker": {
            "enable": True,
            "rollback": False,
            "resetOnHealthyTask": False,
            "thresholdConfiguration": {"type": "COUNT", "value": 7},
        },
        "maximumPercent": 150,
        "minimumHealthyPercent": 75,
        "alarms": ALARMS,
        "strategy": "CANARY",
        "bakeTimeInMinutes": 3,
        "lifecycleHooks": [PAUSE],
        "canaryConfiguration": {"canaryPercent": 0.1, "canaryBakeTimeInMinutes": 0},
    }
    assert create(ecs, deploymentConfiguration=configuration)["deploymentConfiguration"] == configuration


def test_linear_deployments_have_defaults(ecs: Any) -> None:
    shown = create(ecs, deploymentConfiguration={"strategy": "LINEAR"})["deploymentConfiguration"]
    assert shown["linearConfiguration"] == {"stepPercent": 10.0, "stepBakeTimeInMinutes": 6}


REFUSED: dict[str, tuple[dict[str, Any], str | None]] = {
    "a definition under controller EXTERNAL": (
        {"deploymentController": {"type": "EXTERNAL"}},
        "TaskDefinition must be blank.",
    ),
    "a balancer of both kinds": (
        {"loadBalancers": [{**BALANCER, "loadBalancerName": "x"}]},
        "loadBalancerName and targetGroupArn cannot both be specified. You must specify either a loadBalancerName or a "
        "targetGroupArn in all loadBalancer entries",
    ),
    "a balancer for no container": (
        {"loadBalancers": [{**BALANCER, "containerName": "ghost"}]},
        "The container ghost does not exist in the task definition.",
    ),
    "a balancer for no port": (
        {"loadBalancers": [{**BALANCER, "containerPort": 81}]},
        "The container app did not have a container port 81 defined.",
    ),
    "a target group twice": ({"loadBalancers": [BALANCER, BALANCER]}, f"Duplicate targetGroupArn found: {GROUPS[0]}"),
    "a balancer that cannot shift": (
        {
            "loadBalancers": [BALANCER],
            "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0},
        },
        "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy",
    ),
    "a rule that is none": (
        {"loadBalancers": [{**BALANCER, "advancedConfiguration": {"productionListenerRule": "arn:x"}}]},
        "productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: arn:x",
    ),
    "one rule for both": (
        {
            "loadBalancers": [
                {**BALANCER, "advancedConfiguration": {"productionListenerRule": RULE, "testListenerRule": RULE}}
            ]
        },
        f"The following rules cannot be used as both production and test listener rules: {RULE}",
    ),
    "a role without a balancer": ({"role": "r"}, None),
    "a role where there is a linked one": (
        {**FARGATE, "role": "r", "loadBalancers": [BALANCER]},
        "You cannot specify an IAM role for services that require a service linked role.",
    ),
    "a classic balancer on Fargate": (
        {**FARGATE, "loadBalancers": [{"loadBalancerName": "x", "containerName": "app", "containerPort": 80}]},
        "Classic Load Balancers are not supported with Fargate",
    ),
    "a port that has no name": ({"serviceConnectConfiguration": {**CONNECT, "services": [{"portName": "x"}]}}, None),
    "Service Connect in no namespace": ({"serviceConnectConfiguration": {"enabled": True}}, None),
    "a volume nobody wants": (
        {"volumeConfigurations": [VOLUME]},
        "The volume name 'data' in your request does not have a matching volume in your Task Definition",
    ),
    "no volume for the one that is wanted": ({"taskDefinition": "disk"}, None),
    "a hook at a stage without pauses": (
        {"deploymentConfiguration": {"lifecycleHooks": [{**PAUSE, "lifecycleStages": ["PRODUCTION_TRAFFIC_SHIFT"]}]}},
        "Invalid lifecycle stage provided for Pause Hook",
    ),
    "a hook of no kind": (
        {"deploymentConfiguration": {"lifecycleHooks": [{**PAUSE, "targetType": "FAX"}]}},
        "Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE",
    ),
    "blue and green without baking": ({"deploymentConfiguration": {"strategy": "BLUE_GREEN"}}, None),
    "canaries in a rolling update": ({"deploymentConfiguration": {"canaryConfiguration": {}}}, None),
    "a step too small": (
        {"deploymentConfiguration": {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.9}}},
        None,
    ),
    "percentages without room": (
        {"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}},
        "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
    ),
    "early success below the minimum": (
        {
            "deploymentConfiguration": {
                "earlySuccessCriteria": {
                    "enable": True,
                    "healthyPercent": 50,
                    "sourceServiceRevisionCleanup": "BLOCKING",
                }
            }
        },
        None,
    ),
    "constraints on Fargate": (
        {**FARGATE, "placementConstraints": [{"type": "distinctInstance"}]},
        "Placement constraints are not supported with FARGATE launch type.",
    ),
    "balance of zones without room": (
        {
            "availabilityZoneRebalancing": "ENABLED",
            "deploymentConfiguration": {"minimumHealthyPercent": 0, "maximumPercent": 100},
        },
        None,
    ),
    "a shell without a role": (
        {"enableExecuteCommand": True},
        "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in "
        "your task definition and try again.",
    ),
    "a long token": ({"clientToken": "x" * 37}, None),
    "a word nobody knows": ({"propagateTags": "ALL"}, "propagateTags should be one of [TASK_DEFINITION,SERVICE,NONE]"),
}


@pytest.mark.parametrize(("members", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_and_nothing_is_stored(ecs: Any, members: dict[str, Any], sentence: str | None) -> None:
    with refused(INVALID, sentence):
        create(ecs, **members)
    assert ecs.list_services()["serviceArns"] == []


def test_what_may_shift_traffic_is_accepted(ecs: Any) -> None:
    configuration = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5}
    service = create(ecs, loadBalancers=[SHIFTING], deploymentConfiguration=configuration)
    assert service["loadBalancers"] == [SHIFTING]
    assert service["roleArn"] == LINKED


DEPLOYS: dict[str, tuple[dict[str, Any], bool]] = {
    "another definition": ({"taskDefinition": "other"}, True),
    "the same definition": ({"taskDefinition": "web"}, False),
    "force": ({"forceNewDeployment": True}, True),
    "a balancer": ({"loadBalancers": [BALANCER]}, True),
    "no balancer, as before": ({"loadBalancers": []}, False),
    "Service Connect": ({"serviceConnectConfiguration": CONNECT}, True),
    "a count": ({"desiredCount": 3}, False),
    "percentages": ({"deploymentConfiguration": {"maximumPercent": 150}}, False),
    "placement": ({"placementStrategy": [{"type": "random"}], "placementConstraints": []}, False),
    "tags and shells": ({"propagateTags": "SERVICE", "enableECSManagedTags": True}, False),
}


@pytest.mark.parametrize(("members", "deploys"), DEPLOYS.values(), ids=DEPLOYS.keys())
def test_only_what_changes_the_tasks_begins_a_deployment(
    plane: Plane, ecs: Any, members: dict[str, Any], deploys: bool
) -> None:
    plane.define("other")
    create(ecs)
    service = ecs.update_service(service="web", **members)["service"]
    assert (len(service["deployments"]) == 2) is deploys


def test_other_capacity_needs_a_deployment_that_was_asked_for(ecs: Any) -> None:
    ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=[]
    )
    create(ecs, **FARGATE)
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    with refused(
        INVALID,
        "When switching from launch type to capacity provider strategy on an existing service, or making a change to a "
        "capacity provider strategy on a service that is already using one, you must force a new deployment.",
    ):
        ecs.update_service(service="web", capacityProviderStrategy=strategy)
    service = ecs.update_service(service="web", capacityProviderStrategy=strategy, forceNewDeployment=True)["service"]
    assert (service["capacityProviderStrategy"], "launchType" in service) == (strategy, False)
    assert len(ecs.update_service(service="web", capacityProviderStrategy=strategy)["service"]["deployments"]) == 2
    service = ecs.update_service(service="web", capacityProviderStrategy=[], forceNewDeployment=True)["service"]
    assert (service["launchType"], "capacityProviderStrategy" in service) == ("FARGATE", False)


def test_a_strategy_of_an_auto_scaling_group_starts_tasks_on_its_instances(plane: Plane, ecs: Any) -> None:
    group = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:u:autoScalingGroupName/blue"
    ecs.create_capacity_provider(name="blue", autoScalingGroupProvider={"autoScalingGroupArn": group})
    strategy = [{"capacityProvider": "blue", "weight": 1}]
    ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["blue"], defaultCapacityProviderStrategy=strategy
    )
    create(ecs, desiredCount=2)
    plane.run()
    assert plane.events() == [
        "was unable to reach steady state. Reason: No Container Instances were found in your capacity provider."
    ]
    [own] = plane.join(instances=1, attributes={"podium.auto-scaling-group": "blue"})
    plane.settle()
    assert {(t.container_instance_arn, t.capacity_provider) for t in plane.tasks("web")} == {(own, "blue")}


def test_a_service_of_code_deploy_begins_with_a_task_set_that_waits(plane: Plane, ecs: Any) -> None:
    service = create(ecs, deploymentController={"type": "CODE_DEPLOY"}, loadBalancers=[BALANCER])
    [task_set] = service["taskSets"]
    assert (task_set["status"], task_set["scale"]["value"], service["deployments"]) == ("PRIMARY", 100.0, [])
    plane.advance(3600)
    assert describe(ecs)["taskSets"][0]["stabilityStatus"] == "STABILIZING"
    with refused(
        INVALID,
        "Unable to update task definition on services with a CODE_DEPLOY deployment controller. "
        "Use AWS CodeDeploy to trigger a new deployment.",
    ):
        ecs.update_service(service="web", taskDefinition="web")


def test_a_service_may_come_over_to_the_controller_of_ecs(plane: Plane, ecs: Any) -> None:
    ecs.create_service(serviceName="web", desiredCount=1, deploymentController={"type": "EXTERNAL"})
    ecs.create_task_set(cluster="default", service="web", taskDefinition="web", scale={"value": 100, "unit": "PERCENT"})
    plane.obey()
    with refused(INVALID, "TaskDefinition can not be blank."):
        ecs.update_service(service="web", deploymentController={"type": "ECS"})
    ecs.update_service(service="web", deploymentController={"type": "ECS"}, taskDefinition="web")
    plane.settle()
    assert describe(ecs)["deployments"][0]["rolloutState"] == "COMPLETED"
    assert len(plane.tasks("web")) == 1
    with refused(INVALID):
        ecs.update_service(service="web", deploymentController={"type": "EXTERNAL"})


def test_services_are_listed_by_their_namespace(ecs: Any) -> None:
    arn = create(ecs, serviceConnectConfiguration=CONNECT)["serviceArn"]
    create(ecs, serviceName="other")
    assert ecs.list_services_by_namespace(namespace="n")["serviceArns"] == [arn]
    with refused("NamespaceNotFoundException"):
        ecs.list_services_by_namespace(namespace="ghost")


def test_the_first_service_has_the_linked_role_made(plane: Plane, ecs: Any) -> None:
    create(ecs)
    assert plane.client("iam").get_role(RoleName="AWSServiceRoleForECS")["Role"]["Arn"] == LINKED
