"""Certificates of listeners, and the policies by which they speak TLS."""

from podium import acm
from podium.elbv2 import lookups, security, ssl_policies, views
from podium.elbv2.errors import Invalid, InvalidConfiguration, NotPermitted, SslPolicyNotFound, TooManyCertificates
from podium.elbv2.records import Listener
from podium.elbv2.rules import paging, protocols
from podium.elbv2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST = 25  # beside the default one


@changes
def add_listener_certificates(call: Call, tx: Transaction, request: Request) -> Answer:
    """Adding one that it has already changes nothing."""
    listener, arns = _listener(call, tx, request), _arns(request)
    for arn in arns:
        security.certificate(tx, call.home, arn)
    after = tuple(dict.fromkeys((*listener.certificate_arns, *arns)))
    if len(after) > MOST + 1:
        raise TooManyCertificates(f"A listener can have at most {MOST} certificates beside its default one")
    acm.exchange(tx, listener.arn, listener.certificate_arns, after)
    listener = tx.put(replace(listener, certificate_arns=after))
    return {"Certificates": [shown for shown in views.certificates(listener) if shown["CertificateArn"] in arns]}


@changes
def remove_listener_certificates(call: Call, tx: Transaction, request: Request) -> Answer:
    listener, arns = _listener(call, tx, request), _arns(request)
    if listener.certificate_arns[0] in arns:
        raise NotPermitted("The default certificate of a listener cannot be removed: replace it with ModifyListener")
    after = tuple(arn for arn in listener.certificate_arns if arn not in arns)
    acm.exchange(tx, listener.arn, listener.certificate_arns, after)
    tx.put(replace(listener, certificate_arns=after))
    return {}


@reads
def describe_listener_certificates(call: Call, tx: Transaction, request: Request) -> Answer:
    """The default one too, first."""
    listener = lookups.named(tx, call.home, Listener, request["ListenerArn"])
    rows = [(f"{number:03d}", shown) for number, shown in enumerate(views.certificates(listener))]
    found, more = paging.page(rows, lambda row: row[0], request)
    return {"Certificates": [shown for _, shown in found], **more}


@reads
def describe_ssl_policies(call: Call, tx: Transaction, request: Request) -> Answer:
    wanted = request.get("Names")
    for name in wanted or ():
        if name not in ssl_policies.POLICIES:
            raise SslPolicyNotFound(name)
    found = [policy for name, policy in ssl_policies.POLICIES.items() if not wanted or name in wanted]
    shown, more = paging.page(found, lambda policy: policy.name, request)
    return {"SslPolicies": [views.ssl_policy(policy) for policy in shown], **more}


def _listener(call: Call, tx: Transaction, request: Request) -> Listener:
    listener = lookups.named(tx, call.home, Listener, request["ListenerArn"])
    if listener.protocol not in protocols.SECURE:
        raise InvalidConfiguration(f"A certificate cannot be specified for {listener.protocol} listeners")
    return listener


def _arns(request: Request) -> list[str]:
    arns = [given.get("CertificateArn") for given in request.get("Certificates") or ()]
    if not arns or None in arns:
        raise Invalid("A certificate ARN must be specified")
    if any(given.get("IsDefault") is not None for given in request["Certificates"]):
        raise Invalid("IsDefault cannot be specified for certificates that are added or removed")
    return [str(arn) for arn in arns]
