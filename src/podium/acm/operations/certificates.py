"""Certificates: looking at them, and deleting them. No answer ever holds a key."""

from podium.acm import names, views
from podium.acm.errors import CertificateInUse, InvalidArgs
from podium.acm.records import Certificate
from podium.acm.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.kernel.pages import Paging
from podium.store.session import Transaction

PAGING = Paging(usual=1000, size="MaxItems", refused=lambda: InvalidArgs("The next token is not valid."))
DEFAULT_KEYS = ("RSA_1024", "RSA_2048")  # others are listed when they are asked for


@reads
def describe_certificate(call: Call, tx: Transaction, request: Request) -> Answer:
    return {"Certificate": views.certificate(names.named(call, tx, request["CertificateArn"]), call.now)}


@reads
def get_certificate(call: Call, tx: Transaction, request: Request) -> Answer:
    """The chain ends with the authority: whoever is to trust the certificate must trust that."""
    held = names.named(call, tx, request["CertificateArn"])
    return {"Certificate": held.body, **({"CertificateChain": held.chain} if held.chain else {})}


@reads
def list_certificates(call: Call, tx: Transaction, request: Request) -> Answer:
    """The oldest first, unless asked otherwise."""
    if bool(request.get("SortBy")) is not bool(request.get("SortOrder")):
        raise InvalidArgs("SortBy and SortOrder must be specified together.")
    found = [held for held in tx.list(Certificate, home=call.home) if _wanted(call, held, request)]
    found.sort(key=lambda held: (held.created_at, held.arn), reverse=request.get("SortOrder") == "DESCENDING")
    places = {held.arn: f"{place:08d}" for place, held in enumerate(found)}
    shown, more = PAGING.page(found, lambda held: places[held.arn], request)
    return {"CertificateSummaryList": [views.summary(held, call.now) for held in shown], **more}


def _wanted(call: Call, held: Certificate, request: Request) -> bool:
    statuses, includes = request.get("CertificateStatuses"), request.get("Includes") or {}
    origins = request.get("CertificateKeyPairOrigins")
    if statuses and views.status(held, call.now) not in statuses:
        return False
    if origins and ("CUSTOMER_PROVIDED" if held.imported_at else "AWS_MANAGED") not in origins:
        return False
    if held.key_algorithm not in (includes.get("keyTypes") or DEFAULT_KEYS):
        return False
    if includes.get("managedBy") or includes.get("exportOption") == "ENABLED":
        return False
    extended = {name for name, _ in held.extended_key_usages}
    asked = ((includes.get("keyUsage"), set(held.key_usages)), (includes.get("extendedKeyUsage"), extended))
    return all(not wanted or not has.isdisjoint(wanted) for wanted, has in asked)


@changes
def delete_certificate(call: Call, tx: Transaction, request: Request) -> Answer:
    """One that a listener has is refused."""
    held = names.named(call, tx, request["CertificateArn"])
    if held.used_by:
        raise CertificateInUse(held.arn)
    tx.delete(held)
    return {}
