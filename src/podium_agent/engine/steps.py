"""What to ask of Docker next for a task."""

from collections.abc import Iterator

from podium_agent.engine import graph, interfaces, internal, limits, metadata_files, secret_files, volumes
from podium_agent.engine.definitions import docker_json
from podium_agent.engine.instructions import Create, Instruction, Pull, Remove, Start, Stop, Wire
from podium_agent.engine.records import Container, Key, Status, Step, Task
from podium_agent.engine.settings import ONCE, PREFER_CACHED, Settings
from podium_agent.engine.specs import create_body

Ask = tuple[Step, Instruction]


def next_steps(task: Task, settings: Settings, now: float) -> tuple[Task, list[Instruction]]:
    """The task with the steps under way marked, and the instructions that take them.

    A container never has two at a time.
    """
    instructions: list[Instruction] = []
    for container in task.containers:
        if _must_wait(container, now):
            continue
        ask = _ask(task, container, settings, now)
        if ask is not None:
            instructions.append(ask[1])
        if ask is not None or container.retry_at is not None:
            task = task.with_container(container.name, step=ask[0] if ask else None, retry_at=None)
    return task, instructions


def deadlines(task: Task) -> Iterator[float]:
    """When time alone will bring the next step."""
    idle = [c for c in task.containers if c.step is None and not c.unsure]
    for container in idle:
        if container.retry_at is not None:
            yield container.retry_at
        elif container.status < Status.RUNNING and (at := graph.start_deadline(task, container)) is not None:
            yield at
    if task.clean_at is not None and len(idle) == len(task.containers):
        yield max([task.clean_at, *(c.retry_at for c in idle if c.retry_at is not None)])


def is_clean(task: Task, now: float) -> bool:
    """Whether the task's time is up and nothing of it is left in Docker."""
    over = task.clean_at is not None and task.clean_at <= now
    return over and all(c.docker_id is None and c.step is None for c in task.containers)


def _must_wait(container: Container, now: float) -> bool:
    return (
        container.step is not None or container.unsure or (container.retry_at is not None and container.retry_at > now)
    )


def _ask(task: Task, container: Container, settings: Settings, now: float) -> Ask | None:
    key = Key(task.arn, container.name)
    if task.desired is Status.RUNNING:
        return _ask_towards_running(task, container, key, settings)
    if container.docker_id is None:
        return None
    if container.status is Status.RUNNING and graph.may_stop(task, container):
        timeout = container.definition.get("stopTimeout") or settings.stop_timeout
        return Step.STOP, Stop(key=key, docker_id=container.docker_id, timeout=timeout)
    if task.clean_at is not None and task.clean_at <= now:
        return Step.REMOVE, Remove(key=key, docker_id=container.docker_id)
    return None


def _ask_towards_running(task: Task, container: Container, key: Key, settings: Settings) -> Ask | None:
    if container.status is Status.CREATED and graph.may_start(task, container):
        assert container.docker_id is not None, "a created container has Docker's id"
        return Step.START, Start(key=key, docker_id=container.docker_id)
    if container.status is Status.RUNNING and container.name == internal.NETWORK_PAUSE and not container.wired:
        return Step.WIRE, _wire(task, container, key)
    if container.status is Status.RUNNING and container.restarting:
        assert container.docker_id is not None, "what ran has Docker's id"
        return Step.START, Start(key=key, docker_id=container.docker_id, again=True)
    if container.status is not Status.PENDING or not graph.may_create(task, container):
        return None
    if container.image_missing or _pulls_first(container, settings):
        once = settings.image_pull_behavior == ONCE and not container.image_missing
        return Step.PULL, Pull(key=key, image=container.definition["image"], once=once)
    body = create_body(task, container, settings)
    return Step.CREATE, Create(
        key=key,
        docker_name=container.docker_name,
        body=body,
        volumes=volumes.of_docker(task, container.definition, settings.region),
        cgroup=limits.cgroup(task, settings),
        metadata=metadata_files.first(task, container, settings),
        environment_files=tuple(container.definition.get("environmentFiles") or ()),
        secrets=tuple(container.definition.get("secrets") or ()),
        secret_files=secret_files.of(container, settings),
    )


def _wire(task: Task, container: Container, key: Key) -> Wire:
    interface = task.interface
    assert interface is not None, "a network pause container is made for an interface"
    assert container.docker_id is not None, "a running container has Docker's id"
    asked = [docker_json(c.definition, "hostConfig") for c in task.defined]
    sysctls = interfaces.sysctls(task.payload, asked)
    return Wire(key=key, docker_id=container.docker_id, interface=interface, sysctls=sysctls)


def _pulls_first(container: Container, settings: Settings) -> bool:
    """Whether Docker is not asked what it has before a registry is."""
    return settings.image_pull_behavior != PREFER_CACHED and not container.pulled and not container.internal
