"""Instances that drain, and tasks that nobody may scale in."""

from datetime import timedelta
from typing import Any

import pytest

from inprocess import BEGINNING, Plane, refused
from podium.ecs.controllers.draining import DrainingController
from podium.ecs.controllers.services import ServiceController
from podium.ecs.records import ContainerInstance, InstanceStatus, TaskProtection, TaskStatus
from podium.ecs.timing import AWS
from podium.store.records import replace
from podium.store.session import Change

HEALTHY_AFTER = 40.0
INVALID = "InvalidParameterException"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready(instances=3)
    return plane.ecs


def on(plane: Plane, instance: str) -> list[str]:
    return [t.arn for t in plane.tasks("web") if t.container_instance_arn == instance]


def protect(ecs: Any, *tasks: str, enabled: bool = True, **members: Any) -> Any:
    return ecs.update_task_protection(cluster="default", tasks=list(tasks), protectionEnabled=enabled, **members)


def test_tasks_that_have_stopped_do_not_have_their_service_looked_at_for_ever(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=20)
    plane.settle()
    for instance in plane.records(ContainerInstance):
        plane.disconnect(instance.arn)
    for task in plane.tasks("web"):
        plane.exit(task.arn, 1)
    plane.run()
    looked: list[str] = []
    reconcile = ServiceController.reconcile

    def counted(this: ServiceController, tx: Any, key: str, now: Any) -> Any:
        looked.append(key)
        return reconcile(this, tx, key, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ServiceController, "reconcile", counted)
        plane.advance(600)
    assert len(looked) <= 600 / AWS.place_again_after.total_seconds() + 2


def test_a_service_that_waits_for_room_beside_an_instance_that_drains_is_not_steady(plane: Plane, ecs: Any) -> None:
    """Nor does it tell again and again that it is."""
    ecs.create_cluster(clusterName="one")
    [only] = plane.join("one", instances=1)
    plane.serve("web", desired=1, cluster="one")
    plane.settle()
    ecs.update_container_instances_state(cluster="one", containerInstances=[only], status="DRAINING")
    plane.advance(3600)
    assert not plane.service("web", "one").steady
    assert plane.events("web", "one").count("has reached a steady state.") == 1


def test_only_an_instance_that_was_there_before_can_drain(plane: Plane, ecs: Any) -> None:
    """One that joins wakes no service by itself: thousands may join at once."""
    draining = DrainingController(ServiceController(plane.ids, AWS))
    instance = plane.records(ContainerInstance)[0]
    drains = replace(instance, status=InstanceStatus.DRAINING)

    def looked_at(before: ContainerInstance | None, after: ContainerInstance | None) -> list[str]:
        return [*draining.keys(Change(ContainerInstance, instance.arn, before, after))]

    assert looked_at(None, instance) == looked_at(instance, instance) == looked_at(instance, None) == []
    assert looked_at(instance, drains) == looked_at(drains, instance) == [instance.arn]


def test_a_service_moves_off_an_instance_that_drains_start_first(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=3)
    plane.settle()
    instance = str(plane.tasks("web")[0].container_instance_arn)
    before = on(plane, instance)
    ecs.update_container_instances_state(containerInstances=[instance], status="DRAINING")
    plane.run()
    assert on(plane, instance) == before
    assert len(plane.tasks("web")) == 4
    plane.settle()
    assert on(plane, instance) == []
    assert len(plane.tasks("web")) == 3


def test_a_service_that_may_go_below_its_count_stops_first(plane: Plane, ecs: Any) -> None:
    percentages = {"minimumHealthyPercent": 50, "maximumPercent": 100}
    plane.serve("web", desired=2, deploymentConfiguration=percentages)
    plane.settle()
    task = plane.tasks("web")[0]
    ecs.update_container_instances_state(containerInstances=[task.container_instance_arn], status="DRAINING")
    plane.run()
    assert task.arn not in {t.arn for t in plane.tasks("web")}


def test_pending_tasks_leave_at_once_and_standalone_ones_stay(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    [task] = plane.tasks("web")
    instance = str(task.container_instance_arn)
    [alone] = ecs.start_task(taskDefinition="web", containerInstances=[instance])["tasks"]
    ecs.update_container_instances_state(containerInstances=[instance], status="DRAINING")
    plane.run()
    [other] = plane.tasks("web")
    assert other.container_instance_arn != instance
    kept = {t.arn for t in plane.tasks() if t.container_instance_arn == instance}
    assert kept == {alone["taskArn"]}


def test_an_instance_active_again_keeps_what_it_still_has(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=3)
    plane.settle()
    instance = str(plane.tasks("web")[0].container_instance_arn)
    for status in ("DRAINING", "ACTIVE"):
        ecs.update_container_instances_state(containerInstances=[instance], status=status)
    plane.settle()
    assert len(plane.tasks("web")) == 3


def test_protection_lasts_two_hours_unless_told_and_then_ends(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    [task] = plane.tasks("web")
    begun = plane.clock.now()
    [shown] = protect(ecs, task.arn)["protectedTasks"]
    assert shown == {
        "taskArn": task.arn,
        "protectionEnabled": True,
        "expirationDate": shown["expirationDate"],
    }
    assert plane.record(TaskProtection, task.arn).expires_at == begun + timedelta(minutes=120)
    protect(ecs, task.arn, expiresInMinutes=1)
    assert ecs.get_task_protection(cluster="default")["protectedTasks"][0]["taskArn"] == task.arn
    plane.advance(61)
    [shown] = ecs.get_task_protection(cluster="default", tasks=[task.arn])["protectedTasks"]
    assert shown == {"taskArn": task.arn, "protectionEnabled": False}
    assert ecs.get_task_protection(cluster="default")["protectedTasks"] == []
    assert begun >= BEGINNING


def test_scaling_in_goes_round_protected_tasks_until_they_are_free(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=3)
    plane.settle()
    kept = sorted(t.arn for t in plane.tasks("web"))[:2]
    protect(ecs, *kept, expiresInMinutes=10)
    ecs.update_service(service="web", desiredCount=0)
    plane.run()
    assert sorted(t.arn for t in plane.tasks("web")) == kept
    assert any("(reason 2 tasks under protection)" in line for line in plane.events("web"))
    protect(ecs, kept[0], enabled=False)
    plane.run()
    assert [t.arn for t in plane.tasks("web")] == kept[1:]
    plane.advance(601)
    assert plane.tasks("web") == []


def test_a_deployment_waits_for_protected_tasks(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=2)
    plane.settle()
    kept, other = (t.arn for t in plane.tasks("web"))
    protect(ecs, kept, expiresInMinutes=30)
    plane.define("web")
    ecs.update_service(service="web", taskDefinition="web")
    for _ in range(6):
        plane.obey()
        plane.advance(HEALTHY_AFTER)
    left = {t.arn for t in plane.tasks("web")}
    assert kept in left
    assert other not in left
    plane.advance(1800)
    plane.settle()
    assert kept not in {t.arn for t in plane.tasks("web")}


def test_stopping_a_protected_task_is_still_possible(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    [task] = plane.tasks("web")
    protect(ecs, task.arn)
    ecs.stop_task(task=task.arn)
    plane.obey()
    assert plane.record(type(task), task.arn).last_status is TaskStatus.STOPPED
    assert plane.records(TaskProtection) == []


def test_what_cannot_be_protected_is_a_failure_each(plane: Plane, ecs: Any) -> None:
    [alone] = ecs.run_task(taskDefinition="web")["tasks"]
    answer = protect(ecs, alone["taskArn"], "0" * 32)
    assert answer["protectedTasks"] == []
    assert [f["reason"] for f in answer["failures"]] == ["TASK_NOT_VALID", "MISSING"]
    for minutes in (0, 2881):
        with refused(INVALID):
            protect(ecs, alone["taskArn"], expiresInMinutes=minutes)
    with refused(INVALID):
        protect(ecs)


def test_of_two_problems_at_once_the_log_tells_one_and_tells_it_once(plane: Plane, ecs: Any) -> None:
    """There is no room for the new tasks, and the old ones are protected: pass after pass."""
    plane.serve("web", desired=2)
    plane.settle()
    protect(ecs, *(t.arn for t in plane.tasks("web")))
    plane.define("web", {"memory": 64_000})
    ecs.update_service(service="web", taskDefinition="web")
    plane.run()
    before = len(plane.events())
    plane.advance(300)
    assert plane.events()[before:] == []
    assert sum("was unable to place a task" in event for event in plane.events()) == 1
