"""Listeners: creating, describing, changing and deleting them."""

from dataclasses import dataclass
from typing import Any

from podium import acm
from podium.elbv2 import associations, listening, lookups, names, security, views
from podium.elbv2.errors import (
    DuplicateListener,
    Invalid,
    ListenersNotFound,
    TooManyListeners,
)
from podium.elbv2.records import Listener, LoadBalancer
from podium.elbv2.rules import paging, protocols
from podium.elbv2.rules.tags import TAGS
from podium.elbv2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST = 50


@changes
def create_listener(call: Call, tx: Transaction, request: Request) -> Answer:
    balancer = lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"])
    given = TAGS.given(request.get("Tags"))
    protocol = protocols.listener(balancer.kind, request.get("Protocol"))
    port = request.get("Port")
    if not port:
        raise Invalid("A listener port must be specified")
    _free(tx, balancer, port)
    if len(lookups.listeners_of(tx, balancer.arn)) >= MOST:
        raise TooManyListeners(f"The maximum number of listeners on load balancer '{balancer.arn}' has been reached")
    secured = _secured(tx, call.home, protocol, request, None)
    actions = listening.checked(tx, balancer, protocol, port, request["DefaultActions"])
    arn = names.of_listener(balancer.arn, names.new_id(call.ids))
    made = Listener(
        arn=arn,
        home=call.home,
        load_balancer_arn=balancer.arn,
        port=port,
        protocol=protocol,
        actions=actions,
        default_rule_arn=names.of_rule(arn, names.new_id(call.ids)),
        tags=given,
        created_at=call.now,
        **secured.fields(),
    )
    associations.exchange(tx, arn, balancer, (), actions)
    acm.exchange(tx, arn, (), secured.certificates)
    return _answer([tx.put(made)])


def _free(tx: Transaction, balancer: LoadBalancer, port: int, but: str = "") -> None:
    """Raises DuplicateListener: protocols do not share a port."""
    if any(held.port == port and held.arn != but for held in lookups.listeners_of(tx, balancer.arn)):
        raise DuplicateListener(balancer.arn)


@dataclass(frozen=True, slots=True)
class _Secured:
    """What a listener has because it ends TLS; nothing of it for one that does not."""

    policy: str | None = None
    alpn: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()

    def fields(self) -> dict[str, Any]:
        return {"ssl_policy": self.policy, "alpn_policy": self.alpn, "certificate_arns": self.certificates}


def _secured(tx: Transaction, home: str, protocol: str, request: Request, before: Listener | None) -> _Secured:
    security.mutual(protocol, request.get("MutualAuthentication"))
    if protocol not in protocols.SECURE:
        security.none_of_it(protocol, request)
        return _Secured()
    kept = before if before is not None and before.protocol in protocols.SECURE else None
    default = security.default_certificate(protocol, request.get("Certificates"), kept)
    security.certificate(tx, home, default)
    others = kept.certificate_arns[1:] if kept else ()
    return _Secured(
        policy=security.policy(request.get("SslPolicy") or (kept.ssl_policy if kept else None)),
        alpn=security.alpn(protocol, request.get("AlpnPolicy"), kept.alpn_policy if kept else ()),
        certificates=(default, *(arn for arn in others if arn != default)),
    )


def _answer(found: list[Listener]) -> Answer:
    return {"Listeners": [views.listener(held) for held in found]}


@reads
def describe_listeners(call: Call, tx: Transaction, request: Request) -> Answer:
    arns, balancer = request.get("ListenerArns") or (), request.get("LoadBalancerArn")
    if bool(arns) is bool(balancer):
        raise Invalid("You must specify either listener ARNs or a load balancer ARN")
    if balancer:
        found = lookups.listeners_of(tx, lookups.named(tx, call.home, LoadBalancer, balancer).arn)
    else:
        for arn in arns:
            lookups.well_formed(Listener, arn)
        found = [held for held in lookups.each(tx, call.home, Listener, arns) if held is not None]
        if len(found) < len(set(arns)):
            raise ListenersNotFound
    shown, more = paging.page(found, paging.age, request)
    return {**_answer(shown), **more}


@changes
def modify_listener(call: Call, tx: Transaction, request: Request) -> Answer:
    """What the request leaves out stays, unless the new protocol has nothing of it."""
    listener = lookups.named(tx, call.home, Listener, request["ListenerArn"])
    balancer = lookups.balancer_of(tx, listener)
    protocol = protocols.listener(balancer.kind, request.get("Protocol") or listener.protocol)
    port = request.get("Port") or listener.port
    _free(tx, balancer, port, but=listener.arn)
    secured = _secured(tx, call.home, protocol, request, listener)
    actions = listener.actions
    if request.get("DefaultActions"):
        actions = listening.checked(tx, balancer, protocol, port, request["DefaultActions"])
    listening.compatible(tx, balancer, protocol, actions)
    for rule in lookups.rules_of(tx, listener.arn):
        listening.compatible(tx, balancer, protocol, rule.actions)
    associations.exchange(tx, listener.arn, balancer, listener.actions, actions)
    acm.exchange(tx, listener.arn, listener.certificate_arns, secured.certificates)
    kept = listener.attributes if protocol == listener.protocol else {}
    changed = replace(listener, port=port, protocol=protocol, actions=actions, attributes=kept, **secured.fields())
    return _answer([tx.put(changed)])


@changes
def delete_listener(call: Call, tx: Transaction, request: Request) -> Answer:
    """With its rules."""
    listening.unlisten(tx, lookups.named(tx, call.home, Listener, request["ListenerArn"]))
    return {}
