"""Lives through simulated weeks on every core, and says in words what went wrong; or plants bugs and looks for them.

tools/soak.py 1000              the weeks of seeds 0 to 999
tools/soak.py 1 --first 123     that of seed 123, told in full if it goes wrong
tools/soak.py --planted         every planted bug, until it is found
"""

import argparse
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field

import soak_page

from podium_sim.coverage import Coverage
from podium_sim.planted import BUGS, WITHIN, Found, found
from podium_sim.week import DAYS, Week

LINES = 120  # of a story that goes wrong among many
EVERY = 15.0  # seconds between two words of progress


@dataclass
class Lived:
    """What became of one seed. `wrong` is empty when all went well, else the sentence that says what did not."""

    seed: int
    calls: int = 0
    faults: int = 0
    seconds: float = 0.0  # of CPU
    coverage: Coverage = field(default_factory=Coverage)
    wrong: str = ""
    story: str = ""


def live(given: tuple[int, int, int | None]) -> Lived:
    """One seed: so many days of its week, with so many last lines of its story told if it goes wrong."""
    seed, days, lines = given
    began, week, lived = time.process_time(), Week(seed, days), Lived(seed)
    try:
        week.live()
    except Exception as error:
        lived.wrong = f"{error}" or repr(error)
        lived.story = f"{week.story.told(lines)}\n\n{traceback.format_exc(limit=-4)}"
    lived.calls, lived.faults, lived.coverage = week.calls, week.befell, week.coverage
    lived.seconds = time.process_time() - began
    return lived


def soak(seeds: range, days: int, cores: int, minutes: float) -> list[Lived]:
    """All of them, or as many as are through in so many minutes; with a word of progress now and then, and the story
    of each that goes wrong as it comes.
    """
    began = time.monotonic()
    lines, said = (None if len(seeds) == 1 else LINES), time.monotonic()
    done: list[Lived] = []
    wrong = 0
    for lived in _shared(live, [(seed, days, lines) for seed in seeds], cores):
        done.append(lived)
        if lived.wrong:
            wrong += 1
            print(f"\nseed {lived.seed} went wrong: {lived.wrong}\n\n{lived.story}")
            print(f"again: make soak SEEDS=1 FIRST={lived.seed} DAYS={days}\n", flush=True)
        if time.monotonic() - said > EVERY or len(done) == len(seeds):
            said = time.monotonic()
            print(f"soak: {len(done)} of {len(seeds)} seeds, {wrong} of them wrong", flush=True)
        if minutes and time.monotonic() - began > minutes * 60:
            break
    return sorted(done, key=lambda one: one.seed)


def look_for(number: int) -> tuple[int, Found | None]:
    return number, found(BUGS[number])


def plant(cores: int) -> dict[int, Found | None]:
    """Each bug of the table, and the seed that found it."""
    finds: dict[int, Found | None] = {}
    for number, find in _shared(look_for, list(range(len(BUGS))), cores):
        finds[number] = find
        told = f"seed {find.seed}: {find.sentence[:150]}" if find else f"NOT FOUND within {WITHIN} seeds"
        print(f"planted {len(finds)} of {len(BUGS)}: {BUGS[number].says}: {told}", flush=True)
    return finds


def _shared(work, items, cores: int) -> Iterator:  # type: ignore[no-untyped-def]
    if cores == 1 or len(items) == 1:
        yield from map(work, items)
        return
    with multiprocessing.Pool(cores, maxtasksperchild=50) as pool:
        yield from pool.imap_unordered(work, items)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", nargs="?", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--days", type=int, default=DAYS, help="of each week")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, default=0.0, help="go no further after so many")
    parser.add_argument("--planted", action="store_true", help="plant bugs instead")
    parser.add_argument("--write", action="store_true", help="put what came of it into docs/soak.md")
    asked = parser.parse_args()
    began = time.monotonic()
    if asked.planted:
        finds = plant(asked.cores)
        if asked.write:
            soak_page.write_planted(finds)
        missed = [BUGS[n].says for n, find in sorted(finds.items()) if find is None]
        print(f"planted: {len(finds) - len(missed)} of {len(finds)} found" + "".join(f"\nmissed: {m}" for m in missed))
        return bool(missed)
    seeds = range(asked.first, asked.first + asked.seeds)
    weeks = soak(seeds, asked.days, asked.cores, asked.minutes)
    whole = Coverage()
    for lived in weeks:
        whole.add(lived.coverage)
    print("\n".join(soak_page.coverage_in_words(whole)))
    if asked.write:
        soak_page.write_soak(weeks, whole, asked.days, time.monotonic() - began)
    return any(lived.wrong for lived in weeks)


if __name__ == "__main__":
    sys.exit(main())
