"""Who uses a certificate, and what they need of it."""

from collections.abc import Callable, Iterable

from podium.acm.records import Certificate
from podium.kernel.sealing import Sealer
from podium.store.records import replace
from podium.store.session import Transaction


def exchange(tx: Transaction, user_arn: str, before: Iterable[str], after: Iterable[str]) -> None:
    """`user_arn`, a listener, had the certificates `before` and will have `after`."""
    old, new = set(before), set(after)
    for arn in new - old:
        _put(tx, arn, lambda used: (*used, user_arn))
    for arn in old - new:
        _put(tx, arn, lambda used: tuple(each for each in used if each != user_arn))


def _put(tx: Transaction, arn: str, after: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
    held = tx.get(Certificate, arn)
    assert held is not None, f"{arn} is used, and cannot be deleted"
    tx.put(replace(held, used_by=after(held.used_by)))


def material(tx: Transaction, sealer: Sealer, arn: str) -> tuple[str, str, tuple[str, ...]]:
    """What serving it takes: its chain in PEM, the leaf first; its key in PEM; and the host names it is good for."""
    held = tx.get(Certificate, arn)
    assert held is not None, f"{arn} is used, and cannot be deleted"
    return held.body + held.chain, sealer.unseal(held.key, arn), held.names
