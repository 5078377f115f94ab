"""Events of AWS services as EventBridge gets them: kept for a while, for whoever asks what happened."""

from podium.events.journal import envelope, key, newest, page
from podium.events.records import ALL, Event

__all__ = ["ALL", "Event", "envelope", "key", "newest", "page"]
