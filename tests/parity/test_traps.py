"""What users and other implementations of the API stumbled over. Beside each case stands where it was told.

Numbers are those of GitHub: `moto #1` is getmoto/moto, `tf-aws` hashicorp/terraform-provider-aws,
`roadmap` aws/containers-roadmap, `ecs-agent` aws/amazon-ecs-agent.
"""

from datetime import timedelta
from typing import Any

import pytest

from inprocess import Plane, refused
from podium.ecs.records import Task
from podium.ecs.scheduling import breaker

INVALID = "InvalidParameterException"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready(instances=2)
    return plane.ecs


def service(ecs: Any) -> dict[str, Any]:
    [found] = ecs.describe_services(services=["web"])["services"]
    return dict(found)


# moto #2898
def test_an_unknown_service_is_a_failure_with_a_whole_arn_beside_the_known_ones(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=0)
    answer = ecs.describe_services(services=["web", "nope"])
    assert len(answer["services"]) == 1
    assert answer["failures"] == [
        {"arn": "arn:aws:ecs:us-east-1:123456789012:service/default/nope", "reason": "MISSING"}
    ]


# moto #7027, #7029
def test_describing_a_task_without_tags_does_not_remove_them(ecs: Any) -> None:
    [task] = ecs.run_task(taskDefinition="web", tags=[{"key": "a", "value": "1"}])["tasks"]
    for _ in range(2):
        assert ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"][0]["tags"] == []
        [shown] = ecs.describe_tasks(tasks=[task["taskArn"]], include=["TAGS"])["tasks"]
        assert shown["tags"] == [{"key": "a", "value": "1"}]


# moto #5814, #5817
def test_start_task_keeps_its_tags(ecs: Any) -> None:
    instances = ecs.list_container_instances()["containerInstanceArns"]
    [task, _] = ecs.start_task(taskDefinition="web", containerInstances=instances, tags=[{"key": "a", "value": "1"}])[
        "tasks"
    ]
    assert ecs.list_tags_for_resource(resourceArn=task["taskArn"])["tags"] == [{"key": "a", "value": "1"}]


# moto #8948, #9855
def test_a_deployment_tells_its_failed_tasks_and_its_rollout(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    [deployment] = service(ecs)["deployments"]
    assert {"failedTasks", "rolloutState", "rolloutStateReason"} <= set(deployment)


# moto #1697
def test_a_task_is_found_by_its_bare_id(ecs: Any) -> None:
    [task] = ecs.run_task(taskDefinition="web")["tasks"]
    assert len(ecs.describe_tasks(tasks=[task["taskArn"].rpartition("/")[2]])["tasks"]) == 1


# localstack #13133
def test_health_is_unknown_only_until_a_declared_check_has_spoken(plane: Plane, ecs: Any) -> None:
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    [task] = ecs.run_task(taskDefinition="web")["tasks"]
    plane.report(task["taskArn"], "RUNNING")
    plane.health(task["taskArn"], "HEALTHY")
    [shown] = ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"]
    assert (shown["healthStatus"], shown["containers"][0]["healthStatus"]) == ("HEALTHY", "HEALTHY")


# localstack #2987
def test_running_count_follows_the_tasks(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=2)
    assert (service(ecs)["runningCount"], service(ecs)["pendingCount"]) == (0, 2)
    plane.obey()
    assert (service(ecs)["runningCount"], service(ecs)["pendingCount"]) == (2, 0)


# localstack #4426
def test_containers_are_listed_from_the_first_moment(ecs: Any) -> None:
    [task] = ecs.run_task(taskDefinition="web")["tasks"]
    assert [c["name"] for c in ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"][0]["containers"]] == ["app"]


# floci #1095
def test_a_deleted_services_name_is_free_and_the_service_itself_is_gone(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    ecs.delete_service(service="web", force=True)
    plane.run()
    with refused("ServiceNotActiveException", "Service was not ACTIVE."):
        ecs.update_service(service="web", desiredCount=2)
    with refused("ServiceNotFoundException", "Service not found."):
        ecs.delete_service(service="web")
    plane.serve("web", desired=1)
    assert service(ecs)["status"] == "ACTIVE"


# cloudemu #1124
def test_lists_of_definitions_are_active_ones_and_percentages_are_echoed(plane: Plane, ecs: Any) -> None:
    plane.define("gone")
    ecs.deregister_task_definition(taskDefinition="gone:1")
    assert [arn.rpartition("/")[2] for arn in ecs.list_task_definitions()["taskDefinitionArns"]] == ["web:1"]
    plane.serve("web", desired=0)
    configuration = service(ecs)["deploymentConfiguration"]
    assert (configuration["maximumPercent"], configuration["minimumHealthyPercent"]) == (200, 100)


# cloudemu #302
def test_deployments_do_not_pile_up(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    for _ in range(4):
        plane.settle()
        ecs.update_service(service="web", forceNewDeployment=True)
    plane.settle()
    assert len(service(ecs)["deployments"]) == 1


# cloudemu #431
def test_every_container_has_its_own_runtime_id_and_status(plane: Plane, ecs: Any) -> None:
    plane.define("web", {}, {"name": "side", "essential": False})
    [task] = ecs.run_task(taskDefinition="web")["tasks"]
    plane.report(
        task["taskArn"],
        "RUNNING",
        {"containerName": "app", "status": "RUNNING", "runtimeId": "a1"},
        {"containerName": "side", "status": "STOPPED", "runtimeId": "s1", "exitCode": 0},
    )
    [shown] = ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"]
    assert shown["lastStatus"] == "RUNNING"
    assert {c["name"]: (c["runtimeId"], c["lastStatus"]) for c in shown["containers"]} == {
        "app": ("a1", "RUNNING"),
        "side": ("s1", "STOPPED"),
    }


# spinifex #974
def test_one_client_token_starts_tasks_once(ecs: Any) -> None:
    first, second = (ecs.run_task(taskDefinition="web", clientToken="t")["tasks"] for _ in range(2))
    assert first[0]["taskArn"] == second[0]["taskArn"]
    with refused("ConflictException"):
        ecs.run_task(taskDefinition="web", clientToken="t", count=2)


# tf-aws #2283, #14489, #23462: providers retry by these texts
def test_creating_a_service_too_soon_has_two_sentences(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    request = {"serviceName": "web", "taskDefinition": "web", "desiredCount": 1}
    with refused(INVALID, "Creation of service was not idempotent."):
        ecs.create_service(**request)
    ecs.delete_service(service="web", force=True)
    with refused(INVALID, "Unable to Start a service that is still Draining."):
        ecs.create_service(**request)


# tf-aws #16012, botocore #1021, roadmap #897
def test_two_deployments_are_shown_until_the_old_tasks_are_gone(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    [old] = plane.tasks("web")
    ecs.update_service(service="web", forceNewDeployment=True)
    plane.obey()
    while plane.record(Task, old.arn).last_status == "RUNNING":
        assert len(service(ecs)["deployments"]) == 2
        plane.advance(1)
    plane.settle()
    assert len(service(ecs)["deployments"]) == 1


# tf-aws #11526, #38153, #11796
def test_empty_lists_of_a_container_are_always_there_and_no_other_member_is_added(plane: Plane, ecs: Any) -> None:
    given = {"name": "app", "image": "web", "memory": 64}
    ecs.register_task_definition(family="lists", containerDefinitions=[given])
    [kept] = ecs.describe_task_definition(taskDefinition="lists")["taskDefinition"]["containerDefinitions"]
    lists = {name: [] for name in ("portMappings", "environment", "mountPoints", "volumesFrom", "systemControls")}
    assert kept == {**given, **lists, "cpu": 0, "essential": True}


# tf-aws #40853, #40801, #15810
def test_configured_at_launch_is_not_told_unless_it_was_said(ecs: Any) -> None:
    container = {"name": "app", "image": "web", "memory": 64}
    ecs.register_task_definition(
        family="volumes",
        containerDefinitions=[container],
        volumes=[{"name": "a"}, {"name": "b", "configuredAtLaunch": True}],
    )
    kept = ecs.describe_task_definition(taskDefinition="volumes")["taskDefinition"]["volumes"]
    assert kept == [{"name": "a"}, {"name": "b", "configuredAtLaunch": True}]


# tf-aws #19422
def test_tags_that_are_not_propagated_are_told_as_none(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=0)
    assert service(ecs)["propagateTags"] == "NONE"


# tf-aws #31104, roadmap #1313
def test_a_grace_period_needs_something_to_check(plane: Plane, ecs: Any) -> None:
    sentence = "Health check grace period is only valid for services configured to use load balancers"
    with refused(INVALID, sentence):
        ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=1, healthCheckGracePeriodSeconds=30)
    plane.serve("web", desired=1)
    plane.define("checked", {"healthCheck": {"command": ["CMD", "true"]}})
    ecs.update_service(service="web", taskDefinition="checked", healthCheckGracePeriodSeconds=30)
    assert service(ecs)["healthCheckGracePeriodSeconds"] == 30


# aws-cdk #3919, #1197
def test_a_deployment_does_not_reset_a_count_that_scaling_had_changed(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    ecs.update_service(service="web", desiredCount=5)
    ecs.update_service(service="web", forceNewDeployment=True)
    assert service(ecs)["desiredCount"] == 5


# roadmap #325
def test_a_stopping_task_holds_its_port_until_it_has_stopped(plane: Plane, ecs: Any) -> None:
    plane.define("web", {"portMappings": [{"containerPort": 80, "hostPort": 8080}]})
    tasks = ecs.run_task(taskDefinition="web", count=2)["tasks"]
    for task in tasks:
        plane.report(task["taskArn"], "RUNNING")
    ecs.stop_task(task=tasks[0]["taskArn"])
    plane.run()
    assert {f["reason"] for f in ecs.run_task(taskDefinition="web")["failures"]} == {"RESOURCE:PORTS"}
    plane.exit(tasks[0]["taskArn"])
    assert len(ecs.run_task(taskDefinition="web")["tasks"]) == 1


# roadmap #2485
def test_a_task_that_is_long_in_stopping_counts_nowhere_and_holds_nothing_up(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    [old] = plane.tasks("web")
    ecs.update_service(service="web", forceNewDeployment=True)
    for _ in range(3):
        for task in plane.tasks("web"):
            if task.last_status == "PENDING":
                plane.report(task.arn, "RUNNING")
        plane.advance(60)
    assert plane.record(Task, old.arn).last_status == "STOPPING"
    assert (service(ecs)["runningCount"], service(ecs)["pendingCount"]) == (1, 0)
    assert len(service(ecs)["deployments"]) == 1


# traefik #4249
def test_tasks_are_listed_by_what_they_are_to_be(plane: Plane, ecs: Any) -> None:
    pending, draining = (t["taskArn"] for t in ecs.run_task(taskDefinition="web", count=2)["tasks"])
    plane.report(draining, "RUNNING")
    ecs.stop_task(task=draining)
    assert ecs.list_tasks(desiredStatus="RUNNING")["taskArns"] == [pending]
    assert ecs.list_tasks(desiredStatus="STOPPED")["taskArns"] == [draining]
    assert ecs.describe_tasks(tasks=[draining])["tasks"][0]["lastStatus"] == "RUNNING"


# AWS guide, "deployment circuit breaker", and the cloudemu #302 family
@pytest.mark.parametrize(
    ("desired", "failures"), [(1, 3), (5, 3), (6, 3), (7, 4), (25, 13), (400, 200), (500, 200), (5000, 200)]
)
def test_the_breakers_threshold_is_half_the_count_between_3_and_200(desired: int, failures: int) -> None:
    assert breaker.threshold(desired) == failures


# roadmap #1776
def test_an_awsvpc_ports_host_port_is_its_container_port(plane: Plane, ecs: Any) -> None:
    plane.define("vpc", {"portMappings": [{"containerPort": 80}]}, networkMode="awsvpc")
    [kept] = ecs.describe_task_definition(taskDefinition="vpc")["taskDefinition"]["containerDefinitions"]
    assert kept["portMappings"][0]["hostPort"] == 80


# Events as captured from the service
def test_one_task_is_still_plural_in_events(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    [event] = service(ecs)["events"]
    assert event["message"].startswith("(service web) has started 1 tasks: (task ")
    assert event["message"].endswith(").")


# The API's model, ListServices
def test_a_page_of_services_has_ten(plane: Plane, ecs: Any) -> None:
    for number in range(11):
        ecs.create_service(serviceName=f"s{number}", taskDefinition="web", desiredCount=0)
    assert len(ecs.list_services()["serviceArns"]) == 10


# The API's model, RegisterTaskDefinition
def test_vcpu_and_gb_are_kept_as_units_and_mib(ecs: Any) -> None:
    container = {"name": "app", "image": "web"}
    kept = ecs.register_task_definition(
        family="sized", containerDefinitions=[container], cpu="0.5 vCPU", memory="2 GB"
    )["taskDefinition"]
    assert (kept["cpu"], kept["memory"]) == ("512", "2048")


# roadmap #612: tools tell health kills apart by this text, since the stop code is the scheduler's
def test_a_health_kill_is_told_by_its_reason(plane: Plane, ecs: Any) -> None:
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    plane.serve("web", desired=1)
    plane.obey()
    [ill] = plane.tasks("web")
    plane.health(ill.arn, "UNHEALTHY")
    plane.obey()
    for task in plane.tasks("web"):
        if task.arn != ill.arn:
            plane.health(task.arn, "HEALTHY")
    plane.run()
    [shown] = ecs.describe_tasks(tasks=[ill.arn])["tasks"]
    assert shown["stoppedReason"] == "Task failed container health checks"
    assert shown["stopCode"] == "ServiceSchedulerInitiated"


# aws-samples/ecs-cid-sample #29
def test_a_stopping_task_does_not_count_and_still_holds_its_room(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    [task] = plane.tasks("web")
    ecs.stop_task(task=task.arn)
    ecs.update_service(service="web", desiredCount=0)
    plane.run()
    [shown] = ecs.describe_container_instances(containerInstances=[task.container_instance_arn])["containerInstances"]
    assert shown["runningTasksCount"] == 0
    left = {r["name"]: r["integerValue"] for r in shown["remainingResources"]}
    assert left["MEMORY"] == 8192 - 128


# AWS knowledge center, "ECS task stopped"
def test_a_task_stopped_by_hand_says_so(ecs: Any) -> None:
    [task] = ecs.run_task(taskDefinition="web")["tasks"]
    stopped = ecs.stop_task(task=task["taskArn"])["task"]
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "Task stopped by user")


# Shippable support #4194, boto3 #2436, hako #99
@pytest.mark.parametrize(
    ("containers", "sentence"),
    [
        (
            [{"name": "a", "links": ["b"]}, {"name": "b", "links": ["a"]}],
            "Container links should not have a cycle",
        ),
        (
            [{"name": "a", "dependsOn": [{"containerName": "b", "condition": "SUCCESS"}]}, {"name": "b"}],
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
        ),
        (
            [{"name": "a", "dependsOn": [{"containerName": "x", "condition": "START"}]}],
            "Cannot depend on container + 'x' because it does not exist",
        ),
    ],
)
def test_dependencies_are_refused_in_these_words(ecs: Any, containers: list[dict[str, Any]], sentence: str) -> None:
    with refused("ClientException", sentence):
        ecs.register_task_definition(
            family="odd", containerDefinitions=[{"image": "web", "memory": 64, **c} for c in containers]
        )


# ECS API reference, DescribeTasks: stopped tasks appear for at least one hour
def test_a_stopped_task_is_shown_for_at_least_an_hour(plane: Plane, ecs: Any) -> None:
    [task] = ecs.run_task(taskDefinition="web")["tasks"]
    plane.exit(task["taskArn"])
    plane.advance(timedelta(minutes=59).total_seconds())
    assert ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"][0]["lastStatus"] == "STOPPED"
