"""What an engine keeps to, whatever happens in whatever order. Most checks live in the world itself."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amounts import examples
from laws.agent.world import World, a_task
from podium_agent.engine.internal import is_internal
from podium_agent.engine.records import Key, Status

UNDER_WAY = ["carry_out", "answer", "late", "hear", "accept", "tick", "look_slowly"]
FAULTS = ["crash", "docker_leaves", "docker_returns", "lose"]
INTERFERENCE = ["stop", "exit", "remove_behind_its_back"]

POLICIES = st.fixed_dictionaries(
    {
        "enabled": st.booleans(),
        "ignoredExitCodes": st.sampled_from([[], [1]]),
        "restartAttemptPeriod": st.sampled_from([0, 5]),
    }
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
            {
                "name": name,
                "image": "x",
                "essential": essential,
                "dependsOn": depends,
                "portMappings": ports,
                "restartPolicy": draw(POLICIES),
            }
        )
    shared = {"pidMode": "task"} if draw(st.booleans()) else {}
    return a_task(number, containers, draw(st.sampled_from(["bridge", "awsvpc"])), **shared)


worlds = st.tuples(tasks(1), tasks(2)).map(lambda some: World(tasks=list(some)))
law = settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def histories(*actions: str) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """What happens, which of several it happens to, and how much goes its way before the next thing does."""
    return st.lists(st.tuples(st.sampled_from(actions), st.integers(0, 63), st.integers(0, 12)), max_size=25)


anything = histories("payload", *UNDER_WAY, *FAULTS, *INTERFERENCE)
no_interference = histories("payload", *UNDER_WAY, *FAULTS)


def live(world: World, history: list[tuple[str, int, int]], first_quiet: int) -> None:
    world.act("crash", 0, quiet=3)
    world.act("payload", 0, first_quiet)
    world.act("payload", 1)
    for action, choice, quiet in history:
        world.act(action, choice, quiet)


def agrees(world: World) -> bool:
    """Whether the engine holds for running just what runs."""
    containers = [(arn, c) for arn, task in world.engine.tasks.items() for c in task.containers]
    return all((c.status is Status.RUNNING) == bool(world.alive(Key(arn, c.name))) for arn, c in containers)


quiet = st.integers(0, 12)


@law
@given(worlds, anything, quiet)
def test_it_comes_to_rest_knowing_what_runs_and_having_told_it(world, history, first_quiet):
    live(world, history, first_quiet)
    world.drain()
    assert agrees(world)
    for arn in world.given:
        task = world.engine.tasks[arn]
        assert task.reported is task.status, "the control plane does not know how things are"
        ended = any(c.essential and c.status is Status.STOPPED for c in task.containers)
        assert not ended or task.status is Status.STOPPED, "an essential end did not end the task"


@law
@given(worlds, anything, quiet)
def test_what_runs_has_the_metadata_file_of_this_run(world, history, first_quiet):
    live(world, history, first_quiet)
    world.drain()
    ours = [b for b in world.boxes.values() if b.state == "running" and not is_internal(b.key.name)]
    held = [b for b in ours if world.engine.tasks[b.key.task_arn].container(b.key.name).docker_id == b.docker_id]
    assert {(b.docker_id, b.starts) for b in held} <= world.described


@law
@given(worlds, anything, quiet)
def test_what_was_told_to_stop_stops(world, history, first_quiet):
    live(world, history, first_quiet)
    world.drain()
    for arn in world.told_to_stop & world.given:
        assert world.engine.tasks[arn].reported is Status.STOPPED


@law
@given(worlds, no_interference, quiet)
def test_a_task_that_nothing_happened_to_runs_each_container_once(world, history, first_quiet):
    """Crashes, lost answers and a Docker that was away are no reason to run anything twice or not at all."""
    never_fails = [(a, 0 if a == "carry_out" else c & ~1 if a == "docker_leaves" else c, q) for a, c, q in history]
    live(world, never_fails, first_quiet)
    world.drain()
    for arn, task in world.engine.tasks.items():
        for container in task.containers:
            begun = container.status is Status.RUNNING or not container.definition.get("dependsOn")
            boxes = [b for b in world.boxes.values() if b.key == Key(arn, container.name)]
            assert len(boxes) == 1
            assert (boxes[0].state, boxes[0].starts) == (("running", 1) if begun else ("created", 0))


@law
@given(worlds, anything, quiet)
def test_a_restored_engine_changes_nothing_that_was_at_rest(world, history, first_quiet):
    live(world, history, first_quiet)
    world.drain()
    world.act("crash", 0)
    before = {b.docker_id: (b.state, b.starts) for b in world.boxes.values()}
    world.drain()
    assert {b.docker_id: (b.state, b.starts) for b in world.boxes.values()} == before


@law
@given(worlds, anything, quiet)
def test_the_same_events_give_the_same_instructions(world, history, first_quiet):
    live(world, history, first_quiet)
    again = World(tasks=world.tasks)
    live(again, history, first_quiet)
    assert again.engine.tasks == world.engine.tasks
    assert again.sent == world.sent


@law
@given(worlds, histories(*UNDER_WAY, *INTERFERENCE), quiet)
def test_a_container_that_somebody_started_again_after_its_task_is_stopped_once(world, history, first_quiet):
    live(world, history, first_quiet)
    world.drain()
    ended = [b for b in world.boxes.values() if b.state == "exited"]
    if ended and world.desired(ended[0].key.task_arn) == "STOPPED":
        world.act("start_behind_its_back", 0)
        world.drain()
        assert agrees(world)


@law
@given(worlds, histories("payload", *UNDER_WAY, "crash", "exit", "stop"), quiet)
def test_a_restart_policy_without_a_period_leaves_none_ended_but_by_an_ignored_exit_code(world, history, first_quiet):
    live(world, history, first_quiet)
    world.drain()
    for task in world.engine.tasks.values():
        for container in task.containers if task.desired is Status.RUNNING else ():
            policy = container.definition.get("restartPolicy", {})
            if policy.get("enabled") and not policy["restartAttemptPeriod"] and container.ran and not container.reason:
                assert container.status is Status.RUNNING or container.exit_code in policy["ignoredExitCodes"]
