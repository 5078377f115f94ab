"""How many tasks of a group are where: on each instance, and in each bucket of an attribute's value.

What `spread` and `distinctInstance` go by. A tally is begun when a group is first asked about, follows every change
from then on, and is given up when too many others were asked about since.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection

from podium.ecs.scheduling.columns import Column, Rows

INSTANCE = "instanceId"
MOST_KEPT = 1024
Like = Callable[[int, str], Rows]


class Tallies:
    """`like` gives the rows that are in a row's bucket of an attribute."""

    def __init__(self, like: Like) -> None:
        self._like = like
        self._where: dict[str, dict[int, int]] = {}  # group -> row -> tasks
        self._columns: OrderedDict[tuple[str, str], Column] = OrderedDict()
        self._fields: dict[str, set[str]] = {}  # group -> what it has columns of

    def groups(self) -> Collection[str]:
        return self._where.keys()

    def change(self, row: int, group: str, more: int) -> None:
        """The instance has `more` tasks of the group; fewer, if that is under 0."""
        counts = self._where.setdefault(group, {})
        before = counts.get(row, 0)
        counts[row] = before + more
        if not counts[row]:
            del counts[row]
            if not counts:
                del self._where[group]
        for field in self._fields.get(group, ()):
            _add(self._columns[group, field], self._bucket(row, field), row, more)

    def column(self, group: str, field: str) -> Column:
        """For every row, how many tasks of the group its bucket has. `field` is an attribute, or "instanceId"."""
        key = (group, field)
        known = self._columns.get(key)
        if known is not None:
            self._columns.move_to_end(key)
            return known
        column = self._columns[key] = Column()
        self._fields.setdefault(group, set()).add(field)
        for row, count in self._where.get(group, {}).items():
            _add(column, self._bucket(row, field), row, count)
        if len(self._columns) > MOST_KEPT:
            self._drop(next(iter(self._columns)))
        return column

    def holders(self, group: str) -> Rows:
        """The instances that have any task of the group."""
        return self.column(group, INSTANCE).any() if group in self._where else 0

    def forget_buckets(self) -> None:
        """Instances may be in other buckets now than they were."""
        for key in [key for key in self._columns if key[1] != INSTANCE]:
            self._drop(key)

    def _drop(self, key: tuple[str, str]) -> None:
        del self._columns[key]
        self._fields[key[0]].discard(key[1])
        if not self._fields[key[0]]:
            del self._fields[key[0]]

    def _bucket(self, row: int, field: str) -> Rows:
        return 1 << row if field == INSTANCE else self._like(row, field)


def _add(column: Column, bucket: Rows, row: int, more: int) -> None:
    before = column.at(row)
    column.change(bucket, before, before + more)
