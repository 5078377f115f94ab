"""Ends what the capacity provider operations began: nothing else has to happen first."""

from collections.abc import Iterable
from datetime import datetime

from podium.ecs.records import CapacityProvider
from podium.store.records import replace
from podium.store.session import Change, Transaction

ENDS = {"UPDATE_IN_PROGRESS": ("ACTIVE", "UPDATE_COMPLETE"), "DELETE_IN_PROGRESS": ("INACTIVE", "DELETE_COMPLETE")}


class CapacityProviderController:
    name = "ecs.capacity_providers"
    kinds = (CapacityProvider,)

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, CapacityProvider) and change.after.update_status in ENDS:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [p.arn for p in tx.list(CapacityProvider) if p.update_status in ENDS]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        provider = tx.get(CapacityProvider, key)
        if provider is not None and provider.update_status in ENDS:
            status, ended = ENDS[provider.update_status]
            tx.put(replace(provider, status=status, update_status=ended, update_status_reason=None))
        return None
