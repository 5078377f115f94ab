"""Clocks that are wrong, leaders that change, a crash in the middle of a commit, and a host that lies."""

from datetime import timedelta

import pytest

from amounts import seeds
from podium.ecs.records import ContainerInstance, TaskStatus
from podium_sim.agent import SimAgent
from podium_sim.lies import Lie, claim
from podium_sim.plane import Doom
from stories import mishaps
from stories.chapters import a_service_of_three, roll_out, scale_to


def comes_to_rest(world):
    mishaps.heal(world)
    world.run(seconds=60)
    world.until(world.steady, seconds=600)
    world.run(seconds=5)
    world.checkers.at_rest()


@pytest.mark.parametrize("ahead", [-600.0, 600.0])
@pytest.mark.parametrize("seed", seeds(3))
def test_a_clock_that_jumps_in_a_rollout_does_not_keep_it_from_ending(seed, ahead):
    world = a_service_of_three(seed)
    arn = world.register()
    world.call("UpdateService", cluster="demo", service="web", taskDefinition=arn)
    world.run(seconds=world.random.uniform(0.0, 0.5))
    world.set_clock(ahead)
    world.until(lambda: world.steady() and {t.task_definition_arn for t in world.tasks_of()} == {arn}, seconds=900)
    world.set_clock(0.0)
    comes_to_rest(world)


@pytest.mark.parametrize("ahead", [-300.0, 300.0])
def test_a_bake_time_is_neither_cut_short_nor_lost_when_the_clock_jumps(ahead):
    """What is baked is baked by the control plane's own clock, which the checkers hold it to."""
    world = a_service_of_three(seed=4)
    bake = {"strategy": "ROLLING", "bakeTimeInMinutes": 2}
    world.call("UpdateService", cluster="demo", service="web", deploymentConfiguration=bake, forceNewDeployment=True)
    world.run(seconds=30)
    world.set_clock(ahead)
    world.until(world.steady, seconds=600)
    baked = world.call("DescribeServices", cluster="demo", services=["web"])["services"][0]["deployments"][0]
    assert baked["updatedAt"] - baked["createdAt"] >= timedelta(minutes=2)


@pytest.mark.parametrize("seed", seeds(4))
def test_hosts_whose_clocks_are_ten_minutes_off_run_and_stop_what_they_are_told(seed):
    world = a_service_of_three(seed)
    for agent, ahead in zip(world.agents, (-600.0, 0.0, 600.0), strict=True):
        agent.set_clock(ahead)
    roll_out(world)
    world.agents[0].reboot(world.random.uniform(0.5, 20.0))
    scale_to(world, 5)
    comes_to_rest(world)


@pytest.mark.parametrize("seed", seeds(6))
def test_a_leader_that_was_deposed_writes_nothing_more(seed):
    world = a_service_of_three(seed)
    arn = world.register()
    world.call("UpdateService", cluster="demo", service="web", taskDefinition=arn)
    world.run(seconds=world.random.uniform(0.0, 0.5))
    old = world.change_leader()
    answers = []
    old.call("UpdateService", {"cluster": "demo", "service": "web", "desiredCount": 9}, lambda *a: answers.append(a))
    world.run(seconds=1)
    assert not old.is_up
    assert [type(error).__name__ for _, error in answers] == ["NotSaved"]
    comes_to_rest(world)
    assert (world.describe()["desiredCount"], {t.task_definition_arn for t in world.tasks_of()}) == (3, {arn})


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("commits", range(1, 9))
def test_a_rollout_survives_a_crash_at_any_of_its_commits(commits, before):
    world = a_service_of_three(seed=commits)
    arn = world.register()
    world.plane.doom = Doom(commits, before)
    world.plane.call("UpdateService", {"cluster": "demo", "service": "web", "taskDefinition": arn}, lambda *a: None)
    world.run_until(lambda: not world.plane.is_up, seconds=30)
    world.restart_plane()
    comes_to_rest(world)
    (ran,) = {t.task_definition_arn for t in world.tasks_of()}
    assert (ran == arn) is not (before and commits == 1)


@pytest.mark.parametrize("lie", list(Lie))
@pytest.mark.parametrize("seed", seeds(2))
def test_once_a_host_stops_lying_what_runs_is_what_is_on_record(seed, lie):
    world = a_service_of_three(seed)
    liar = world.agents[0]
    liar.lie = lie
    if lie is Lie.PHANTOM:
        claim(liar, world.plane, {"family": "web", "version": "1", "group": "service:web"}, "f" * 32)
    world.call("UpdateService", cluster="demo", service="web", desiredCount=6)
    world.run(seconds=20)
    liar.come_clean()
    comes_to_rest(world)
    assert len(world.docker.running()) == 6
    assert {t.last_status for t in world.all_tasks()} <= {TaskStatus.RUNNING, TaskStatus.STOPPED}


@pytest.mark.parametrize("seed", seeds(3))
def test_a_host_that_cannot_keep_its_arn_for_a_while_is_one_instance(seed):
    """Its process ends over the full disk, and each next one registers as if for the first time."""
    world = a_service_of_three(seed)
    host = SimAgent(world, "host-4", "demo", "us-east-1a", 2048, 8192)
    host.disk_is_full = True
    world.agents.append(host)
    world.run(seconds=10)
    host.disk_is_full = False
    world.until(lambda: host.is_connected)
    assert len(world.plane.read().list(ContainerInstance)) == 4
    comes_to_rest(world)


@pytest.mark.parametrize("seed", seeds(6))
def test_a_restored_database_hears_again_of_ends_that_it_forgot(seed):
    """Its tasks had ended, and that was told and taken, before the database went back in time."""
    world = a_service_of_three(seed)
    backup = world.disk.backup()
    for container in world.docker.running():
        world.kill_container(container)
    world.run(seconds=10)
    world.restart_plane(backup)
    comes_to_rest(world)
    assert len(world.docker.running()) == 3
