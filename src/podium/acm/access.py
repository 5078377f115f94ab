"""What each Certificate Manager operation asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Certificate Manager".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.acm import names
from podium.acm.service import acm
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = Mapping[str, Any]
Context = dict[str, str | tuple[str, ...]]
MAKERS = ("ImportCertificate", "RequestCertificate")


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    arn = request.get("CertificateArn")
    if arn is None:
        arn = names.of_certificate(call.home, "*") if operation in MAKERS else "*"
    context = {**_of_tags(request), **_of_certificate(tx, call, arn), **_of_request(request)}
    yield Ask(action=f"acm:{operation}", resource=arn, context=context)
    if operation in MAKERS and request.get("Tags"):
        yield Ask(action="acm:AddTagsToCertificate", resource=arn, context=_of_tags(request))


def _of_tags(request: Request) -> Context:
    """The tags that are given or taken away."""
    given = {tag["Key"]: tag.get("Value") or "" for tag in request.get("Tags") or ()}
    context: Context = {f"aws:RequestTag/{key}": value for key, value in given.items()}
    return {**context, "aws:TagKeys": tuple(given)} if given else context


def _of_certificate(tx: Transaction, call: Call, arn: str) -> Context:
    held = names.find(tx, call.home, arn)
    return {f"aws:ResourceTag/{key}": value for key, value in held.tags.items()} if held is not None else {}


def _of_request(request: Request) -> Context:
    """What RequestCertificate asks for."""
    if "DomainName" not in request:
        return {}
    context: Context = {
        "acm:DomainNames": (request["DomainName"], *(request.get("SubjectAlternativeNames") or ())),
        "acm:KeyAlgorithm": request.get("KeyAlgorithm") or "RSA_2048",
        "acm:ValidationMethod": request.get("ValidationMethod") or "EMAIL",
    }
    return context


acm.asks = asks
