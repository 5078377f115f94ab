"""The service operations: what may be asked for, and what is answered at once."""

from datetime import timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, SUBNET, Plane, refused

ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/default"
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition"
INVALID = "InvalidParameterException"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    """A client, with the default cluster and the task definition web:1 there."""
    plane.ready(instances=0)
    return plane.ecs


def create(ecs: Any, name: str = "web", **members: Any) -> dict[str, Any]:
    given = {"taskDefinition": "web", "desiredCount": 1, **members}
    return dict(ecs.create_service(serviceName=name, **given)["service"])


def describe(ecs: Any, name: str = "web", *include: str) -> dict[str, Any]:
    [service] = ecs.describe_services(services=[name], include=list(include))["services"]
    return dict(service)


def test_a_new_service_is_shown_with_these_members_and_no_others(plane: Plane, ecs: Any) -> None:
    service = create(ecs, desiredCount=2)
    [deployment] = service.pop("deployments")
    history, [revision] = service.pop("currentServiceDeployment"), service.pop("currentServiceRevisions")
    assert history.startswith(f"{ARN}/web/".replace(":service/", ":service-deployment/"))
    assert revision.pop("arn").startswith(f"{ARN}/web/".replace(":service/", ":service-revision/"))
    assert revision == {"requestedTaskCount": 2, "runningTaskCount": 0, "pendingTaskCount": 0}
    assert service == {
        "serviceArn": f"{ARN}/web",
        "serviceName": "web",
        "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default",
        "loadBalancers": [],
        "serviceRegistries": [],
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 0,
        "pendingCount": 0,
        "launchType": "EC2",
        "taskDefinition": f"{DEFINITION}/web:1",
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {
                "enable": False,
                "rollback": False,
                "resetOnHealthyTask": True,
                "thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 50},
            },
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "strategy": "ROLLING",
            "bakeTimeInMinutes": 0,
        },
        "events": [],
        "createdAt": plane.clock.time,
        "placementConstraints": [],
        "placementStrategy": [],
        "healthCheckGracePeriodSeconds": 0,
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "tags": [],
        "createdBy": f"arn:aws:iam::{ACCOUNT}:root",
        "enableECSManagedTags": False,
        "propagateTags": "NONE",
        "enableExecuteCommand": False,
        "availabilityZoneRebalancing": "ENABLED",
        "resourceManagementType": "CUSTOMER",
    }
    assert deployment["id"].startswith("ecs-svc/")
    assert len(deployment["id"].removeprefix("ecs-svc/")) == 19
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "IN_PROGRESS")
    assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} in progress."
    assert deployment["failedTasks"] == 0


def test_the_name_of_an_active_service_is_taken(ecs: Any) -> None:
    create(ecs)
    with refused(INVALID, "Creation of service was not idempotent."):
        create(ecs)


def test_the_same_token_and_request_give_the_same_service(ecs: Any) -> None:
    first = create(ecs, clientToken="t1")
    assert create(ecs, clientToken="t1") == first
    with refused(INVALID, "Creation of service was not idempotent."):
        create(ecs, clientToken="t1", desiredCount=2)


def test_the_name_of_a_draining_service_is_taken_for_another_reason(ecs: Any) -> None:
    create(ecs)
    ecs.delete_service(service="web", force=True)
    with refused(INVALID, "Unable to Start a service that is still Draining."):
        create(ecs)


def test_the_name_of_an_inactive_service_is_free_at_once(plane: Plane, ecs: Any) -> None:
    create(ecs)
    plane.run()
    ecs.delete_service(service="web", force=True)
    plane.run()
    plane.clock.time += timedelta(minutes=1)
    service = create(ecs)
    assert (service["status"], service["events"], service["createdAt"]) == ("ACTIVE", [], plane.clock.time)


@pytest.mark.parametrize(
    ("members", "code", "sentence"),
    [
        ({"serviceName": "a b"}, INVALID, r"ServiceName must match ^[a-zA-Z0-9\-_]{1,255}$, but was a b"),
        ({"taskDefinition": None}, INVALID, "TaskDefinition can not be blank."),
        ({"taskDefinition": "ghost"}, "ClientException", "TaskDefinition not found."),
        ({"taskDefinition": "web:7"}, "ClientException", "TaskDefinition not found."),
        ({"taskDefinition": "w b"}, "ClientException", "Family contains invalid characters."),
        ({"cluster": "ghost"}, "ClusterNotFoundException", "Cluster not found."),
        ({"desiredCount": -1}, INVALID, "desiredCount must be between 0 and 5000"),
        ({"desiredCount": 5001}, INVALID, "desiredCount must be between 0 and 5000"),
        ({"launchType": "LAMBDA"}, INVALID, "launchType should be one of [EC2,FARGATE,EXTERNAL,MANAGED_INSTANCES]"),
        ({"launchType": "FARGATE"}, INVALID, "Task definition does not support launch_type FARGATE."),
        (
            {"launchType": "EC2", "capacityProviderStrategy": [{"capacityProvider": "x"}]},
            INVALID,
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        ),
        (
            {"platformVersion": "1.4.0"},
            INVALID,
            "The platform version must be null when specifying an EC2 launch type.",
        ),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": [SUBNET]}}},
            INVALID,
            "Network Configuration is not valid for the given networkMode of this task definition.",
        ),
        (
            {"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}},
            INVALID,
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ),
        (
            {"deploymentConfiguration": {"minimumHealthyPercent": 101}},
            INVALID,
            "minimumHealthyPercent must be at most 100",
        ),
        ({"deploymentConfiguration": {"maximumPercent": 99}}, INVALID, "maximumPercent must be at least 100"),
        (
            {"healthCheckGracePeriodSeconds": 10},
            INVALID,
            "Health check grace period is only valid for services configured to use load balancers",
        ),
        ({"propagateTags": "ALL"}, INVALID, "propagateTags should be one of [TASK_DEFINITION,SERVICE,NONE]"),
        (
            {"availabilityZoneRebalancing": "ON"},
            INVALID,
            "availabilityZoneRebalancing should be one of [ENABLED,DISABLED]",
        ),
        ({"placementStrategy": [{"type": "random", "field": "cpu"}]}, INVALID, "random field should not be specified."),
        ({"placementStrategy": [{"type": "binpack", "field": "disk"}]}, INVALID, "binpack field 'disk' is invalid."),
        ({"placementStrategy": [{"type": "spread", "field": ""}]}, INVALID, "spread field '' is invalid."),
        ({"placementStrategy": [{"type": "random"}] * 6}, INVALID, "Maximum number of strategies is 5"),
        (
            {"placementConstraints": [{"type": "distinctInstance", "expression": "x"}]},
            INVALID,
            "distinctInstance expression should not be specified.",
        ),
        (
            {"placementConstraints": [{"type": "distinctInstance"}] * 11},
            INVALID,
            "Maximum number of constraints is 10",
        ),
        (
            {"tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
            INVALID,
            "Multiple tags contain the same key.",
        ),
    ],
)
def test_what_cannot_be_created_is_refused_in_the_services_words(
    ecs: Any, members: dict[str, Any], code: str, sentence: str
) -> None:
    given = {"serviceName": "web", "taskDefinition": "web", "desiredCount": 1, **members}
    with refused(code, sentence):
        ecs.create_service(**{name: value for name, value in given.items() if value is not None})
    assert ecs.list_services()["serviceArns"] == []


def test_a_replica_service_needs_a_desired_count(ecs: Any) -> None:
    with refused(INVALID):
        ecs.create_service(serviceName="web", taskDefinition="web")


def test_what_describe_services_shows_may_be_sent_back_as_it_is(ecs: Any) -> None:
    """As Terraform does with the deployment configuration."""
    configuration = create(ecs)["deploymentConfiguration"]
    updated = ecs.update_service(
        service="web", deploymentConfiguration=configuration, serviceConnectConfiguration={"enabled": False}
    )
    assert updated["service"]["deploymentConfiguration"] == configuration


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        ({"resourceRequirements": [{"type": "GPU", "value": "1"}]}, "RESOURCE:GPU"),
        ({"firelensConfiguration": {"type": "fluentbit"}}, "ATTRIBUTE"),
        ({"credentialSpecs": ["credentialspec:x"]}, "ATTRIBUTE"),
    ],
)
def test_a_definition_that_no_instance_can_run_is_accepted_and_not_placed(
    plane: Plane, ecs: Any, container: dict[str, Any], reason: str
) -> None:
    plane.join(instances=1)
    plane.define("special", container)
    create(ecs, taskDefinition="special")
    plane.run()
    assert plane.tasks("web") == []
    assert [f["reason"] for f in ecs.run_task(taskDefinition="special")["failures"]] == [reason]


def test_a_grace_period_is_welcome_with_a_container_health_check(plane: Plane, ecs: Any) -> None:
    plane.define("checked", {"healthCheck": {"command": ["CMD", "true"]}})
    service = create(ecs, taskDefinition="checked", healthCheckGracePeriodSeconds=30)
    assert service["healthCheckGracePeriodSeconds"] == 30


def test_placement_is_stored_in_one_way_of_writing(ecs: Any) -> None:
    service = create(
        ecs,
        placementStrategy=[{"type": "spread", "field": "host"}, {"type": "binpack", "field": "MEMORY"}],
        placementConstraints=[{"type": "distinctInstance"}],
    )
    assert service["placementStrategy"] == [
        {"type": "spread", "field": "instanceId"},
        {"type": "binpack", "field": "memory"},
    ]
    assert service["placementConstraints"] == [{"type": "distinctInstance"}]


def test_tags_are_shown_only_when_asked_for(ecs: Any) -> None:
    create(ecs, tags=[{"key": "team", "value": "a"}])
    assert "tags" not in describe(ecs)
    assert describe(ecs, "web", "TAGS")["tags"] == [{"key": "team", "value": "a"}]


def test_what_an_update_leaves_out_stays(ecs: Any) -> None:
    create(ecs, desiredCount=3, deploymentConfiguration={"minimumHealthyPercent": 50}, propagateTags="SERVICE")
    updated = ecs.update_service(service="web", healthCheckGracePeriodSeconds=0)["service"]
    assert updated["desiredCount"] == 3
    assert updated["deploymentConfiguration"]["minimumHealthyPercent"] == 50
    assert updated["propagateTags"] == "SERVICE"


def test_percentages_are_updated_one_by_one(ecs: Any) -> None:
    create(ecs)
    ecs.update_service(service="web", deploymentConfiguration={"minimumHealthyPercent": 0})
    shown = ecs.update_service(service="web", deploymentConfiguration={"maximumPercent": 150})["service"]
    configuration = shown["deploymentConfiguration"]
    assert (configuration["minimumHealthyPercent"], configuration["maximumPercent"]) == (0, 150)
    with refused(
        INVALID, "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
    ):
        ecs.update_service(service="web", deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 100})


def test_empty_lists_clear_the_placement(ecs: Any) -> None:
    create(ecs, placementStrategy=[{"type": "random"}], placementConstraints=[{"type": "distinctInstance"}])
    updated = ecs.update_service(service="web", placementStrategy=[], placementConstraints=[])["service"]
    assert (updated["placementStrategy"], updated["placementConstraints"]) == ([], [])


@pytest.mark.parametrize(
    ("members", "deployments"),
    [
        ({"taskDefinition": "web:1"}, 1),
        ({"taskDefinition": "web"}, 2),
        ({"forceNewDeployment": True}, 2),
        ({"desiredCount": 4}, 1),
        ({"deploymentConfiguration": {"maximumPercent": 150}}, 1),
        ({"placementStrategy": [{"type": "random"}]}, 1),
        ({"enableECSManagedTags": True}, 1),
    ],
    ids=str,
)
def test_only_a_change_of_what_runs_begins_a_deployment(
    plane: Plane, ecs: Any, members: dict[str, Any], deployments: int
) -> None:
    create(ecs)
    plane.define("web")
    updated = ecs.update_service(service="web", **members)["service"]
    assert len(updated["deployments"]) == deployments
    assert [d["status"] for d in updated["deployments"]] == ["PRIMARY", "ACTIVE"][:deployments]


def test_updating_a_service_that_is_not_there_or_no_more_there_differs(plane: Plane, ecs: Any) -> None:
    with refused("ServiceNotFoundException", "Service not found."):
        ecs.update_service(service="web", desiredCount=1)
    create(ecs)
    ecs.delete_service(service="web", force=True)
    with refused("ServiceNotActiveException", "Service was not ACTIVE."):
        ecs.update_service(service="web", desiredCount=1)
    plane.run()
    with refused("ServiceNotActiveException", "Service was not ACTIVE."):
        ecs.update_service(service="web", desiredCount=1)


def test_an_update_to_a_definition_that_is_inactive_is_refused(plane: Plane, ecs: Any) -> None:
    create(ecs)
    plane.define("web")
    ecs.deregister_task_definition(taskDefinition="web:2")
    with refused("ClientException", "TaskDefinition is inactive"):
        ecs.update_service(service="web", taskDefinition="web:2")


def test_five_unfinished_deployments_are_the_most(plane: Plane, ecs: Any) -> None:
    plane.join(instances=2)
    plane.serve("web", desired=6, deploymentConfiguration={"maximumPercent": 117})
    plane.settle()
    for _ in range(4):
        ecs.update_service(service="web", forceNewDeployment=True)
        plane.obey()
        plane.advance(40)
    assert len(describe(ecs)["deployments"]) == 5
    with refused(INVALID, "5 active deployments exist, unable to create new deployment."):
        ecs.update_service(service="web", forceNewDeployment=True)


def test_a_service_above_zero_is_deleted_only_by_force(ecs: Any) -> None:
    create(ecs)
    with refused(INVALID, "The service cannot be stopped while it is scaled above 0."):
        ecs.delete_service(service="web")
    gone = ecs.delete_service(service="web", force=True)["service"]
    assert (gone["status"], gone["desiredCount"]) == ("DRAINING", 0)


def test_a_service_in_the_middle_of_a_deployment_is_deleted_only_by_force(plane: Plane, ecs: Any) -> None:
    plane.join(instances=1)
    plane.serve("web", desired=1)
    plane.settle()
    ecs.update_service(service="web", forceNewDeployment=True, desiredCount=0)
    with refused(INVALID, "The service cannot be stopped while deployments are active."):
        ecs.delete_service(service="web")


def test_deleting_what_is_not_there_or_deleted_is_an_error(plane: Plane, ecs: Any) -> None:
    with refused("ServiceNotFoundException", "Service not found."):
        ecs.delete_service(service="web")
    create(ecs, desiredCount=0)
    ecs.delete_service(service="web")
    plane.run()
    with refused("ServiceNotFoundException", "Service not found."):
        ecs.delete_service(service="web")


def test_a_deleted_service_stops_its_tasks_and_is_inactive_while_they_stop(plane: Plane, ecs: Any) -> None:
    plane.join(instances=2)
    plane.serve("web", desired=2)
    plane.settle()
    tasks = plane.tasks("web")
    ecs.delete_service(service="web", force=True)
    plane.run()
    shown = describe(ecs)
    assert (shown["status"], shown["runningCount"], shown["deployments"]) == ("INACTIVE", 0, [])
    told = ecs.describe_tasks(tasks=[t.arn for t in tasks])["tasks"]
    assert {(t["desiredStatus"], t["lastStatus"]) for t in told} == {("STOPPED", "STOPPING")}
    assert all(t["stopCode"] == "ServiceSchedulerInitiated" for t in told)


def test_a_deleted_service_is_shown_for_an_hour_and_never_listed(plane: Plane, ecs: Any) -> None:
    create(ecs, desiredCount=0)
    ecs.delete_service(service="web")
    assert ecs.list_services()["serviceArns"] == []
    plane.run()
    assert ecs.list_services()["serviceArns"] == []
    plane.advance(3599)
    assert describe(ecs)["status"] == "INACTIVE"
    plane.advance(1)
    assert ecs.describe_services(services=["web"])["failures"] == [{"arn": f"{ARN}/web", "reason": "MISSING"}]


def test_an_unknown_service_is_a_failure_with_its_whole_arn(ecs: Any) -> None:
    create(ecs)
    answer = ecs.describe_services(services=["ghost", "web"])
    assert [s["serviceName"] for s in answer["services"]] == ["web"]
    assert answer["failures"] == [{"arn": f"{ARN}/ghost", "reason": "MISSING"}]


def test_one_to_ten_services_are_described_at_a_time(ecs: Any) -> None:
    with refused(INVALID, "service names can have at most 10 items."):
        ecs.describe_services(services=[f"s{n}" for n in range(11)])
    with refused(INVALID, "Services cannot be empty."):
        ecs.describe_services(services=[])


def test_services_are_listed_ten_to_a_page_and_filtered(ecs: Any) -> None:
    for n in range(12):
        create(ecs, f"s{n:02}", desiredCount=0)
    first = ecs.list_services()
    assert len(first["serviceArns"]) == 10
    assert len(ecs.list_services(nextToken=first["nextToken"])["serviceArns"]) == 2
    assert len(ecs.list_services(launchType="EC2", maxResults=100)["serviceArns"]) == 12
    assert ecs.list_services(launchType="FARGATE")["serviceArns"] == []
    assert ecs.list_services(schedulingStrategy="DAEMON")["serviceArns"] == []


def test_two_clusters_may_have_services_of_one_name(ecs: Any) -> None:
    ecs.create_cluster(clusterName="other")
    create(ecs)
    create(ecs, cluster="other")
    assert ecs.list_services(cluster="other")["serviceArns"] == [f"{ARN}/web".replace("/default/", "/other/")]
