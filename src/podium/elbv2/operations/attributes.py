"""Attributes of load balancers, target groups and listeners."""

from podium.elbv2 import access_logs, attributes, lookups, views
from podium.elbv2.records import Listener, LoadBalancer, TargetGroup
from podium.elbv2.service import Answer, Request, changes, reads
from podium.journals.kept import Journals, Later
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

_TEST = b"Enable AccessLog for ELB: access logs of this load balancer are put into this bucket.\n"


def _shown(owner: LoadBalancer | TargetGroup | Listener) -> Answer:
    return {"Attributes": views.attributes(attributes.effective(owner))}


@reads
def describe_load_balancer_attributes(call: Call, tx: Transaction, request: Request) -> Answer:
    return _shown(lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"]))


@changes
def modify_load_balancer_attributes(call: Call, tx: Transaction, request: Request) -> Answer | Later:
    """Attributes that are not given stay as they are. Where access logs are to go, a file has to show first that they
    can.
    """
    after = _changed(call, tx, request)
    concerns_logs = any(pair.get("Key", "").startswith("access_logs.") for pair in request["Attributes"])
    if not concerns_logs or not access_logs.are_wanted(after):
        return _shown(tx.put(after))
    where = access_logs.trial_place(tx, after)

    def write(journals: Journals) -> Answer:
        journals.objects.put(where.bucket, where.key, _TEST, call.now.timestamp(), {"ContentType": "text/plain"})
        return _shown(after)

    def change(tx: Transaction) -> None:
        tx.put(_changed(call, tx, request))

    return Later(write, then=change)


def _changed(call: Call, tx: Transaction, request: Request) -> LoadBalancer:
    balancer = lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"])
    return replace(balancer, attributes=attributes.changed(balancer, request["Attributes"]))


@reads
def describe_target_group_attributes(call: Call, tx: Transaction, request: Request) -> Answer:
    return _shown(lookups.named(tx, call.home, TargetGroup, request["TargetGroupArn"]))


@changes
def modify_target_group_attributes(call: Call, tx: Transaction, request: Request) -> Answer:
    group = lookups.named(tx, call.home, TargetGroup, request["TargetGroupArn"])
    return _shown(tx.put(replace(group, attributes=attributes.changed(group, request["Attributes"]))))


@reads
def describe_listener_attributes(call: Call, tx: Transaction, request: Request) -> Answer:
    return _shown(lookups.named(tx, call.home, Listener, request["ListenerArn"]))


@changes
def modify_listener_attributes(call: Call, tx: Transaction, request: Request) -> Answer:
    listener = lookups.named(tx, call.home, Listener, request["ListenerArn"])
    return _shown(tx.put(replace(listener, attributes=attributes.changed(listener, request["Attributes"]))))
