"""However reports and wishes come, a task's life goes one way."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import CLUSTER, NOW, law
from podium.ecs import lifecycle
from podium.ecs.lifecycle import LIFECYCLE, Event
from podium.ecs.records import Container, StopCode, Task, TaskStatus
from podium.ecs.rules import reports

ORDER = list(TaskStatus)
CONTAINER_ORDER = ["PENDING", "RUNNING", "STOPPED"]


def new_task(placed: bool = True) -> Task:
    return Task(
        arn="t",
        cluster_arn=CLUSTER,
        task_definition_arn="d",
        container_instance_arn="i" if placed else None,
        containers=(
            Container(name="app", arn="a", image="web"),
            Container(name="side", arn="b", image="web", essential=False),
        ),
        created_at=NOW,
    )


entries = st.fixed_dictionaries(
    {"containerName": st.sampled_from(["app", "side", "ghost"])},
    optional={
        "status": st.sampled_from(CONTAINER_ORDER),
        "exitCode": st.integers(0, 255),
        "reason": st.sampled_from(["", "CannotPullContainerError: no"]),
        "runtimeId": st.just("r"),
        "imageDigest": st.just("sha256:0"),
        "networkBindings": st.just([{"hostPort": 1}]),
    },
)
task_reports = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(CONTAINER_ORDER),
        "reason": st.sampled_from(["", "ResourceInitializationError: no"]),
        "containers": st.lists(entries, max_size=3),
        "pullStartedAt": st.just(NOW),
        "executionStoppedAt": st.just(NOW),
    },
)
happenings = st.one_of(
    st.tuples(st.just("report"), task_reports),
    st.tuples(st.just("container"), entries),
    st.tuples(st.just("ask"), st.sampled_from(StopCode)),
    st.tuples(st.just("leave"), st.none()),
    st.tuples(st.just("event"), st.sampled_from(Event)),
)


def after(task: Task, happening: tuple[str, Any], now: Any) -> Task:
    kind, value = happening
    if kind == "report":
        return reports.merged(task, value, now)
    if kind == "container":
        return reports.container_merged(task, value, now)
    if kind == "ask":
        return lifecycle.asked_to_stop(task, value, "because", now)
    return lifecycle.leaving(task, now) if kind == "leave" else lifecycle.advance(task, value, now)


lives = st.lists(happenings, max_size=15)


def lived(placed: bool, life: list[tuple[str, Any]]) -> list[Task]:
    """The task after each happening of its life, a second apart."""
    tasks = [new_task(placed)]
    for n, happening in enumerate(life, 1):
        tasks.append(after(tasks[-1], happening, NOW + timedelta(seconds=n)))
    return tasks


@law
@given(st.booleans(), lives)
def test_no_status_ever_goes_back(placed: bool, life: list[tuple[str, Any]]) -> None:
    tasks = lived(placed, life)
    for before, later in pairwise(tasks):
        assert ORDER.index(later.last_status) >= ORDER.index(before.last_status)
        assert later.desired_status is TaskStatus.STOPPED or before.desired_status is not TaskStatus.STOPPED
        for one, other in zip(before.containers, later.containers, strict=True):
            assert CONTAINER_ORDER.index(other.last_status) >= CONTAINER_ORDER.index(one.last_status)


@law
@given(st.booleans(), lives)
def test_what_was_written_once_stays(placed: bool, life: list[tuple[str, Any]]) -> None:
    once = ("started_at", "stopping_at", "stopped_at", "execution_stopped_at", "pull_started_at", "stop_code")
    tasks = lived(placed, life)
    for before, later in pairwise(tasks):
        for name in (*once, "stopped_reason"):
            assert getattr(before, name) in (None, getattr(later, name))


@law
@given(st.booleans(), lives)
def test_times_follow_one_another_and_a_stopped_task_tells_why(placed: bool, life: list[tuple[str, Any]]) -> None:
    task = lived(placed, life)[-1]
    told = [t for t in (task.created_at, task.started_at, task.stopped_at) if t is not None]
    assert told == sorted(told)
    by_agent = [kind for kind, _ in life if kind == "event"] == []
    if by_agent and task.last_status is TaskStatus.STOPPED:
        assert task.stop_code is not None
        assert task.stopped_reason
        assert task.stopped_at is not None
        assert {c.last_status for c in task.containers} == {"STOPPED"} or task.container_instance_arn is None


@law
@given(st.booleans(), lives)
def test_a_change_is_told_by_the_version(placed: bool, life: list[tuple[str, Any]]) -> None:
    tasks = lived(placed, life)
    for before, later in pairwise(tasks):
        assert later.version == before.version + (later != before)


@law
@given(lives, task_reports)
def test_the_same_report_twice_is_the_same_as_once(life: list[tuple[str, Any]], report: dict[str, Any]) -> None:
    task = lived(True, life)[-1]
    once = reports.merged(task, report, NOW)
    assert reports.merged(once, report, NOW + timedelta(seconds=9)) == once


@law
@given(st.lists(task_reports, min_size=1, max_size=5), st.data())
def test_lost_doubled_and_late_reports_end_where_the_last_word_leads(
    told: list[dict[str, Any]], data: st.DataObject
) -> None:
    """A STOPPED report is final: whatever else comes before it, late or twice, the task has stopped."""
    final = {"status": "STOPPED", "containers": [{"containerName": "app", "status": "STOPPED", "exitCode": 3}]}
    heard = [r for r in told for _ in range(data.draw(st.integers(0, 2)))]
    position = data.draw(st.integers(0, len(heard)))
    task = new_task()
    for report in [*heard[:position], final, *heard[position:]]:
        task = reports.merged(task, report, NOW)
    assert task.last_status is TaskStatus.STOPPED
    assert all(c.last_status == "STOPPED" for c in task.containers)


def test_every_state_but_the_last_leads_on_and_none_leads_back() -> None:
    assert set(LIFECYCLE) == set(TaskStatus)
    for status, arcs in LIFECYCLE.items():
        assert bool(arcs) is (status is not TaskStatus.STOPPED)
        assert all(ORDER.index(to) > ORDER.index(status) for to in arcs.values())
