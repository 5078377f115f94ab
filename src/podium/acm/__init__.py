"""Certificates. What other services use of them is named here."""

from podium.acm import names
from podium.acm.records import Certificate
from podium.acm.using import exchange, material
from podium.store.session import Transaction


def find_certificate(tx: Transaction, home: str, arn: str) -> Certificate | None:
    """One of the home (partition, region and account)."""
    return names.find(tx, home, arn)


__all__ = ["Certificate", "exchange", "find_certificate", "material"]
