"""How many seeds a story is told with: a few in `make test`, all of them in `make prove`."""

import os


def seeds(few: int) -> range:
    """`few` seeds, or as many as PODIUM_SEEDS says."""
    return range(int(os.environ.get("PODIUM_SEEDS", few)))
