"""How much of a proof is run: a sample in `make test`, many times that in `make prove`."""

import os


def examples(few: int) -> int:
    """`few` examples a law, or as many times that as PODIUM_TIMES says."""
    return few * int(os.environ.get("PODIUM_TIMES", "1"))


def seeds(few: int) -> range:
    """`few` seeds a story, or as many times that as PODIUM_TIMES says."""
    return range(examples(few))
