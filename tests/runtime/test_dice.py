"""Ids have the shapes that AWS's have, and come again with the same seed."""

import re
import sys
from threading import Thread

from podium.runtime.dice import Dice

SHAPES = {
    "hex32": r"[0-9a-f]{32}",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "digits19": r"[0-9]{19}",
    "nano21": r"[A-Za-z0-9_-]{21}",
}


def drawn(dice: Dice) -> list[str]:
    return [getattr(dice, name)() for name in SHAPES for _ in range(50)]


def test_every_id_has_its_shape_and_none_comes_twice() -> None:
    for dice in (Dice(), Dice(1)):
        for name, shape in SHAPES.items():
            ids = [getattr(dice, name)() for _ in range(200)]
            assert all(re.fullmatch(shape, one) for one in ids)
            assert len(set(ids)) == 200


def test_the_same_seed_gives_the_same_ids_and_no_seed_others() -> None:
    assert drawn(Dice(7)) == drawn(Dice(7))
    assert drawn(Dice(7)) != drawn(Dice(8))
    assert drawn(Dice()) != drawn(Dice())


def test_chance_stays_below_its_bound() -> None:
    dice = Dice(3)
    assert {dice.below(3) for _ in range(100)} == {0, 1, 2}


def test_threads_that_draw_at_once_never_draw_the_same() -> None:
    """The kernel's chance is drawn for many ids at a time, so that two threads with one supply would share ids."""
    dice, found = Dice(), [list[str](), list[str]()]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [Thread(target=lambda mine=mine: mine.extend(dice.hex32() for _ in range(20_000))) for mine in found]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert len({*found[0], *found[1]}) == 40_000
