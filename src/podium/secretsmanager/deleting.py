"""Taking a secret out of the records, with all its values."""

from podium.secretsmanager import names, rotating
from podium.secretsmanager.records import Secret
from podium.store.session import Transaction


def delete(tx: Transaction, held: Secret) -> None:
    for version in names.versions(tx, held):
        tx.delete(version)
    rotating.end(tx, held)
    tx.delete(held)
