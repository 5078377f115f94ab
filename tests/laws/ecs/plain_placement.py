"""Placement as a person would do it by hand: every instance is looked at anew for every task.

What the product does must come to the same, for the same dice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from podium.ecs.records import ContainerInstance, DaemonServiceReservation, Held, Task
from podium.ecs.scheduling import placement
from podium.ecs.scheduling.placement import Below, Requirements, Room

Strategy = Sequence[Mapping[str, str]]


@dataclass
class PlainFleet:
    instances: list[ContainerInstance]
    held: dict[str, Held]
    reserved: Sequence[DaemonServiceReservation] = ()

    @classmethod
    def of(
        cls,
        instances: Sequence[ContainerInstance],
        tasks: Sequence[Task],
        reserved: Sequence[DaemonServiceReservation] = (),
    ) -> "PlainFleet":
        held = placement.held_by(tasks)
        return cls(list(instances), {i.arn: held(i.arn) for i in instances}, reserved)

    def rooms(self) -> list[Room]:
        rooms = placement.rooms(self.instances, lambda arn: self.held[arn])
        return [Room(room.instance, room.held, self._kept(room)) for room in rooms]

    def _kept(self, room: Room) -> Held:
        here = [one for one in self.reserved if one.container_instance_arn == room.instance.arn]
        absent = [one for one in here if not room.held.groups.get(one.group)]
        present = [one for one in here if one not in absent]
        return Held(
            cpu=sum(one.cpu for one in absent) + sum(one.more_cpu for one in present),
            memory_mib=sum(one.memory_mib for one in absent) + sum(one.more_memory_mib for one in present),
            ports=Counter(port for one in here for port in one.ports),
            ports_udp=Counter(port for one in here for port in one.ports_udp),
            groups=Counter(one.group for one in here),
        )

    def place(self, needs: Requirements, count: int, strategy: Strategy, below: Below) -> list[str]:
        """The ARNs of the instances, one a task."""
        chosen: list[str] = []
        while len(chosen) < count:
            fitting = [room for room in self.rooms() if placement.unfit(needs, room) is None]
            if not fitting:
                break
            left = self._narrowed(fitting, needs.group, strategy)
            room = left[below(len(left))] if len(left) > 1 else left[0]
            arn = room.instance.arn
            self.held[arn] = self.held[arn].changed(
                1, needs.cpu, needs.memory_mib, needs.ports, needs.ports_udp, room.gpus[: needs.gpus], needs.group
            )
            chosen.append(arn)
        return chosen

    def _narrowed(self, left: list[Room], group: str, strategy: Strategy) -> list[Room]:
        for item in strategy:
            if item["type"] == "random":
                break
            scores = {room.instance.arn: self._score(room, group, item) for room in left}
            best = min(scores.values())
            left = [room for room in left if scores[room.instance.arn] == best]
        return left

    def _score(self, room: Room, group: str, item: Mapping[str, str]) -> int:
        if item["type"] == "binpack":
            return room.cpu if item["field"] == "cpu" else room.memory_mib
        if item["field"] == "instanceId":
            return room.held.groups.get(group, 0)
        name = item["field"].removeprefix("attribute:")
        counts: Counter[str] = Counter()
        for other in self.rooms():
            counts[other.attributes.get(name) or ""] += other.held.groups.get(group, 0)
        return counts[room.attributes.get(name) or ""]
