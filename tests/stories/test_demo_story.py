"""The demo's story in simulated time: quiet first, then with everything that goes wrong."""

import pytest

from amounts import seeds
from podium_sim import World
from podium_sim.world import Program
from stories.chapters import a_service_of_three, roll_out, scale_to


def test_a_service_is_created_healed_rolled_scaled_and_stopped():
    world = a_service_of_three(seed=7)
    assert len({c.instance_arn for c in world.docker.running()}) == 3, "spread over the three instances"

    world.kill_container()
    world.run(seconds=0.1)
    world.until(world.steady)

    roll_out(world)
    assert {t.task_definition_arn for t in world.tasks_of()} == {world.describe()["taskDefinition"]}

    scale_to(world, 5)
    scale_to(world, 0)
    assert not world.docker.running()

    told = [event["message"] for event in world.describe()["events"]]
    assert any("deployment completed." in line for line in told)
    assert told[0] == "(service web) has reached a steady state."


def test_a_one_off_task_ends_with_its_exit_code():
    world = a_service_of_three(seed=8)
    world.docker.programs["podium/batch:1"] = Program(seconds=3.0, code=7)
    world.register("batch", image="podium/batch:1")
    arn = world.call("RunTask", cluster="demo", taskDefinition="batch")["tasks"][0]["taskArn"]
    world.run(seconds=6)
    (task,) = world.call("DescribeTasks", cluster="demo", tasks=[arn])["tasks"]
    assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "EssentialContainerExited")
    assert task["containers"][0]["exitCode"] == 7


def test_a_rollout_never_has_fewer_than_three_running():
    world = a_service_of_three(seed=9)
    world.register()
    world.call("UpdateService", cluster="demo", service="web", taskDefinition="web")
    fewest = 3
    for _ in range(60):
        world.run(seconds=0.05)
        fewest = min(fewest, len(world.running_containers()))
    assert fewest == 3
    assert world.steady()


def test_the_same_seed_tells_the_same_story():
    def told(seed: int) -> list[str]:
        world = a_service_of_three(seed)
        world.kill_container()
        world.run(seconds=3)
        return [event["message"] for event in world.describe()["events"]]

    assert told(3) == told(3)
    assert told(3) != told(4)


@pytest.mark.parametrize("seed", seeds(12))
def test_the_story_holds_over_a_network_that_loses_and_doubles(seed):
    world = a_service_of_three(seed)
    world.network.loss = 0.15
    world.kill_container()
    world.run(seconds=1)
    roll_out(world, seconds=600)
    world.network.loss = 0.0
    world.run(seconds=60)
    world.until(world.steady)
    assert len(world.docker.running()) == 3


@pytest.mark.parametrize("seed", seeds(12))
def test_the_story_holds_when_the_control_plane_is_killed_at_bad_moments(seed):
    world = a_service_of_three(seed)
    for _ in range(6):
        act(world)
        world.run(seconds=world.random.uniform(0.0, 0.4))
        world.crash_plane()
        world.run(seconds=world.random.uniform(0.0, 5.0))
        world.restart_plane()
        world.run(seconds=world.random.uniform(0.0, 3.0))
    world.run(seconds=30)
    world.until(world.steady)
    assert len(world.docker.running()) == world.describe()["desiredCount"]


@pytest.mark.parametrize("seed", seeds(12))
def test_the_story_holds_when_agents_are_killed_at_bad_moments(seed):
    world = a_service_of_three(seed)
    for _ in range(6):
        act(world)
        world.run(seconds=world.random.uniform(0.0, 0.4))
        victim = world.random.choice(world.agents)
        victim.kill()
        world.run(seconds=world.random.uniform(0.0, 3.0))
        victim.start()
        world.run(seconds=world.random.uniform(0.0, 3.0))
    world.run(seconds=30)
    world.until(world.steady)
    assert len(world.docker.running()) == world.describe()["desiredCount"]


def act(world: World) -> None:
    """Something a user, or fate, does to the service."""
    kind = world.random.choice(["kill", "roll", "scale", "nothing"])
    if kind == "kill" and world.docker.running():
        world.kill_container()
    elif kind == "roll":
        world.register()
        world.call("UpdateService", cluster="demo", service="web", taskDefinition="web")
    elif kind == "scale":
        count = world.random.randrange(1, 7)
        world.call("UpdateService", cluster="demo", service="web", desiredCount=count)
