"""No instance is over its resources or ports, and every task is where its constraints and strategy want it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from podium.ecs.records import ContainerInstance, InstanceStatus, Service, Task, TaskDefinition, TaskStatus
from podium.ecs.records.clusters import FARGATE_POOL
from podium_sim.checks.sight import BY_HAND, Check, Sight, placed_by_podium, short

AZ = "ecs.availability-zone"


def reserves_what_it_needs(sight: Sight) -> Iterator[str]:
    """A task holds the CPU, the memory and the static ports that its definition says."""
    task = placed_by_podium(sight.change)
    definition = sight.shadow.definition(task.task_definition_arn) if task else None
    if task is None or definition is None or task.overrides:
        return
    needs = needed(definition)
    held = (task.cpu, task.memory_mib, set(task.ports), set(task.ports_udp))
    if held != needs:
        yield f"{short(task.arn)} holds {held}, and its definition needs {needs}"


def needed(definition: TaskDefinition) -> tuple[int, int, set[int], set[int]]:
    """CPU, memory, TCP ports and UDP ports, by the definition alone."""
    document: Any = definition.document
    containers = document["containerDefinitions"]
    cpu = int(document.get("cpu") or 0) or sum(c.get("cpu") or 0 for c in containers)
    soft = sum(c.get("memoryReservation") or c.get("memory") or 0 for c in containers)
    ports: dict[str, set[int]] = {"tcp": set(), "udp": set()}
    if document.get("networkMode") in (None, "bridge", "host"):
        for mapping in (m for c in containers for m in c.get("portMappings") or () if m.get("hostPort")):
            ports[mapping.get("protocol") or "tcp"].add(mapping["hostPort"])
    return cpu, int(document.get("memory") or 0) or soft, ports["tcp"], ports["udp"]


def fits(sight: Sight) -> Iterator[str]:
    """What an instance has promised is never more than it has: CPU, memory, and each port once."""
    task = placed_by_podium(sight.change)
    instance = sight.shadow.instance(task.container_instance_arn) if task else None
    if task is None or instance is None:
        return
    there = [t for t in sight.shadow.holding(instance.arn) if t.arn != task.arn]
    cpu = task.cpu + sum(t.cpu for t in there)
    memory = task.memory_mib + sum(t.memory_mib for t in there)
    if cpu > instance.cpu:
        yield f"{short(instance.arn)} promises {cpu} CPU units of {instance.cpu}"
    if memory > instance.memory_mib:
        yield f"{short(instance.arn)} promises {memory} MiB of {instance.memory_mib}"
    if twice := set(task.ports) & ({p for t in there for p in t.ports} | set(instance.ports)):
        yield f"{short(task.arn)} was given port {min(twice)} of {short(instance.arn)}, which is taken"
    if udp := set(task.ports_udp) & ({p for t in there for p in t.ports_udp} | set(instance.ports_udp)):
        yield f"{short(task.arn)} was given UDP port {min(udp)} of {short(instance.arn)}, which is taken"


def leaves_daemons_their_room(sight: Sight) -> Iterator[str]:
    """What an instance keeps for the next task of a DAEMON service is given to nobody else."""
    task = placed_by_podium(sight.change)
    instance = sight.shadow.instance(task.container_instance_arn) if task else None
    if task is None or instance is None or task.group == BY_HAND or _is_daemon(sight, task):
        return
    kept, taken = sight.shadow.kept(instance.arn), [task, *_taken(sight, instance, task)]
    memory, cpu = sum(one.memory_mib for one in taken), sum(one.cpu for one in taken)
    if clash := set(task.ports) & {port for one in kept for port in one.ports}:
        yield f"{short(task.arn)} was given port {min(clash)}, which {short(instance.arn)} keeps for a daemon"
    if kept and (memory > instance.memory_mib or cpu > instance.cpu):
        names = ", ".join(one.group for one in kept)
        yield f"{short(task.arn)} was given the room that {short(instance.arn)} keeps for {names}"


def _is_daemon(sight: Sight, task: Task) -> bool:
    return any(service.scheduling_strategy == "DAEMON" for service in sight.services(task.service_arn))


def instance_takes_tasks(sight: Sight) -> Iterator[str]:
    """Tasks are placed on ACTIVE instances whose agents are connected, of the cluster or, for Fargate, of the pool."""
    task = placed_by_podium(sight.change)
    if task is None:
        return
    instance = sight.shadow.instance(task.container_instance_arn)
    if instance is None:
        yield f"{short(task.arn)} was placed on an instance that is not there"
        return
    if instance.status is not InstanceStatus.ACTIVE:
        yield f"{short(task.arn)} was placed on {short(instance.arn)}, which is {instance.status}"
    if not instance.agent_connected:
        yield f"{short(task.arn)} was placed on {short(instance.arn)}, whose agent is away"
    if instance.lost_at is not None:
        yield f"{short(task.arn)} was placed on {short(instance.arn)}, which is lost"
    pooled = short(instance.cluster_arn) == FARGATE_POOL
    if (task.launch_type == "FARGATE") is not pooled:
        yield f"{short(task.arn)} of {task.launch_type} was placed on a host of {short(instance.cluster_arn)}"


def constraints_hold(sight: Sight) -> Iterator[str]:
    """distinctInstance and memberOf bind, wherever the task came from."""
    task = placed_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    instance = sight.shadow.instance(task.container_instance_arn) if task else None
    if task is None or service is None or instance is None:
        return
    if not may_be_on(service, task, instance, sight):
        words = [c.get("expression", c["type"]) for c in service.placement_constraints]
        yield f"{short(task.arn)} was placed on {short(instance.arn)} against {' and '.join(words)}"


def may_be_on(service: Service, task: Task, instance: ContainerInstance, sight: Sight) -> bool:
    attributes = {**instance.attributes, **instance.custom_attributes}
    for constraint in service.placement_constraints:
        if constraint["type"] == "distinctInstance":
            others = (t for t in sight.shadow.holding(instance.arn) if t.arn != task.arn)
            if any(t.group == task.group and t.desired_status is TaskStatus.RUNNING for t in others):
                return False
        else:
            name, _, value = constraint["expression"].removeprefix("attribute:").partition(" == ")
            if attributes.get(name) != value:
                return False
    return True


def strategy_is_followed(sight: Sight) -> Iterator[str]:
    """A service's task is in the zone, and there on the instance, that had the fewest of it; or, packed, on the
    fullest that could take it.
    """
    task = placed_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    instance = sight.shadow.instance(task.container_instance_arn) if task else None
    if task is None or service is None or instance is None or task.launch_type != "EC2" or task.capacity_provider:
        return
    if service.scheduling_strategy == "DAEMON" or sight.moves(task):
        return
    rooms = [i for i in sight.shadow.all(ContainerInstance).values() if i.cluster_arn == task.cluster_arn]
    fitting = [i for i in rooms if _could_take(sight, service, task, i)]
    if instance not in fitting:
        return
    strategy = service.placement_strategy or ({"type": "spread", "field": f"attribute:{AZ}"},)
    first = strategy[0]
    if first["type"] == "spread":
        yield from _spread(sight, task, first["field"], instance, rooms, fitting)
    if first["type"] == "binpack" and first["field"].lower() == "memory":
        left = {i.arn: i.memory_mib - sum(one.memory_mib for one in _taken(sight, i)) for i in fitting}
        if left[instance.arn] > min(left.values()):
            yield f"{short(task.arn)} was packed where {left[instance.arn]} MiB were left, not {min(left.values())}"


def _taken(sight: Sight, instance: ContainerInstance, besides: Task | None = None) -> list[Any]:
    """The tasks that the instance holds, without one of them, and what it keeps for daemons to come."""
    there = [t for t in sight.shadow.holding(instance.arn) if besides is None or t.arn != besides.arn]
    return [*there, *sight.shadow.kept(instance.arn)]


def _spread(
    sight: Sight, task: Task, field: str, chosen: ContainerInstance, rooms: list[Any], fitting: list[Any]
) -> Iterator[str]:
    def bucket(instance: ContainerInstance) -> str | None:
        if field in ("instanceId", "host"):
            return instance.arn
        return instance.attributes.get(field.removeprefix("attribute:"))

    counts: Counter[str | None] = Counter()
    for room in rooms:
        if room.status is not InstanceStatus.INACTIVE:
            counts[bucket(room)] += sum(t.group == task.group for t in sight.shadow.holding(room.arn))
    least = min(counts[bucket(i)] for i in fitting)
    if counts[bucket(chosen)] > least:
        where, had = short(bucket(chosen)), counts[bucket(chosen)]
        yield f"{short(task.arn)} went to {where}, which had {had} of {task.group}; another had {least}"


def _could_take(sight: Sight, service: Service, task: Task, instance: ContainerInstance) -> bool:
    if instance.status is not InstanceStatus.ACTIVE or not instance.agent_connected or instance.lost_at is not None:
        return False
    taken = _taken(sight, instance, task)
    ports = {p for t in taken for p in t.ports} | set(instance.ports)
    return (
        sum(t.cpu for t in taken) + task.cpu <= instance.cpu
        and sum(t.memory_mib for t in taken) + task.memory_mib <= instance.memory_mib
        and not ports & set(task.ports)
        and may_be_on(service, task, instance, sight)
        and (not task.network or instance.attributes.get(AZ) in _zones(sight, service))
    )


def _zones(sight: Sight, service: Service) -> set[str | None]:
    """All: the services of a week are in every default subnet, one a zone."""
    return {i.attributes.get(AZ) for i in sight.shadow.all(ContainerInstance).values()}


CHECKS: tuple[Check, ...] = (
    reserves_what_it_needs,
    fits,
    leaves_daemons_their_room,
    instance_takes_tasks,
    constraints_hold,
    strategy_is_followed,
)
