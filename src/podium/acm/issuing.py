"""An account's own certificate authority: made when the first certificate is asked for, it issues at once.

No browser knows it. Who is to trust what it issues must trust it: GetCertificate's chain is its own certificate.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from podium.acm import names, pem
from podium.acm.pem import Pair
from podium.acm.records import Authority
from podium.kernel.call import Call
from podium.store.session import Transaction

LONG, VALID = timedelta(days=3650), timedelta(days=825)  # the longest that Apple's clients take from such a root
EARLIER = timedelta(minutes=5)  # clocks differ
CURVES = {"EC_prime256v1": ec.SECP256R1, "EC_secp384r1": ec.SECP384R1}
ALGORITHMS = ("RSA_2048", *CURVES)


def issued(call: Call, tx: Transaction, domains: Sequence[str], algorithm: str) -> Pair:
    """A certificate for these host names, of the call's account."""
    authority = _authority(call, tx)
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    signer = load_pem_private_key(call.sealer.unseal(authority.key, authority.arn).encode(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey), "an authority's key is made here"
    key = _new_key(algorithm)
    usage = _usage(digital_signature=True, key_encipherment=algorithm.startswith("RSA"))
    made = (
        _begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domains[0][:64])]), issuer.subject, call.now, VALID)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in domains]), critical=False)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return Pair(made, (issuer,), key)


def _authority(call: Call, tx: Transaction) -> Authority:
    arn = names.authority(call.home)
    found = tx.get(Authority, arn)
    if found is not None:
        return found
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Podium"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Podium CA of account {call.account}"),
        ]
    )
    made = (
        _begun(name, name, call.now, LONG)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    sealed = call.sealer.seal(pem.written_key(key), arn)
    return tx.put(Authority(arn=arn, certificate=pem.written(made), key=sealed, created_at=call.now))


def _begun(subject: x509.Name, issuer: x509.Name, now: datetime, long: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + long)
    )


def _new_key(algorithm: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm]())
    return rsa.generate_private_key(65537, 2048)


def _usage(**uses: bool) -> x509.KeyUsage:
    none = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**{**none, **uses})
