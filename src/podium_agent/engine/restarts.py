"""Restart policies: containers that Docker starts again in place, without a word to the control plane.

A container that is to be started again counts as RUNNING all the while; `restarting` is set from
its end until Docker runs it again. Its id stays, and so do its ports and its place in the order.
Source: Amazon ECS Developer Guide, "Restart individual containers in Amazon ECS tasks with
container restart policies".
"""

from podium_agent.engine.records import Container, Exit, Status, Task

_DEFAULT_PERIOD_SECONDS = 300


def has_policy(container: Container) -> bool:
    return bool((container.definition.get("restartPolicy") or {}).get("enabled"))


def is_due(task: Task, container: Container, how: Exit) -> bool:
    """Whether an end like this is followed by a start: the task goes on, and the container had run long enough."""
    policy = container.definition.get("restartPolicy") or {}
    if not policy.get("enabled") or task.desired is Status.STOPPED or how.code is None:
        return False
    if how.code in (policy.get("ignoredExitCodes") or []):
        return False
    period = policy.get("restartAttemptPeriod")
    began = container.started_at if container.restarted_at is None else container.restarted_at
    assert began is not None, "what ended was started"
    return how.at - began >= (_DEFAULT_PERIOD_SECONDS if period is None else period)


def is_told_already(container: Container, how: Exit) -> bool:
    """Docker tells of one end more than once; that of an earlier start came before the latest was asked for."""
    return container.restarting or (container.restarted_at is not None and how.at <= container.restarted_at)


def ended(task: Task, container: Container, how: Exit, now: float) -> Task:
    """The task once a start in place is owed to `container`."""
    return task.with_container(
        container.name,
        restarting=True,
        restarts=container.restarts + 1,
        restarted_at=max(now, how.at),
        exit_code=how.code,
        finished_at=how.at,
    )


def came_back(task: Task, container: Container) -> Task:
    """Health begins anew, as Docker's own does."""
    return task.with_container(
        container.name,
        step=None,
        restarting=False,
        exit_code=None,
        finished_at=None,
        health="UNKNOWN",
        health_since=None,
    )
