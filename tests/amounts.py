"""How much of a proof is run: a sample in `make test`, many times that in `make prove`."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def examples(few: int) -> int:
    """`few` examples a law, or as many times that as PODIUM_TIMES says."""
    return few * int(os.environ.get("PODIUM_TIMES", "1"))


def some_of_all(sample: Sequence[T], everything: Sequence[T]) -> Sequence[T]:
    """`sample` in `make test`, `everything` when PODIUM_TIMES asks for more."""
    return sample if examples(1) == 1 else everything


def seeds(few: int) -> range:
    """`few` seeds a story, or as many times that as PODIUM_TIMES says."""
    return range(examples(few))
