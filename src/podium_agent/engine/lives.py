"""How tasks and containers move on. Every function here is a task to the task after it."""

from msgspec.structs import replace

from podium_agent.engine import graph, restarts
from podium_agent.engine.records import Container, Exit, Status, Task

_OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
_VANISHED = "ContainerVanishedError: No container matching saved ID found"


def created(task: Task, container: Container, docker_id: str) -> Task:
    status = max(container.status, Status.CREATED)
    return task.with_container(container.name, docker_id=docker_id, status=status, step=None, image_missing=False)


def started(task: Task, container: Container, at: float) -> Task:
    if container.restarting and container.status is Status.RUNNING:
        return restarts.came_back(task, container)
    if container.status >= Status.RUNNING:
        return task.with_container(container.name, step=None)
    return _noting_that_it_ran(task.with_container(container.name, status=Status.RUNNING, started_at=at, step=None))


def ended(task: Task, container: Container, how: Exit, now: float) -> Task:
    """The container ended, and so it ran: Docker may tell of the end before it answers the start."""
    if container.status is Status.STOPPED or restarts.is_told_already(container, how):
        return task
    if container.status < Status.RUNNING:
        task = started(task, container, how.at)
        container = task.container(container.name)
    if restarts.is_due(task, container, how):
        return restarts.ended(task, container, how, now)
    return task.with_container(
        container.name,
        status=Status.STOPPED,
        exit_code=how.code,
        finished_at=how.at,
        reason=_reason(how),
    )


def failed(task: Task, container: Container, reason: str) -> Task:
    """The container will not run, or is gone; there is no exit code to tell."""
    if container.status is Status.STOPPED:
        return task.with_container(container.name, step=None)
    return task.with_container(container.name, status=Status.STOPPED, reason=reason, step=None, restarting=False)


def vanished(task: Task, container: Container) -> Task:
    return failed(task, container, _VANISHED)


def told_to_stop(task: Task, within: int | None = None) -> Task:
    """The task, to be stopped with its containers' own patience, or `within` so many seconds."""
    if within is not None:
        hurried = tuple(replace(c, definition={**c.definition, "stopTimeout": within}) for c in task.containers)
        task = replace(task, containers=hurried)
    return task if task.desired is Status.STOPPED else replace(task, desired=Status.STOPPED)


def settle(task: Task, now: float) -> Task:
    """The task with every consequence of where its containers are.

    An essential end stops the rest; what can never start is STOPPED without having run; and
    a task told to stop gives up what it had not begun.
    """
    task = _noting_that_it_ran(task)
    if task.desired is Status.RUNNING:
        task = _without_hopeless(task, now)
    ends = [c for c in task.containers if c.status is Status.STOPPED and c.essential]
    if task.desired is Status.RUNNING and (ends or task.status is Status.STOPPED):
        task = replace(task, desired=Status.STOPPED)
    if ends and task.execution_stopped_at is None:
        first = min(c.finished_at if c.finished_at is not None else now for c in ends)
        task = replace(task, execution_stopped_at=first)
    return _without_unbegun(task) if task.desired is Status.STOPPED else task


def _noting_that_it_ran(task: Task) -> Task:
    """`ran` is set in the moment when nothing of the task is still to come and nothing essential is over."""
    if task.ran or not task.containers or task.desired is Status.STOPPED:
        return task
    up = all(c.status >= Status.RUNNING for c in task.containers)
    whole = not any(c.essential and c.status is Status.STOPPED for c in task.containers)
    return replace(task, ran=True) if up and whole else task


def _without_hopeless(task: Task, now: float) -> Task:
    """One container that cannot start may doom the next, so this goes on until nothing changes."""
    for container in task.containers:
        if container.status >= Status.RUNNING or container.step is not None or container.unsure:
            continue
        edge = graph.hopeless_edge(task, container, now)
        if edge is not None:
            doomed = failed(task, container, graph.in_words(task, container, edge))
            doomed = doomed.with_container(container.name, exit_code=graph.SIGTERM_EXIT)
            return _without_hopeless(doomed, now)
    return task


def _without_unbegun(task: Task) -> Task:
    for container in task.containers:
        is_up = container.status >= Status.RUNNING and not container.restarting
        if not is_up and container.step is None and not container.unsure:
            task = task.with_container(container.name, status=Status.STOPPED, restarting=False)
    return task


def _reason(how: Exit) -> str:
    if how.out_of_memory:
        return _OUT_OF_MEMORY
    return f"DockerStateError: {how.error}" if how.error else ""
