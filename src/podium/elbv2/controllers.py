"""Load balancers become active, and targets that have drained go."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from podium import ec2
from podium.elbv2.records import LoadBalancer, Target
from podium.store.records import replace
from podium.store.session import Change, Transaction

UNHEARD = timedelta(seconds=15)


class LoadBalancerController:
    """One is active once it has its interface in each of its zones. It stays so when it moves."""

    name = "elbv2.load_balancers"
    kinds = (LoadBalancer,)

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, LoadBalancer) and change.after.active_at is None:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [held.arn for held in tx.list(LoadBalancer) if held.active_at is None]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        balancer = tx.get(LoadBalancer, key)
        if balancer is not None and balancer.active_at is None and _is_ready(tx, balancer):
            tx.put(replace(balancer, active_at=now))
        return None


def _is_ready(tx: Transaction, balancer: LoadBalancer) -> bool:
    found = (ec2.find_interface(tx, balancer.home, zone.interface_id) for zone in balancer.zones)
    return all(interface is not None for interface in found)


class TargetController:
    """A target is gone when its deregistration delay is over and the proxy sends it nothing new.

    A proxy that is not there, or hangs, is given no more than a little while; after a start of the control plane as
    long as it may take to link up again.
    """

    name = "elbv2.targets"
    kinds = (Target,)

    def __init__(self, began: datetime) -> None:
        self._began = began

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, Target) and change.after.leaves_at is not None:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [held.arn for held in tx.list(Target) if held.leaves_at is not None]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        target = tx.get(Target, key)
        if target is None or target.leaves_at is None:
            return None
        due = target.leaves_at if target.drained_at is not None else max(target.leaves_at, self._began) + UNHEARD
        if due > now:
            return due
        tx.delete(target)
        return None
