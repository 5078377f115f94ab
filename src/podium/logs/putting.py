"""PutLogEvents' rules, and what they let into the journal.

Source: CloudWatch Logs API Reference, PutLogEvents, RejectedLogEventsInfo; sentences as users of the AWS SDKs have
reported them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from podium.journals.events import OVERHEAD
from podium.logs import moments
from podium.logs.errors import Invalid
from podium.logs.records import LogGroup

MOST_BYTES = 2**20
FUTURE = 2 * moments.HOUR
PAST = 14 * moments.DAY


@dataclass(frozen=True, slots=True)
class Taken:
    """`rejected` is RejectedLogEventsInfo, empty when all of them are in `lines`."""

    lines: Sequence[tuple[int, str]]
    rejected: Mapping[str, int]


def taken(given: Sequence[Mapping[str, Any]], group: LogGroup, now: int) -> Taken:
    """What is too old or too new is left out, and the rest is kept. Raises Invalid for what fails as a whole."""
    lines = [(event["timestamp"], event["message"]) for event in given]
    _check_size(lines)
    if any(later[0] < earlier[0] for earlier, later in pairwise(lines)):
        raise Invalid("Log events in a single PutLogEvents request must be in chronological order.")
    expired = moments.kept_since(group, now)
    oldest, newest = max(now - PAST, expired), now + FUTURE
    kept = [line for line in lines if oldest <= line[0] <= newest]
    if kept and kept[-1][0] - kept[0][0] > moments.DAY:
        raise Invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    ends = {
        "tooNewLogEventStartIndex": sum(at <= newest for at, _ in lines),
        "tooOldLogEventEndIndex": sum(at < now - PAST for at, _ in lines),
        "expiredLogEventEndIndex": sum(at < expired for at, _ in lines),
    }
    none = {"tooNewLogEventStartIndex": len(lines)}
    return Taken(kept, {name: index for name, index in ends.items() if index != none.get(name, 0)})


def _check_size(lines: Sequence[tuple[int, str]]) -> None:
    size = sum(len(message.encode()) + OVERHEAD for _, message in lines)
    if size > MOST_BYTES:
        raise Invalid(f"Upload too large: {size} bytes exceeds limit of {MOST_BYTES}")
