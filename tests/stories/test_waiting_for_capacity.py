"""Tasks that wait PROVISIONING while everything goes wrong: each is placed once, when there is room, or given up."""

import pytest

from amounts import seeds
from podium.ecs.records import QueuedTask, TaskStatus
from podium_sim import World
from stories import mishaps

GROUP = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:u:autoScalingGroupName/blue"
STRATEGY = [{"capacityProvider": "blue", "weight": 1}]


def a_cluster_without_capacity(seed: int) -> World:
    """Its capacity provider is scaled by ECS, and has no instance."""
    world = World(seed)
    world.cluster()
    provider = {"autoScalingGroupArn": GROUP, "managedScaling": {"status": "ENABLED"}}
    world.call("CreateCapacityProvider", name="blue", autoScalingGroupProvider=provider)
    world.call(
        "PutClusterCapacityProviders",
        cluster="demo",
        capacityProviders=["blue"],
        defaultCapacityProviderStrategy=STRATEGY,
    )
    world.register()
    return world


def join_the_group(world: World, number: int) -> None:
    world.instances(number, attributes={"podium.auto-scaling-group": "blue"})


@pytest.mark.parametrize("seed", seeds(6))
def test_a_service_waits_for_instances_and_runs_when_they_join(seed: int) -> None:
    world = a_cluster_without_capacity(seed)
    world.service(desired_count=6, availabilityZoneRebalancing="DISABLED")
    world.until(lambda: len(world.plane.read().list(QueuedTask)) == 6)
    waiting = {t.arn for t in world.all_tasks()}
    world.crash_plane()
    world.restart_plane()
    join_the_group(world, 2)
    world.until(lambda: {t.arn for t in world.tasks_of()} == waiting, seconds=20)
    world.until(world.steady, seconds=30)
    assert world.plane.read().list(QueuedTask) == []


@pytest.mark.parametrize("seed", seeds(6))
def test_who_waits_too_long_is_given_up_and_the_service_tries_again(seed: int) -> None:
    world = a_cluster_without_capacity(seed)
    world.service(desired_count=2)
    world.until(lambda: world.all_tasks())
    first = {t.arn for t in world.all_tasks()}
    world.run(seconds=35)
    told = world.call("DescribeTasks", cluster="demo", tasks=sorted(first))["tasks"]
    assert {t["stoppedReason"] for t in told} == {"TaskFailedToStart: EMPTY CAPACITY PROVIDER"}
    join_the_group(world, 1)
    world.until(world.steady, seconds=120)
    assert not first & {t.arn for t in world.tasks_of()}


@pytest.mark.parametrize("seed", seeds(6))
def test_on_a_bad_day_every_waiting_task_is_placed_once_or_given_up(seed: int) -> None:
    world = a_cluster_without_capacity(seed)
    for _ in range(3):
        world.call("RunTask", cluster="demo", taskDefinition="web", count=5)
    join_the_group(world, 1)
    for _ in range(4):
        world.random.choice((mishaps.the_control_plane_is_killed, mishaps.an_agent_is_killed))(world)
        mishaps.pause(world, 5.0)
    mishaps.heal(world)
    join_the_group(world, 2)
    world.run(seconds=60)
    assert world.plane.read().list(QueuedTask) == []
    assert TaskStatus.PROVISIONING not in {t.last_status for t in world.all_tasks()}
    assert len([t for t in world.all_tasks() if t.last_status is TaskStatus.RUNNING]) == len(world.docker.running())
