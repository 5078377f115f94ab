"""Certificates by their ARNs. What another account or region has is not there."""

from podium.acm.errors import CertificateNotFound, InvalidArn
from podium.acm.records import Certificate
from podium.kernel.call import Call
from podium.store.session import Transaction


def of_certificate(home: str, identity: str) -> str:
    """`home` is partition, region and account."""
    partition, region, account = home.split(":")
    return f"arn:{partition}:acm:{region}:{account}:certificate/{identity}"


def authority(home: str) -> str:
    """The key of an account's authority: it is the same in every region."""
    partition, _, account = home.split(":")
    return f"{partition}:{account}"


def find(tx: Transaction, home: str, arn: str) -> Certificate | None:
    found = tx.get(Certificate, arn)
    return found if found is not None and found.home == home else None


def named(call: Call, tx: Transaction, arn: str) -> Certificate:
    """Raises InvalidArn, CertificateNotFound."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "acm" or not parts[5].startswith("certificate/"):
        raise InvalidArn(arn)
    found = find(tx, call.home, arn)
    if found is None:
        raise CertificateNotFound(arn)
    return found
