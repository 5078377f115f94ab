"""Wrong places: resources, ports, constraints, strategies, capacity providers."""

from dataclasses import replace
from typing import Any

from podium.ecs.records import InstanceStatus
from podium.ecs.scheduling.placement import Room
from podium_sim.planted.planting import Function, Planted

PLACEMENT = "podium.ecs.scheduling.placement"
LAUNCHING = "podium.ecs.scheduling.launching"


def _needs(**less: Any) -> Any:
    """Some of what a task needs is not looked at."""
    return lambda right: lambda needs, room: right(replace(needs, **less), room)


def _instance(**better: Any) -> Any:
    """An instance is taken for a better one than it is."""

    def becomes(right: Function) -> Function:
        def unfit(needs: Any, room: Room) -> Any:
            return right(needs, replace(room, instance=replace(room.instance, **better)))

        return unfit

    return becomes


def _one_container(right: Function) -> Function:
    def requirements(launch: Any) -> Any:
        needs, first = right(launch), launch.definition.containers[0]
        return replace(needs, memory_mib=first.get("memory") or needs.memory_mib)

    return requirements


def _as_if_empty(right: Function) -> Function:
    def room(instance: Any, held: Any) -> Any:
        return replace(right(instance, held), memory_mib=instance.memory_mib, cpu=instance.cpu)

    return room


def _hold_no_port(right: Function) -> Function:
    return lambda room, cpu, memory_mib, ports, ports_udp, group: right(room, cpu, memory_mib, (), (), group)


def _fargate_anywhere(right: Function) -> Function:
    def instances_for(tx: Any, launch: Any) -> Any:
        return right(tx, replace(launch, launch_type="EC2"))

    return instances_for


BUGS: tuple[Planted, ...] = (
    Planted("a static port is not looked at", f"{PLACEMENT}:unfit", _needs(ports=frozenset())),
    Planted("distinctInstance is not looked at", f"{PLACEMENT}:unfit", _needs(distinct=False)),
    Planted("memberOf is not looked at", f"{PLACEMENT}:unfit", _needs(member_of=())),
    Planted("an instance that drains takes tasks", f"{PLACEMENT}:unfit", _instance(status=InstanceStatus.ACTIVE)),
    Planted("an instance whose agent is away takes tasks", f"{PLACEMENT}:unfit", _instance(agent_connected=True)),
    Planted("what other tasks hold is forgotten", f"{PLACEMENT}:_room", _as_if_empty),
    Planted("tasks placed together do not see each other's ports", f"{PLACEMENT}:Room.hold", _hold_no_port),
    Planted(
        "spread goes where the most are",
        f"{PLACEMENT}:_spread",
        lambda right: lambda *given: lambda room: -right(*given)(room),
    ),
    Planted(
        "binpack goes where the most is left",
        f"{PLACEMENT}:_binpack",
        lambda right: lambda item: lambda room: -right(item)(room),
    ),
    Planted("a task reserves for its first container alone", f"{LAUNCHING}:requirements", _one_container),
    Planted(
        "a task's record forgets its port",
        f"{LAUNCHING}:_task",
        lambda right: lambda *given: replace(right(*given), ports=()),
    ),
    Planted("Fargate's tasks go to the cluster's instances", "podium.ecs.starting:instances_for", _fargate_anywhere),
    Planted(
        "a capacity provider's base is not looked at",
        "podium.ecs.scheduling.shares:providers",
        lambda right: lambda strategy, held, count: right([{**i, "base": 0} for i in strategy], held, count),
    ),
    Planted(
        "capacity providers' weights are not looked at",
        "podium.ecs.scheduling.shares:providers",
        lambda right: lambda strategy, held, count: right([{**i, "weight": 1} for i in strategy], held, count),
    ),
    Planted(
        "every instance is of every capacity provider",
        "podium.ecs.rules.capacity_providers:of_instance",
        lambda right: lambda tx, instance: "left",
    ),
)
