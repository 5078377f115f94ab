"""Forgets service deployments ninety days after their end, and the revisions that nothing tells of any more."""

from collections.abc import Iterable
from datetime import datetime

from podium.ecs.records import Service, ServiceDeployment, ServiceRevision
from podium.ecs.timing import Timing
from podium.store.session import Change, Transaction


class HistoryController:
    name = "ecs.histories"
    kinds = (ServiceDeployment,)

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, ServiceDeployment) and change.after.finished_at is not None:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [h.arn for h in tx.list(ServiceDeployment) if h.finished_at is not None]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        history = tx.get(ServiceDeployment, key)
        if history is None or history.finished_at is None:
            return None
        due = history.finished_at + self._timing.deployments_kept
        if due > now:
            return due
        tx.delete(history)
        for arn in (history.target_revision, *history.source_revisions):
            revision = tx.get(ServiceRevision, arn)
            if revision is not None and not _told(tx, revision):
                tx.delete(revision)
        return None


def _told(tx: Transaction, revision: ServiceRevision) -> bool:
    """Whether a deployment still runs the revision, or a history still names it."""
    service = tx.get(Service, revision.service_arn)
    if service is not None and any(d.revision_arn == revision.arn for d in service.deployments):
        return True
    told = tx.list(ServiceDeployment, service_arn=revision.service_arn)
    return any(revision.arn in (h.target_revision, *h.source_revisions) for h in told)
