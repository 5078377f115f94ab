"""The journal of log events: what it keeps, and what may be asked of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import NamedTuple, Protocol

OVERHEAD = 26  # bytes that an event counts besides its message, as CloudWatch Logs counts them


class Place(NamedTuple):
    """Where an event stands among all of its group: by its moment, then by the order in which events came.

    `at` is in milliseconds since 1970. Numbers begin with 1 and are never given twice.
    """

    at: int
    number: int


BEGINNING = Place(0, 0)
END = Place(2**62, 0)


@dataclass(frozen=True, slots=True)
class Stream:
    """`group` and `key` are names that never come back: what is deleted and made anew has others."""

    group: str
    key: str


@dataclass(frozen=True, slots=True)
class Event:
    """`stream` is the stream's key, `ingested` when it came, in milliseconds since 1970."""

    place: Place
    ingested: int
    message: str
    stream: str

    @property
    def size(self) -> int:
        return len(self.message.encode()) + OVERHEAD


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, and the key of the group that it came to."""

    group: str
    event: Event


@dataclass(frozen=True, slots=True)
class Span:
    """What is known of a stream that has had events. `first` is None once they are all forgotten."""

    first: int | None
    last: int
    ingested: int


@dataclass(frozen=True, slots=True)
class Range:
    """Places from `start` to before `end`; of all streams of the group, or of those whose keys are in `streams`."""

    group: str
    start: Place = BEGINNING
    end: Place = END
    streams: Collection[str] | None = None


class LogEvents(Protocol):
    """Any thread may ask. One server keeps what it was told."""

    def append(self, stream: Stream, lines: Sequence[tuple[int, str]], ingested: int) -> "Future[int]":
        """Moments and messages. The number of the last one, once all of them are durable; NotWritten when none is."""

    def read(self, within: Range, *, newest_first: bool = False) -> Iterator[Event]:
        """In order of their places. Memory does not grow with how many there are."""

    def newest(self) -> int:
        """The number of the event that came last; 0 when there is none."""

    def arrived(self, groups: Collection[str], after: int, until: int) -> Iterator[Arrival]:
        """In the order in which they came to these groups: from the number behind `after` to `until`."""

    def spans(self, group: str, streams: Collection[str] | None = None) -> Mapping[str, Span]:
        """By the keys of streams: those that have had an event."""

    def stored(self, group: str) -> int:
        """Bytes, each event with what it counts besides its message."""

    def held(self) -> Sequence[Stream]:
        """Every stream that has had an event."""

    def forget(self, group: str, before: int) -> "Future[None]":
        """The group's events that are older."""

    def forget_streams(self, streams: Collection[str]) -> "Future[None]":
        """These streams and all of their events."""
