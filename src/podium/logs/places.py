"""Where an event stands, as users see it: 56 digits, in the ids of events and in the tokens of pages.

A token holds a place between events, and which way to read from there: `f/<digits>/s` what is there and after it,
`b/<digits>/s` what is before it. At an end the same token comes back.
"""

import re
from typing import NamedTuple

from podium.journals.events import END, Place
from podium.logs.errors import InvalidToken

_TOKEN = re.compile(r"([fb])/([0-9]{16})([0-9]{40})/s")


class Token(NamedTuple):
    forward: bool
    place: Place

    def __str__(self) -> str:
        return f"{'f' if self.forward else 'b'}/{digits(self.place)}/s"


def digits(place: Place) -> str:
    return f"{place.at:016}{place.number:040}"


def token(text: str) -> Token:
    """Raises InvalidToken."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        raise InvalidToken
    way, at, number = found.groups()
    return Token(way == "f", place(int(at), int(number)))


def place(at: int, number: int = 0) -> Place:
    """Within what can be: whatever comes after the end is the end."""
    return Place(min(max(at, 0), END.at), min(number, END.at))


def after(place: Place) -> Place:
    """The very next one."""
    return Place(place.at, place.number + 1)
