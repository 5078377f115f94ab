"""A proxy that pretends: it hears late where traffic may go, sends requests there all the time, and says what it finds.

Its requests are the judge: none may be on its way to a container, or still be sent to one, that is told to stop.
"""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from podium.ecs.records import ContainerInstance
from podium.elbv2 import traffic
from podium_protocol import proxy
from podium_sim.docker import SimContainer

if TYPE_CHECKING:
    from podium_sim.world import World

Key = tuple[str, str, int, float]  # a target: its group, id, port, and when it was registered

LOOKS_EVERY, ASKS_EVERY = 0.2, 0.02
SLOWEST_TO_APPLY, LONGEST_REQUEST = 0.4, 1.0


@dataclass(slots=True)
class Request:
    container: SimContainer
    life: int
    over: float


class SimProxy:
    """It is linked while the control plane is up and nothing cuts it off, and goes on with what it heard otherwise."""

    def __init__(self, world: "World") -> None:
        self._world, self._random = world, Random(world.random.getrandbits(64))
        self._applied = self._looked = 0
        self.routes: set[Key] = set()
        self._healthy: set[Key] = set()
        self._under_way: list[Request] = []
        self.answered = self.refused = 0
        world.every(LOOKS_EVERY, self._look)
        world.every(ASKS_EVERY, self._ask)

    def on_stop(self, container: SimContainer) -> str | None:
        """What is wrong with telling the container to stop now."""
        if any(r.container is container and r.life == container.life for r in self._under_way):
            return f"{container.name} was told to stop while it answers a request"
        if any(self._container(key) is container for key in self._usable()):
            return f"{container.name} was told to stop while requests are sent to it"
        return None

    def _look(self) -> None:
        world = self._world
        if not world.plane.is_up or world.network.is_cut:
            return
        tx = world.plane.read()
        found = (traffic.document(tx, world.plane.sealer, arn, True) for arn in traffic.all_arns(tx))
        groups = [group for document in found if document is not None for group in document["target_groups"]]
        self._looked += 1
        turn = self._looked
        world.time.after(self._random.uniform(0.005, SLOWEST_TO_APPLY), lambda: self._apply(turn, groups))

    def _apply(self, turn: int, groups: list[proxy.TargetGroup]) -> None:
        if turn < self._applied:
            return
        self._applied = turn
        targets = {(g["arn"], t["id"], t["port"], t["since"]): t for g in groups for t in g["targets"]}
        self.routes = {key for key, target in targets.items() if not target["draining"]}
        drained = [key for key, target in targets.items() if target["draining"]]
        self._healthy = {key for key in self.routes if self._container(key) is not None}
        found = [self._found(key) for key in sorted(self.routes)]
        plane = self._world.plane
        self._world.network.carry(lambda: plane.hear_proxy(found, drained) if plane.is_up else None)

    def _found(self, key: Key) -> proxy.TargetHealth:
        well = key in self._healthy
        return proxy.TargetHealth(
            target_group=key[0],
            id=key[1],
            port=key[2],
            since=key[3],
            state="healthy" if well else "unhealthy",
            reason=None if well else "Target.FailedHealthChecks",
            description=None if well else "Health checks failed",
            asked=None,
            answered=None,
            changed=key[3],
        )

    def _usable(self) -> set[Key]:
        """With none healthy, all are tried."""
        return self._healthy & self.routes or self.routes

    def _ask(self) -> None:
        now = self._world.time.seconds
        self._under_way = [r for r in self._under_way if r.over > now and r.container.life == r.life]
        usable = sorted(self._usable())
        container = self._container(self._random.choice(usable)) if usable else None
        if container is None:
            self.refused += 1
            return
        self.answered += 1
        over = now + self._random.uniform(0.0, LONGEST_REQUEST)
        self._under_way.append(Request(container, container.life, over))

    def _container(self, key: Key) -> SimContainer | None:
        """What runs behind the target's port."""
        _, identity, port, _ = key
        read = self._world.plane.read()
        for agent in self._world.agents:
            instance = read.get(ContainerInstance, agent.arn)
            if instance is not None and instance.ec2_instance_id == identity:
                return next((c for c in agent.docker.running() if f"{port}/tcp" in c.ports), None)
        return None
