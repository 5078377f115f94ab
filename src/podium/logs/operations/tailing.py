"""Live Tail: events of some groups as they come, told every second.

Source: CloudWatch Logs API Reference, StartLiveTail, LiveTailSessionUpdate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from podium.journals.events import Arrival
from podium.journals.kept import Flow, Journals
from podium.kernel.call import Call
from podium.logs import names, patterns, rules
from podium.logs.patterns.matching import Matcher
from podium.logs.records import LogGroup, LogStream
from podium.logs.service import logs
from podium.store.session import Transaction

EVERY_SECONDS, LONGEST_SECONDS = 1.0, 3 * 3600.0
MOST_SHOWN = 500  # in one update
MOST_LOOKED_AT = 20_000  # for one update
_OVER = ("SessionTimeoutException", {"message": "Live Tail session timed out after 3 hours."})


@logs.operation(reads=True)
def start_live_tail(call: Call, tx: Transaction, request: dict[str, Any]) -> Flow:
    """What came before is not told. Of a flood a part is, and the update says so."""
    groups = [names.group(call, tx, given) for given in request["logGroupIdentifiers"]]
    rules.one_way_to_name_streams(request, len(groups))
    tail = _Tail(
        groups={group.key: group for group in groups},
        matcher=patterns.parsed(request.get("logEventFilterPattern") or ""),
        names=frozenset(request.get("logStreamNames") or ()),
        prefixes=tuple(request.get("logStreamNamePrefixes") or ()),
        known={},
    )
    asked = ("logGroupIdentifiers", "logStreamNames", "logStreamNamePrefixes", "logEventFilterPattern")
    start = {name: request[name] for name in asked if request.get(name) is not None}
    first = {"requestId": call.request_id, "sessionId": call.ids.uuid(), **start}
    return Flow(
        first=("sessionStart", first),
        look=tail.look,
        tell=tail.tell,
        over=_OVER,
        every=EVERY_SECONDS,
        lasts=LONGEST_SECONDS,
    )


@dataclass(slots=True)
class _Tail:
    """`after` is the number of the last event that was looked at; `known` are names of streams by their keys."""

    groups: Mapping[str, LogGroup]
    matcher: Matcher
    names: frozenset[str]
    prefixes: tuple[str, ...]
    known: dict[str, str]
    after: int | None = None

    def look(self, journals: Journals) -> tuple[Sequence[Arrival], bool]:
        """What matches of the events that came since, and whether there were too many to look at."""
        newest = journals.events.newest()
        after, self.after = self.after, newest
        if after is None:
            return (), False
        came = journals.events.arrived(self.groups.keys(), after, newest)
        looked_at = list(islice(came, MOST_LOOKED_AT))
        found = [one for one in looked_at if self.matcher.matches(one.event.message)]
        return found, next(came, None) is not None

    def tell(self, tx: Transaction, looked: tuple[Sequence[Arrival], bool]) -> tuple[str, dict[str, Any]]:
        found, too_many = looked
        if any(one.event.stream not in self.known for one in found):
            self.known = {
                stream.key: stream.name
                for group in self.groups.values()
                for stream in tx.list(LogStream, group_arn=group.arn)
            }
        wanted = [one for one in found if self._is_wanted(self.known.get(one.event.stream))]
        told = {
            "sessionMetadata": {"sampled": too_many or len(wanted) > MOST_SHOWN},
            "sessionResults": [self._shown(one) for one in wanted[:MOST_SHOWN]],
        }
        return "sessionUpdate", told

    def _is_wanted(self, stream: str | None) -> bool:
        if stream is None:  # it was deleted
            return False
        if self.names:
            return stream in self.names
        return not self.prefixes or stream.startswith(self.prefixes)

    def _shown(self, one: Arrival) -> dict[str, Any]:
        group, event = self.groups[one.group], one.event
        return {
            "logGroupIdentifier": f"{group.home.rpartition(':')[2]}:{group.name}",
            "logStreamName": self.known[event.stream],
            "message": event.message,
            "timestamp": event.place.at,
            "ingestionTime": event.ingested,
        }
