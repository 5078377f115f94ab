"""Hosts that go away: replaced when they stay away, never for a fault of our own, and tidied up when they return."""

from typing import Any

import pytest

from amounts import seeds
from podium import ec2
from podium.ecs import spot
from podium.ecs.records import ContainerInstance, Stranger, Task, TaskStatus
from podium_sim import World
from podium_sim.agent import SimAgent
from stories.chapters import a_service_of_three

LOST_AFTER = 10.0


def host_of(world: World, task: Task) -> SimAgent:
    return next(agent for agent in world.agents if agent.arn == task.container_instance_arn)


def with_host_path(world: World) -> None:
    world.call(
        "RegisterTaskDefinition",
        family="db",
        volumes=[{"name": "data", "host": {"sourcePath": "/srv/db"}}],
        containerDefinitions=[
            {
                "name": "main",
                "image": "podium/web:1",
                "memory": 128,
                "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
            }
        ],
    )


def messages(world: World, name: str) -> list[str]:
    return [event["message"] for event in world.describe(name)["events"]]


def shown(world: World, task: Task) -> dict[str, Any]:
    found: dict[str, Any] = world.call("DescribeTasks", cluster="demo", tasks=[task.arn])["tasks"][0]
    return found


def lost_hosts(world: World) -> list[ContainerInstance]:
    return [i for i in world.plane.read().list(ContainerInstance) if i.lost_at is not None]


@pytest.mark.parametrize("seed", seeds(8))
def test_one_of_three_dies_and_its_task_is_replaced(seed: int) -> None:
    world = a_service_of_three(seed)
    [dead] = [t for t in world.tasks_of() if host_of(world, t) is world.agents[0]]
    world.agents[0].lose_power()
    world.run(seconds=LOST_AFTER - 1)
    assert shown(world, dead)["lastStatus"] == "RUNNING"
    assert world.run_until(world.steady, seconds=LOST_AFTER)
    told = shown(world, dead)
    assert (told["lastStatus"], told["stopCode"]) == ("STOPPED", "InfrastructureHealth")
    assert told["stoppedReason"].startswith("Host EC2 (instance i-")
    assert any("has lost 1 tasks with their host" in message for message in messages(world, "web"))


@pytest.mark.parametrize("seed", seeds(8))
def test_when_all_die_nothing_is_given_up(seed: int) -> None:
    world = a_service_of_three(seed)
    for agent in world.agents:
        agent.lose_power()
    world.run(seconds=300)
    assert [t.last_status for t in world.all_tasks()] == [TaskStatus.RUNNING] * 3


@pytest.mark.parametrize("seed", seeds(8))
def test_a_control_plane_whose_network_is_cut_gives_up_nothing(seed: int) -> None:
    world = a_service_of_three(seed)
    before = {c.docker_id for c in world.docker.running()}
    world.cut()
    world.run(seconds=300)
    world.network.heal()
    world.until(world.steady)
    world.run(seconds=30)
    assert {c.docker_id for c in world.docker.running()} == before
    assert len(world.all_tasks()) == 3


@pytest.mark.parametrize("seed", seeds(8))
def test_a_control_plane_that_was_away_takes_nobody_for_lost(seed: int) -> None:
    """One host is slower than the others to dial in again."""
    world = a_service_of_three(seed)
    slow = world.random.choice(world.agents)
    world.crash_plane()
    slow.cut_off()
    world.run(seconds=600)
    world.restart_plane()
    world.run(seconds=110)
    slow.reconnect()
    world.run(seconds=120)
    assert len(world.all_tasks()) == 3
    assert world.steady()


@pytest.mark.parametrize("seed", seeds(8))
def test_a_host_that_flaps_keeps_its_tasks(seed: int) -> None:
    world = a_service_of_three(seed)
    for _ in range(8):
        world.agents[1].cut_off()
        world.run(seconds=world.random.uniform(1.0, LOST_AFTER - 1))
        world.agents[1].reconnect()
        world.run(seconds=world.random.uniform(2.0, 5.0))
    assert len(world.all_tasks()) == 3


@pytest.mark.parametrize("seed", seeds(8))
def test_a_host_that_returns_stops_what_was_replaced(seed: int) -> None:
    world = a_service_of_three(seed)
    world.agents[2].cut_off()
    world.until(lambda: len(world.docker.running()) == 4, seconds=2 * LOST_AFTER)
    world.run(seconds=60)
    world.agents[2].reconnect()
    world.until(lambda: len(world.docker.running()) == 3, seconds=5)
    world.until(lambda: not world.strangers() and not lost_hosts(world), seconds=10)
    world.run(seconds=30)
    assert world.steady()
    world.checkers.at_rest()


@pytest.mark.parametrize("seed", seeds(8))
def test_a_host_that_returns_empty_handed_is_as_good_as_any(seed: int) -> None:
    world = a_service_of_three(seed)
    world.agents[2].lose_power()
    world.until(lambda: lost_hosts(world), seconds=2 * LOST_AFTER)
    world.run(seconds=world.random.uniform(0.0, 5.0))
    world.agents[2].start()
    world.until(lambda: not world.strangers() and not lost_hosts(world), seconds=30)
    world.run(seconds=30)
    world.until(world.steady)
    world.checkers.at_rest()


@pytest.mark.parametrize("seed", seeds(4))
def test_a_cluster_may_keep_what_returns_and_then_it_runs_until_told(seed: int) -> None:
    world = World(seed)
    world.call("CreateCluster", clusterName="demo", tags=[{"key": "podium:returning", "value": "keep"}])
    world.instances(3)
    world.register()
    world.service(desired_count=3)
    world.until(world.steady)
    world.agents[2].cut_off()
    world.until(lambda: len(world.docker.running()) == 4, seconds=2 * LOST_AFTER)
    world.agents[2].reconnect()
    world.run(seconds=60)
    assert len(world.docker.running()) == 4
    [kept] = world.strangers()
    assert kept.lost
    world.call("StopTask", cluster="demo", task=kept.arn)
    world.until(lambda: len(world.docker.running()) == 3, seconds=5)
    world.until(lambda: not world.strangers(), seconds=5)


@pytest.mark.parametrize("seed", seeds(8))
def test_no_more_than_the_share_of_a_large_cluster_goes_at_once(seed: int) -> None:
    world = World(seed)
    world.cluster()
    world.instances(12)
    for agent in world.random.sample(world.agents, 5):
        agent.lose_power()
    seen: list[int] = []
    for _ in range(40):
        world.run(seconds=1)
        seen.append(len(lost_hosts(world)))
    assert seen[int(LOST_AFTER) + 2] == 2
    assert seen[-1] == 5
    assert all(later - earlier <= 2 for earlier, later in zip(seen, seen[9:], strict=False))


@pytest.mark.parametrize("seed", seeds(4))
def test_a_task_that_writes_to_its_host_waits_and_says_for_what(seed: int) -> None:
    world = World(seed)
    world.cluster()
    world.instances(3)
    with_host_path(world)
    world.service(desired_count=1, name="db", definition="db")
    world.until(lambda: world.steady("db"))
    [task] = world.tasks_of("db")
    host_of(world, task).lose_power()
    world.run(seconds=120)
    assert [t.arn for t in world.all_tasks()] == [task.arn]
    assert any("volume data" in m and "podium release" in m for m in messages(world, "db"))
    world.call("DeregisterContainerInstance", cluster="demo", containerInstance=task.container_instance_arn, force=True)
    world.until(lambda: world.steady("db"), seconds=10)
    assert shown(world, task)["lastStatus"] == "STOPPED"


@pytest.mark.parametrize("seed", seeds(4))
def test_a_task_that_writes_to_its_host_runs_on_when_the_host_was_only_cut_off(seed: int) -> None:
    world = World(seed)
    world.cluster()
    world.instances(3)
    with_host_path(world)
    world.service(desired_count=1, name="db", definition="db")
    world.until(lambda: world.steady("db"))
    before = [c.docker_id for c in world.docker.running()]
    cut = host_of(world, world.tasks_of("db")[0])
    cut.cut_off()
    world.run(seconds=120)
    cut.reconnect()
    world.run(seconds=30)
    assert [c.docker_id for c in world.docker.running()] == before
    assert world.steady("db")
    assert lost_hosts(world) == []


@pytest.mark.parametrize("seed", seeds(8))
def test_a_fargate_host_that_is_cut_off_keeps_the_addresses_of_its_tasks(seed: int) -> None:
    """What replaces them gets others; the checkers see to it that no address is that of two."""
    world = World(seed)
    world.cluster()
    world.fargate_hosts(3)
    world.register_networked("net")
    network = world.default_network()
    world.service(desired_count=6, name="net", definition="net", launchType="FARGATE", networkConfiguration=network)
    world.until(lambda: world.steady("net"))
    cut = host_of(world, world.tasks_of("net")[0])
    cut.cut_off()
    world.until(lambda: len(world.docker.running()) > 12 and len(world.tasks_of("net")) == 6, seconds=30)
    held = {s.interface_id for s in world.plane.read().list(Stranger)}
    assert held
    world.run(seconds=60)
    assert held <= {i.id for i in world.plane.read().list(ec2.NetworkInterface)}
    cut.reconnect()
    world.until(lambda: not world.strangers(), seconds=20)
    world.run(seconds=10)
    world.until(lambda: world.steady("net"))
    assert not held & {i.id for i in world.plane.read().list(ec2.NetworkInterface)}
    world.checkers.at_rest()


@pytest.mark.parametrize("seed", seeds(4))
def test_tasks_of_nobodys_are_lost_but_not_started_again(seed: int) -> None:
    world = World(seed)
    world.cluster()
    world.instances(3)
    world.register()
    [task] = world.call("RunTask", cluster="demo", taskDefinition="web")["tasks"]
    world.until(lambda: len(world.docker.running()) == 1)
    [running] = world.all_tasks()
    host_of(world, running).lose_power()
    world.run(seconds=60)
    assert [(t.arn, t.last_status) for t in world.all_tasks()] == [(task["taskArn"], TaskStatus.STOPPED)]


@pytest.mark.parametrize("seed", seeds(4))
def test_a_daemon_service_does_without_the_host_until_it_is_back(seed: int) -> None:
    world = World(seed)
    world.cluster()
    world.instances(3)
    world.register()
    world.call("CreateService", cluster="demo", serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON")
    world.until(world.steady)
    world.agents[0].cut_off()
    world.until(lambda: world.describe()["desiredCount"] == 2, seconds=2 * LOST_AFTER)
    world.agents[0].reconnect()
    world.until(lambda: world.describe()["desiredCount"] == 3, seconds=20)
    world.until(world.steady)
    world.run(seconds=20)
    world.checkers.at_rest()


@pytest.mark.parametrize("seed", seeds(4))
def test_an_interrupted_spot_task_gets_sigterm_and_a_successor(seed: int) -> None:
    world = World(seed)
    world.cluster()
    world.fargate_hosts(2)
    world.register_networked("net")
    world.call(
        "PutClusterCapacityProviders",
        cluster="demo",
        capacityProviders=["FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )
    world.service(desired_count=4, name="net", definition="net", networkConfiguration=world.default_network())
    world.until(lambda: world.steady("net"))
    now, core = world.time.now(), world.plane.core
    core.write(lambda tx: spot.interrupt(tx, spot.interruptible(tx)[:2], now), lambda result, error: None)
    world.plane.pump()
    world.until(lambda: any(t.desired_status is TaskStatus.STOPPED for t in world.all_tasks()), seconds=1)
    world.until(lambda: world.steady("net"), seconds=10)
    ended = [t for t in world.all_tasks() if t.desired_status is TaskStatus.STOPPED]
    assert [(t.stop_code, c.exit_code) for t in ended for c in t.containers] == [("SpotInterruption", 0)] * 2
    world.run(seconds=10)
    world.checkers.at_rest()
