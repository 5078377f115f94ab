"""What an engine keeps to, whatever happens in whatever order. Most checks live in the world itself."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laws.agent.world import World, a_task

from podium_agent.engine.records import Key, Status

ACTIONS = (
    ["payload"] * 3
    + ["carry_out", "answer"] * 4
    + ["hear", "accept", "tick"] * 2
    + ["stop", "exit", "crash", "docker_leaves", "docker_returns", "remove_behind_its_back"]
)

CONDITIONS = st.sampled_from(["START", "COMPLETE", "SUCCESS"])


@st.composite
def tasks(draw: st.DrawFn, number: int) -> dict[str, Any]:
    names = ["main", "side", "init"][: draw(st.integers(1, 3))]
    containers = []
    for index, name in enumerate(names):
        before = draw(st.sets(st.sampled_from(names[:index]), max_size=1)) if index else set()
        depends = [{"containerName": other, "condition": draw(CONDITIONS)} for other in before]
        essential = index == 0 or draw(st.booleans())
        ports = [{"containerPort": 80, "hostPort": 0}] if draw(st.booleans()) else []
        containers.append(
            {"name": name, "image": "x", "essential": essential, "dependsOn": depends, "portMappings": ports}
        )
    return a_task(number, containers)


worlds = st.tuples(tasks(1), tasks(2)).map(lambda some: World(tasks=list(some)))
histories = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 63)), max_size=60)
law = settings(max_examples=4000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def live(world: World, history: list[tuple[str, int]]) -> None:
    world.act("crash", 0)
    for action, choice in history:
        world.act(action, choice)


@law
@given(worlds, histories)
def test_it_comes_to_rest_with_every_task_told_of(world, history):
    live(world, history)
    world.drain()
    for arn in world.given:
        task = world.engine.tasks[arn]
        assert task.reported is task.status, "the control plane does not know how things are"
        if task.status is Status.STOPPED:
            assert not [b for b in world.boxes.values() if b.key.task_arn == arn and b.state == "running"]


@law
@given(worlds, histories)
def test_what_was_told_to_stop_stops(world, history):
    live(world, history)
    world.drain()
    for arn in world.told_to_stop & world.given:
        assert world.engine.tasks[arn].reported is Status.STOPPED


@law
@given(worlds, histories)
def test_a_task_that_nothing_happened_to_runs_each_container_once(world, history):
    """Crashes, lost answers and a Docker that was away are no reason to run anything twice or not at all."""
    harmless = [(action, 0 if action == "carry_out" else c) for action, c in history if action in HARMLESS]
    live(world, [(a, c & ~1 if a == "docker_leaves" else c) for a, c in harmless])
    world.drain()
    for arn in world.given - world.told_to_stop - world.excused:
        for container in world.engine.tasks[arn].containers:
            waits = any(d["condition"] != "START" for d in container.definition["dependsOn"])
            waits = waits or world.engine.tasks[arn].status is not Status.RUNNING
            expected = 0 if waits and container.status < Status.RUNNING else 1
            assert len(world.alive(Key(arn, container.name))) == expected


HARMLESS = {"payload", "carry_out", "answer", "hear", "accept", "tick", "crash", "docker_leaves", "docker_returns"}


@law
@given(worlds, histories)
def test_a_restored_engine_changes_nothing_that_was_at_rest(world, history):
    """After a crash at rest, nothing is created, started or stopped again."""
    live(world, history)
    world.drain()
    world.act("crash", 0)
    before = {b.docker_id: (b.state, b.starts) for b in world.boxes.values()}
    world.drain()
    assert {b.docker_id: (b.state, b.starts) for b in world.boxes.values()} == before


@law
@given(worlds, histories)
def test_the_same_events_give_the_same_instructions(world, history):
    live(world, history)
    again = World(tasks=world.tasks)
    live(again, history)
    assert again.engine.tasks == world.engine.tasks
    assert again.sent == world.sent
