"""Events in pages, each of at most so many events and 1 MB."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from podium.journals.events import Event, Place

MOST_EVENTS = 10_000
MOST_BYTES = 2**20
MOST_SCANNED = 32 * MOST_BYTES  # before a page is answered, however little was found


@dataclass(frozen=True, slots=True)
class Page:
    """`following` is the place of the first event that was not looked at. None: there is none."""

    events: Sequence[Event]
    following: Place | None


def page(events: Iterable[Event], most: int, wanted: Callable[[Event], bool] = lambda event: True) -> Page:
    """One event is shown however large it is."""
    found, size, scanned = list[Event](), 0, 0
    for event in events:
        if len(found) >= most or scanned >= MOST_SCANNED:
            return Page(found, event.place)
        scanned += event.size
        if not wanted(event):
            continue
        if found and size + event.size > MOST_BYTES:
            return Page(found, event.place)
        found.append(event)
        size += event.size
    return Page(found, None)
