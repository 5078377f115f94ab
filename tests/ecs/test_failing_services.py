"""A service whose tasks do not start: put off, counted, broken off, rolled back."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from inprocess import Plane


@pytest.fixture(autouse=True)
def _ready(plane: Plane) -> None:
    plane.ready(instances=3)


def shown(plane: Plane) -> dict[str, Any]:
    [service] = plane.ecs.describe_services(services=["web"])["services"]
    return dict(service)


def by_revision(plane: Plane) -> Counter[str]:
    return Counter(t.task_definition_arn.rpartition(":")[2] for t in plane.tasks("web"))


def test_failed_starts_are_put_off_longer_and_longer(plane: Plane) -> None:
    """Ten seconds after the third in a row, then doubled, up to a quarter of an hour."""
    plane.serve("web", desired=1)
    pauses = []
    for _ in range(11):
        [task] = plane.tasks("web")
        plane.fail_to_start(task.arn)
        plane.run()
        before = plane.clock.time
        while not plane.tasks("web"):
            plane.advance(5)
        pauses.append((plane.clock.time - before) // timedelta(seconds=1))
    assert pauses == [0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    throttled = [m for m in plane.events() if m.startswith("is unable to consistently start tasks successfully.")]
    assert len(throttled) == 1


def test_a_task_that_runs_ends_the_putting_off(plane: Plane) -> None:
    plane.serve("web", desired=1)
    for _ in range(4):
        plane.fail_to_start(plane.tasks("web")[0].arn)
        plane.advance(60)
    plane.settle()
    assert plane.service().failed_starts == 0
    plane.fail_to_start(plane.tasks("web")[0].arn)  # no news: it has run
    plane.run()
    assert len(plane.tasks("web")) == 1


def test_a_deployment_ends_the_putting_off_too(plane: Plane) -> None:
    plane.serve("web", desired=1)
    for _ in range(8):
        plane.fail_to_start(plane.tasks("web")[0].arn)
        plane.advance(400)
    plane.fail_to_start(plane.tasks("web")[0].arn)
    plane.run()
    assert plane.tasks("web") == []
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    assert len(plane.tasks("web")) == 1


def test_tasks_that_ran_and_crash_are_restarted_without_a_pause(plane: Plane) -> None:
    plane.serve("web", desired=1)
    for _ in range(6):
        plane.obey()
        plane.exit(plane.tasks("web")[0].arn, 1)
        plane.run()
        assert len(plane.tasks("web")) == 1
    assert shown(plane)["deployments"][0]["failedTasks"] == 0


def breaker(rollback: bool) -> dict[str, Any]:
    return {"deploymentCircuitBreaker": {"enable": True, "rollback": rollback}}


def test_the_breaker_ends_a_deployment_at_its_threshold(plane: Plane) -> None:
    plane.serve("web", desired=1, deploymentConfiguration=breaker(rollback=False))
    plane.settle()
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    for _ in range(3):
        plane.advance(60)
        [new] = [t for t in plane.tasks("web") if t.task_definition_arn.endswith(":2")]
        plane.fail_to_start(new.arn)
        plane.run()
    plane.advance(3600)
    primary, older = shown(plane)["deployments"]
    assert (primary["rolloutState"], primary["failedTasks"]) == ("FAILED", 3)
    assert primary["rolloutStateReason"] == "ECS deployment circuit breaker: tasks failed to start."
    assert older["runningCount"] == 1
    assert f"(deployment {primary['id']}) deployment failed: tasks failed to start." in plane.events()
    assert by_revision(plane) == {"1": 1}


def test_the_breaker_rolls_back_to_the_last_completed_deployment(plane: Plane) -> None:
    plane.serve("web", desired=2, deploymentConfiguration=breaker(rollback=True))
    plane.settle()
    good, before = plane.service().primary.id, {t.arn for t in plane.tasks("web")}
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    while plane.service().task_definition_arn.endswith(":2"):
        plane.advance(60)
        for task in plane.tasks("web"):
            if task.task_definition_arn.endswith(":2"):
                plane.fail_to_start(task.arn)
        plane.run()
    primary = shown(plane)["deployments"][0]
    assert primary["rolloutStateReason"] == f"ECS deployment circuit breaker: rolling back to deploymentId {good}."
    assert f"rolling back to deployment {good}." in plane.events()
    assert (primary["id"], primary["status"], primary["rolloutState"]) == (good, "PRIMARY", "IN_PROGRESS")
    assert primary["failedTasks"] == 0
    plane.settle()
    assert {t.arn for t in plane.tasks("web")} == before, "those that ran well were not started anew"
    [last] = shown(plane)["deployments"]
    assert (last["id"], last["rolloutState"]) == (good, "COMPLETED")
    assert last["rolloutStateReason"] == f"ECS deployment {good} completed."


def failed_once_more(plane: Plane, until: str) -> None:
    """A new deployment none of whose tasks start, until another, that one, is PRIMARY or it has failed."""
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    while (primary := plane.service().primary).id != until and primary.rollout == "IN_PROGRESS":
        for task in plane.tasks("web"):
            if task.started_by == primary.id:
                plane.fail_to_start(task.arn)
        plane.run()


def test_a_rollback_that_failed_is_still_what_the_next_one_goes_back_to(plane: Plane) -> None:
    plane.serve("web", desired=1, deploymentConfiguration=breaker(rollback=True))
    plane.settle()
    good = plane.service().primary.id
    failed_once_more(plane, until=good)
    plane.ecs.stop_task(task=plane.tasks("web")[0].arn)
    plane.run()
    while plane.service().primary.rollout == "IN_PROGRESS":
        for task in plane.tasks("web"):
            plane.fail_to_start(task.arn)
        plane.run()
    assert (plane.service().primary.id, plane.service().primary.rollout) == (good, "FAILED")
    failed_once_more(plane, until=good)
    assert (plane.service().primary.id, plane.service().primary.rollout) == (good, "IN_PROGRESS")
    plane.settle()


def test_what_failed_before_a_rollback_is_not_held_against_it(plane: Plane) -> None:
    plane.serve("web", desired=4, deploymentConfiguration=breaker(rollback=True))
    plane.settle()
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    late = [t for t in plane.tasks("web") if t.started_at is None]
    for task in late[:3]:
        plane.fail_to_start(task.arn)
    plane.run()
    plane.fail_to_start(late[3].arn)
    plane.settle()
    assert (plane.service().failed_starts, plane.service().start_again_at) == (0, None)
    assert not any("unable to consistently start" in event for event in plane.events())


def test_after_a_rollback_the_next_deployment_is_rolled_back_as_well(plane: Plane) -> None:
    plane.serve("web", desired=1, deploymentConfiguration=breaker(rollback=True))
    plane.settle()
    good = plane.service().primary.id
    for _ in range(2):
        plane.ecs.update_service(service="web", forceNewDeployment=True)
        while plane.service().primary.id != good:
            plane.run()
            for task in plane.tasks("web"):
                if task.started_by != good:
                    plane.fail_to_start(task.arn)
            plane.run()
        plane.settle()
        assert [d["rolloutState"] for d in shown(plane)["deployments"]] == ["COMPLETED"]


CHECKED = {"name": "app", "image": "app", "healthCheck": {"command": ["CMD", "true"]}}


def test_the_breaker_ends_a_deployment_whose_tasks_run_and_never_become_healthy(plane: Plane) -> None:
    plane.define("web", CHECKED)
    plane.serve("web", desired=1, deploymentConfiguration=breaker(rollback=False))
    for _ in range(20):
        plane.obey()
        for task in plane.tasks("web"):
            plane.health(task.arn, "UNHEALTHY")
        plane.advance(10)
    [deployment] = shown(plane)["deployments"]
    assert deployment["rolloutState"] == "FAILED"
    assert deployment["failedTasks"] >= 3


def test_a_task_that_becomes_healthy_clears_the_score(plane: Plane) -> None:
    plane.define("web", CHECKED)
    plane.serve("web", desired=1)
    plane.fail_to_start(plane.tasks("web")[0].arn)
    plane.advance(10)
    plane.obey()
    assert shown(plane)["deployments"][0]["failedTasks"] == 1
    plane.health(plane.tasks("web")[0].arn, "HEALTHY")
    plane.run()
    assert shown(plane)["deployments"][0]["failedTasks"] == 0


def test_a_task_that_becomes_healthy_clears_the_score_though_it_started_before_the_failure(plane: Plane) -> None:
    plane.define("web", CHECKED)
    plane.serve("web", desired=3, deploymentConfiguration=breaker(rollback=False))
    first, second, third = plane.tasks("web")
    plane.report(first.arn, "RUNNING")
    plane.report(second.arn, "RUNNING")
    plane.health(first.arn, "HEALTHY")
    plane.run()
    plane.fail_to_start(third.arn)
    plane.run()
    assert shown(plane)["deployments"][0]["failedTasks"] == 1, "the first was healthy before"
    plane.health(second.arn, "HEALTHY")
    plane.run()
    assert shown(plane)["deployments"][0]["failedTasks"] == 0


def test_a_rollback_with_nothing_to_go_back_to_stays_failed(plane: Plane) -> None:
    plane.serve("web", desired=1, deploymentConfiguration=breaker(rollback=True))
    for _ in range(3):
        plane.advance(60)
        plane.fail_to_start(plane.tasks("web")[0].arn)
        plane.run()
    plane.advance(3600)
    [only] = shown(plane)["deployments"]
    assert only["rolloutState"] == "FAILED"
    assert plane.tasks("web") == []


def test_without_the_breaker_failures_are_counted_and_tried_for_ever(plane: Plane) -> None:
    plane.serve("web", desired=1)
    for _ in range(5):
        plane.fail_to_start(plane.tasks("web")[0].arn)
        plane.advance(1000)
    [deployment] = shown(plane)["deployments"]
    assert (deployment["rolloutState"], deployment["failedTasks"]) == ("IN_PROGRESS", 5)
    assert len(plane.tasks("web")) == 1


def test_stopping_a_service_task_by_hand_is_no_failure(plane: Plane) -> None:
    plane.serve("web", desired=1)
    [task] = plane.tasks("web")
    plane.ecs.stop_task(task=task.arn)
    plane.obey()
    plane.settle()
    assert shown(plane)["deployments"][0]["failedTasks"] == 0
    assert shown(plane)["runningCount"] == 1


def test_under_a_breaker_a_deployment_goes_on_without_pauses_until_enough_have_failed(plane: Plane) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    plane.serve("web", desired=10, deploymentConfiguration=breaker)
    for _ in range(4):
        plane.fail_to_start(plane.tasks("web")[0].arn)
        plane.run()
        assert len(plane.tasks("web")) == 10
    assert not any("unable to consistently start" in event for event in plane.events())
    plane.fail_to_start(plane.tasks("web")[0].arn)
    plane.run()
    assert shown(plane)["deployments"][0]["rolloutState"] == "FAILED"


def test_a_task_that_cannot_be_launched_is_a_failure_of_the_deployment(plane: Plane) -> None:
    plane.define("web", taskRoleArn="arn:aws:iam::123456789012:role/none")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    plane.serve("web", desired=1, deploymentConfiguration=breaker)
    assert shown(plane)["deployments"][0]["failedTasks"] == 1
    plane.run()
    assert shown(plane)["deployments"][0]["failedTasks"] == 1
    plane.advance(95)
    assert shown(plane)["deployments"][0]["rolloutState"] == "FAILED"
    assert sum(event.startswith("failed to launch a task with (error ECS was") for event in plane.events()) == 1


def test_tasks_that_never_ran_are_told_as_pending_when_they_are_stopped(plane: Plane) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    plane.ecs.update_service(service="web", desiredCount=3)
    plane.run()
    plane.ecs.update_service(service="web", desiredCount=0)
    plane.run()
    [running, pending] = [event for event in plane.events() if "stopped" in event]
    assert running.startswith("has stopped 1 running tasks: (task ")
    assert pending == "stopped 2 pending tasks."
