"""From a payload's task to a task of ours, or to the reason why it cannot be one."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from podium_agent.engine import graph, interfaces, internal, secret_files, volumes
from podium_agent.engine.interfaces import BadInterface
from podium_agent.engine.ports import NoPort, Ports, is_port_range
from podium_agent.engine.records import Binding, Container, Status, Task
from podium_protocol import payload

NewId = Callable[[], str]
"""Draws 32 hexadecimal digits that nobody drew before."""

_SUFFIX_DIGITS = 20
_NETWORK_MODES = {"", "bridge", "host", "none", "awsvpc"}
_UNSUPPORTED_OF_TASKS = {
    "attachments": "attachments",
    "proxyConfiguration": "a proxyConfiguration",
}
_UNSUPPORTED_OF_CONTAINERS = {
    "firelensConfiguration": "FireLens",
}


def accept(given: payload.Task, *, new_id: NewId, ports: Ports, taken: set[tuple[int, str]]) -> Task:
    """The task to run, with every name and port it will need already chosen.

    A task that cannot run comes back STOPPED, without containers and with its reason.
    """
    reason = next(_objections(given), None)
    if reason is None:
        try:
            return _task(given, new_id=new_id, ports=ports, taken=taken)
        except NoPort as error:
            reason = f"CannotCreateContainerError: {error}"
        except BadInterface as error:
            reason = f"UnrecogniedTaskError: Error loading task - {error}"
    return Task(payload=given, desired=Status.STOPPED, containers=(), reason=reason)


def already_over(given: payload.Task) -> Task:
    """A task that was to stop before this agent ever heard of it."""
    return Task(payload=given, desired=Status.STOPPED, containers=())


def rebind(task: Task, container: Container, *, new_id: NewId, ports: Ports, taken: set[tuple[int, str]]) -> Task:
    """The task with another name and other dynamic ports for `container`. Raises NoPort."""
    bindings = _bindings(task.payload, container.definition, ports, taken)
    return task.with_container(
        container.name,
        docker_name=docker_name(task.payload, container.name, new_id),
        bindings=bindings,
        port_choices=container.port_choices + 1,
    )


def docker_name(given: payload.Task, name: str, new_id: NewId) -> str:
    """`ecs-<family>-<revision>-<name>-<20 digits>`, as the official agent names containers and volumes."""
    plain = re.sub(r"[^A-Za-z0-9-]", "", name)
    return f"ecs-{given.get('family', '')}-{given.get('version', '')}-{plain}-{new_id()[:_SUFFIX_DIGITS]}"


def _task(given: payload.Task, *, new_id: NewId, ports: Ports, taken: set[tuple[int, str]]) -> Task:
    containers = []
    for definition in [*internal.definitions(given, interfaces.of(given)), *(given.get("containers") or [])]:
        bindings = _bindings(given, definition, ports, taken)
        taken = taken.union(*(b.taken for b in bindings))
        name = docker_name(given, definition["name"], new_id)
        containers.append(Container(definition=definition, docker_name=name, endpoint_id=new_id(), bindings=bindings))
    asked = given.get("volumes") or []
    sources = {v["name"]: volumes.source(v, lambda name: docker_name(given, name, new_id)) for v in asked}
    scratch = tuple(sources[v["name"]] for v in asked if volumes.ends_with_the_task(v))
    return Task(
        payload=given,
        desired=Status.RUNNING,
        containers=tuple(containers),
        volumes=sources,
        scratch_volumes=scratch,
    )


def _bindings(
    given: payload.Task, definition: payload.Container, ports: Ports, taken: set[tuple[int, str]]
) -> tuple[Binding, ...]:
    if (given.get("networkMode") or "bridge") != "bridge":
        return ()
    return ports.bind(definition.get("portMappings") or [], taken)


def _objections(given: payload.Task) -> Iterator[str]:
    """Every reason why this agent cannot run the task, the plainest first."""
    for text in _misfits(given):
        yield f"UnrecogniedTaskError: Error loading task - {text}"
    containers = [Container(definition=d, docker_name="", endpoint_id="") for d in given.get("containers") or []]
    shared = [Container(definition={"name": n}, docker_name="", endpoint_id="") for n, _ in internal.edges(given)]
    if not graph.is_resolvable(given, [*shared, *containers]):
        yield f"TaskDependencyError: Task dependencies cannot be resolved, taskArn: {given['arn']}"
    for definition in given.get("containers") or []:
        yield from _docker_objections(definition)
        yield from secret_files.misfits(definition)


def _misfits(given: payload.Task) -> Iterator[str]:
    if not given.get("containers"):
        yield "the task has no containers"
    if (given.get("networkMode") or "") not in _NETWORK_MODES:
        yield f"this agent does not support the network mode {given['networkMode']}"
    for member, words in _UNSUPPORTED_OF_TASKS.items():
        if given.get(member):
            yield f"this agent does not support {words}"
    kinds = {association.get("type") for association in given.get("associations") or []}
    if kinds - {"gpu"}:
        yield f"this agent does not support associations of type {', '.join(sorted(map(str, kinds - {'gpu'})))}"
    for volume in given.get("volumes") or []:
        yield from volumes.misfits(volume)
    for definition in given.get("containers") or []:
        yield from _container_misfits(definition)


def _container_misfits(definition: payload.Container) -> Iterator[str]:
    for member, words in _UNSUPPORTED_OF_CONTAINERS.items():
        if definition.get(member):
            yield f"this agent does not support {words}"
    for mapping in definition.get("portMappings") or []:
        if (text := mapping.get("containerPortRange")) and not is_port_range(text):
            yield f"container {definition['name']} maps the port range {text}, which is none"
    conditions = {edge.get("condition") for edge in definition.get("dependsOn") or []}
    if conditions - graph.CONDITIONS:
        yield f"container {definition['name']} depends on an unknown condition"
    overrides = _json(definition.get("overrides") or "{}")
    if overrides is None or overrides.keys() - {"command"}:
        yield f"the overrides of container {definition['name']} may hold nothing but a command"


def _docker_objections(definition: payload.Container) -> Iterator[str]:
    docker = definition.get("dockerConfig") or {}
    config = _json(docker.get("config") or "{}")
    if config is None:
        yield f"DockerClientConfigError: the Docker config of container {definition['name']} is not a JSON object"
    elif (definition.get("healthCheckType") or "").lower() == "docker" and not config.get("Healthcheck"):
        yield "DockerClientConfigError: docker health check is nil while container health check type is DOCKER"
    if _json(docker.get("hostConfig") or "{}") is None:
        yield f"HostConfigError: the Docker hostConfig of container {definition['name']} is not a JSON object"


def _json(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
