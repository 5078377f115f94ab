"""Tasks with network interfaces of their own, on instances and on Fargate, through everything that goes wrong."""

from collections.abc import Callable

import pytest

from amounts import seeds
from podium.ecs.records import Task, TaskStatus
from podium_sim import World
from podium_sim.agent import SimAgent
from podium_sim.world import Disk
from stories import mishaps

SERVICES = ("web", "inner", "served")


def a_networked_world(seed: int) -> World:
    """Three instances and two hosts for Fargate; the services web (bridge), inner (awsvpc) and served (FARGATE)."""
    world = World(seed)
    world.cluster()
    world.instances(3)
    world.fargate_hosts(2)
    world.register()
    world.service(desired_count=2)
    for name, launch_type in (("inner", "EC2"), ("served", "FARGATE")):
        world.register_networked(name)
        network = world.default_network()
        world.service(3, name, name, launchType=launch_type, networkConfiguration=network)
    world.until(lambda: all(map(world.steady, SERVICES)))
    return world


def comes_to_rest(world: World) -> None:
    """Every task RUNNING or STOPPED, and no interface anywhere but those of the running."""
    mishaps.heal(world)
    world.run(seconds=60)
    world.until(lambda: all(map(world.steady, SERVICES)), seconds=300)
    world.run(seconds=5)
    world.checkers.at_rest()


def interfaces(world: World) -> set[str]:
    return {task.interface_id for task in world.all_tasks() if task.interface_id is not None}


def a_networked_task_is_replaced(world: World) -> None:
    tasks = [t for t in world.all_tasks() if t.network and t.desired_status is TaskStatus.RUNNING]
    if tasks and not world.disk.is_full:
        world.call("StopTask", cluster="demo", task=world.random.choice(tasks).arn)


def networked_services_roll_out(world: World) -> None:
    for name in ("inner", "served"):
        world.register_networked(name)
        world.call("UpdateService", cluster="demo", service=name, taskDefinition=name)


def networked_services_are_scaled(world: World) -> None:
    for name in ("inner", "served"):
        count = world.random.randrange(1, 6)
        world.call("UpdateService", cluster="demo", service=name, desiredCount=count)


def a_one_off_task_is_run(world: World) -> None:
    kind = world.random.choice(("EC2", "FARGATE"))
    network = world.default_network()
    world.call("RunTask", cluster="demo", taskDefinition="inner", launchType=kind, networkConfiguration=network)


def an_agent_is_killed_as_it_wires(world: World) -> None:
    """Whatever wiring comes next, anywhere."""

    def dies(agent: SimAgent) -> None:
        for other in world.agents:
            other.on_wire = lambda: None
        agent.kill()
        world.time.after(world.random.uniform(0.0, 3.0), agent.start)

    for agent in world.agents:
        agent.on_wire = lambda agent=agent: dies(agent)  # type: ignore[misc]
    a_networked_task_is_replaced(world)


def killed_when(wanted: Callable[[Task], bool]) -> Callable[[World], None]:
    """The control plane is killed at the very moment at which a task with a network is on record like that."""

    def killed(world: World) -> None:
        a_networked_task_is_replaced(world)
        if world.run_until(lambda: any(wanted(t) for t in world.all_tasks() if t.network), seconds=10.0):
            mishaps.the_control_plane_is_killed(world)

    return killed


the_control_plane_is_killed_before_an_interface_is_made = killed_when(
    lambda task: task.last_status is TaskStatus.PROVISIONING
)
the_control_plane_is_killed_before_a_payload_goes_out = killed_when(
    lambda task: task.last_status is TaskStatus.PENDING and task.interface_id is not None
)
the_control_plane_is_killed_before_an_interface_is_released = killed_when(
    lambda task: task.last_status is TaskStatus.DEPROVISIONING
)

MISHAPS: tuple[Callable[[World], None], ...] = (
    a_networked_task_is_replaced,
    networked_services_roll_out,
    networked_services_are_scaled,
    a_one_off_task_is_run,
    an_agent_is_killed_as_it_wires,
    the_control_plane_is_killed_before_an_interface_is_made,
    the_control_plane_is_killed_before_a_payload_goes_out,
    the_control_plane_is_killed_before_an_interface_is_released,
)


@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("seed", seeds(4))
def test_one_thing_after_the_other_goes_wrong_and_every_interface_is_accounted_for(seed, mishap):
    world = a_networked_world(seed)
    for _ in range(4):
        mishap(world)
        mishaps.pause(world, 2.0)
    comes_to_rest(world)


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("seed", seeds(4))
def test_the_interfaces_of_a_host_that_reboots_go_with_its_tasks(seed, gone):
    world = a_networked_world(seed)
    host = world.random.choice(world.agents)
    lost = {t.interface_id for t in world.all_tasks() if t.container_instance_arn == host.arn and t.interface_id}
    host.reboot(world.random.uniform(0.2, 30.0), gone)
    comes_to_rest(world)
    assert not lost & interfaces(world)


@pytest.mark.parametrize("seed", seeds(6))
def test_a_database_restored_takes_up_the_networked_tasks_it_forgot_with_their_interfaces(seed):
    world = a_networked_world(seed)
    backup = world.disk.backup()
    for name in ("inner", "served"):
        world.call("UpdateService", cluster="demo", service=name, desiredCount=5)
    world.until(lambda: all(map(world.steady, SERVICES)))
    before = interfaces(world)
    world.restart_plane(backup)
    world.run_until(lambda: interfaces(world) == before, seconds=60)
    assert interfaces(world) == before
    assert not world.strangers()
    comes_to_rest(world)


@pytest.mark.parametrize("seed", seeds(6))
def test_a_database_emptied_gives_no_address_away_that_is_in_use(seed):
    world = a_networked_world(seed)
    before = interfaces(world)
    running = {c.docker_id for c in world.docker.running()}
    world.restart_plane(Disk())
    world.run(seconds=30)
    assert {s.interface_id for s in world.strangers()} - {None} == before
    world.cluster()
    world.register_networked("anew")
    network = world.default_network()
    answer = world.call(
        "RunTask", cluster="demo", taskDefinition="anew", count=4, launchType="FARGATE", networkConfiguration=network
    )
    arns = {t["taskArn"] for t in answer["tasks"]}
    assert len(arns) == 4
    world.until(lambda: arns <= {t.arn for t in world.all_tasks() if t.last_status is TaskStatus.RUNNING})
    assert running <= {c.docker_id for c in world.docker.running()}
    for stranger in world.strangers():
        world.checkers.told_to_stop.add(stranger.arn)
        world.call("StopTask", cluster="demo", task=stranger.arn)
    world.until(lambda: not world.strangers())
    world.run(seconds=5)
    world.checkers.at_rest()
    assert len(interfaces(world)) == 4


@pytest.mark.parametrize("seed", seeds(20))
def test_everything_comes_to_rest_after_a_bad_day_of_networks(seed):
    world = a_networked_world(seed)
    for _ in range(12):
        world.random.choice((*mishaps.ALL, *MISHAPS))(world)
        mishaps.pause(world, world.random.choice((0.3, 3.0, 30.0)))
    comes_to_rest(world)
