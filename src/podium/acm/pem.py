"""Certificates and keys as PEM: reading what users bring, and writing it the same way each time.

Importing this module loads a cryptography library, which nobody needs before the first certificate.
Source: AWS Certificate Manager User Guide, "Prerequisites for importing ACM certificates".
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from podium.acm.errors import Invalid

MARK = b"-----BEGIN CERTIFICATE-----"
SIZES = (1024, 2048, 3072, 4096)
CURVES = {"secp256r1": "EC_prime256v1", "secp384r1": "EC_secp384r1", "secp521r1": "EC_secp521r1"}
BROKEN_CHAIN = (
    "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "
    "followed by any intermediaries in order. The index within the chain of the invalid certificate is: {}"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate, its issuers in order, and its key, which belong together."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: PrivateKeyTypes


def read(certificate: bytes, key: bytes, chain: bytes | None, now: datetime) -> Pair:
    """Raises Invalid, in a sentence that says which of the three is wrong and how."""
    if certificate.count(MARK) > 1:
        raise Invalid(
            "The certificate field contains more than one certificate. You can specify only one certificate in this "
            "field."
        )
    [leaf] = _certificates(certificate, "certificate")
    issuers = tuple(_certificates(chain, "certificate chain")) if chain else ()
    pair = Pair(leaf, issuers, _key(key))
    _belong_together(pair)
    _valid_at(leaf, now)
    return pair


def _certificates(text: bytes, what: str) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(text)
        for each in found:
            each.subject, each.issuer, each.extensions  # noqa: B018  (read here, so that nothing fails later)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Invalid(f"The {what} is not PEM-encoded or is not valid.") from error
    return found


def _key(text: bytes) -> PrivateKeyTypes:
    try:
        key = load_pem_private_key(text, password=None)
    except TypeError as error:
        raise Invalid("The private key is encrypted. You must provide one that is not.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Invalid("The private key is not PEM-encoded or is not valid.") from error
    if algorithm(key) is None:
        raise Invalid("The private key is not supported.")
    return key


def algorithm(key: object) -> str | None:
    """As the API names it; None for one that it does not."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return f"RSA_{key.key_size}" if key.key_size in SIZES else None
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return CURVES.get(key.curve.name)
    return None


def _belong_together(pair: Pair) -> None:
    try:
        public = _public(pair.certificate)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Invalid("The public key of the certificate is not supported.") from error
    if public != pair.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise Invalid("The private key does not match the certificate.")
    if not pair.chain:
        if not _signed(pair.certificate, pair.certificate):
            raise Invalid(
                "Provided certificate is not a valid self signed. Please provide either a valid self-signed "
                "certificate or certificate chain."
            )
        return
    for index, (below, above) in enumerate(zip((pair.certificate, *pair.chain), pair.chain, strict=False)):
        if not _signed(below, above):
            raise Invalid(BROKEN_CHAIN.format(index))


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _signed(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _valid_at(certificate: x509.Certificate, now: datetime) -> None:
    if now < certificate.not_valid_before_utc:
        raise Invalid("The certificate is not yet valid.")
    if now >= certificate.not_valid_after_utc:
        raise Invalid("The certificate has expired.")


def host_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The host names that it is good for; those that it names as alternatives, or else its common name."""
    try:
        held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = held.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        found = []
    return tuple(dict.fromkeys(found)) or common_name(certificate)


def common_name(certificate: x509.Certificate) -> tuple[str, ...]:
    return tuple(str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))[:1]


def written(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def written_key(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
