"""Capacity that a load balancer is to have in reserve. It is kept and shown: a proxy has all of its machine anyway."""

from datetime import datetime

from podium.elbv2 import lookups
from podium.elbv2.errors import Invalid
from podium.elbv2.records import LoadBalancer
from podium.elbv2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

DECREASES_A_DAY = 2


@reads
def describe_capacity_reservation(call: Call, tx: Transaction, request: Request) -> Answer:
    return _shown(lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"]), call.now)


@changes
def modify_capacity_reservation(call: Call, tx: Transaction, request: Request) -> Answer:
    balancer = lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"])
    units = (request.get("MinimumLoadBalancerCapacity") or {}).get("CapacityUnits")
    if bool(request.get("ResetCapacityReservation")) is (units is not None):
        raise Invalid("You must specify either a minimum capacity or that the reservation is to be reset")
    if units is not None and units < 1:
        raise Invalid("The minimum capacity must be at least 1 capacity unit")
    return _shown(tx.put(replace(balancer, capacity_units=units, capacity_changed_at=call.now)), call.now)


def _shown(balancer: LoadBalancer, now: datetime) -> Answer:
    """One that was never reserved anything has no reservation to show."""
    shown: Answer = {"DecreaseRequestsRemaining": DECREASES_A_DAY, "CapacityReservationState": []}
    if balancer.capacity_changed_at is not None:
        shown["LastModifiedTime"] = balancer.capacity_changed_at
    if balancer.capacity_units is not None:
        each = balancer.capacity_units / len(balancer.zones)
        shown["MinimumLoadBalancerCapacity"] = {"CapacityUnits": balancer.capacity_units}
        shown["CapacityReservationState"] = [
            {"State": {"Code": "provisioned"}, "AvailabilityZone": zone.name, "EffectiveCapacityUnits": each}
            for zone in balancer.zones
        ]
    return shown
