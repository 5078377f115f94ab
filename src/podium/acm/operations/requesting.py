"""Certificates that the account's own authority issues."""

from datetime import timedelta

from podium.acm import names
from podium.acm.errors import InvalidParameter, InvalidValidationOptions, NotYet
from podium.acm.records import Certificate
from podium.acm.service import Answer, Request, changes
from podium.acm.tagging import TAGS
from podium.kernel.call import Call
from podium.store.session import Transaction

REMEMBERED = timedelta(hours=1)
MOST_NAMES = 100


@changes
def request_certificate(call: Call, tx: Transaction, request: Request) -> Answer:
    """It is issued at once: whose the domain is, nobody looks. A token's request is answered once in an hour."""
    given = TAGS.given(request.get("Tags"))
    _answered(request)
    domains = tuple(dict.fromkeys((request["DomainName"], *(request.get("SubjectAlternativeNames") or ()))))
    if len(domains) > MOST_NAMES:
        raise InvalidParameter(f"A certificate can have at most {MOST_NAMES} names.")
    validation = _validation(request, domains)
    if (there := _asked_before(call, tx, request, domains)) is not None:
        return {"CertificateArn": there.arn}
    return {"CertificateArn": tx.put(_issued(call, tx, request, domains, validation, given)).arn}


def _answered(request: Request) -> None:
    """Raises NotYet, InvalidParameter."""
    if request.get("CertificateAuthorityArn"):
        raise NotYet("private certificate authorities")
    options = request.get("Options") or {}
    if request.get("ManagedBy") or "HTTP" in (request.get("ValidationMethod"), options.get("ValidationMethod")):
        raise NotYet("certificates of CloudFront")
    if options.get("Export") == "ENABLED":
        raise NotYet("certificates that can be exported")
    algorithm = request.get("KeyAlgorithm") or "RSA_2048"
    if algorithm not in ("RSA_2048", "EC_prime256v1", "EC_secp384r1"):
        raise InvalidParameter(f"The key algorithm {algorithm} is not supported for certificates that are requested.")


def _validation(request: Request, domains: tuple[str, ...]) -> dict[str, str]:
    """By domain, the one that mail goes to. Raises InvalidValidationOptions."""
    found: dict[str, str] = {}
    for option in request.get("DomainValidationOptions") or ():
        name, where = option["DomainName"], option["ValidationDomain"]
        if name not in domains:
            raise InvalidValidationOptions(f"{name} is none of the certificate's names.")
        if name.removeprefix("*.") != where and not name.endswith(f".{where}"):
            raise InvalidValidationOptions(f"The validation domain {where} must be {name} or a domain above it.")
        found[name] = where
    return found


def _asked_before(call: Call, tx: Transaction, request: Request, domains: tuple[str, ...]) -> Certificate | None:
    token = request.get("IdempotencyToken")
    for held in tx.list(Certificate, home=call.home) if token else ():
        same = held.idempotency_token == token and set(held.names) == set(domains)
        if same and held.created_at > call.now - REMEMBERED:
            return held
    return None


def _issued(
    call: Call,
    tx: Transaction,
    request: Request,
    domains: tuple[str, ...],
    validation: dict[str, str],
    tags: dict[str, str],
) -> Certificate:
    from podium.acm import facts, issuing, pem

    pair = issuing.issued(call, tx, domains, request.get("KeyAlgorithm") or "RSA_2048")
    arn, options = names.of_certificate(call.home, call.ids.uuid()), request.get("Options") or {}
    return Certificate(
        arn=arn,
        home=call.home,
        body=pem.written(pair.certificate),
        chain="".join(map(pem.written, pair.chain)),
        key=call.sealer.seal(pem.written_key(pair.key), arn),
        created_at=call.now,
        issued_at=call.now,
        validation_method=request.get("ValidationMethod") or options.get("ValidationMethod") or "EMAIL",
        validation_domains=validation,
        transparency=options.get("CertificateTransparencyLoggingPreference") or "ENABLED",
        idempotency_token=request.get("IdempotencyToken"),
        tags=tags,
        **{**facts.of(pair.certificate), "domain_name": domains[0]},
    )
