"""Faults of hosts, of messages and of disks, one kind at a time and all together, each story from its seed."""

import pytest

from amounts import seeds
from podium_sim import World
from podium_sim.world import Program
from stories import mishaps
from stories.chapters import NEVER_LOST, a_service_of_three, roll_out


def comes_to_rest(world: World) -> None:
    """Everything converges, with no exit code lost, no task forgotten and no container over."""
    mishaps.heal(world)
    world.run(seconds=60)
    world.until(world.steady, seconds=300)
    world.run(seconds=5)
    world.checkers.at_rest()
    assert len(world.docker.running()) == world.describe()["desiredCount"]


@pytest.mark.parametrize("seed", seeds(8))
def test_messages_lost_doubled_and_overtaken_in_a_rollout_change_nothing_of_its_end(seed):
    world = a_service_of_three(seed)
    world.network.loss, world.network.doubled, world.network.overtaken = 0.1, 0.3, 0.3
    world.kill_container()
    roll_out(world, seconds=900)
    comes_to_rest(world)


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("seed", seeds(6))
def test_a_host_that_reboots_has_its_tasks_replaced(seed, gone):
    world = a_service_of_three(seed)
    before = world.tasks_of()
    lost = {t.arn for t in before if t.container_instance_arn == world.agents[0].arn}
    world.agents[0].reboot(world.random.uniform(0.2, 30.0), gone)
    comes_to_rest(world)
    assert not lost & {t.arn for t in world.tasks_of()}
    shown = world.call("DescribeTasks", cluster="demo", tasks=sorted(lost))["tasks"]
    assert {t["lastStatus"] for t in shown} == {"STOPPED"}
    told = [(c.get("exitCode"), c.get("reason")) for t in shown for c in t["containers"]]
    vanished = (None, "ContainerVanishedError: No container matching saved ID found")
    assert told == [vanished if gone else (137, None)]


@pytest.mark.parametrize("seed", seeds(6))
def test_a_full_disk_on_a_host_stops_nothing_and_loses_no_exit_code(seed):
    world = a_service_of_three(seed, NEVER_LOST)
    host = world.agents[0]
    running = {c.docker_id for c in world.docker.running()}
    host.disk_is_full = True
    world.run(seconds=world.random.uniform(1.0, 60.0))
    assert {c.docker_id for c in world.docker.running()} == running
    world.kill_container(next(c for c in world.docker.running() if c.instance_arn == host.arn))
    world.run(seconds=world.random.uniform(0.0, 20.0))
    comes_to_rest(world)
    codes = [c.exit_code for t in world.all_tasks() for c in t.containers if c.last_status == "STOPPED"]
    assert codes == [137]


@pytest.mark.parametrize("seed", seeds(6))
def test_what_was_acknowledged_before_the_disk_filled_is_started_once(seed):
    world = a_service_of_three(seed)
    world.call("UpdateService", cluster="demo", service="web", desiredCount=6)
    world.run(seconds=world.random.uniform(0.0, 0.3))
    for agent in world.agents:
        agent.disk_is_full = True
    world.run(seconds=world.random.uniform(0.5, 20.0))
    comes_to_rest(world)
    assert not [c for c in world.docker.containers.values() if c.state == "created"]


@pytest.mark.parametrize("seed", seeds(6))
def test_one_off_tasks_keep_their_exit_codes_through_an_hour_without_a_control_plane(seed):
    world = a_service_of_three(seed)
    world.docker.programs["podium/batch:1"] = Program(seconds=600.0, code=7)
    world.register("batch", image="podium/batch:1")
    answer = world.call("RunTask", cluster="demo", taskDefinition="batch", count=3)
    arns = [t["taskArn"] for t in answer["tasks"]]
    world.run(seconds=5)
    world.crash_plane()
    world.run(seconds=1800)
    mishaps.an_agent_is_killed(world)
    world.run(seconds=1800)
    world.restart_plane()
    comes_to_rest(world)
    shown = world.call("DescribeTasks", cluster="demo", tasks=arns)["tasks"]
    assert [(t["lastStatus"], t["containers"][0]["exitCode"]) for t in shown] == [("STOPPED", 7)] * 3


@pytest.mark.parametrize("seed", seeds(6))
def test_a_drained_host_gives_its_tasks_away_and_never_too_many_at_a_time(seed):
    world = World(seed)
    world.cluster()
    world.instances(3)
    world.register()
    percent = {"minimumHealthyPercent": 100, "maximumPercent": 150}
    world.service(desired_count=6, deploymentConfiguration=percent)
    world.until(world.steady)
    drained = world.agents[0].arn
    world.call("UpdateContainerInstancesState", cluster="demo", containerInstances=[drained], status="DRAINING")
    fewest, most = 6, 6
    for _ in range(600):
        world.run(seconds=0.05)
        running = len(world.running_containers())
        fewest, most = min(fewest, running), max(most, running)
    assert (fewest, most <= 9) == (6, True)
    assert drained not in {c.instance_arn for c in world.docker.running()}
    world.until(world.steady)
    assert len(world.docker.running()) == 6


@pytest.mark.parametrize("seed", seeds(25))
def test_everything_comes_to_rest_after_a_bad_day(seed):
    world = a_service_of_three(seed)
    for _ in range(12):
        world.random.choice(mishaps.ALL)(world)
        mishaps.pause(world, world.random.choice((0.3, 3.0, 30.0)))
    comes_to_rest(world)
