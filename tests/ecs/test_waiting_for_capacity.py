"""Tasks that wait PROVISIONING for a capacity provider: placed when room appears, oldest first, or given up."""

from typing import Any

import pytest

from inprocess import ACCOUNT, GROUP, OTHER_SUBNET, REGION, SUBNET, Plane, refused
from podium.ecs import limits, queueing
from podium.ecs.records import QueuedTask, Task, TaskStatus
from podium.ecs.scheduling import provisioning
from podium.ecs.scheduling.placement import Miss
from podium.store.records import replace
from podium.store.session import Change

PREFIX = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:u:autoScalingGroupName"
STRATEGY = [{"capacityProvider": "blue", "weight": 1}]
OF_BLUE = {"podium.auto-scaling-group": "blue"}
NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [GROUP]}}


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready(instances=0)
    for name, status in (("blue", "ENABLED"), ("plain", "DISABLED")):
        group = {"autoScalingGroupArn": f"{PREFIX}/{name}", "managedScaling": {"status": status}}
        plane.ecs.create_capacity_provider(name=name, autoScalingGroupProvider=group)
    plane.ecs.put_cluster_capacity_providers(
        cluster="default",
        capacityProviders=["blue", "plain", "FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[],
    )
    plane.define("big", {"memory": 3000})
    return plane.ecs


def run(ecs: Any, family: str = "web", count: int = 1, **members: Any) -> list[str]:
    given = {"capacityProviderStrategy": STRATEGY, **members}
    answer = ecs.run_task(taskDefinition=family, count=count, **given)
    assert answer["failures"] == []
    return [t["taskArn"] for t in answer["tasks"]]


def statuses(plane: Plane, *arns: str) -> list[str]:
    return [plane.record(Task, arn).last_status.value for arn in arns]


def test_a_task_waits_until_an_instance_of_its_provider_joins(plane: Plane, ecs: Any) -> None:
    [task] = run(ecs)
    plane.join(instances=1)
    plane.run()
    assert statuses(plane, task) == ["PROVISIONING"], "that instance is of no provider"
    [own] = plane.join(instances=1, attributes=OF_BLUE)
    plane.run()
    placed = plane.record(Task, task)
    assert (placed.last_status, placed.container_instance_arn) == (TaskStatus.PENDING, own)
    assert placed.containers[0].reason is None
    assert plane.records(QueuedTask) == []


def test_the_oldest_goes_first(plane: Plane, ecs: Any) -> None:
    waiting = []
    for _ in range(3):
        waiting += run(ecs, "big")
        plane.advance(1)
    plane.join(instances=1, memory=7000, attributes=OF_BLUE)
    plane.run()
    assert statuses(plane, *waiting) == ["PENDING", "PENDING", "PROVISIONING"]


def test_a_smaller_one_need_not_wait_behind_one_that_does_not_fit(plane: Plane, ecs: Any) -> None:
    plane.define("huge", {"memory": 9000})
    [huge], [small] = run(ecs, "huge"), run(ecs)
    plane.join(instances=1, memory=8000, attributes=OF_BLUE)
    plane.run()
    assert statuses(plane, huge, small) == ["PROVISIONING", "PENDING"]


def test_room_appears_when_a_task_stops(plane: Plane, ecs: Any) -> None:
    plane.join(instances=1, memory=4000, attributes=OF_BLUE)
    [first, second] = run(ecs, "big", count=2)
    plane.run()
    assert statuses(plane, first, second) == ["PENDING", "PROVISIONING"]
    plane.report(first, "RUNNING")
    plane.exit(first)
    plane.run()
    assert statuses(plane, first, second) == ["STOPPED", "PENDING"]


def test_room_appears_when_an_instance_changes(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    [task] = run(ecs)
    plane.run()
    assert statuses(plane, task) == ["PROVISIONING"]
    ecs.put_attributes(attributes=[{"name": "podium.auto-scaling-group", "value": "blue", "targetId": arn}])
    plane.run()
    assert statuses(plane, task) == ["PENDING"]


def test_what_was_asked_of_its_place_still_counts(plane: Plane, ecs: Any) -> None:
    [task] = run(ecs, placementConstraints=member_of("attribute:disk == ssd"))
    plane.join(instances=1, attributes=OF_BLUE)
    plane.run()
    assert statuses(plane, task) == ["PROVISIONING"]
    [fit] = plane.join(instances=1, attributes={**OF_BLUE, "disk": "ssd"})
    plane.run()
    assert plane.record(Task, task).container_instance_arn == fit


def test_who_wants_to_be_near_others_is_placed_when_the_first_of_them_is(plane: Plane, ecs: Any) -> None:
    plane.join(instances=1, attributes=OF_BLUE)
    plane.define("seed")
    [task] = run(ecs, placementConstraints=member_of("task:group == family:seed"))
    plane.run()
    assert statuses(plane, task) == ["PROVISIONING"]
    ecs.run_task(taskDefinition="seed")
    plane.run()
    assert statuses(plane, task) == ["PENDING"]


def test_the_constraints_of_the_definition_count_as_well(plane: Plane, ecs: Any) -> None:
    plane.join(instances=1, attributes=OF_BLUE)
    plane.define("near", placementConstraints=member_of("runningTasksCount >= 1"))
    [task] = run(ecs, "near")
    [seed] = ecs.run_task(taskDefinition="web")["tasks"]
    plane.run()
    assert statuses(plane, task) == ["PROVISIONING"], "the other does not run yet"
    plane.report(seed["taskArn"], "RUNNING")
    plane.run()
    assert statuses(plane, task) == ["PENDING"]


def test_who_wants_an_instance_without_others_of_its_kind_is_placed_when_they_are_to_stop(
    plane: Plane, ecs: Any
) -> None:
    plane.join(instances=1, attributes=OF_BLUE)
    [first] = run(ecs)
    plane.run()
    plane.report(first, "RUNNING")
    [second] = run(ecs, placementConstraints=[{"type": "distinctInstance"}])
    plane.run()
    assert statuses(plane, second) == ["PROVISIONING"]
    ecs.stop_task(task=first)
    plane.run()
    assert statuses(plane, first, second) == ["STOPPING", "PENDING"]


def test_what_tasks_do_wakes_no_queue_that_does_not_go_by_it(plane: Plane, ecs: Any) -> None:
    plane.join(instances=1, memory=4000, attributes=OF_BLUE)
    run(ecs, "big", count=2)
    plane.run()
    controller = plane.assembled.core._controllers["ecs.provisioning"]
    [placed] = [t for t in plane.tasks() if t.container_instance_arn]
    assert list(controller.keys(Change(Task, placed.arn, placed, running(placed)))) == []
    run(ecs, placementConstraints=member_of("runningTasksCount == 7"))
    plane.run()
    assert list(controller.keys(Change(Task, placed.arn, placed, running(placed)))) == [placed.cluster_arn]
    assert list(controller.keys(Change(Task, placed.arn, running(placed), running(placed)))) == []
    assert list(controller.keys(Change(Task, placed.arn, running(placed), placed))) == [placed.cluster_arn]


def member_of(expression: str) -> list[dict[str, str]]:
    return [{"type": "memberOf", "expression": expression}]


def running(task: Task) -> Task:
    return replace(task, last_status=TaskStatus.RUNNING)


@pytest.mark.parametrize(
    ("instance", "reason"),
    [
        (None, "EMPTY CAPACITY PROVIDER"),
        ({"memory": 100}, "RESOURCE:MEMORY"),
        ({"connected": False}, "AGENT"),
    ],
)
def test_who_waits_in_vain_is_told_for_what(plane: Plane, ecs: Any, instance: Any, reason: str) -> None:
    if instance is not None:
        plane.join(instances=1, attributes=OF_BLUE, **instance)
    [task] = run(ecs)
    plane.advance(14 * 60)
    assert statuses(plane, task) == ["PROVISIONING"]
    plane.advance(61)
    [shown] = ecs.describe_tasks(tasks=[task])["tasks"]
    assert (shown["lastStatus"], shown["stopCode"]) == ("STOPPED", "TaskFailedToStart")
    assert shown["stoppedReason"] == f"TaskFailedToStart: {reason}"
    plane.join(instances=1, attributes=OF_BLUE)
    plane.run()
    assert statuses(plane, task) == ["STOPPED"]
    assert plane.records(QueuedTask) == []


def test_a_task_that_is_stopped_while_it_waits_is_not_placed(plane: Plane, ecs: Any) -> None:
    [task] = run(ecs)
    ecs.stop_task(task=task)
    plane.join(instances=1, attributes=OF_BLUE)
    plane.run()
    assert statuses(plane, task) == ["STOPPED"]
    assert plane.records(QueuedTask) == []


def test_a_waiting_task_keeps_the_attachment_that_it_was_shown_with(plane: Plane, ecs: Any) -> None:
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"])
    fargate = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    [task] = run(ecs, "net", capacityProviderStrategy=fargate, networkConfiguration=NETWORK)
    [before] = plane.record(Task, task).attachments
    assert "serves Fargate" in (plane.record(Task, task).containers[0].reason or "")
    plane.serve_fargate()
    plane.run()
    [shown] = ecs.describe_tasks(tasks=[task])["tasks"]
    assert (shown["lastStatus"], shown["launchType"], shown["capacityProviderName"]) == (
        "PENDING",
        "FARGATE",
        "FARGATE_SPOT",
    )
    assert shown["attachments"][0]["id"] == before["id"]


def test_tasks_that_waited_for_fargate_are_spread_over_zones(plane: Plane, ecs: Any) -> None:
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"])
    fargate = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    both = {"awsvpcConfiguration": {"subnets": [SUBNET, OTHER_SUBNET], "securityGroups": [GROUP]}}
    run(ecs, "net", 6, capacityProviderStrategy=fargate, networkConfiguration=both)
    plane.serve_fargate()
    plane.run()
    assert sorted(t.availability_zone for t in plane.tasks()) == [f"{REGION}a"] * 3 + [f"{REGION}b"] * 3


def test_a_service_whose_provider_is_scaled_by_ecs_waits_with_tasks_that_are_pending(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=3, capacityProviderStrategy=STRATEGY)
    [shown] = ecs.describe_services(services=["web"])["services"]
    assert (shown["pendingCount"], shown["runningCount"]) == (3, 0)
    assert {t.last_status for t in plane.tasks("web")} == {TaskStatus.PROVISIONING}
    waiting = {t.arn for t in plane.tasks("web")}
    plane.join(instances=1, attributes=OF_BLUE)
    plane.settle()
    assert {t.arn for t in plane.tasks("web") if t.last_status is TaskStatus.RUNNING} == waiting


def test_a_service_whose_provider_is_not_looks_again_by_itself(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1, capacityProviderStrategy=[{"capacityProvider": "plain", "weight": 1}])
    assert plane.tasks("web") == []
    plane.join(instances=1, attributes={"podium.auto-scaling-group": "plain"})
    plane.advance(60)
    assert len(plane.tasks("web")) == 1


def test_a_task_of_a_provider_that_ecs_does_not_scale_fails_at_once(plane: Plane, ecs: Any) -> None:
    mixed = [*STRATEGY, {"capacityProvider": "plain", "weight": 1}]
    run = {"taskDefinition": "big", "count": 4, "capacityProviderStrategy": mixed}
    answer = ecs.run_task(**run)
    assert [t["capacityProviderName"] for t in answer["tasks"]] == ["blue", "blue"]
    cluster = answer["tasks"][0]["clusterArn"]
    assert [(f["arn"], f["reason"]) for f in answer["failures"]] == [(cluster, queueing.NO_INSTANCES)] * 2
    plane.join(instances=1, attributes=OF_BLUE, memory=100)
    full = plane.join(instances=2, attributes={"podium.auto-scaling-group": "plain"}, memory=100)
    answer = ecs.run_task(**run)
    assert [t["lastStatus"] for t in answer["tasks"]] == ["PROVISIONING"] * 2
    assert {f["arn"]: f["reason"] for f in answer["failures"]} == dict.fromkeys(full, "RESOURCE:MEMORY")


def test_with_no_instance_at_all_nothing_is_run_for_a_provider_that_ecs_does_not_scale(ecs: Any) -> None:
    strategy = [{"capacityProvider": "plain", "weight": 1}]
    with refused("InvalidParameterException", "No Container Instances were found in your cluster."):
        ecs.run_task(taskDefinition="web", capacityProviderStrategy=strategy)


def test_no_more_than_five_hundred_wait_in_a_cluster(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=limits.AWS[limits.PROVISIONING] + 20, capacityProviderStrategy=STRATEGY)
    assert len(plane.tasks("web")) == limits.AWS[limits.PROVISIONING]
    assert (
        "was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded."
        in plane.events("web")
    )
    answer = ecs.run_task(taskDefinition="web", capacityProviderStrategy=STRATEGY)
    assert answer["tasks"] == []
    [failure] = answer["failures"]
    assert failure["reason"] == queueing.FULL


def test_a_long_queue_is_gone_through_in_turns(plane: Plane, ecs: Any) -> None:
    for number in range(12):
        plane.define(f"kind{number}", {"memory": 100 + number})
        run(ecs, f"kind{number}", count=10)
    plane.join(instances=1, cpu=100_000, memory=100_000, attributes=OF_BLUE)
    plane.run()
    assert {t.last_status for t in plane.tasks()} == {TaskStatus.PENDING}
    assert len(plane.tasks()) == 120


def test_what_a_task_lacks_is_what_the_closest_instance_lacks() -> None:
    def missing(*reasons: str) -> str:
        return provisioning.lacks([Miss(instance_arn="", reason=reason) for reason in reasons])

    assert missing() == "EMPTY CAPACITY PROVIDER"
    assert missing("INACTIVE", "INACTIVE") == "NO ACTIVE INSTANCES"
    assert missing("INACTIVE", "AGENT", "RESOURCE:CPU") == "RESOURCE:CPU"
    assert missing("RESOURCE:CPU", "ATTRIBUTE") == "ATTRIBUTE", "it had the CPU"
    assert missing("MemberOf placement constraint unsatisfied.") == "MemberOf placement constraint unsatisfied"


def test_room_that_appears_while_the_queue_is_gone_through_is_the_oldests_first(plane: Plane, ecs: Any) -> None:
    for number in range(12):
        plane.define(f"kind{number}", {"memory": 100 + number})
        run(ecs, f"kind{number}", count=10)
    controller = plane.assembled.core._controllers["ecs.provisioning"]
    cluster = plane.tasks()[0].cluster_arn
    now = plane.clock.time
    assert plane.write(lambda tx: controller.reconcile(tx, cluster, now)) == now, "there is more of the queue"
    plane.join(instances=1, cpu=100_000, memory=100_000, attributes=OF_BLUE)
    plane.run()
    assert {t.last_status for t in plane.tasks()} == {TaskStatus.PENDING}
