"""Wrong places: resources, ports, constraints, strategies, capacity providers."""

from typing import Any

from podium.ecs.records import InstanceStatus
from podium.store.records import replace
from podium_sim.planted.planting import Function, Planted

SCHEDULING = "podium.ecs.scheduling"
FITTING = f"{SCHEDULING}.fitting:Fitting.rows"
LAUNCHING = f"{SCHEDULING}.launching"


def _needs(**less: Any) -> Any:
    """Some of what a task needs is not looked at."""
    return lambda right: lambda this, needs: right(this, replace(needs, **less))


def _better(**told: Any) -> Any:
    """An instance is taken for a better one than it is."""
    return lambda right: lambda room: right(replace(room, instance=replace(room.instance, **told)))


def _without(kind: str) -> Any:
    """A strategy's items of one kind are left out."""

    def becomes(right: Function) -> Function:
        def choose(fleet: Any, among: Any, group: str, strategy: Any, below: Any) -> Any:
            return right(fleet, among, group, [item for item in strategy if item["type"] != kind], below)

        return choose

    return becomes


def _one_container(right: Function) -> Function:
    def requirements(launch: Any) -> Any:
        needs, first = right(launch), launch.definition.containers[0]
        return replace(needs, memory_mib=first.get("memory") or needs.memory_mib)

    return requirements


def _hold_no_port(right: Function) -> Function:
    return lambda held, needs, gpu_ids: right(held, replace(needs, ports=frozenset()), gpu_ids)


BUGS: tuple[Planted, ...] = (
    Planted("a static port is not looked at", FITTING, _needs(ports=frozenset())),
    Planted("distinctInstance is not looked at", FITTING, _needs(distinct=False)),
    Planted("memberOf is not looked at", FITTING, _needs(member_of=())),
    Planted("memory is not looked at", FITTING, _needs(memory_mib=0)),
    Planted(
        "an instance that drains takes tasks", f"{SCHEDULING}.placement:away", _better(status=InstanceStatus.ACTIVE)
    ),
    Planted(
        "an instance whose agent is away takes tasks",
        f"{SCHEDULING}.placement:away",
        _better(agent_connected=True),
    ),
    Planted("a lost instance that is back takes tasks", f"{SCHEDULING}.placement:away", _better(lost_at=None)),
    Planted(
        "what other tasks hold is forgotten",
        f"{SCHEDULING}.placement:Room.memory_mib",
        lambda right: lambda room: room.instance.memory_mib,
    ),
    Planted("tasks placed together do not see each other's ports", f"{SCHEDULING}.choosing:taken", _hold_no_port),
    Planted("spread is left to chance", f"{SCHEDULING}.choosing:choose", _without("spread")),
    Planted("binpack is left to chance", f"{SCHEDULING}.choosing:choose", _without("binpack")),
    Planted("a task reserves for its first container alone", f"{LAUNCHING}:requirements", _one_container),
    Planted(
        "a task's record forgets its port",
        f"{LAUNCHING}:_task",
        lambda right: lambda *given: replace(right(*given), ports=()),
    ),
    Planted(
        "Fargate's tasks go to the cluster's instances",
        "podium.ecs.starting:fitting_for",
        lambda right: lambda tx, launch: right(tx, replace(launch, launch_type="EC2")),
    ),
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
        "podium.ecs.starting:_needs",
        lambda right: lambda tx, launch, provider: launch.needs,
    ),
)
