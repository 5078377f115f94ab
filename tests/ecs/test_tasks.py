"""Tasks: running them, looking at them, stopping them."""

from datetime import timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, SUBNET, Plane, refused
from podium.ecs.acs import links
from podium.ecs.records import Task

INVALID = "InvalidParameterException"
TASKS = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/default"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    """A client, with three instances in the default cluster and the task definition web:1."""
    plane.ready(instances=3)
    return plane.ecs


def run(ecs: Any, **members: Any) -> dict[str, Any]:
    [task] = ecs.run_task(**{"taskDefinition": "web", **members})["tasks"]
    return dict(task)


def describe(ecs: Any, task: dict[str, Any], *include: str) -> dict[str, Any]:
    [found] = ecs.describe_tasks(tasks=[task["taskArn"]], include=list(include))["tasks"]
    return dict(found)


def test_a_new_task_is_shown_pending_with_these_members_and_no_others(plane: Plane, ecs: Any) -> None:
    task = run(ecs, startedBy="me")
    task_id = task["taskArn"].rpartition("/")[2]
    [container] = task["containers"]
    assert task["taskArn"] == f"{TASKS}/{task_id}"
    assert len(task_id) == 32
    assert container.pop("containerArn").startswith(f"arn:aws:ecs:{REGION}:{ACCOUNT}:container/default/{task_id}/")
    assert container == {
        "taskArn": task["taskArn"],
        "name": "app",
        "image": "web:1",
        "lastStatus": "PENDING",
        "networkBindings": [],
        "networkInterfaces": [],
        "healthStatus": "UNKNOWN",
        "cpu": "0",
        "memory": "128",
    }
    assert {k: v for k, v in task.items() if k not in ("containers", "taskArn", "containerInstanceArn")} == {
        "attachments": [],
        "attributes": [],
        "availabilityZone": task["availabilityZone"],
        "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default",
        "connectivity": "CONNECTED",
        "connectivityAt": plane.clock.time,
        "cpu": "0",
        "createdAt": plane.clock.time,
        "desiredStatus": "RUNNING",
        "enableExecuteCommand": False,
        "group": "family:web",
        "healthStatus": "UNKNOWN",
        "lastStatus": "PENDING",
        "launchType": "EC2",
        "memory": "128",
        "overrides": {"containerOverrides": [{"name": "app"}], "inferenceAcceleratorOverrides": []},
        "startedBy": "me",
        "tags": [],
        "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web:1",
        "version": 1,
    }


def test_as_many_as_fit_are_run_and_the_rest_fails_once_for_each_instance(plane: Plane, ecs: Any) -> None:
    plane.define("big", {"memory": 5000})
    answer = ecs.run_task(taskDefinition="big", count=5)
    assert len(answer["tasks"]) == 3
    instances = ecs.list_container_instances()["containerInstanceArns"]
    assert sorted(f["arn"] for f in answer["failures"]) == instances
    assert {f["reason"] for f in answer["failures"]} == {"RESOURCE:MEMORY"}


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        ({"cpu": 5000}, "RESOURCE:CPU"),
        ({"memory": 9000}, "RESOURCE:MEMORY"),
        ({"portMappings": [{"containerPort": 22, "hostPort": 22}]}, "RESOURCE:PORTS"),
        ({"logConfiguration": {"logDriver": "splunk"}}, "ATTRIBUTE"),
    ],
)
def test_a_failure_tells_what_was_lacking(plane: Plane, ecs: Any, container: dict[str, Any], reason: str) -> None:
    plane.define("odd", container)
    answer = ecs.run_task(taskDefinition="odd")
    assert (answer["tasks"], {f["reason"] for f in answer["failures"]}) == ([], {reason})


def test_an_instance_of_another_architecture_does_not_fit(plane: Plane, ecs: Any) -> None:
    plane.define("arm", runtimePlatform={"cpuArchitecture": "ARM64"})
    ecs.create_cluster(clusterName="mixed")
    plane.join("mixed", instances=1, attributes={"ecs.cpu-architecture": "x86_64"})
    failures = ecs.run_task(cluster="mixed", taskDefinition="arm")["failures"]
    assert [f["reason"] for f in failures] == ["ATTRIBUTE"]
    plane.join("mixed", instances=1, attributes={"ecs.cpu-architecture": "arm64"})
    assert len(ecs.run_task(cluster="mixed", taskDefinition="arm")["tasks"]) == 1


def test_a_disconnected_agent_gets_no_tasks(plane: Plane, ecs: Any) -> None:
    for arn in ecs.list_container_instances()["containerInstanceArns"]:
        plane.disconnect(arn)
    assert [f["reason"] for f in ecs.run_task(taskDefinition="web")["failures"]] == ["AGENT"] * 3


def test_a_draining_instance_gets_no_tasks(ecs: Any) -> None:
    draining, *_ = ecs.list_container_instances()["containerInstanceArns"]
    ecs.update_container_instances_state(containerInstances=[draining], status="DRAINING")
    tasks = ecs.run_task(taskDefinition="web", count=10)["tasks"]
    assert draining not in {t["containerInstanceArn"] for t in tasks}


def test_a_cluster_without_instances_is_an_error(ecs: Any) -> None:
    ecs.create_cluster(clusterName="empty")
    with refused(INVALID, "No Container Instances were found in your cluster."):
        ecs.run_task(cluster="empty", taskDefinition="web")


@pytest.mark.parametrize(
    ("members", "code", "sentence"),
    [
        ({"taskDefinition": "ghost"}, "ClientException", "TaskDefinition not found."),
        ({"taskDefinition": "web:x"}, "ClientException", "Invalid revision number. Number: x"),
        ({"cluster": "ghost"}, "ClusterNotFoundException", "Cluster not found."),
        ({"count": 0}, INVALID, "count must be between 1 and 10"),
        ({"count": 11}, INVALID, "count must be between 1 and 10"),
        ({"launchType": "FARGATE"}, INVALID, "Task definition does not support launch_type FARGATE."),
        ({"propagateTags": "SERVICE"}, INVALID, "propagateTags should be one of [TASK_DEFINITION,NONE]"),
        (
            {"overrides": {"containerOverrides": [{"name": "ghost"}]}},
            INVALID,
            "Override for container named ghost is not a container in the TaskDefinition.",
        ),
        (
            {"overrides": {"containerOverrides": [{"name": "app", "command": ["x" * 8200]}]}},
            INVALID,
            "Container Overrides length must be at most 8192",
        ),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": [SUBNET]}}},
            INVALID,
            "Network Configuration is not valid for the given networkMode of this task definition.",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_in_the_services_words(
    ecs: Any, members: dict[str, Any], code: str, sentence: str
) -> None:
    with refused(code, sentence):
        ecs.run_task(**{"taskDefinition": "web", **members})
    assert ecs.list_tasks()["taskArns"] == []


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        (None, "Network Configuration must be provided when networkMode 'awsvpc' is specified."),
        ({"awsvpcConfiguration": {"subnets": []}}, "subnets can not be empty."),
    ],
)
def test_awsvpc_needs_subnets(plane: Plane, ecs: Any, network: dict[str, Any] | None, sentence: str) -> None:
    plane.define("vpc", networkMode="awsvpc")
    members = {"networkConfiguration": network} if network else {}
    with refused(INVALID, sentence):
        ecs.run_task(taskDefinition="vpc", **members)


def test_a_definition_deregistered_starts_nothing(ecs: Any) -> None:
    ecs.deregister_task_definition(taskDefinition="web:1")
    with refused("ClientException", "TaskDefinition is inactive"):
        ecs.run_task(taskDefinition="web:1")
    with refused("ClientException", "TaskDefinition not found."):
        ecs.run_task(taskDefinition="web")


def test_the_same_token_gives_the_same_tasks_and_starts_none(ecs: Any) -> None:
    first = ecs.run_task(taskDefinition="web", count=2, clientToken="t1")["tasks"]
    again = ecs.run_task(taskDefinition="web", count=2, clientToken="t1")
    assert sorted(t["taskArn"] for t in again["tasks"]) == sorted(t["taskArn"] for t in first)
    assert again["failures"] == []
    assert len(ecs.list_tasks()["taskArns"]) == 2


def test_the_same_token_for_something_else_is_a_conflict_that_names_the_tasks(ecs: Any) -> None:
    task = run(ecs, clientToken="t1")
    with refused("ConflictException") as answer:
        run(ecs, clientToken="t1", startedBy="you")
    assert answer["resourceIds"] == [task["taskArn"]]


def test_a_token_belongs_to_one_cluster(plane: Plane, ecs: Any) -> None:
    ecs.create_cluster(clusterName="other")
    plane.join("other", instances=1)
    assert run(ecs, clientToken="t1")["taskArn"] != run(ecs, clientToken="t1", cluster="other")["taskArn"]


def test_overrides_are_shown_and_change_what_is_reserved(ecs: Any) -> None:
    override = {"name": "app", "cpu": 100, "memory": 300, "environment": [{"name": "A", "value": "1"}]}
    task = run(ecs, overrides={"containerOverrides": [override]})
    assert task["overrides"]["containerOverrides"] == [override]
    assert (task["cpu"], task["memory"]) == ("100", "300")


def test_a_tasks_own_size_can_be_overridden(ecs: Any) -> None:
    task = run(ecs, overrides={"cpu": "512", "memory": "1024"})
    assert (task["cpu"], task["memory"]) == ("512", "1024")


def test_a_reservation_counts_before_the_limit(plane: Plane, ecs: Any) -> None:
    plane.define("soft", {"memory": 512, "memoryReservation": 200}, {"name": "side", "memory": 100})
    assert run(ecs, taskDefinition="soft")["memory"] == "300"


def test_tags_come_from_the_request_before_the_definition(ecs: Any) -> None:
    ecs.register_task_definition(
        family="tagged",
        containerDefinitions=[{"name": "app", "image": "web", "memory": 64}],
        tags=[{"key": "a", "value": "definition"}, {"key": "b", "value": "definition"}],
    )
    task = run(
        ecs,
        taskDefinition="tagged",
        propagateTags="TASK_DEFINITION",
        enableECSManagedTags=True,
        tags=[{"key": "a", "value": "request"}],
    )
    assert {t["key"]: t["value"] for t in task["tags"]} == {
        "a": "request",
        "b": "definition",
        "aws:ecs:clusterName": "default",
    }
    assert run(ecs, taskDefinition="tagged")["tags"] == []


def test_describing_without_tags_leaves_them_where_they_are(ecs: Any) -> None:
    task = run(ecs, tags=[{"key": "a", "value": "1"}])
    assert describe(ecs, task)["tags"] == []
    assert describe(ecs, task, "TAGS")["tags"] == [{"key": "a", "value": "1"}]


def test_a_task_is_known_by_its_id_as_by_its_arn(ecs: Any) -> None:
    task = run(ecs)
    [found] = ecs.describe_tasks(tasks=[task["taskArn"].rpartition("/")[2]])["tasks"]
    assert found["taskArn"] == task["taskArn"]


def test_an_unknown_task_is_a_failure_with_its_whole_arn(ecs: Any) -> None:
    answer = ecs.describe_tasks(tasks=["0" * 32])
    assert (answer["tasks"], answer["failures"]) == ([], [{"arn": f"{TASKS}/{'0' * 32}", "reason": "MISSING"}])


def test_one_to_a_hundred_tasks_are_described_at_a_time(ecs: Any) -> None:
    with refused(INVALID, "Tasks cannot be empty."):
        ecs.describe_tasks(tasks=[])
    with refused(INVALID, "taskIds can have at most 100 items."):
        ecs.describe_tasks(tasks=["0" * 32] * 101)


def test_start_task_takes_the_instances_it_is_told(plane: Plane, ecs: Any) -> None:
    first, second, third = ecs.list_container_instances()["containerInstanceArns"]
    ecs.deregister_container_instance(containerInstance=third)
    missing = f"arn:aws:ecs:{REGION}:{ACCOUNT}:container-instance/default/{'0' * 32}"
    answer = ecs.start_task(
        taskDefinition="web", containerInstances=[first, second, third, missing], tags=[{"key": "a", "value": "1"}]
    )
    assert [t["containerInstanceArn"] for t in answer["tasks"]] == [first, second]
    assert answer["tasks"][0]["tags"] == [{"key": "a", "value": "1"}]
    assert answer["failures"] == [{"arn": third, "reason": "INACTIVE"}, {"arn": missing, "reason": "MISSING"}]


def test_start_task_checks_the_room(plane: Plane, ecs: Any) -> None:
    plane.define("big", {"memory": 9000})
    [instance, *_] = ecs.list_container_instances()["containerInstanceArns"]
    answer = ecs.start_task(taskDefinition="big", containerInstances=[instance])
    assert answer["failures"] == [{"arn": instance, "reason": "RESOURCE:MEMORY"}]


def test_start_task_needs_one_to_ten_instances(ecs: Any) -> None:
    for instances in ([], ["x"] * 11):
        with refused(INVALID):
            ecs.start_task(taskDefinition="web", containerInstances=instances)


def test_one_instance_named_twice_cannot_promise_its_room_twice(plane: Plane, ecs: Any) -> None:
    plane.define("big", {"memory": 5000})
    [instance, *_] = ecs.list_container_instances()["containerInstanceArns"]
    answer = ecs.start_task(taskDefinition="big", containerInstances=[instance, instance])
    assert len(answer["tasks"]) == 1
    assert answer["failures"] == [{"arn": instance, "reason": "RESOURCE:MEMORY"}]


def test_a_life_leaves_its_times(plane: Plane, ecs: Any) -> None:
    task = run(ecs)
    created = plane.clock.time
    plane.clock.time += timedelta(seconds=2)
    pulled = [created + timedelta(seconds=s) for s in (0.5, 1.25)]
    plane.report(task["taskArn"], "RUNNING", pullStartedAt=pulled[0], pullStoppedAt=pulled[1])
    started = plane.clock.time
    plane.clock.time += timedelta(seconds=60)
    ecs.stop_task(task=task["taskArn"])
    stopping = plane.clock.time
    plane.run()
    plane.clock.time += timedelta(seconds=3)
    ended = stopping + timedelta(seconds=2.5)
    plane.report(task["taskArn"], "STOPPED", executionStoppedAt=ended)
    shown = describe(ecs, task)
    assert [shown[f"{n}At"] for n in ("created", "pullStarted", "pullStopped", "started")] == [
        created,
        *pulled,
        started,
    ]
    assert [shown[f"{n}At"] for n in ("stopping", "executionStopped", "stopped")] == [stopping, ended, plane.clock.time]


def test_times_that_did_not_come_are_left_out(ecs: Any) -> None:
    shown = describe(ecs, run(ecs))
    absent = {
        "pullStartedAt",
        "startedAt",
        "stoppingAt",
        "executionStoppedAt",
        "stoppedAt",
        "stopCode",
        "stoppedReason",
    }
    assert absent & set(shown) == set()


def test_stopping_answers_with_where_the_task_still_stands(plane: Plane, ecs: Any) -> None:
    task = run(ecs, tags=[{"key": "a", "value": "1"}])
    plane.report(task["taskArn"], "RUNNING")
    stopped = ecs.stop_task(task=task["taskArn"])["task"]
    assert (stopped["desiredStatus"], stopped["lastStatus"]) == ("STOPPED", "RUNNING")
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "Task stopped by user")
    assert stopped["tags"] == []
    plane.run()
    assert describe(ecs, task)["lastStatus"] == "STOPPING"


def test_the_first_reason_for_stopping_stays(plane: Plane, ecs: Any) -> None:
    task = run(ecs)
    ecs.stop_task(task=task["taskArn"], reason="too slow")
    ecs.stop_task(task=task["taskArn"], reason="too loud")
    plane.exit(task["taskArn"], 137)
    shown = describe(ecs, task)
    assert (shown["stopCode"], shown["stoppedReason"]) == ("UserInitiated", "too slow")


def test_a_stopped_task_can_be_stopped_again(plane: Plane, ecs: Any) -> None:
    task = run(ecs)
    plane.report(task["taskArn"], "RUNNING")
    plane.exit(task["taskArn"], 0)
    again = ecs.stop_task(task=task["taskArn"], reason="late")["task"]
    assert (again["lastStatus"], again["stopCode"]) == ("STOPPED", "EssentialContainerExited")


def test_a_task_that_is_not_there_cannot_be_stopped(ecs: Any) -> None:
    with refused(INVALID, "The referenced task was not found."):
        ecs.stop_task(task="0" * 32)


@pytest.mark.parametrize(
    ("ran", "reason", "code", "stopped_reason"),
    [
        (True, None, "EssentialContainerExited", "Essential container in task exited"),
        (True, "OutOfMemoryError: Container killed due to memory usage", "EssentialContainerExited", None),
        (False, None, "TaskFailedToStart", "Task failed to start"),
        (
            False,
            "CannotPullContainerError: manifest unknown",
            "TaskFailedToStart",
            "CannotPullContainerError: manifest unknown",
        ),
    ],
)
def test_why_a_task_stopped_follows_from_how_far_it_came(
    plane: Plane, ecs: Any, ran: bool, reason: str | None, code: str, stopped_reason: str | None
) -> None:
    task = run(ecs)
    if ran:
        plane.report(task["taskArn"], "RUNNING")
    told = {"reason": reason} if reason else {}
    plane.report(task["taskArn"], "STOPPED", {"containerName": "app", "status": "STOPPED", "exitCode": 1, **told})
    shown = describe(ecs, task)
    assert shown["stopCode"] == code
    assert shown["stoppedReason"] == (stopped_reason or "Essential container in task exited")
    assert shown["containers"][0].get("reason") == reason


def test_a_reason_for_the_whole_task_is_kept(plane: Plane, ecs: Any) -> None:
    task = run(ecs)
    reason = "ResourceInitializationError: resource cannot be initialized"
    plane.report(task["taskArn"], "STOPPED", reason=reason)
    assert describe(ecs, task)["stoppedReason"] == reason


def test_a_stopped_task_is_shown_for_an_hour(plane: Plane, ecs: Any) -> None:
    task = run(ecs)
    plane.exit(task["taskArn"])
    plane.run()
    plane.advance(3599)
    assert describe(ecs, task)["lastStatus"] == "STOPPED"
    plane.advance(1)
    assert ecs.describe_tasks(tasks=[task["taskArn"]])["failures"][0]["reason"] == "MISSING"
    assert ecs.list_tasks(desiredStatus="STOPPED")["taskArns"] == []


def test_lists_go_by_desired_status(plane: Plane, ecs: Any) -> None:
    pending, running, leaving, gone = (run(ecs)["taskArn"] for _ in range(4))
    for task in (running, leaving, gone):
        plane.report(task, "RUNNING")
    ecs.stop_task(task=leaving)
    plane.exit(gone)
    assert ecs.list_tasks()["taskArns"] == sorted([pending, running])
    assert ecs.list_tasks(desiredStatus="STOPPED")["taskArns"] == sorted([leaving, gone])
    assert ecs.list_tasks(desiredStatus="PENDING")["taskArns"] == []


def test_lists_can_be_narrowed(plane: Plane, ecs: Any) -> None:
    plane.define("job")
    task = run(ecs, taskDefinition="job", startedBy="cron")
    plane.serve("web", desired=2)
    assert ecs.list_tasks(family="job")["taskArns"] == [task["taskArn"]]
    assert ecs.list_tasks(startedBy="cron")["taskArns"] == [task["taskArn"]]
    assert ecs.list_tasks(serviceName="web")["taskArns"] == sorted(t.arn for t in plane.tasks("web"))
    assert task["taskArn"] in ecs.list_tasks(containerInstance=task["containerInstanceArn"])["taskArns"]
    assert ecs.list_tasks(launchType="FARGATE")["taskArns"] == []
    assert ecs.list_tasks(family="job", serviceName="web")["taskArns"] == []


def test_started_by_goes_with_the_desired_status_alone(ecs: Any) -> None:
    for status in ("RUNNING", "STOPPED"):
        assert ecs.list_tasks(startedBy="me", desiredStatus=status)["taskArns"] == []
    for others in ({"family": "web"}, {"launchType": "EC2"}, {"serviceName": "web"}):
        with refused(INVALID, "cannot specify startedBy with other arguments"):
            ecs.list_tasks(startedBy="me", **others)


def test_listing_by_an_unknown_service_is_an_error(ecs: Any) -> None:
    with refused("ServiceNotFoundException", "Service not found."):
        ecs.list_tasks(serviceName="ghost")


def test_no_task_belongs_to_a_daemon_yet(plane: Plane, ecs: Any) -> None:
    run(ecs)
    assert ecs.list_tasks(daemonName="logs")["taskArns"] == []


def test_a_word_that_is_no_status_is_refused(ecs: Any) -> None:
    with refused(INVALID, "desiredStatus should be one of [RUNNING,PENDING,STOPPED]"):
        ecs.list_tasks(desiredStatus="DONE")


def test_a_tasks_health_is_that_of_its_essential_containers_that_are_checked(plane: Plane, ecs: Any) -> None:
    check = {"healthCheck": {"command": ["CMD", "true"]}}
    plane.define("web", check, {"name": "side", "essential": False, **check}, {"name": "plain"})
    task = run(ecs)
    plane.report(task["taskArn"], "RUNNING")
    assert describe(ecs, task)["healthStatus"] == "UNKNOWN"

    def tell(name: str, status: str) -> str:
        told = [{"taskArn": task["taskArn"], "containers": [{"containerName": name, "healthStatus": status}]}]
        plane.write(lambda tx: links.health_reported(tx, task["containerInstanceArn"], told))
        return str(describe(ecs, task)["healthStatus"])

    assert tell("side", "UNHEALTHY") == "UNKNOWN"
    assert tell("app", "HEALTHY") == "HEALTHY"
    assert tell("app", "UNHEALTHY") == "UNHEALTHY"
    assert tell("app", "SPLENDID") == "UNHEALTHY"


def test_the_whole_sum_of_tasks_never_exceeds_an_instance(plane: Plane, ecs: Any) -> None:
    plane.define("big", {"memory": 3000})
    for _ in range(4):
        ecs.run_task(taskDefinition="big", count=10)
    held = [t.memory_mib for t in plane.records(Task)]
    assert len(held) == 6
    [shown] = ecs.describe_container_instances(containerInstances=[plane.records(Task)[0].container_instance_arn])[
        "containerInstances"
    ]
    left = {r["name"]: r["integerValue"] for r in shown["remainingResources"] if r["type"] == "INTEGER"}
    assert left["MEMORY"] == 8192 - 6000
