"""Openings and turns that stories share."""

from dataclasses import replace

from podium.ecs.timing import FAST, Timing
from podium_sim import World

NEVER_LOST = replace(FAST, lost_after=None)
"""For stories of agents that are away: nothing is replaced meanwhile."""


def a_service_of_three(seed: int, timing: Timing = FAST, events: bool = False) -> World:
    """Cluster demo, three instances in three zones, service web with three tasks, steady."""
    world = World(seed, timing, events)
    world.cluster()
    world.instances(3)
    world.register()
    world.service(desired_count=3)
    world.until(world.steady)
    return world


def roll_out(world: World, seconds: float = 120.0) -> None:
    """A new revision, until only it runs."""
    arn = world.register()
    world.call("UpdateService", cluster="demo", service="web", taskDefinition=arn)
    world.until(lambda: world.steady() and all(t.task_definition_arn == arn for t in world.tasks_of()), seconds)


def scale_to(world: World, count: int) -> None:
    world.call("UpdateService", cluster="demo", service="web", desiredCount=count)
    world.until(lambda: world.steady() and len(world.running_containers()) == count)
