"""The audit journal, read by time, caller, operation and outcome."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from podium import audit
from podium.audit import AuditEntry
from podium.audit.journal import END, key
from podium.kernel.clock import Clock
from podium.runtime.running import RunningCore
from podium.server.pages.page import Page, Visit, answer, as_root, number
from podium.wire.message import Response

FILTERS = ("principal", "operation", "service", "outcome", "resource", "access_key_id", "source_ip", "region")
MOST = 1000
KEPT = timedelta(days=90)


class JournalPages:
    def __init__(self, core: RunningCore, clock: Clock) -> None:
        self._core, self._clock = core, clock

    def pages(self) -> Mapping[tuple[str, str], Page]:
        return {("GET", "/_podium/audit"): self._audit}

    async def _audit(self, visit: Visit) -> Response:
        """Newest first. `since` is in seconds; `before` is the `key` of the last entry seen, to read on."""
        as_root(visit, "read the audit journal")
        asked = {name: values[0] for name, values in parse_qs(visit.request.query).items()}
        since = min(number(asked, "since", KEPT.total_seconds()), KEPT.total_seconds())
        limit = int(min(MOST, number(asked, "limit", 100)))
        start = key(self._clock.now() - timedelta(seconds=since))
        wanted = {name: asked[name] for name in FILTERS if name in asked}
        end = asked.get("before", END)
        found = await self._core.ask(lambda database: audit.page(database, start, end, wanted, limit))
        return answer({"entries": [_shown(entry) for entry in found]})

    async def forget_old(self) -> int:
        before = key(self._clock.now() - KEPT)
        return await self._core.ask(lambda database: database.forget(AuditEntry, before))


def _shown(entry: AuditEntry) -> dict[str, Any]:
    return {
        "key": entry.arn,
        "at": entry.at.isoformat(),
        "principal": entry.principal,
        "accessKeyId": entry.access_key_id,
        "sourceIp": entry.source_ip,
        "userAgent": entry.user_agent,
        "account": entry.account,
        "region": entry.region,
        "service": entry.service,
        "operation": entry.operation,
        "resources": list(entry.resources),
        "outcome": entry.outcome,
        "requestId": entry.request_id,
    }
