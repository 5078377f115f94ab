"""Certificates that users bring."""

from podium.acm import names
from podium.acm.errors import Invalid, InvalidParameter
from podium.acm.records import Certificate
from podium.acm.service import Answer, Request, changes
from podium.acm.tagging import TAGS
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@changes
def import_certificate(call: Call, tx: Transaction, request: Request) -> Answer:
    """With an ARN, the certificate takes the place of the one that has it, wherever that is used."""
    from podium.acm import facts, pem

    given = TAGS.given(request.get("Tags"))
    before = names.named(call, tx, request["CertificateArn"]) if request.get("CertificateArn") else None
    if before is not None and before.imported_at is None:
        raise Invalid(f"The certificate {before.arn} was not imported.")
    if before is not None and given:
        raise InvalidParameter("You cannot apply tags when reimporting a certificate.")
    pair = pem.read(request["Certificate"], request["PrivateKey"], request.get("CertificateChain"), call.now)
    found = facts.of(pair.certificate)
    if not found["key_algorithm"]:
        raise Invalid("The private key is not supported.")
    arn = before.arn if before is not None else names.of_certificate(call.home, call.ids.uuid())
    made = Certificate(
        arn=arn,
        home=call.home,
        body=pem.written(pair.certificate),
        chain="".join(map(pem.written, pair.chain)),
        key=call.sealer.seal(pem.written_key(pair.key), arn),
        created_at=call.now,
        imported_at=call.now,
        tags=given,
        **found,
    )
    if before is not None:
        made = replace(made, created_at=before.created_at, used_by=before.used_by, tags=before.tags)
    tx.put(made)
    return {"CertificateArn": arn}
