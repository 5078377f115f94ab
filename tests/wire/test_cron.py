"""When AWS's cron expressions come round."""

import calendar
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium.wire import cron

NOW = datetime(2026, 11, 29, 7, 30, tzinfo=UTC)  # a Sunday


def after(expression: str, moment: datetime = NOW) -> str | None:
    parsed = cron.parsed(f"cron({expression})")
    assert parsed is not None
    found = parsed.after(moment)
    return found.isoformat(" ", "minutes").removesuffix("+00:00") if found is not None else None


@pytest.mark.parametrize(
    ("expression", "next_time"),
    [
        ("0 8 * * ? *", "2026-11-29 08:00"),
        ("30 7 * * ? *", "2026-11-30 07:30"),
        ("0/15 10 * * ? *", "2026-11-29 10:00"),
        ("0 4/12 * * ? *", "2026-11-29 16:00"),
        ("0 17 L * ? *", "2026-11-30 17:00"),
        ("0 9 LW 1 ? *", "2027-01-29 09:00"),
        ("0 9 15W 8 ? *", "2027-08-16 09:00"),
        ("0 9 1W 5 ? *", "2027-05-03 09:00"),
        ("0 9 30W 2 ? 2027", None),
        ("0 3 ? * 1#2 *", "2026-12-13 03:00"),
        ("0 3 ? * SUN#1 *", "2026-12-06 03:00"),
        ("0 9 ? * 6L 2027-2028", "2027-01-29 09:00"),
        ("0 9 ? * L *", "2026-12-05 09:00"),
        ("0 9 ? * FRI-SUN *", "2026-11-29 09:00"),
        ("0 9 ? * MON-FRI *", "2026-11-30 09:00"),
        ("0 0 29 2 ? *", "2028-02-29 00:00"),
        ("0 0 31 2 ? *", None),
        ("0 0 1 1 ? 2020", None),
        ("0 0 1 JAN-MAR/2 ? *", "2027-01-01 00:00"),
        ("0 /8 * * ? *", "2026-11-29 08:00"),
        ("0 0 1 1 ? 2020,2100", "2100-01-01 00:00"),
    ],
)
def test_it_comes_round(expression: str, next_time: str | None) -> None:
    assert after(expression) == next_time


@pytest.mark.parametrize(
    "expression",
    [
        "* * * * * *",
        "0 8 * * *",
        "60 8 * * ? *",
        "0 8 32 * ? *",
        "0 8 ? * 8 *",
        "0 8 ? * 6#6 *",
        "0/0 8 * * ? *",
        "0 8, * * ? *",
        "x 8 * * ? *",
    ],
)
def test_what_is_none(expression: str) -> None:
    assert cron.parsed(f"cron({expression})") is None


numbers = st.integers(0, 59).map(str)
minutes = st.one_of(st.just("*"), numbers, st.builds("{}/{}".format, st.integers(0, 59), st.integers(1, 59)))
hours = st.one_of(st.just("*"), st.integers(0, 23).map(str), st.builds("{}-{}".format, *[st.integers(0, 23)] * 2))
days = st.one_of(
    st.sampled_from(["* {} ?", "L {} ?", "LW {} ?"]),
    st.integers(1, 31).map(lambda day: f"{day}W {{}} ?"),
    st.integers(1, 7).map(lambda day: f"? {{}} {day}"),
    st.builds("? {{}} {}#{}".format, st.integers(1, 7), st.integers(1, 5)),
    st.integers(1, 7).map(lambda day: f"? {{}} {day}L"),
)
months = st.one_of(st.just("*"), st.integers(1, 12).map(str))


@settings(max_examples=examples(60), deadline=None, derandomize=True)
@given(minutes, hours, days, months, st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
def test_it_is_the_first_minute_that_fits(minute: str, hour: str, day: str, month: str, moment: datetime) -> None:
    parsed = cron.parsed(f"cron({minute} {hour} {day.format(month)} *)")
    assert parsed is not None
    found = parsed.after(moment)
    first = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    hand = (t for t in _days_from(first) if _fits_day(day.split()[0], day.split()[2], month, t))
    expected = next(
        (
            t
            for start in hand
            for t in (start + timedelta(minutes=n) for n in range(1440))
            if t >= first and _fits(minute, t.minute, 59) and _fits(hour, t.hour, 23)
        ),
        None,
    )
    assert found == expected


def _days_from(first: datetime) -> list[datetime]:
    start = first.replace(hour=0, minute=0)
    return [start + timedelta(days=n) for n in range(366 * 9)]


def _fits(field: str, value: int, high: int) -> bool:
    if field == "*":
        return True
    if "/" in field:
        start, step = map(int, field.split("/"))
        return value >= start and (value - start) % step == 0
    if "-" in field:
        low, end = map(int, field.split("-"))
        return low <= value <= end if low <= end else value >= low or value <= end
    return value == int(field)


def _fits_day(day: str, weekday: str, month: str, at: datetime) -> bool:
    if month != "*" and at.month != int(month):
        return False
    last = calendar.monthrange(at.year, at.month)[1]
    number = (at.weekday() + 1) % 7 + 1
    if day == "?":
        if "#" in weekday:
            return number == int(weekday[0]) and (at.day + 6) // 7 == int(weekday[2])
        if weekday.endswith("L"):
            return number == int(weekday[0]) and at.day + 7 > last
        return number == int(weekday)
    if day in ("*", "L"):
        return day == "*" or at.day == last
    target = last if day == "LW" else int(day[:-1])
    working = [n for n in range(1, last + 1) if datetime(at.year, at.month, n).weekday() < 5]
    return target <= last and at.day == min(working, key=lambda n: (abs(n - target), n))
