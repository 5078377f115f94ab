"""How often each task may ask.

Source: Amazon ECS Developer Guide, `ECS_TASK_METADATA_RPS_LIMIT`: 40 requests a second, 60 at once.
"""

from dataclasses import dataclass

STEADY, BURST = 40.0, 60.0
_MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limits:
    """A bucket of tokens for each name. Names that have not been heard of for long are forgotten."""

    def __init__(self, steady: float = STEADY, burst: float = BURST) -> None:
        self._steady, self._burst = steady, burst
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str, now: float) -> bool:
        """Whether `name` may ask now, `now` being seconds of a clock that never goes back."""
        bucket = self._buckets.pop(name, None) or _Bucket(self._burst, now)
        tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._steady)
        allowed = tokens >= 1
        self._buckets[name] = _Bucket(tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        return allowed
