"""Certificates for tests, made in a line."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """Somebody who issues certificates; `chain` is its own."""

    def __init__(self, now: datetime) -> None:
        self._now, self._key = now, ec.generate_private_key(ec.SECP256R1())
        self.certificate_ = self._made("Test CA", "Test CA", self._key, ca=True)
        self.chain = self.certificate_.public_bytes(Encoding.PEM)

    def certificate(self, *names: str, days: int = 30, key: Any = None) -> dict[str, Any]:
        """What ImportCertificate takes."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        made = self._made(names[0], "Test CA", key, *names, days=days)
        leaf = made.public_bytes(Encoding.PEM)
        return {"Certificate": leaf, "PrivateKey": pem(key), "CertificateChain": self.chain}

    def _made(
        self, name: str, issuer: str, key: Any, *names: str, ca: bool = False, days: int = 30
    ) -> x509.Certificate:
        begun = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=60))
            .not_valid_after(self._now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            begun = begun.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        return begun.sign(self._key, hashes.SHA256())


def self_signed(name: str) -> dict[str, bytes]:
    """The files of one that is valid now: `certificate.pem` and `key.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return {"certificate.pem": made.public_bytes(Encoding.PEM), "key.pem": pem(key)}
