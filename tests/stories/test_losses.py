"""What is lost: a database, a host's Docker, a host's power. What runs is never stopped by accident."""

import pytest

from amounts import seeds
from podium_sim.world import Disk
from stories.chapters import a_service_of_three, scale_to


@pytest.mark.parametrize("seed", seeds(8))
def test_an_emptied_database_stops_nothing_and_lists_what_runs(seed):
    world = a_service_of_three(seed)
    before = {c.docker_id for c in world.docker.running()}
    world.restart_plane(Disk())
    world.run(seconds=120)
    assert {c.docker_id for c in world.docker.running()} == before
    assert {s.arn for s in world.strangers()} == {c.task_arn for c in world.docker.running()}


def test_a_stranger_stops_when_told():
    world = a_service_of_three(seed=5)
    world.restart_plane(Disk())
    world.run(seconds=30)
    stranger = world.strangers()[0]
    world.checkers.told_to_stop.add(stranger.arn)
    world.call("StopTask", cluster="demo", task=stranger.arn)
    world.until(lambda: stranger.arn not in {c.task_arn for c in world.docker.running()})
    world.run(seconds=5)
    assert len(world.docker.running()) == 2
    assert stranger.arn not in {s.arn for s in world.strangers()}


@pytest.mark.parametrize("seed", seeds(8))
def test_a_restored_database_takes_up_the_tasks_it_forgot(seed):
    world = a_service_of_three(seed)
    backup = world.disk.backup()
    scale_to(world, 5)
    running = {c.docker_id for c in world.docker.running()}
    world.restart_plane(backup)
    world.run(seconds=30)
    world.until(world.steady)
    assert world.describe()["desiredCount"] == 3, "the backup knew of three"
    assert {c.docker_id for c in world.docker.running()} <= running, "nothing was started that ran already"
    assert not world.strangers()


@pytest.mark.parametrize("seed", seeds(8))
def test_a_restored_database_replaces_what_ended_meanwhile(seed):
    world = a_service_of_three(seed)
    backup = world.disk.backup()
    world.kill_container()
    world.run(seconds=5)
    world.restart_plane(backup)
    world.run(seconds=30)
    world.until(world.steady)
    assert len(world.docker.running()) == 3


@pytest.mark.parametrize("seed", seeds(8))
def test_after_docker_restarts_everything_is_replaced_with_its_exit_code_kept(seed):
    world = a_service_of_three(seed)
    before = world.tasks_of()
    world.docker.restart(seconds=world.random.uniform(0.5, 10.0))
    world.run(seconds=15)
    world.until(world.steady)
    shown = world.call("DescribeTasks", cluster="demo", tasks=[t.arn for t in before])["tasks"]
    assert {t["lastStatus"] for t in shown} == {"STOPPED"}
    assert {c["exitCode"] for t in shown for c in t["containers"]} == {137}
    assert len(world.docker.running()) == 3


@pytest.mark.parametrize("seed", seeds(8))
def test_an_hour_without_control_plane_stops_nothing(seed):
    world = a_service_of_three(seed)
    before = {c.docker_id for c in world.docker.running()}
    world.crash_plane()
    world.run(seconds=3600)
    assert {c.docker_id for c in world.docker.running()} == before
    world.restart_plane()
    world.run(seconds=60)
    world.until(world.steady)
    assert {c.docker_id for c in world.docker.running()} == before


@pytest.mark.parametrize("seed", seeds(8))
def test_a_full_disk_loses_nothing_that_was_answered(seed):
    world = a_service_of_three(seed)
    world.disk.is_full = True
    world.kill_container()
    world.run(seconds=20)
    world.disk.is_full = False
    world.run(seconds=40)
    world.until(world.steady)
    assert len(world.docker.running()) == 3


@pytest.mark.parametrize("seed", seeds(8))
def test_a_network_cut_during_a_rollout_ends_well(seed):
    world = a_service_of_three(seed)
    arn = world.register()
    world.call("UpdateService", cluster="demo", service="web", taskDefinition=arn)
    world.run(seconds=world.random.uniform(0.0, 0.6))
    world.network.is_cut = True
    for agent in world.agents:
        agent.line_broke()
        world.plane.hang_up(agent.arn)
    world.run(seconds=90)
    world.network.is_cut = False
    world.run(seconds=60)
    world.until(world.steady)
    assert {t.task_definition_arn for t in world.tasks_of()} == {arn}
    assert len(world.docker.running()) == 3
