"""Deployments behind a load balancer drop nothing, whatever else goes wrong."""

from dataclasses import replace
from typing import Any

import pytest

from amounts import seeds
from podium.ecs.timing import FAST
from podium_sim import World
from stories.chapters import roll_out, scale_to

PATIENT = replace(FAST, lost_after=None)


def a_service_behind_a_load_balancer(seed: int, count: int = 4, **more: Any) -> World:
    world = World(seed, PATIENT)
    world.cluster()
    world.instances(3)
    world.register(portMappings=[{"containerPort": 80, "hostPort": 0}])
    entry = {"targetGroupArn": world.balance(), "containerName": "main", "containerPort": 80}
    world.service(desired_count=count, loadBalancers=[entry], **more)
    world.until(world.steady)
    return world


def anew(world: World) -> None:
    """A new revision with the same port, until only it runs."""
    arn = world.register(portMappings=[{"containerPort": 80, "hostPort": 0}])
    world.call("UpdateService", cluster="demo", service="web", taskDefinition=arn)
    world.until(lambda: world.steady() and all(t.task_definition_arn == arn for t in world.tasks_of()), 300)


@pytest.mark.parametrize("seed", seeds(8))
def test_rolling_out_anew_stops_nothing_that_is_asked(seed: int) -> None:
    world = a_service_behind_a_load_balancer(seed)
    proxy = world.proxy
    assert proxy is not None
    before = proxy.answered
    for _ in range(4):
        anew(world)
    assert proxy.answered > before + 100
    assert proxy.refused < proxy.answered


@pytest.mark.parametrize("seed", seeds(8))
def test_over_a_bad_network_it_is_the_same(seed: int) -> None:
    world = a_service_behind_a_load_balancer(seed)
    world.network.loss, world.network.doubled = 0.1, 0.1
    anew(world)
    scale_to(world, 7)
    scale_to(world, 2)
    world.network.heal()
    world.until(world.steady)


@pytest.mark.parametrize("seed", seeds(8))
def test_a_control_plane_that_crashes_in_mid_deployment_forgets_no_drain(seed: int) -> None:
    world = a_service_behind_a_load_balancer(seed)
    arn = world.register(portMappings=[{"containerPort": 80, "hostPort": 0}])
    world.call("UpdateService", cluster="demo", service="web", taskDefinition=arn)
    for _ in range(5):
        world.run(world.random.uniform(0.1, 3.0))
        world.crash_plane()
        world.run(world.random.uniform(0.1, 5.0))
        world.restart_plane()
    world.until(lambda: world.steady() and all(t.task_definition_arn == arn for t in world.tasks_of()), 300)


@pytest.mark.parametrize("seed", seeds(8))
def test_a_container_that_dies_is_replaced_and_its_target_goes(seed: int) -> None:
    world = a_service_behind_a_load_balancer(seed)
    for _ in range(3):
        world.kill_container()
        world.run(1.0)
    world.until(world.steady)
    assert world.proxy is not None
    world.until(lambda: world.proxy is not None and len(world.proxy.routes) == 4)


def test_tasks_of_no_load_balancer_are_as_quick_as_ever() -> None:
    world = World(1)
    world.cluster()
    world.instances(3)
    world.register()
    world.service(desired_count=3)
    world.until(world.steady, 10)
    roll_out(world, 20)
