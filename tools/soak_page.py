"""Writes what came of a soak, or of planting bugs, into its part of docs/soak.md. The prose around it is by hand."""

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from podium_sim import coverage
from podium_sim.coverage import OUT_OF_REACH, Coverage
from podium_sim.faults import FAULTS
from podium_sim.planted import BUGS, Found

if TYPE_CHECKING:
    from soak import Lived

HERE = Path(__file__).resolve().parent.parent
PAGE = HERE / "docs" / "soak.md"


def coverage_in_words(seen: Coverage) -> list[str]:
    return [f"coverage: {name}: {hit} of {all_}" + _lacking(missing) for name, hit, all_, missing in _rows(seen)]


def _lacking(missing: list[str]) -> str:
    if not missing:
        return ""
    return f"; not yet {', '.join(missing[:8])}" + (f" and {len(missing) - 8} more" if len(missing) > 8 else "")


def _rows(seen: Coverage) -> Iterator[tuple[str, int, int, list[str]]]:
    """What there is of each kind, how much of it was met, and what was not."""
    arcs = [arc for arc in coverage.arcs_of_tasks() if arc not in OUT_OF_REACH]
    yield _row("arcs of a task's life", arcs, seen.tasks)
    yield _row("arcs of the other lives, as seen on disk", coverage.arcs_of_lives(), seen.lives)
    yield _row("stop codes", coverage.stop_codes(), seen.stop_codes)
    yield _row("faults", [fault.name for fault in FAULTS], seen.faults)
    yield _row("pairs of faults, one on while the other began", coverage.pairs(FAULTS), seen.pairs)


def _row(name: str, all_: Iterable[object], seen: Mapping[object, int]) -> tuple[str, int, int, list[str]]:
    there = list(all_)
    missing = [one for one in there if not seen.get(one)]
    return name, len(there) - len(missing), len(there), [_word(one) for one in missing]


def _word(one: object) -> str:
    return " → ".join(map(str, one)) if isinstance(one, tuple) else str(one)


def write_soak(weeks: "list[Lived]", seen: Coverage, days: int, seconds: float) -> None:
    wrong = [lived for lived in weeks if lived.wrong]
    calls, faults = sum(lived.calls for lived in weeks), sum(lived.faults for lived in weeks)
    cpu = sum(lived.seconds for lived in weeks) / len(weeks)
    which = f"seeds {weeks[0].seed} to {weeks[-1].seed}"
    lines = [
        f"{_when()}: {which}, {len(weeks)} weeks of {days} days; {len(wrong)} went wrong.",
        "",
        f"{_sizes([lived for lived in weeks if not lived.wrong])}A week took {cpu:.1f} s of CPU; together {calls:,} "
        f"calls and {faults:,} faults, in {seconds / 60:.0f} minutes.",
        "",
        *(f"- seed {lived.seed}: {lived.wrong}" for lived in wrong),
        *([""] if wrong else []),
        "| what there is | met | of | not met |",
        "| --- | ---: | ---: | --- |",
        *(f"| {name} | {hit} | {all_} | {', '.join(missing) or '-'} |" for name, hit, all_, missing in _rows(seen)),
        "",
        "How often each arc of a task's life was gone:",
        "",
        "| from | event | times |",
        "| --- | --- | ---: |",
        *(f"| {a} | {b} | {_times(seen.tasks, (a, b))} |" for a, b in coverage.arcs_of_tasks()),
        "",
        "Each other arc, and each stop code:",
        "",
        "| life | from | to | times |",
        "| --- | --- | --- | ---: |",
        *(f"| {n} | {a} | {b} | {seen.lives[n, a, b]:,} |" for n, a, b in coverage.arcs_of_lives()),
        *(f"| stop code | | {code} | {seen.stop_codes[code]:,} |" for code in coverage.stop_codes()),
        "",
        "Each fault, and beside how many kinds of others that were on it began:",
        "",
        "| fault | times | kinds beside it |",
        "| --- | ---: | ---: |",
        *(f"| {f.name} | {seen.faults[f.name]:,} | {sum(f.name in p for p in seen.pairs)} |" for f in FAULTS),
        "",
        f"API calls accepted, of {len(seen.accepted)} operations: "
        + ", ".join(f"{name} {times:,}" for name, times in sorted(seen.accepted.items()))
        + f". Refused: {sum(seen.refused.values()):,}, in {len(seen.refused)} kinds.",
    ]
    _put("soak", lines)


def _sizes(whole: "list[Lived]") -> str:
    """Weeks that went wrong ended early, and say nothing of how much a week holds."""
    if not whole:
        return ""
    calls, faults = [lived.calls for lived in whole], [lived.faults for lived in whole]
    return (
        f"Each week that went well had {min(calls):,} to {max(calls):,} API calls and {min(faults)} to {max(faults)} "
        "faults. "
    )


def _times(seen: Mapping[tuple[str, str], int], arc: tuple[str, str]) -> str:
    return f"out of reach: {OUT_OF_REACH[arc]}" if arc in OUT_OF_REACH else f"{seen.get(arc, 0):,}"


def write_planted(finds: Mapping[int, Found | None]) -> None:
    hit = sum(find is not None for find in finds.values())
    lines = [
        f"{_when()}: {hit} of {len(finds)} planted bugs were found.",
        "",
        "| planted | in | first seed that shows it | what the checkers said |",
        "| --- | --- | ---: | --- |",
        *(_found(number, find) for number, find in sorted(finds.items())),
    ]
    _put("planted", lines)


def _found(number: int, find: Found | None) -> str:
    bug = BUGS[number]
    said = find.sentence.partition("\n")[0][:160].replace("|", "/") if find else "-"
    return f"| {bug.says} | `{bug.where}` | {find.seed if find else 'none'} | {said} |"


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True)
    return found.stdout.strip()


BEGUN_AT = _commit()  # what is written in the meantime does not run


def _when() -> str:
    return f"On {datetime.now(UTC):%Y-%m-%d} at commit {BEGUN_AT}"


def _put(part: str, lines: list[str]) -> None:
    begin, end = f"<!-- {part}: made by tools/soak.py -->", f"<!-- {part}: end -->"
    head, _, rest = PAGE.read_text().partition(begin)
    _, _, tail = rest.partition(end)
    PAGE.write_text(f"{head}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{tail}")
