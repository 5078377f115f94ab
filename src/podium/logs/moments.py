"""Moments as CloudWatch Logs speaks of them: milliseconds since 1970."""

from datetime import UTC, datetime, timedelta

from podium.logs.records import LogGroup

HOUR = 3_600_000
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millis(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def kept_since(group: LogGroup, now: int) -> int:
    """What is older has expired, and is not shown, though it may still be on the disk."""
    return max(0, now - group.retention_days * DAY) if group.retention_days else 0
