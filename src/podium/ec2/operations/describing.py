"""What all Describe operations have in common: ids, filters, pages."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from podium.ec2 import lookups
from podium.ec2.rules import filters, pages
from podium.ec2.rules.filters import Look
from podium.kernel.call import Call
from podium.store.session import Transaction

R = TypeVar("R")


def described(
    call: Call,
    tx: Transaction,
    request: Mapping[str, Any],
    kind: type[R],
    *,
    ids: str,
    member: str,
    looks: Mapping[str, Look[R]],
    view: Callable[[R], Any],
    filtered_by: str = "Filters",
) -> dict[str, Any]:
    """The records named under `ids`, or all; of these, what the filters let through."""
    pages.one_or_the_other(request, ids)
    named = request.get(ids)
    rows = lookups.several(tx, call.home, kind, named) if named else lookups.every(tx, call.home, kind)
    found = filters.select(rows, request.get(filtered_by), looks)
    return pages.page(member, found, request, view, key=lambda row: row.id)  # type: ignore[attr-defined]
