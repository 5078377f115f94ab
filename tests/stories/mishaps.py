"""What may go wrong, as functions of the world; each takes simulated time, and leaves the rest to others."""

from collections.abc import Callable

from podium_sim import World
from podium_sim.agent import SimAgent


def an_agent(world: World) -> SimAgent:
    return world.random.choice(world.agents)


def pause(world: World, longest: float) -> None:
    world.run(seconds=world.random.uniform(0.0, longest))


def an_agent_is_killed(world: World) -> None:
    victim = an_agent(world)
    victim.kill()
    pause(world, 3.0)
    victim.start()


def a_host_reboots(world: World) -> None:
    an_agent(world).reboot(world.random.uniform(0.5, 20.0))


def a_host_comes_back_with_nothing(world: World) -> None:
    an_agent(world).reboot(world.random.uniform(0.5, 20.0), gone=True)


def docker_restarts(world: World) -> None:
    if world.docker.is_up:
        world.docker.restart(seconds=world.random.uniform(0.5, 10.0))


def a_hosts_disk_is_full(world: World) -> None:
    victim = an_agent(world)
    victim.disk_is_full = True
    pause(world, 10.0)
    victim.disk_is_full = False


def the_control_plane_is_killed(world: World) -> None:
    world.crash_plane()
    pause(world, 30.0)
    world.restart_plane()


def the_control_planes_disk_is_full(world: World) -> None:
    world.disk.is_full = True
    pause(world, 10.0)
    world.disk.is_full = False


def the_network_is_cut(world: World) -> None:
    world.cut()
    pause(world, 40.0)
    world.network.is_cut = False


def the_network_is_bad(world: World) -> None:
    """Loses, doubles and reorders, each way, until it heals."""
    network = world.network
    network.loss, network.doubled, network.overtaken = (world.random.uniform(0.0, 0.25) for _ in range(3))
    pause(world, 20.0)


def a_container_is_killed(world: World) -> None:
    if world.docker.running():
        world.kill_container()


def a_task_is_stopped(world: World) -> None:
    """By a user; the service starts another."""
    tasks = world.tasks_of() if world.plane.is_up else []
    if tasks and not world.disk.is_full:
        world.call("StopTask", cluster="demo", task=world.random.choice(tasks).arn)


def a_new_revision_rolls_out(world: World) -> None:
    world.register()
    world.call("UpdateService", cluster="demo", service="web", taskDefinition="web")


def the_service_is_scaled(world: World) -> None:
    count = world.random.randrange(1, 7)
    world.call("UpdateService", cluster="demo", service="web", desiredCount=count)


ALL: tuple[Callable[[World], None], ...] = (
    an_agent_is_killed,
    a_host_reboots,
    a_host_comes_back_with_nothing,
    docker_restarts,
    a_hosts_disk_is_full,
    the_control_plane_is_killed,
    the_control_planes_disk_is_full,
    the_network_is_cut,
    the_network_is_bad,
    a_container_is_killed,
    a_task_is_stopped,
    a_new_revision_rolls_out,
    the_service_is_scaled,
)


def heal(world: World) -> None:
    """Nothing goes wrong from here on."""
    world.network.heal()
    world.disk.is_full = False
    for agent in world.agents:
        agent.disk_is_full = False
