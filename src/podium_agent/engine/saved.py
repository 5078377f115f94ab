"""Tasks as plain data that outlives the process, and back."""

from typing import Any

from msgspec.structs import replace

from podium_agent.engine.records import Binding, Container, Status, Task

FORMAT = 1
"""Of a task's record. A larger number was written by a later agent."""

_FLEETING_CONTAINER: dict[str, Any] = {"step": None, "unsure": False, "touched": 0, "retry_at": None}
_STATUSES = ("status", "reported", "desired")


class UnknownFormat(ValueError):
    """The record was written by a later agent than this one."""


def lasting(task: Task) -> Task:
    """`task` without what lives in memory only. Two tasks are kept alike when these are equal."""
    containers = tuple(replace(c, **_FLEETING_CONTAINER) for c in task.containers)
    return replace(task, containers=containers, report=None)


def to_record(task: Task) -> dict[str, Any]:
    """JSON-able data from which `from_record` makes `lasting(task)` again."""
    record = _plain(task, {"containers", "report"})
    record["containers"] = [_container_record(c) for c in task.containers]
    return {"format": FORMAT, **record}


def from_record(record: dict[str, Any]) -> Task:
    """The task that `to_record` made `record` from. Raises UnknownFormat for one of a later agent."""
    if record.get("format", 0) > FORMAT:
        raise UnknownFormat(f"format {record['format']} of a task's record is newer than this agent's, {FORMAT}")
    members = _known(Task, record)
    containers = tuple(_container(c) for c in record["containers"])
    return Task(**{**members, "containers": containers, "scratch_volumes": tuple(record["scratch_volumes"])})


def _container_record(container: Container) -> dict[str, Any]:
    record = _plain(container, {*_FLEETING_CONTAINER, "bindings"})
    record["bindings"] = [_plain(b, set()) for b in container.bindings]
    return record


def _container(record: dict[str, Any]) -> Container:
    bindings = tuple(Binding(**_known(Binding, b)) for b in record["bindings"])
    return Container(**{**_known(Container, record), "bindings": bindings})


def _plain(value: Any, without: set[str]) -> dict[str, Any]:
    named = {name: getattr(value, name) for name in value.__struct_fields__ if name not in without}
    return {name: member.name if isinstance(member, Status) else member for name, member in named.items()}


def _known(kind: Any, record: dict[str, Any]) -> dict[str, Any]:
    members = {name: member for name, member in record.items() if name in kind.__struct_fields__}
    return {name: Status[member] if name in _STATUSES else member for name, member in members.items()}
