"""botocore's own waiters end, and when they should."""

from typing import Any

import pytest
from botocore.exceptions import WaiterError

from inprocess import Plane


@pytest.fixture
def wait(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A waiter whose pauses are the control plane's time, in which agents do as they are told."""
    plane.ready(instances=3)

    def pass_time(seconds: float) -> None:
        plane.obey()
        plane.advance(seconds)

    monkeypatch.setattr("botocore.waiter.time.sleep", pass_time)
    return lambda name, **members: plane.ecs.get_waiter(name).wait(**members)


def test_services_stable_ends_when_the_tasks_run(plane: Plane, wait: Any) -> None:
    plane.ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=3)
    wait("services_stable", services=["web"])
    assert plane.ecs.describe_services(services=["web"])["services"][0]["runningCount"] == 3


def test_services_stable_ends_only_when_old_tasks_are_gone(plane: Plane, wait: Any) -> None:
    plane.serve("web", desired=2)
    plane.settle()
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    wait("services_stable", services=["web"])
    assert {t.task_definition_arn.rpartition(":")[2] for t in plane.tasks("web")} == {"2"}


def test_services_stable_fails_for_a_service_that_is_not_there(wait: Any) -> None:
    with pytest.raises(WaiterError, match="MISSING"):
        wait("services_stable", services=["ghost"])


def test_services_inactive_ends_after_a_deletion(plane: Plane, wait: Any) -> None:
    plane.serve("web", desired=2)
    plane.settle()
    plane.ecs.delete_service(service="web", force=True)
    wait("services_inactive", services=["web"])
    assert plane.service().status == "INACTIVE"


def test_tasks_running_ends_when_they_run(plane: Plane, wait: Any) -> None:
    [task] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    wait("tasks_running", tasks=[task["taskArn"]])


def test_tasks_running_fails_when_one_stops(plane: Plane, wait: Any) -> None:
    [task] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    plane.fail_to_start(task["taskArn"])
    with pytest.raises(WaiterError, match="STOPPED"):
        wait("tasks_running", tasks=[task["taskArn"]])


def test_tasks_stopped_ends_when_they_have_stopped(plane: Plane, wait: Any) -> None:
    [task] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    plane.report(task["taskArn"], "RUNNING")
    plane.ecs.stop_task(task=task["taskArn"])
    wait("tasks_stopped", tasks=[task["taskArn"]])
