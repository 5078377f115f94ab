"""AWS's cron expressions: whether text is one, and when it comes round.

Six fields: minutes, hours, day of the month, month, day of the week, year. One of the days is `?`.
Source: Amazon EventBridge User Guide, "Cron expressions".
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

Values = frozenset[int]
_CRON = re.compile(r"cron\(([^()]+)\)")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_DAYS = "SUN MON TUE WED THU FRI SAT"
_NEAREST = re.compile(r"([1-9]|[12]\d|3[01])W")
_NTH = re.compile(r"([^#]+?)(L|#[1-5])")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
EVERY_YEAR: Values = frozenset(range(_FIRST_YEAR, _LAST_YEAR + 1))
_SATURDAY = 7
_MOST_YEARS = 10


@dataclass(frozen=True, slots=True)
class Cron:
    """`day` and `weekday` are values, or what only a calendar tells: `L`, `LW`, `15W`; `L`, `6L`, `6#3`."""

    minutes: Values
    hours: Values
    day: Values | str
    months: Values
    weekday: Values | str
    years: Values

    def after(self, moment: datetime) -> datetime | None:
        """The first time after `moment`, in its zone. None when there is none: what comes at all comes within ten years
        of those that there are, since February 29 is never farther than eight."""
        for day in self._days(moment.date()):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    found = datetime.combine(day, time(hour, minute), moment.tzinfo)
                    if found > moment:
                        return found
        return None

    def _days(self, first: date) -> Iterator[date]:
        for year in sorted(year for year in self.years if year >= first.year)[:_MOST_YEARS]:
            for month in sorted(self.months):
                if (year, month) < (first.year, first.month):
                    continue
                for number in range(1, calendar.monthrange(year, month)[1] + 1):
                    day = date(year, month, number)
                    if day >= first and self._is_on(day):
                        yield day

    def _is_on(self, day: date) -> bool:
        return _is_weekday(self.weekday, day) if self.day == "?" else _is_day(self.day, day)


def parsed(text: str) -> Cron | None:
    """`cron(…)`; None for what is none."""
    found = _CRON.fullmatch(text)
    fields = found[1].upper().split() if found else []
    if len(fields) != 6:
        return None
    minutes, hours, day, month, weekday, year = fields
    if (day == "?") is (weekday == "?"):
        return None
    try:
        return Cron(
            minutes=_values(minutes, 0, 59),
            hours=_values(hours, 0, 23),
            day=day if day in ("?", "L", "LW") or _NEAREST.fullmatch(day) else _values(day, 1, 31),
            months=_values(month, 1, 12, _MONTHS),
            weekday=weekday if weekday in ("?", "L") or _is_nth(weekday) else _values(weekday, 1, 7, _DAYS),
            years=_values(year, _FIRST_YEAR, _LAST_YEAR),
        )
    except ValueError:
        return None


def _is_day(wanted: Values | str, day: date) -> bool:
    if not isinstance(wanted, str):
        return day.day in wanted
    last = calendar.monthrange(day.year, day.month)[1]
    if wanted == "L":
        return day.day == last
    target = last if wanted == "LW" else int(wanted[:-1])
    return target <= last and day == _nearest_workday(day.replace(day=target), last)


def _nearest_workday(day: date, last: int) -> date:
    """Of the same month."""
    match day.isoweekday():
        case 6:
            return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
        case 7:
            return day + timedelta(days=1) if day.day < last else day - timedelta(days=2)
    return day


def _is_weekday(wanted: Values | str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1  # Sunday is 1
    if not isinstance(wanted, str):
        return number in wanted
    if wanted == "L":
        return number == _SATURDAY
    found = _NTH.fullmatch(wanted)
    assert found is not None, "it was parsed"
    if number != _number(found[1], _DAYS.split(), 1):
        return False
    if found[2] == "L":
        return day.day > calendar.monthrange(day.year, day.month)[1] - 7
    return (day.day - 1) // 7 + 1 == int(found[2][1])


def _is_nth(text: str) -> bool:
    """`6L` is the last Friday of the month, `6#3` the third."""
    found = _NTH.fullmatch(text)
    return found is not None and _number(found[1], _DAYS.split(), 1) in range(1, 8)


def _values(text: str, low: int, high: int, names: str = "") -> Values:
    """Raises ValueError."""
    return frozenset(value for part in text.split(",") for value in _span(part, low, high, names.split()))


def _span(part: str, low: int, high: int, names: list[str]) -> Iterator[int]:
    """`*`, `5`, `5-9`, past the end as in `FRI-MON`; with or without a step as in `0/15` or `/4`. Raises ValueError."""
    span, slash, step = part.partition("/")
    if not part or (slash and not (step.isascii() and step.isdigit() and 0 < int(step) <= high)):
        raise ValueError(part)
    first, dash, last = (str(low), "-", str(high)) if span in ("*", "") else span.partition("-")
    begin = _number(first, names, low)
    end = _number(last, names, low) if dash else high if slash else begin
    if begin is None or end is None or not (low <= begin <= high and low <= end <= high):
        raise ValueError(part)
    around = high - low + 1
    for value in range(begin, end + 1 + (around if end < begin else 0), int(step or 1)):
        yield low + (value - low) % around


def _number(text: str, names: list[str], first: int) -> int | None:
    if text in names:
        return names.index(text) + first
    return int(text) if text.isascii() and text.isdigit() else None
