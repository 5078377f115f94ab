"""Fargate Spot: tasks that an operator interrupts, in AWS's words."""

from typing import Any

import pytest

from inprocess import GROUP, SUBNET, Plane
from podium.ecs import spot
from podium.ecs.records import Task, TaskStatus
from podium.ecs.timing import FAST
from podium.elbv2 import Target
from podium.events import page
from podium.events.journal import END

NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [GROUP]}}
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]


@pytest.fixture
def plane() -> Plane:
    made = Plane(timing=FAST, events=True)
    made.ready(instances=0)
    made.serve_fargate(hosts=2)
    made.define("net", networkMode="awsvpc", cpu="256", memory="512")
    made.ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=SPOT
    )
    return made


def interrupt(plane: Plane, *tasks: Task) -> None:
    plane.write(lambda tx: spot.interrupt(tx, tasks, plane.clock.time))
    plane.run()


def running(plane: Plane, count: int = 1) -> list[Task]:
    made = plane.ecs.run_task(taskDefinition="net", count=count, networkConfiguration=NETWORK)["tasks"]
    plane.obey()
    return [plane.record(Task, t["taskArn"]) for t in made]


def test_the_clusters_default_strategy_is_meant_where_nothing_is_said(plane: Plane) -> None:
    [task] = running(plane)
    [shown] = plane.ecs.describe_tasks(tasks=[task.arn])["tasks"]
    assert (shown["launchType"], shown["capacityProviderName"]) == ("FARGATE", "FARGATE_SPOT")


def test_an_interrupted_task_says_so_in_aws_s_words(plane: Plane) -> None:
    [task] = running(plane)
    interrupt(plane, task)
    [shown] = plane.ecs.describe_tasks(tasks=[task.arn])["tasks"]
    assert (shown["stopCode"], shown["stoppedReason"]) == ("SpotInterruption", "Your Spot Task was interrupted.")
    assert (shown["lastStatus"], shown["desiredStatus"]) == ("STOPPING", "STOPPED")


def test_the_notice_is_an_event_while_the_task_still_runs(plane: Plane) -> None:
    [task] = running(plane)
    interrupt(plane, task)
    told = [e.detail for e in reversed(page(plane.database, "", END, {"resource": task.arn}, 100))]
    notice = next(d for d in told if d.get("stopCode"))
    assert (notice["stopCode"], notice["lastStatus"], notice["desiredStatus"]) == (
        "SpotInterruption",
        "RUNNING",
        "STOPPED",
    )


def test_a_service_starts_another_on_the_same_provider_and_counts_no_failure(plane: Plane) -> None:
    plane.serve("net", desired=2, networkConfiguration=NETWORK)
    plane.settle()
    victim, kept = plane.tasks("net")
    interrupt(plane, victim)
    plane.settle()
    assert kept.arn in {t.arn for t in plane.tasks("net")}
    assert victim.arn not in {t.arn for t in plane.tasks("net")}
    assert {t.capacity_provider for t in plane.tasks("net")} == {"FARGATE_SPOT"}
    assert len(plane.tasks("net")) == 2
    assert plane.service("net").primary.failed_tasks == 0


def test_behind_a_load_balancer_it_is_told_to_stop_at_once_and_gets_nothing_new(plane: Plane) -> None:
    """Two minutes are less than a deregistration delay: connections that stay open do not hold the signal up."""
    group = plane.target_group("net", kind="ip")
    attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": "3600"}
    plane.client("elbv2").modify_target_group_attributes(TargetGroupArn=group, Attributes=[attribute])
    plane.define("web", {"portMappings": [{"containerPort": 80}]}, networkMode="awsvpc", cpu="256", memory="512")
    balancer = {"targetGroupArn": group, "containerName": "app", "containerPort": 80}
    plane.serve("web", desired=1, networkConfiguration=NETWORK, loadBalancers=[balancer])
    plane.settle()
    [task] = plane.tasks("web")
    interrupt(plane, task)
    stopping = plane.record(Task, task.arn)
    assert (stopping.stops, stopping.last_status) == (True, TaskStatus.STOPPING)
    assert [t.deregistered_at is not None for t in plane.records(Target, target_group_arn=group)].count(True) == 1


def test_protection_does_not_hold_against_it(plane: Plane) -> None:
    plane.serve("net", desired=1, networkConfiguration=NETWORK)
    plane.settle()
    [task] = plane.tasks("net")
    plane.ecs.update_task_protection(cluster="default", tasks=[task.arn], protectionEnabled=True)
    interrupt(plane, task)
    assert plane.record(Task, task.arn).desired_status is TaskStatus.STOPPED


def test_a_share_is_rounded_up_and_nobody_is_chosen_twice(plane: Plane) -> None:
    tasks = running(plane, count=7)
    chosen = spot.some(tasks, 30, plane.ids.below)
    assert len({t.arn for t in chosen}) == 3
    assert len({t.arn for t in spot.some(tasks, 100, plane.ids.below)}) == 7
    assert spot.some([], 50, plane.ids.below) == []


def test_only_tasks_on_spot_that_nobody_stops_can_be_interrupted(plane: Plane) -> None:
    [on_spot] = running(plane)
    on_demand: dict[str, Any] = {"capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}]}
    plane.ecs.run_task(taskDefinition="net", networkConfiguration=NETWORK, **on_demand)
    assert [t.arn for t in plane.read(spot.interruptible)] == [on_spot.arn]
    plane.ecs.stop_task(task=on_spot.arn)
    assert plane.read(spot.interruptible) == []
