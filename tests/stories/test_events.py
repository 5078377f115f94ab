"""Whatever goes wrong, events tell of all that happened and of nothing else, in order and without a gap."""

from itertools import groupby

import pytest

from amounts import seeds
from podium.ecs.records import Task
from podium.events import Event
from podium.events.journal import END
from podium_sim import World
from stories import mishaps
from stories.chapters import a_service_of_three

TASK = "ECS Task State Change"


def told(world: World) -> list[Event]:
    """What is on the disk, oldest first."""
    return world.disk.page(Event, "", END, 100_000)[::-1]


@pytest.mark.parametrize("seed", seeds(8))
def test_events_survive_whatever_goes_wrong(seed: int) -> None:
    world = a_service_of_three(seed, events=True)
    for _ in range(8):
        world.random.choice(mishaps.ALL)(world)
        mishaps.pause(world, 5.0)
    mishaps.heal(world)
    world.until(world.steady, seconds=300)
    of_tasks = [event.detail for event in told(world) if event.detail_type == TASK]
    by_task = groupby(sorted(of_tasks, key=lambda d: str(d["taskArn"])), key=lambda d: str(d["taskArn"]))
    lives = {arn: list(details) for arn, details in by_task}
    for arn, details in lives.items():
        assert [d["version"] for d in details] == list(range(1, len(details) + 1)), arn
    for task in world.plane.read().list(Task):
        last = lives[task.arn][-1]
        assert (last["version"], last["lastStatus"], last["desiredStatus"]) == (
            task.version,
            task.last_status,
            task.desired_status,
        )
