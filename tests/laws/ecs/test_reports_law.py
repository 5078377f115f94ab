"""Reports may be doubled and come late; what is once known stays known, and the end is the same."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium.ecs.records import Container, Task, TaskStatus
from podium.ecs.rules import reports

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ORDER = list(TaskStatus)
BINDINGS = [{"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 32768, "protocol": "tcp"}]


def a_task() -> Task:
    containers = tuple(Container(name=n, arn=n, image=n, essential=n == "app") for n in ("app", "side"))
    return Task(arn="t", cluster_arn="c", task_definition_arn="d", containers=containers, created_at=NOW)


def entry(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {"containerName": name, "status": status, **more}


STREAM: list[dict[str, Any]] = [
    {"status": "PENDING", "containers": [entry("app", "PENDING", imageDigest="sha256:0")]},
    {
        "status": "RUNNING",
        "reason": "",
        "containers": [
            entry("app", "RUNNING", runtimeId="r1", networkBindings=BINDINGS, imageDigest="sha256:0"),
            entry("side", "RUNNING", runtimeId="r2"),
        ],
        "pullStartedAt": NOW,
        "pullStoppedAt": NOW + timedelta(seconds=1),
    },
    {"status": "RUNNING", "containers": [entry("side", "STOPPED", runtimeId="r2", exitCode=3)]},
    {
        "status": "STOPPED",
        "reason": "",
        "containers": [entry("app", "STOPPED", runtimeId="r1", exitCode=7, networkBindings=BINDINGS)],
        "executionStoppedAt": NOW + timedelta(seconds=9),
    },
]


def told(task: Task) -> list[Any]:
    """All that a person is shown of how it went; when it was heard is not part of it."""
    shown = [(c.last_status, c.exit_code, c.runtime_id, c.image_digest, c.network_bindings) for c in task.containers]
    return [task.last_status, task.stop_code, task.stopped_reason, task.pull_started_at, task.pull_stopped_at, shown]


def after(sent: list[dict[str, Any]]) -> list[Task]:
    """The task after each of the reports, one a second."""
    tasks, task = [], a_task()
    for second, report in enumerate(sent):
        task = reports.merged(task, report, NOW + timedelta(seconds=second))
        tasks.append(task)
    return tasks


@settings(max_examples=examples(200))
@given(st.data())
def test_earlier_reports_that_come_again_at_any_time_change_nothing_of_the_end(data: st.DataObject) -> None:
    sent: list[dict[str, Any]] = []
    for number, report in enumerate(STREAM):
        sent += [report, *data.draw(st.lists(st.sampled_from(STREAM[: number + 1]), max_size=3))]
    assert told(after(sent)[-1]) == told(after(STREAM)[-1])


@settings(max_examples=examples(200))
@given(st.lists(st.sampled_from(STREAM), min_size=1, max_size=12))
def test_in_any_order_nothing_goes_back(sent: list[dict[str, Any]]) -> None:
    tasks = after(sent)
    for before, later in pairwise(tasks):
        assert ORDER.index(later.last_status) >= ORDER.index(before.last_status)
        for was, container in zip(before.containers, later.containers, strict=True):
            assert reports.ORDER[container.last_status] >= reports.ORDER[was.last_status]
            assert was.exit_code in (None, container.exit_code)
            assert was.runtime_id in (None, container.runtime_id)
            assert was.network_bindings in ((), container.network_bindings)
        assert before.started_at in (None, later.started_at)
        assert before.stopped_at in (None, later.stopped_at)


@settings(max_examples=examples(100))
@given(st.lists(st.sampled_from(STREAM), max_size=8))
def test_a_stopped_task_never_changes_again(late: list[dict[str, Any]]) -> None:
    end = after(STREAM)[-1]
    assert all(task == end for task in after([*STREAM, *late])[len(STREAM) :])
