"""What an operation that needs journals is handed in place of a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from podium.journals.events import LogEvents
from podium.journals.jobs import Jobs
from podium.journals.metrics import Metrics
from podium.journals.objects import Objects
from podium.store.session import Transaction


@dataclass(frozen=True, slots=True)
class Journals:
    """Metrics are None where this server was told not to keep any. `jobs` are what looks at journals for long."""

    events: LogEvents
    jobs: Jobs
    objects: Objects
    metrics: Metrics | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """What an operation of a transaction leaves to be done outside the core, in a thread; it gives the answer.

    It is called once what the operation wrote is durable, and not at all where the operation is refused. `then` is a
    second transaction, for what may be written only once the journals have agreed.
    """

    work: Callable[[Journals], dict[str, Any]]
    then: Callable[[Transaction], None] | None = None


Told = tuple[str, dict[str, Any]]
"""An event of a stream: its name and its members."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What an operation answers as a stream of events, outside the core, until the client leaves.

    After `first`, every so many seconds, `look` is called in a thread, and `tell` makes an event of what it found, in a
    transaction that reads. `look` is called once more before all, so that nothing is missed that comes after the answer
    began. `over` ends a stream that `lasts` so many seconds.
    """

    first: Told
    look: Callable[[Journals], Any]
    tell: Callable[[Transaction, Any], Told]
    over: Told
    every: float
    lasts: float
