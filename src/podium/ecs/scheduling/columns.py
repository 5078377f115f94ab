"""Numbers of many container instances, side by side.

A set of instances is an integer, one bit a row. A column holds one number for each row as bit planes: the first plane
has everybody's lowest bit, the next everybody's second. Comparing all rows with a value, or finding the least, is then
a few operations on whole planes, which take about as long for 5,000 rows as for 100.

Source: P. O'Neil and D. Quass, "Improved query performance with variant indexes", 1997, bit-sliced indexes.
"""

from functools import cache

Rows = int
"""A set of rows, as bits."""


class Column:
    """A number from 0 up for each row; 0 where none was ever set. It does not know the rows that it has."""

    __slots__ = ("_planes",)

    def __init__(self) -> None:
        self._planes: list[Rows] = []

    def change(self, rows: Rows, before: int, after: int) -> None:
        """`rows`, all of which have the number `before`, have `after` from now on."""
        flipped, bit = before ^ after, 0
        while len(self._planes) < flipped.bit_length():
            self._planes.append(0)
        while flipped:
            if flipped & 1:
                self._planes[bit] ^= rows
            flipped >>= 1
            bit += 1

    def at(self, row: int) -> int:
        return sum((plane >> row & 1) << bit for bit, plane in enumerate(self._planes))

    def at_least(self, number: int, among: Rows) -> Rows:
        """Those of `among` whose number is `number` or more."""
        if number <= 0:
            return among
        if number.bit_length() > len(self._planes):
            return 0
        above, level = 0, among  # more than `number` in the bits so far, and as much
        for bit in range(len(self._planes) - 1, -1, -1):
            with_bit = level & self._planes[bit]
            if number >> bit & 1:
                level = with_bit
                if not number & ((1 << bit) - 1):
                    break  # whatever is below can only add
            else:
                above |= with_bit
                level ^= with_bit
            if not level:
                break
        return above | level

    def least(self, among: Rows) -> Rows:
        """Those of `among` that have the smallest number there; all have the same."""
        for plane in reversed(self._planes):
            without = among ^ (among & plane)
            if without:
                among = without
        return among

    def any(self) -> Rows:
        """The rows whose number is not 0."""
        rows = 0
        for plane in self._planes:
            rows |= plane
        return rows


def without(rows: Rows, others: Rows) -> Rows:
    return rows ^ (rows & others)


def numbers(rows: Rows) -> list[int]:
    """Which rows there are in the set, rising."""
    found = []
    while rows:
        lowest = rows & -rows
        found.append(lowest.bit_length() - 1)
        rows ^= lowest
    return found


def nth(rows: Rows, n: int) -> int:
    """The row that comes after `n` others of the set. There must be more than `n`."""
    base = 0
    for power in range((rows.bit_length() - 1).bit_length() - 1, -1, -1):
        low = rows & _lowest(power)
        below = low.bit_count()
        if n < below:
            rows = low
        else:
            n -= below
            rows >>= 1 << power
            base += 1 << power
    return base


@cache
def _lowest(power: int) -> Rows:
    """The first 2 to the power of `power` rows."""
    return (1 << (1 << power)) - 1
