"""Daemons on hosts that others would fill, while everything goes wrong: each has its room when its turn comes."""

import pytest

from amounts import seeds
from podium.ecs.records import TaskStatus
from podium_sim import World
from podium_sim.checkers import Broken
from podium_sim.planted.planting import Planted, planted
from stories import mishaps

FORGOTTEN = Planted(
    "nothing is kept for daemons",
    "podium.ecs.scheduling.placement:kept",
    lambda right: lambda reservations, held: right((), held),
)
MISHAPS = (mishaps.an_agent_is_killed, mishaps.the_control_plane_is_killed, mishaps.the_network_is_cut)


def live(seed: int) -> World:
    """Three hosts of 1,024 MiB. A daemon that grows from 128 to 384 MiB, and a service that takes all it can get."""
    world = World(seed)
    world.cluster()
    world.instances(3, memory_mib=1024)
    world.register("agent")
    world.call(
        "CreateService", cluster="demo", serviceName="agent", taskDefinition="agent", schedulingStrategy="DAEMON"
    )
    world.until(lambda: len(world.tasks_of("agent")) == 3, seconds=60)
    world.register("web")
    world.service(desired_count=15, availabilityZoneRebalancing="DISABLED")
    world.until(lambda: len(world.tasks_of()) == 15, seconds=60)
    world.register("agent", memory=384)
    world.call("UpdateService", cluster="demo", service="agent", taskDefinition="agent")
    world.call("UpdateService", cluster="demo", service="web", desiredCount=21)
    world.random.choice(MISHAPS)(world)
    world.until(lambda: [t.memory_mib for t in world.tasks_of("agent")] == [384] * 3, seconds=300)
    world.until(lambda: len(world.tasks_of()) == 15, seconds=60)
    return world


@pytest.mark.parametrize("seed", seeds(6))
def test_a_larger_daemon_finds_its_room_on_hosts_that_another_service_would_fill(seed: int) -> None:
    world = live(seed)
    world.run(seconds=60)
    waiting = [t for t in world.all_tasks() if t.last_status is TaskStatus.PENDING]
    assert (waiting, len(world.tasks_of())) == ([], 15)


def test_the_checkers_see_that_a_daemon_s_room_is_given_away() -> None:
    with planted(FORGOTTEN), pytest.raises(Broken, match=r"was given the room that .* keeps for service:agent"):
        live(0)
