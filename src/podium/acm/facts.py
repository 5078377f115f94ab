"""What DescribeCertificate tells of a certificate, read from the certificate itself."""

from typing import Any

from cryptography import x509
from cryptography.x509.oid import SignatureAlgorithmOID

from podium.acm import pem

USAGES = {
    "digital_signature": "DIGITAL_SIGNATURE",
    "content_commitment": "NON_REPUDIATION",
    "key_encipherment": "KEY_ENCIPHERMENT",
    "data_encipherment": "DATA_ENCIPHERMENT",
    "key_agreement": "KEY_AGREEMENT",
    "key_cert_sign": "CERTIFICATE_SIGNING",
    "crl_sign": "CRL_SIGNING",
}
EXTENDED = {
    "1.3.6.1.5.5.7.3.1": "TLS_WEB_SERVER_AUTHENTICATION",
    "1.3.6.1.5.5.7.3.2": "TLS_WEB_CLIENT_AUTHENTICATION",
    "1.3.6.1.5.5.7.3.3": "CODE_SIGNING",
    "1.3.6.1.5.5.7.3.4": "EMAIL_PROTECTION",
    "1.3.6.1.5.5.7.3.5": "IPSEC_END_SYSTEM",
    "1.3.6.1.5.5.7.3.6": "IPSEC_TUNNEL",
    "1.3.6.1.5.5.7.3.7": "IPSEC_USER",
    "1.3.6.1.5.5.7.3.8": "TIME_STAMPING",
    "1.3.6.1.5.5.7.3.9": "OCSP_SIGNING",
    "2.5.29.37.0": "ANY",
}

_ECDSA = (
    SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    SignatureAlgorithmOID.ECDSA_WITH_SHA512,
)


def of(certificate: x509.Certificate) -> dict[str, Any]:
    """Fields of the record."""
    names = pem.host_names(certificate)
    own = pem.common_name(certificate)
    return {
        "domain_name": (own or names or ("",))[0],
        "names": names,
        "serial": _serial(certificate.serial_number),
        "subject": certificate.subject.rfc4514_string(),
        "issuer": _issuer(certificate.issuer),
        "key_algorithm": pem.algorithm(certificate.public_key()) or "",
        "signature_algorithm": _signature(certificate),
        "key_usages": _usages(certificate),
        "extended_key_usages": _extended(certificate),
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
    }


def _serial(number: int) -> str:
    digits = f"{number:x}"
    return number.to_bytes((len(digits) + 1) // 2, "big").hex(":")


def _issuer(name: x509.Name) -> str:
    """The organization, or the common name of one that has none."""
    for oid in (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.COMMON_NAME):
        for held in name.get_attributes_for_oid(oid):
            return str(held.value)
    return name.rfc4514_string()


def _signature(certificate: x509.Certificate) -> str:
    digest = certificate.signature_hash_algorithm
    signer = "ECDSA" if certificate.signature_algorithm_oid in _ECDSA else "RSA"
    return f"{digest.name.upper() if digest is not None else ''}WITH{signer}"


def _usages(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        held = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ("ANY",)
    return tuple(name for attribute, name in USAGES.items() if getattr(held, attribute))


def _extended(certificate: x509.Certificate) -> tuple[tuple[str, str], ...]:
    try:
        held = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return (("NONE", ""),)
    return tuple((EXTENDED.get(each.dotted_string, "CUSTOM"), each.dotted_string) for each in held)
