"""Amazon EventBridge: events of AWS services, kept for a while for whoever asks what happened; and rules about them."""

from podium.events.journal import envelope, key, newest, page
from podium.events.records import ALL, Event

__all__ = ["ALL", "Event", "envelope", "key", "newest", "page"]
