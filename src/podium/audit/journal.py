"""Writing the journal, and reading it by time, caller, operation and outcome."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from podium.audit.records import AuditEntry
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.database import Database

END = "~"  # sorts after every key
LONGEST_AGENT = 200
_CHUNK = 500


def key(at: datetime, request_id: str = "") -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z/{request_id}"


def entry(call: Call, service: str, operation: str, asks: Iterable[Ask], outcome: str) -> AuditEntry:
    return AuditEntry(
        arn=key(call.now, call.request_id),
        at=call.now,
        account=call.account,
        region=call.region,
        principal=call.principal_arn,
        access_key_id=call.access_key_id,
        source_ip=call.source_ip,
        user_agent=call.user_agent[:LONGEST_AGENT],
        service=service,
        operation=operation,
        resources=tuple(dict.fromkeys(ask.resource for ask in asks if ask.resource != "*")),
        outcome=outcome,
        request_id=call.request_id,
    )


def page(database: Database, start: str, end: str, wanted: Mapping[str, str], limit: int) -> list[AuditEntry]:
    """The newest `limit` entries whose keys lie from `start` to before `end` and that match `wanted`."""
    found: list[AuditEntry] = []
    while len(found) < limit:
        rows = database.page(AuditEntry, start, end, _CHUNK)
        found += [row for row in rows if matches(row, wanted)]
        if len(rows) < _CHUNK:
            break
        end = rows[-1].arn
    return found[:limit]


def matches(row: AuditEntry, wanted: Mapping[str, Any]) -> bool:
    """`principal` and `resource` match by a part of the ARN, all else word for word; `outcome` also as `refused`."""
    return all(_MATCH.get(name, _same)(row, name, value) for name, value in wanted.items())


def _same(row: AuditEntry, name: str, value: str) -> bool:
    return bool(getattr(row, name) == value)


def _outcome(row: AuditEntry, name: str, value: str) -> bool:
    return row.outcome != "ok" if value == "refused" else row.outcome == value


_MATCH = {
    "principal": lambda row, name, value: value in row.principal,
    "resource": lambda row, name, value: any(value in resource for resource in row.resources),
    "outcome": _outcome,
}
