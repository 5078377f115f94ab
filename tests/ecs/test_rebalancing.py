"""Availability Zone rebalancing: services at rest spread out again, one batch after the other."""

from collections import Counter
from typing import Any

import pytest

from inprocess import SUBNET, Plane, refused
from podium.ecs.records import Service, Task, TaskStatus

INVALID = "InvalidParameterException"
A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"
HALF_MORE = {"minimumHealthyPercent": 100, "maximumPercent": 150}


def zones(plane: Plane, name: str = "web") -> dict[str, int]:
    return dict(Counter(t.availability_zone for t in plane.tasks(name)))


def lopsided(plane: Plane, desired: int = 4, **members: Any) -> None:
    """A steady service that has all its tasks in one zone, and an instance in another that has just joined."""
    plane.ecs.create_cluster()
    plane.join(instances=1, zones=[A])
    plane.define("web")
    plane.serve("web", desired=desired, **members)
    plane.settle()
    plane.join(instances=1, zones=[B])


def look_again(plane: Plane) -> None:
    """The next full look, which finds instances that have come."""
    plane.advance(301)


def watched(plane: Plane) -> list[tuple[int, int]]:
    """Agents obey until nothing moves; after each round, how many tasks are healthy and how many are wanted."""
    seen, still = [], 0
    while still < 8:
        moved = plane.obey()
        plane.advance(45)
        running = [t for t in plane.tasks("web") if t.last_status is TaskStatus.RUNNING]
        seen.append((len(running), len(plane.tasks("web"))))
        still = 0 if moved or plane.service().moves else still + 1
    return seen


def test_tasks_move_to_a_zone_that_has_none_start_first_and_then_it_rests(plane: Plane) -> None:
    lopsided(plane, 4, deploymentConfiguration=HALF_MORE)
    look_again(plane)
    assert zones(plane) == {A: 4, B: 2}
    seen = watched(plane)
    assert zones(plane) == {A: 2, B: 2}
    assert min(healthy for healthy, _ in seen) >= 4
    assert max(wanted for _, wanted in seen) <= 6
    before = plane.tasks("web")
    plane.advance(3600)
    assert plane.tasks("web") == before
    assert plane.service().moves == ()


def test_the_events_are_awss(plane: Plane) -> None:
    lopsided(plane, 2)
    look_again(plane)
    [new] = [t for t in plane.tasks("web") if t.availability_zone == B]
    watched(plane)
    [old] = [t for t in plane.records(Task) if t.availability_zone == A and t.desired_status is TaskStatus.STOPPED]
    told = [event for event in plane.events() if "AZ" in event]
    assert told == [
        f"is not AZ balanced with 2 tasks in {A}, 0 tasks in {B}. AZ Rebalancing in progress.",
        f"has started 1 tasks in {B} to AZ Rebalance: (task {new.arn.rpartition('/')[2]}).",
        f"has stopped 1 running tasks in {A} due to AZ rebalancing: (task {old.arn.rpartition('/')[2]}).",
        f"is AZ balanced with 1 tasks in {A}, 1 tasks in {B}.",
    ]


def test_the_maximum_percent_bounds_each_batch(plane: Plane) -> None:
    lopsided(plane, 8, deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 113})
    look_again(plane)
    assert zones(plane) == {A: 8, B: 1}
    assert max(wanted for _, wanted in watched(plane)) == 9
    assert zones(plane) == {A: 4, B: 4}


def test_no_room_over_the_desired_count_means_no_batch_at_all(plane: Plane) -> None:
    lopsided(plane, 4, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 101})
    look_again(plane)
    watched(plane)
    assert zones(plane) == {A: 4}


def test_a_service_that_does_not_want_it_is_left_alone(plane: Plane) -> None:
    lopsided(plane, 4, availabilityZoneRebalancing="DISABLED")
    look_again(plane)
    watched(plane)
    assert zones(plane) == {A: 4}
    plane.ecs.update_service(service="web", availabilityZoneRebalancing="ENABLED")
    watched(plane)
    assert zones(plane) == {A: 2, B: 2}


def test_a_zone_without_room_is_told_once_and_tried_again(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.join(instances=1, zones=[A])
    plane.define("web", {"memory": 1024})
    plane.serve("web", desired=4)
    plane.settle()
    plane.join(instances=1, zones=[B], memory=512)
    look_again(plane)
    watched(plane)
    plane.advance(3600)
    unable = f"is unable to place a task in {B} because no container instance met all of its requirements."
    assert [event for event in plane.events() if "AZ" in event or B in event] == [unable]
    plane.join(instances=1, zones=[B])
    look_again(plane)
    watched(plane)
    assert zones(plane) == {A: 2, B: 2}


def test_a_zone_that_has_no_room_does_not_keep_another_from_its_share(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.join(instances=1, zones=[A])
    plane.define("web", {"memory": 1024})
    plane.serve("web", desired=6)
    plane.settle()
    plane.join(instances=1, zones=[B], memory=512)
    plane.join(instances=1, zones=[C])
    look_again(plane)
    watched(plane)
    assert zones(plane) == {A: 3, C: 3}


def test_a_deployment_ends_it_and_spreads_by_itself(plane: Plane) -> None:
    lopsided(plane, 4)
    look_again(plane)
    assert zones(plane)[B] == 2
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    assert "stopped AZ Rebalancing." in plane.events()
    assert plane.service().moves == ()
    plane.settle()
    assert len(plane.tasks("web")) == 4


def test_protected_tasks_stay_and_it_says_so(plane: Plane) -> None:
    lopsided(plane, 4)
    held = [t.arn for t in plane.tasks("web")]
    plane.ecs.update_task_protection(cluster="default", tasks=held, protectionEnabled=True)
    look_again(plane)
    watched(plane)
    assert {t.arn for t in plane.tasks("web")} == set(held)
    assert any(
        event.startswith("was unable to AZ Rebalance because (taskSet ecs-svc/")
        and event.endswith("was unable to scale in due to (reason 4 tasks under protection).")
        for event in plane.events()
    )


def test_a_task_that_fails_in_its_new_zone_does_not_cost_the_old_one(plane: Plane) -> None:
    lopsided(plane, 2)
    look_again(plane)
    [new] = [t for t in plane.tasks("web") if t.availability_zone == B]
    plane.fail_to_start(new.arn)
    plane.run()
    assert zones(plane)[A] == 2
    watched(plane)
    assert zones(plane) == {A: 1, B: 1}


def test_tasks_that_fail_in_their_new_zone_are_put_off_like_all_others(plane: Plane) -> None:
    """Ten seconds after the third in a row, then doubled."""
    lopsided(plane, 2)
    look_again(plane)
    pauses = []
    for _ in range(6):
        [new] = [t for t in plane.tasks("web") if t.availability_zone == B]
        plane.fail_to_start(new.arn)
        plane.run()
        before = plane.clock.time
        while zones(plane) == {A: 2}:
            plane.advance(5)
        pauses.append((plane.clock.time - before).total_seconds())
    assert pauses == [0, 0, 10, 20, 40, 80]


def test_another_task_that_fails_meanwhile_is_replaced_before_one_is_moved_away(plane: Plane) -> None:
    """The floor holds: three are wanted, and three stay healthy or become it first."""
    lopsided(plane, 3)
    look_again(plane)
    [move] = plane.service().moves
    plane.report(move["to"], "RUNNING")
    bystander = next(t.arn for t in plane.tasks("web") if t.arn not in move.values())
    plane.exit(bystander, 1)
    plane.advance(45)
    assert move["from"] in {t.arn for t in plane.tasks("web")}
    watched(plane)
    assert move["from"] not in {t.arn for t in plane.tasks("web")}
    assert sorted(zones(plane).values()) == [1, 2]


def moving(plane: Plane, *containers: dict[str, Any]) -> dict[str, str]:
    """A service of three tasks, each on an instance of its own: one is just being moved, from which to which."""
    plane.ecs.create_cluster()
    plane.join(instances=3, zones=[A])
    plane.define("web", *containers)
    plane.serve("web", desired=3)
    plane.obey()
    for task in plane.tasks("web") if containers else ():
        plane.health(task.arn, "HEALTHY")
    plane.settle()
    plane.join(instances=1, zones=[B])
    look_again(plane)
    [move] = plane.service().moves
    plane.report(move["to"], "RUNNING")
    return move


@pytest.mark.parametrize("end", ["from", "to"])
def test_an_instance_that_drains_under_a_move_costs_no_task_more(plane: Plane, end: str) -> None:
    """Whichever of the two has to go, the other takes its place."""
    move = moving(plane)
    home = plane.record(Task, move[end]).container_instance_arn
    plane.ecs.update_container_instances_state(containerInstances=[home], status="DRAINING")
    watched(plane)
    kept = move["to" if end == "from" else "from"]
    assert kept in {t.arn for t in plane.tasks("web")}
    assert (len(plane.records(Task)), len(plane.tasks("web"))) == (4, 3)


@pytest.mark.parametrize("end", ["from", "to"])
def test_a_task_that_falls_ill_in_a_move_is_replaced_by_the_other(plane: Plane, end: str) -> None:
    move = moving(plane, {"healthCheck": {"command": ["CMD", "ok"]}})
    plane.health(move["from"], "UNHEALTHY" if end == "from" else "HEALTHY")
    plane.run()
    assert len(plane.records(Task)) == 4
    plane.health(move["to"], "UNHEALTHY" if end == "to" else "HEALTHY")
    plane.run()
    ill = plane.record(Task, move[end])
    assert (ill.desired_status, ill.stopped_reason) == (TaskStatus.STOPPED, "Task failed container health checks")
    moved_again = [m["to"] for m in plane.service().moves]
    assert (len(plane.records(Task)), len(moved_again)) == ((4, 0) if end == "from" else (5, 1))


def test_a_task_is_moved_where_its_own_capacity_provider_has_room(plane: Plane) -> None:
    """Only `left` has an instance in the other zone: its tasks move, and the shares stay."""
    ecs, group = plane.ecs, "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0a1b:autoScalingGroupName/"
    for name in ("right", "left"):
        ecs.create_capacity_provider(name=name, autoScalingGroupProvider={"autoScalingGroupArn": group + name})
    ecs.create_cluster(capacityProviders=["left", "right"])
    for name in ("left", "right"):
        plane.join(instances=1, zones=[A], attributes={"podium.auto-scaling-group": name})
    plane.define("web")
    shares = [{"capacityProvider": name, "weight": 1} for name in ("right", "left")]
    plane.serve("web", desired=6, capacityProviderStrategy=shares)
    plane.settle()
    plane.join(instances=1, zones=[B], attributes={"podium.auto-scaling-group": "left"})
    look_again(plane)
    watched(plane)
    homes = Counter((t.capacity_provider, t.availability_zone) for t in plane.tasks("web"))
    assert homes == {("right", A): 3, ("left", B): 3}


def test_fewer_tasks_wanted_in_the_middle_of_it_come_to_rest_too(plane: Plane) -> None:
    lopsided(plane, 6)
    look_again(plane)
    plane.ecs.update_service(service="web", desiredCount=2)
    watched(plane)
    assert len(plane.tasks("web")) == 2
    plane.advance(3600)
    watched(plane)
    assert zones(plane) == {A: 1, B: 1}


def test_on_fargate_the_zones_of_the_subnets_count(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.serve_fargate()
    plane.define("web", networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"])
    subnets = [s["SubnetId"] for s in plane.client("ec2").describe_subnets()["Subnets"]]
    network = {"awsvpcConfiguration": {"subnets": [SUBNET]}}
    plane.serve("web", desired=4, launchType="FARGATE", networkConfiguration=network)
    plane.settle()
    assert len(zones(plane)) == 1
    wider = {"awsvpcConfiguration": {"subnets": subnets}}
    plane.ecs.update_service(service="web", networkConfiguration=wider)
    plane.settle()
    watched(plane)
    assert sorted(zones(plane).values()) == [1, 1, 2]


def test_on_fargate_tasks_start_where_the_service_has_fewest(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.serve_fargate()
    plane.define("web", networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"])
    subnets = [s["SubnetId"] for s in plane.client("ec2").describe_subnets()["Subnets"]]
    network = {"awsvpcConfiguration": {"subnets": subnets}}
    plane.serve("web", desired=6, launchType="FARGATE", networkConfiguration=network)
    assert sorted(zones(plane).values()) == [2, 2, 2]
    plane.settle()
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.settle()
    assert sorted(zones(plane).values()) == [2, 2, 2]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (
            {"placementConstraints": [{"type": "memberOf", "expression": f"attribute:ecs.availability-zone == {A}"}]},
            "with placement constraints on ecs.availability-zone",
        ),
        ({"deploymentConfiguration": {"minimumHealthyPercent": 50, "maximumPercent": 100}},
         "when maximumPercent is 100 or less"),
        ({"placementStrategy": [{"type": "binpack", "field": "cpu"}]},
         "unless the first placement strategy spreads across Availability Zones"),
        ({"launchType": "EXTERNAL"}, "with EXTERNAL launch type"),
    ],
)  # fmt: skip
def test_it_cannot_be_had_where_tasks_cannot_be_moved(plane: Plane, members: dict[str, Any], reason: str) -> None:
    plane.ready(instances=1)
    plane.define("web", requiresCompatibilities=["EC2", "EXTERNAL"])
    asked = {"taskDefinition": "web", "desiredCount": 1, **members}
    with refused(INVALID, f"Availability Zone rebalancing is not supported {reason}."):
        plane.ecs.create_service(serviceName="web", availabilityZoneRebalancing="ENABLED", **asked)
    plane.serve("web", **members)
    assert plane.records(Service)[0].availability_zone_rebalancing == "DISABLED"
