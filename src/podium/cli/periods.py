"""Periods as they are typed: a number and a unit."""

import re

from podium.launch.errors import Trouble

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> int:
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if not found:
        raise Trouble(f"--since {text} is not understood; it takes a number and a unit, such as 90s, 15m, 2h or 7d.")
    return int(found[1]) * UNITS[found[2]]
