"""The terminal that a command was started in."""

import os

USUAL = (80, 24)


def size(descriptor: int) -> tuple[int, int]:
    """Columns and rows. A terminal that nobody gave a size, as of a script's, says 0 and is taken for a usual one."""
    columns, rows = os.get_terminal_size(descriptor)
    return columns or USUAL[0], rows or USUAL[1]
