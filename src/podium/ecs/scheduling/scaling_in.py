"""Which tasks of a service go first when some have to. No I/O.

A service of thousands of tasks asks this at every change, and mostly lets few of them go: tasks are handed out
one by one, from heaps of heaps, one level for each item of the placement strategy.

Source: Amazon ECS Developer Guide, "Amazon ECS services", "How Amazon ECS selects tasks to stop".
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heapreplace
from operator import attrgetter

from podium.ecs.records import Health, Task
from podium.ecs.records import TaskStatus as S

Path = tuple[Hashable, ...]
Key = tuple[object, ...]
_age: Callable[[Task], Key] = attrgetter("created_at", "arn")


@dataclass(frozen=True, slots=True)
class Weighing:
    """How buckets are compared where the number of their tasks does not say it. The heaviest gives first.

    `start` is a bucket's weight, from its name and how many tasks it has; `step` is what it gains when one goes.
    """

    start: Callable[[Hashable, int], int]
    step: Callable[[Task], int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """How a service's placement strategy wants its tasks let go.

    `path` names a task's bucket for every item of the strategy, outermost first; the bucket of each lies within
    that of the item before. The fullest bucket gives first; `weighings`, by the place in the path, say where
    something else counts: of a binpack, what an instance has left over.
    """

    path: Callable[[Task], Path]
    weighings: Mapping[int, Weighing] = field(default_factory=dict)


BY_DEFAULT = Order(path=attrgetter("availability_zone", "container_instance_arn"))


def tiers(tasks: Sequence[Task], well: Collection[str]) -> list[list[Task]]:
    """The ill go before those that do not run yet, these before the young and unproven, and the healthy last.

    `well` are the ARNs of the healthy.
    """
    found: list[list[Task]] = [[], [], [], [t for t in tasks if t.arn in well]]
    if len(found[3]) < len(tasks):
        for task in tasks:
            if task.arn not in well:
                found[_tier(task)].append(task)
    return found


def _tier(task: Task) -> int:
    if task.last_status is not S.RUNNING:
        return 1
    return 0 if task.health is Health.UNHEALTHY else 2


def least_useful_first(
    tiers: Iterable[Sequence[Task]], tasks: Sequence[Task], order: Order = BY_DEFAULT
) -> Iterator[Task]:
    """In which order to let the tasks of `tiers` go, as far as one asks: tier by tier, by strategy, oldest first.

    `tasks` are all of the service that fill the buckets. Buckets empty as tasks go, whatever their tier.
    """
    weights: dict[Path, int] | None = None
    for candidates in filter(None, tiers):
        weights = _weights(tasks, order) if weights is None else weights
        crowd = _crowd(candidates, order, weights)
        while not crowd.is_empty:
            yield crowd.take()


def _weights(tasks: Sequence[Task], order: Order) -> dict[Path, int]:
    """How much each bucket has to give."""
    weights: dict[Path, int] = {}
    for path, count in Counter(map(order.path, tasks)).items():
        for depth in range(len(path)):
            bucket = path[: depth + 1]
            weights[bucket] = weights.get(bucket, 0) + count
    if order.weighings:
        for bucket, count in weights.items():
            if weighing := order.weighings.get(len(bucket) - 1):
                weights[bucket] = weighing.start(bucket[-1], count)
    return weights


def _crowd(tasks: Sequence[Task], order: Order, weights: dict[Path, int]) -> "_Leaf | _Branch":
    """The tasks in buckets within buckets."""
    leaves: dict[Path, list[Task]] = {}
    for task in tasks:
        leaves.setdefault(order.path(task), []).append(task)
    crowds: dict[Path, _Leaf | _Branch] = {path: _Leaf(alike) for path, alike in leaves.items()}
    for depth in reversed(range(len(next(iter(crowds))))):
        within: dict[Path, dict[Path, _Leaf | _Branch]] = {}
        for path, crowd in crowds.items():
            within.setdefault(path[:-1], {})[path] = crowd
        weighing = order.weighings.get(depth)
        crowds = {path: _Branch(buckets, weights, weighing) for path, buckets in within.items()}
    return crowds[()]


class _Leaf:
    """Tasks that the strategy does not tell apart."""

    __slots__ = ("_tasks",)

    def __init__(self, tasks: list[Task]) -> None:
        self._tasks = sorted(tasks, key=_age, reverse=True) if len(tasks) > 1 else tasks

    @property
    def is_empty(self) -> bool:
        return not self._tasks

    @property
    def key(self) -> Key:
        return _age(self._tasks[-1])

    def take(self) -> Task:
        return self._tasks.pop()


class _Branch:
    """Buckets within a bucket, the one that gives first on top of the heap.

    An entry is the bucket's weight, its name where it was weighed, and what the bucket itself would give first. An
    instance that gave has more left over than before, so that a binpack empties one after the other.
    """

    __slots__ = ("_heap", "_weighing", "_weights")

    def __init__(
        self, buckets: Mapping[Path, "_Leaf | _Branch"], weights: dict[Path, int], weighing: Weighing | None
    ) -> None:
        self._weights, self._weighing = weights, weighing
        self._heap = [self._entry(path, crowd) for path, crowd in buckets.items()]
        heapify(self._heap)

    def _entry(self, path: Path, crowd: "_Leaf | _Branch") -> tuple[int, str, Key, Path, "_Leaf | _Branch"]:
        return -self._weights[path], str(path[-1]) if self._weighing else "", crowd.key, path, crowd

    @property
    def is_empty(self) -> bool:
        return not self._heap

    @property
    def key(self) -> Key:
        return self._heap[0][:3]

    def take(self) -> Task:
        _, _, _, path, crowd = self._heap[0]
        task = crowd.take()
        self._weights[path] += self._weighing.step(task) if self._weighing else -1
        if crowd.is_empty:
            heappop(self._heap)
        else:
            heapreplace(self._heap, self._entry(path, crowd))
        return task
