"""What to send Envoy next, so that nothing is ever named that is not there yet, and nothing goes that is still named.

First clusters with their endpoints, then certificates, listeners and routes, then what nobody needs any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from podium_proxy.ads.snapshot import Goal, Name
from podium_proxy.envoy.messages import Kind

_WILD = (Kind.CLUSTER, Kind.LISTENER)
"""Kinds of which Envoy is told all there are. Of the others it asks for those that it finds named."""

_FIRST = (Kind.CLUSTER, Kind.ENDPOINTS)
_THEN = (Kind.SECRET, Kind.LISTENER, Kind.ROUTES)


@dataclass(frozen=True, kw_only=True)
class Sending:
    kind: Kind
    names: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Book:
    """What one Envoy has been sent. `held` by version; `waiting` are sent and not answered; `refused` with the text.

    `alone` are those whose company was refused, and that are sent each by itself. `unsure` are the only names at which
    goal and Envoy may differ: what a change costs does not grow with all that there is.
    """

    held: dict[Kind, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in Kind})
    asked: dict[Kind, set[str]] = field(default_factory=lambda: {kind: set() for kind in Kind})
    greeted: set[Kind] = field(default_factory=set)
    opened: set[Kind] = field(default_factory=set)
    waiting: dict[str, Sending] = field(default_factory=dict)
    refused: dict[Name, tuple[str, str]] = field(default_factory=dict)
    alone: set[Name] = field(default_factory=set)
    unsure: dict[Kind, dict[str, None]] = field(default_factory=lambda: {kind: {} for kind in Kind})

    def awaits(self, kind: Kind) -> bool:
        return any(sending.kind is kind for sending in self.waiting.values())

    def doubt(self, names: Iterable[Name]) -> None:
        for kind, name in names:
            self.unsure[kind][name] = None

    def holds(self, kind: Kind, versions: dict[str, str]) -> None:
        """What an Envoy has that comes from another stream."""
        self.held[kind].update(versions)
        self.doubt((kind, name) for name in versions)

    def knows(self, kind: Kind, name: str) -> bool:
        """Whether Envoy may have one of that name: behind what it refused may be an older one."""
        return name in self.held[kind] or (kind, name) in self.refused

    def forgive(self, kind: Kind) -> None:
        """What was refused is tried again: one that is gone may have had its place."""
        for name in [name for name in self.refused if name[0] is kind]:
            del self.refused[name]
            self.doubt([name])

    def lacks(self, kind: Kind, name: str) -> str:
        """Envoy has not, or no longer, what it was sent. The version that this was."""
        self.doubt([(kind, name)])
        return self.held[kind].pop(name, "")


def due(book: Book, goal: Goal, *, patient: bool) -> list[Sending]:
    """What may be sent now. `patient` waits for Envoy to ask for what its new listeners and clusters name."""
    for phase in (_FIRST, _THEN):
        sendings = [sending for kind in phase for sending in _changes(book, goal, kind)]
        if sendings:
            return sendings
        if any(book.awaits(kind) for kind in phase) or (patient and _unasked(book, goal, phase)):
            return []
    for kind in (Kind.LISTENER, Kind.CLUSTER):
        gone = tuple(n for n in book.unsure[kind] if book.knows(kind, n) and n not in goal.packets[kind])
        if gone and not book.awaits(kind):
            return [Sending(kind=kind, removed=gone)]
        if gone:
            return []
    return []


def is_settled(book: Book, goal: Goal, *, patient: bool) -> bool:
    opened = all(kind in book.opened for kind in _WILD)
    return opened and not book.waiting and not due(book, goal, patient=patient) and not _lacks(book, goal, patient)


def _lacks(book: Book, goal: Goal, patient: bool) -> bool:
    return patient and (_unasked(book, goal, _FIRST) or _unasked(book, goal, _THEN))


def _changes(book: Book, goal: Goal, kind: Kind) -> Iterator[Sending]:
    if kind not in book.opened or book.awaits(kind):
        return
    _make_sure(book, goal, kind)
    names = [
        name for name in book.unsure[kind] if name in goal.packets[kind] and (kind in _WILD or name in book.asked[kind])
    ]
    lonely = next((name for name in names if (kind, name) in book.alone), None)
    if lonely is not None:
        yield Sending(kind=kind, names=(lonely,))
    elif names or (kind in _WILD and kind not in book.greeted):  # Envoy waits to hear even that there is nothing
        yield Sending(kind=kind, names=tuple(names))


def _make_sure(book: Book, goal: Goal, kind: Kind) -> None:
    """Strikes out at which there is nothing to do until one of both changes."""
    for name in [name for name in book.unsure[kind] if _is_sure(book, goal, kind, name)]:
        del book.unsure[kind][name]


def _is_sure(book: Book, goal: Goal, kind: Kind, name: str) -> bool:
    packet = goal.packets[kind].get(name)
    if packet is None:
        return kind not in _WILD or not book.knows(kind, name)
    if kind not in _WILD and name not in book.asked[kind]:
        return False
    return packet.version in (book.held[kind].get(name), book.refused.get((kind, name), ("",))[0])


def _unasked(book: Book, goal: Goal, phase: tuple[Kind, ...]) -> bool:
    return any(
        kind not in book.opened
        or any(name in goal.packets[kind] and name not in book.asked[kind] for name in book.unsure[kind])
        for kind in phase
        if kind not in _WILD and goal.packets[kind]
    )
