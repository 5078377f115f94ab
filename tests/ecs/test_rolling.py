"""A service in motion: what its controller starts, stops and tells."""

import re
from collections import Counter
from typing import Any

import pytest

from inprocess import Plane
from podium.ecs.records import Health, Task, TaskStatus
from podium.ecs.timing import FAST

TASK = re.compile(r"\(task [0-9a-f]{32}\)")
DEPLOYMENT = re.compile(r"ecs-svc/\d{19}")


@pytest.fixture(autouse=True)
def _ready(plane: Plane) -> None:
    plane.ready(instances=3)


def told(plane: Plane) -> list[str]:
    """The event log with ids left out."""
    return [DEPLOYMENT.sub("ecs-svc/n", TASK.sub("(task t)", message)) for message in plane.events()]


def shown(plane: Plane, name: str = "web") -> dict[str, Any]:
    [service] = plane.ecs.describe_services(services=[name])["services"]
    return dict(service)


def by_revision(plane: Plane) -> Counter[str]:
    """How many tasks run of each revision, those that are on their way out left out."""
    return Counter(t.task_definition_arn.rpartition(":")[2] for t in plane.tasks("web"))


def running(plane: Plane) -> list[Task]:
    return [t for t in plane.tasks("web") if t.last_status is TaskStatus.RUNNING]


def health(plane: Plane, task: Task, status: str) -> None:
    plane.health(task.arn, status)
    plane.run()


def test_a_service_starts_its_tasks_becomes_steady_and_says_so(plane: Plane) -> None:
    plane.serve("web", desired=3)
    assert told(plane) == ["has started 3 tasks: (task t) (task t) (task t)."]
    plane.obey()
    assert (shown(plane)["runningCount"], plane.service().steady) == (3, False)
    plane.advance(40)
    assert told(plane)[1:] == ["(deployment ecs-svc/n) deployment completed.", "has reached a steady state."]
    [deployment] = shown(plane)["deployments"]
    assert deployment["rolloutState"] == "COMPLETED"
    assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} completed."


def test_one_task_is_still_called_tasks(plane: Plane) -> None:
    plane.serve("web", desired=1)
    assert told(plane) == ["has started 1 tasks: (task t)."]


def test_a_task_without_checks_is_healthy_after_forty_seconds_and_not_before(plane: Plane) -> None:
    plane.serve("web", desired=1)
    plane.obey()
    plane.advance(39.9)
    assert not plane.service().steady
    plane.advance(0.1)
    assert plane.service().steady


def test_with_fast_timing_it_is_healthy_at_once() -> None:
    plane = Plane(timing=FAST)
    plane.ready()
    plane.serve("web", desired=2)
    plane.obey()
    assert plane.service().steady


def test_tasks_are_spread_over_zones_then_instances(plane: Plane) -> None:
    plane.join(instances=3)
    plane.serve("web", desired=12)
    tasks = plane.tasks("web")
    assert set(Counter(t.availability_zone for t in tasks).values()) == {4}
    assert set(Counter(t.container_instance_arn for t in tasks).values()) == {2}


def test_a_task_that_exits_is_replaced_and_steadiness_is_told_again(plane: Plane) -> None:
    plane.serve("web", desired=2)
    plane.settle()
    victim, survivor = plane.tasks("web")
    plane.exit(victim.arn, 1)
    plane.run()
    assert len(plane.tasks("web")) == 2
    assert survivor.arn in {t.arn for t in plane.tasks("web")}
    plane.settle()
    assert told(plane)[-2:] == ["has started 1 tasks: (task t).", "has reached a steady state."]
    assert shown(plane)["deployments"][0]["failedTasks"] == 0


def test_scaling_out_starts_only_what_is_missing(plane: Plane) -> None:
    plane.serve("web", desired=2)
    plane.settle()
    plane.ecs.update_service(service="web", desiredCount=5)
    plane.run()
    assert told(plane)[-1] == "has started 3 tasks: (task t) (task t) (task t)."
    plane.settle()
    assert len(running(plane)) == 5


def test_scaling_in_stops_from_the_fullest_zone(plane: Plane) -> None:
    plane.serve("web", desired=4)
    plane.settle()
    plane.ecs.update_service(service="web", desiredCount=3)
    plane.run()
    assert told(plane)[-2:] == ["has stopped 1 running tasks: (task t).", "has reached a steady state."]
    assert set(Counter(t.availability_zone for t in plane.tasks("web")).values()) == {1}
    [leaving] = [t for t in plane.records(Task) if t.desired_status is TaskStatus.STOPPED]
    assert leaving.stop_code == "ServiceSchedulerInitiated"
    assert leaving.stopped_reason == f"Scaling activity initiated by (deployment {plane.service().primary.id})"


def test_scaling_to_nothing_leaves_an_active_steady_service(plane: Plane) -> None:
    plane.serve("web", desired=3)
    plane.settle()
    plane.ecs.update_service(service="web", desiredCount=0)
    plane.settle()
    service = shown(plane)
    assert (service["status"], service["runningCount"], service["pendingCount"]) == ("ACTIVE", 0, 0)
    assert told(plane)[-2:] == [
        "has stopped 3 running tasks: (task t) (task t) (task t).",
        "has reached a steady state.",
    ]
    plane.ecs.update_service(service="web", desiredCount=1)
    plane.settle()
    assert len(running(plane)) == 1


def test_a_deregistered_definition_still_scales(plane: Plane) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    plane.ecs.deregister_task_definition(taskDefinition="web:1")
    plane.ecs.update_service(service="web", desiredCount=4)
    plane.settle()
    assert by_revision(plane) == {"1": 4}


def test_a_new_revision_starts_first_and_old_tasks_leave_when_it_is_healthy(plane: Plane) -> None:
    plane.serve("web", desired=3)
    plane.settle()
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    assert by_revision(plane) == {"1": 3, "2": 3}
    plane.obey()
    plane.advance(39)
    assert by_revision(plane) == {"1": 3, "2": 3}
    assert [d["status"] for d in shown(plane)["deployments"]] == ["PRIMARY", "ACTIVE"]
    plane.advance(1)
    assert by_revision(plane) == {"2": 3}
    plane.settle()
    assert told(plane)[-4:] == [
        "has started 3 tasks: (task t) (task t) (task t).",
        "has stopped 3 running tasks: (task t) (task t) (task t).",
        "(deployment ecs-svc/n) deployment completed.",
        "has reached a steady state.",
    ]


def test_deployments_drop_to_one_in_the_write_that_completes_the_newest(plane: Plane) -> None:
    """So that nobody ever sees a completed deployment beside an older one."""
    seen: list[list[str]] = []
    plane.core.watchers.append(
        lambda changes: seen.extend(
            [d.rollout.value for d in c.after.deployments] for c in changes if c.kind.__name__ == "Service"
        )
    )
    plane.serve("web", desired=2)
    plane.settle()
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.settle()
    assert ["IN_PROGRESS", "COMPLETED"] in seen
    assert [s for s in seen if s[0] == "COMPLETED" and len(s) > 1] == []


@pytest.mark.parametrize(
    ("desired", "least", "most", "at_first"),
    [
        (4, 100, 200, {"1": 4, "2": 4}),
        (4, 50, 100, {"1": 2, "2": 2}),
        (1, 100, 200, {"1": 1, "2": 1}),
        (1, 0, 100, {"2": 1}),
        (3, 50, 125, {"1": 2, "2": 1}),
        (10, 90, 110, {"1": 9, "2": 2}),
        (7, 100, 150, {"1": 7, "2": 3}),
    ],
)
def test_percentages_decide_how_a_rollout_begins(
    plane: Plane, desired: int, least: int, most: int, at_first: dict[str, int]
) -> None:
    percentages = {"minimumHealthyPercent": least, "maximumPercent": most}
    plane.serve("web", desired=desired, deploymentConfiguration=percentages)
    plane.settle()
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    assert by_revision(plane) == at_first
    plane.settle()
    assert by_revision(plane) == {"2": desired}


def test_percentages_that_allow_nothing_are_told_once(plane: Plane) -> None:
    plane.serve("web", desired=1, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 100})
    plane.settle()
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    plane.advance(3600)
    stuck = (
        "was unable to stop or start tasks during a deployment because of the service deployment configuration. "
        "Update the minimumHealthyPercent or maximumPercent value and try again."
    )
    assert told(plane).count(stuck) == 1
    assert by_revision(plane) == {"1": 1}
    plane.ecs.update_service(service="web", deploymentConfiguration={"minimumHealthyPercent": 0})
    plane.settle()
    assert by_revision(plane) == {"2": 1}


def test_a_third_revision_in_the_middle_of_a_rollout_replaces_both(plane: Plane) -> None:
    plane.serve("web", desired=2)
    plane.settle()
    for revision in (2, 3):
        plane.define("web")
        plane.ecs.update_service(service="web", taskDefinition=f"web:{revision}")
        plane.run()
    plane.settle()
    assert by_revision(plane) == {"3": 2}
    assert len(shown(plane)["deployments"]) == 1


def test_a_superseded_deployment_without_tasks_leaves_and_the_last_good_one_stays(plane: Plane) -> None:
    plane.serve("web", desired=2)
    plane.settle()
    good = plane.service().primary.id
    for _ in range(3):
        plane.ecs.update_service(service="web", forceNewDeployment=True)
        plane.run()
    older = [d["id"] for d in shown(plane)["deployments"][1:]]
    assert older == [good]


def test_scaling_in_during_a_rollout_takes_the_old_ones(plane: Plane) -> None:
    plane.serve("web", desired=4)
    plane.settle()
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    plane.ecs.update_service(service="web", desiredCount=2)
    plane.run()
    assert by_revision(plane)["1"] == 2
    plane.settle()
    assert by_revision(plane) == {"2": 2}


def test_running_tasks_of_a_deployment_that_was_just_begun_stay_until_others_are_proved(plane: Plane) -> None:
    """They are not known to be healthy yet, nor to be ill: nothing else serves anybody."""
    plane.serve("web", desired=4)
    plane.obey()
    plane.define("web")
    plane.advance(10)
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    assert by_revision(plane) == {"1": 4, "2": 4}
    while by_revision(plane) != {"2": 4}:
        plane.obey()
        plane.advance(10)
        assert len(running(plane)) >= 4
    plane.settle()


def test_running_tasks_of_an_instance_that_drains_stay_until_others_are_proved(plane: Plane) -> None:
    plane.serve("web", desired=4)
    plane.obey()
    plane.advance(10)
    [instance, *_] = {t.container_instance_arn for t in plane.tasks("web")}
    plane.ecs.update_container_instances_state(containerInstances=[instance], status="DRAINING")
    for _ in range(12):
        plane.run()
        assert len(running(plane)) >= 4
        plane.obey()
        plane.advance(10)
    assert instance not in {t.container_instance_arn for t in plane.tasks("web")}


def test_unhealthy_tasks_beyond_the_ceiling_go_as_far_as_the_floor_of_running_ones(plane: Plane) -> None:
    """ "... one-by-one, using the minimumHealthyPercent as a constraint" (API Reference, DeploymentConfiguration)."""
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    plane.serve("web", desired=10, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 100})
    plane.obey()
    for task in plane.tasks("web"):
        plane.health(task.arn, "HEALTHY")
    plane.settle()
    for task in plane.tasks("web"):
        plane.health(task.arn, "UNHEALTHY")
    plane.run()
    assert len([t for t in running(plane) if t.desired_status is TaskStatus.RUNNING]) == 5
    for _ in range(6):
        plane.obey()
        for task in running(plane):
            plane.health(task.arn, "UNHEALTHY" if task.health is Health.UNHEALTHY else "HEALTHY")
        plane.run()
    assert {t.health for t in running(plane)} == {Health.HEALTHY}
    assert len(running(plane)) == 10


def test_a_task_that_is_never_proved_does_not_keep_an_ill_one_for_ever(plane: Plane) -> None:
    """Neither could be started nor stopped: two are the most and, with one that says nothing, none was to spare."""
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    plane.serve("web", desired=2, deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 125})
    plane.obey()
    ill, _silent = plane.tasks("web")
    health(plane, ill, "UNHEALTHY")
    assert ill.arn in {t.arn for t in plane.tasks("web")}
    plane.advance(301)
    plane.core.look_everywhere(plane.clock.time)
    plane.run()
    assert ill.arn not in {t.arn for t in plane.tasks("web")}


def test_a_failed_deployment_beside_an_instance_that_drains_says_that_it_cannot_move(plane: Plane) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    plane.serve("web", desired=3, deploymentConfiguration=breaker)
    plane.settle()
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    for task in [t for t in plane.tasks("web") if t.started_at is None]:
        plane.fail_to_start(task.arn)
    plane.run()
    assert shown(plane)["deployments"][0]["rolloutState"] == "FAILED"
    [instance, *_] = {t.container_instance_arn for t in plane.tasks("web")}
    plane.ecs.update_container_instances_state(containerInstances=[instance], status="DRAINING")
    plane.run()
    assert len(plane.tasks("web")) == 3
    assert any("was unable to stop or start tasks during a deployment" in event for event in plane.events())
    plane.ecs.update_service(service="web", deploymentConfiguration={"minimumHealthyPercent": 50, **breaker})
    plane.run()
    assert len([t for t in plane.tasks("web") if t.container_instance_arn == instance]) == 0


def test_an_unhealthy_task_is_replaced_at_the_ceiling_though_it_is_the_last(plane: Plane) -> None:
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    plane.serve("web", desired=1, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 100})
    plane.obey()
    [first] = plane.tasks("web")
    health(plane, first, "HEALTHY")
    health(plane, first, "UNHEALTHY")
    assert first.arn not in {t.arn for t in plane.tasks("web")}


def test_a_service_whose_deployment_failed_can_be_scaled_in_and_deleted(plane: Plane) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    plane.serve("web", desired=4, deploymentConfiguration=breaker)
    plane.settle()
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    for task in [t for t in plane.tasks("web") if t.task_definition_arn.endswith(":2")]:
        plane.fail_to_start(task.arn)
    plane.run()
    assert shown(plane)["deployments"][0]["rolloutState"] == "FAILED"
    plane.ecs.update_service(service="web", desiredCount=2)
    plane.run()
    assert by_revision(plane) == {"1": 2}
    plane.ecs.update_service(service="web", desiredCount=0)
    plane.obey()
    assert plane.tasks("web") == []
    plane.ecs.delete_service(service="web")


def test_a_tasks_own_checks_decide_whether_it_is_healthy(plane: Plane) -> None:
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    plane.serve("web", desired=1)
    plane.obey()
    plane.advance(600)
    assert not plane.service().steady
    health(plane, plane.tasks("web")[0], "HEALTHY")
    assert plane.service().steady


def test_an_unhealthy_task_is_replaced_start_first(plane: Plane) -> None:
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    plane.serve("web", desired=1)
    plane.obey()
    [first] = plane.tasks("web")
    health(plane, first, "HEALTHY")
    health(plane, first, "UNHEALTHY")
    plane.run()
    assert len(plane.tasks("web")) == 2
    assert "has started 1 tasks: (task t). Amazon ECS replaced 1 tasks due to an unhealthy status." in told(plane)
    [second] = [t for t in plane.tasks("web") if t.arn != first.arn]
    plane.obey()
    health(plane, plane.record(Task, second.arn), "HEALTHY")
    gone = plane.record(Task, first.arn)
    assert gone.stopped_reason == "Task failed container health checks"
    assert gone.stop_code == "ServiceSchedulerInitiated"
    plane.settle()
    assert [t.arn for t in plane.tasks("web")] == [second.arn]
    assert "(task t) failed container health checks." in told(plane)
    assert gone.health is Health.UNHEALTHY


def test_the_grace_period_holds_the_scheduler_back(plane: Plane) -> None:
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    plane.serve("web", desired=1, healthCheckGracePeriodSeconds=60)
    plane.obey()
    health(plane, plane.tasks("web")[0], "UNHEALTHY")
    plane.advance(59)
    assert len(plane.tasks("web")) == 1
    plane.advance(1)
    assert len(plane.tasks("web")) == 2


def test_the_event_log_keeps_the_last_hundred(plane: Plane) -> None:
    plane.serve("web", desired=1)
    for _ in range(60):
        plane.settle()
        plane.exit(plane.tasks("web")[0].arn)
        plane.run()
    events = shown(plane)["events"]
    assert len(events) == 100
    assert events[0]["message"].startswith("(service web) has started 1 tasks: ")
    assert events == sorted(events, key=lambda e: e["createdAt"], reverse=True)


def test_steadiness_is_told_every_six_hours(plane: Plane) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    plane.advance(13 * 3600)
    assert told(plane).count("has reached a steady state.") == 3


def test_a_steady_service_writes_nothing(plane: Plane) -> None:
    plane.serve("web", desired=3)
    plane.settle()
    writes: list[Any] = []
    plane.core.watchers.append(writes.extend)
    plane.advance(3600)
    assert writes == []


def test_managed_and_propagated_tags_come_with_a_services_tasks(plane: Plane) -> None:
    plane.serve(
        "web",
        desired=1,
        enableECSManagedTags=True,
        propagateTags="SERVICE",
        tags=[{"key": "team", "value": "a"}],
    )
    [task] = plane.tasks("web")
    [described] = plane.ecs.describe_tasks(tasks=[task.arn], include=["TAGS"])["tasks"]
    assert {t["key"]: t["value"] for t in described["tags"]} == {
        "team": "a",
        "aws:ecs:clusterName": "default",
        "aws:ecs:serviceName": "web",
    }
