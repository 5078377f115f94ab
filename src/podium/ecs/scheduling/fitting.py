"""Which instances of a fleet a task may go to, and why it may not go to the others."""

from collections.abc import Callable, Hashable
from functools import reduce
from operator import or_

from podium.ecs import query
from podium.ecs.errors import InvalidParameter
from podium.ecs.query import Subject
from podium.ecs.records.instances import GROUP_ATTRIBUTE
from podium.ecs.scheduling import placement
from podium.ecs.scheduling.columns import Rows, without
from podium.ecs.scheduling.fleet import Fleet
from podium.ecs.scheduling.placement import AZ, EXTERNAL, Miss, Requirements

MOST_KEPT = 4096


class Fitting:
    """Questions to one fleet. Keeps what follows from the instances' descriptions, as long as these stay."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._kept: dict[Hashable, Rows] = {}
        self._kept_at = fleet.changes

    def considered(self, needs: Requirements) -> Rows:
        """Those that come into question, whatever they are and have left."""
        return self._keep((needs.external, needs.of_group), lambda: self._considered(needs))

    def rows(self, needs: Requirements) -> Rows:
        """Those that meet every requirement now."""
        fleet = self.fleet
        found = self._suited(needs) & fleet.ready
        found = fleet.memory_mib.at_least(needs.memory_mib, fleet.cpu.at_least(needs.cpu, found))
        if needs.gpus:
            found = fleet.gpus.at_least(needs.gpus, found)
        for port in needs.ports:
            found = without(found, fleet.ports.get(port, 0))
        for port in needs.ports_udp:
            found = without(found, fleet.ports_udp.get(port, 0))
        if needs.distinct:
            found = without(found, without(fleet.tallies.holders(needs.group), fleet.leaving.get(needs.group, 0)))
        for expression in needs.member_of:
            if not is_lasting(expression):
                found &= self._members(expression)
        return found

    def misses(self, needs: Requirements) -> tuple[Miss, ...]:
        """Each instance considered, and the first requirement that it does not meet. For when none does."""
        rooms = self.fleet.some(self.considered(needs))
        told = ((room.instance.arn, placement.unfit(needs, room)) for room in rooms)
        return tuple(Miss(instance_arn=arn, reason=reason) for arn, reason in told if reason)

    def _keep(self, key: Hashable, work_out: Callable[[], Rows]) -> Rows:
        if self._kept_at != self.fleet.changes or len(self._kept) >= MOST_KEPT:
            self._kept, self._kept_at = {}, self.fleet.changes
        if key not in self._kept:
            self._kept[key] = work_out()
        return self._kept[key]

    def _considered(self, needs: Requirements) -> Rows:
        external = without(self.fleet.everyone, self._lacking(EXTERNAL))
        found = external if needs.external else self.fleet.everyone ^ external
        return found if needs.of_group is None else found & self._saying(GROUP_ATTRIBUTE, needs.of_group)

    def _suited(self, needs: Requirements) -> Rows:
        key = (needs.attributes, needs.architecture, needs.os_type, needs.zones, needs.member_of)
        return self._keep((*key, needs.external, needs.of_group), lambda: self._suitable(needs))

    def _suitable(self, needs: Requirements) -> Rows:
        """As far as descriptions tell."""
        found = self.considered(needs)
        for name in needs.attributes:
            found = without(found, self._lacking(name))
        for name, wanted in placement.platform(needs):
            values = self.fleet.by_value(Subject.ATTRIBUTE, name)
            found &= reduce(or_, (rows for told, rows in values.items() if placement.same(wanted, told)), 0)
        if needs.zones:
            found &= reduce(or_, (self._saying(AZ, zone) for zone in needs.zones))
        for expression in needs.member_of:
            if is_lasting(expression):
                found &= self._members(expression)
        return found

    def _members(self, expression: str) -> Rows:
        """A definition of a time when expressions were not yet read may hold one that is none: it fits nowhere."""
        try:
            return query.selected(query.parsed(expression), self.fleet)
        except InvalidParameter:
            return 0

    def _saying(self, attribute: str, value: str) -> Rows:
        return self.fleet.by_value(Subject.ATTRIBUTE, attribute).get(value, 0)

    def _lacking(self, attribute: str) -> Rows:
        return self.fleet.by_value(Subject.ATTRIBUTE, attribute).get(None, 0)


def is_lasting(expression: str) -> bool:
    try:
        return query.is_lasting(query.parsed(expression))
    except InvalidParameter:
        return True


def is_changed_by_placing(needs: Requirements) -> bool:
    """Whether a task of these, once placed, decides by its group where the next may go."""
    return any(not is_lasting(expression) for expression in needs.member_of)
