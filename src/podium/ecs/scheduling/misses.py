"""What stood in the way of a task, counted over the instances that could not take it. No I/O.

Source of the order: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
"""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from podium.ecs.scheduling.placement import IN_ORDER, Miss

CLOSEST_FIRST = tuple(reversed(IN_ORDER))
"""An instance that fails at what is looked at last met the most requirements."""

TOLD = {
    "RESOURCE:PORTS": ("uses a port that the task needs", "use a port that the task needs"),
    "RESOURCE:MEMORY": ("has too little memory left", "have too little memory left"),
    "RESOURCE:CPU": ("has too little CPU left", "have too little CPU left"),
    "RESOURCE:GPU": ("has no GPU left", "have no GPU left"),
    "ATTRIBUTE": ("lacks an attribute", "lack an attribute"),
    "LOCATION": ("is in no Availability Zone of the subnets", "are in no Availability Zone of the subnets"),
    "DistinctInstance placement constraint unsatisfied.": (
        "has such a task already (distinctInstance)",
        "have such a task already (distinctInstance)",
    ),
    "MemberOf placement constraint unsatisfied.": ("fails a memberOf constraint", "fail a memberOf constraint"),
    "AGENT": ("has no connected agent", "have no connected agent"),
    "INACTIVE": ("is not ACTIVE", "are not ACTIVE"),
}


def counted(misses: Sequence[Miss]) -> Counter[str]:
    """How many instances each requirement ruled out: of an instance the first that it does not meet counts."""
    return Counter(map(attrgetter("reason"), misses))


def hardest(reasons: Counter[str]) -> str:
    """What the closest match lacks."""
    return min(reasons, key=_rank)


def closest(misses: Sequence[Miss]) -> Miss:
    """The instance that met the most requirements before it failed one."""
    reason = hardest(counted(misses))
    return next(miss for miss in misses if miss.reason == reason)


def in_words(reasons: Counter[str], of_what: str = "container instances") -> str:
    """`Of 12 container instances, 7 have too little memory left and 5 lack an attribute.`"""
    told = [f"{count} {TOLD.get(reason, _UNKNOWN)[count > 1]}" for reason, count in _by_rank(reasons)]
    *others, last = told
    listed = f"{', '.join(others)} and {last}" if others else last
    return f"Of {reasons.total()} {of_what}, {listed}."


_UNKNOWN = ("cannot take it", "cannot take it")


def _by_rank(reasons: Counter[str]) -> list[tuple[str, int]]:
    return sorted(reasons.items(), key=lambda item: (_rank(item[0]), item[0]))


def _rank(reason: str) -> int:
    return CLOSEST_FIRST.index(reason) if reason in CLOSEST_FIRST else len(CLOSEST_FIRST)
