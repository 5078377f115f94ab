"""Repositories by name and ARN. A registry is an account's."""

from collections.abc import Mapping
from typing import Any

from podium.ecr.errors import InvalidAt, RepositoryNotFound
from podium.ecr.records import Registry, Repository
from podium.kernel.call import Call
from podium.store.session import Transaction


def arn(call: Call, name: str) -> str:
    return call.arn("ecr", f"repository/{name}")


def repository(call: Call, tx: Transaction, request: Mapping[str, Any], name: str | None = None) -> Repository:
    """The one that the request names, or that of `name`. In another account's registry there is none.

    Raises RepositoryNotFound.
    """
    wanted, registry = name or request["repositoryName"], request.get("registryId") or call.account
    found = tx.get(Repository, arn(call, wanted))
    if found is None or registry != call.account:
        raise RepositoryNotFound(wanted, registry)
    return found


def of_arn(call: Call, tx: Transaction, given: str) -> Repository:
    """One of the caller's own account and region. Raises InvalidAt, RepositoryNotFound."""
    before, _, name = given.partition(":repository/")
    if not before.startswith("arn:") or not name:
        raise InvalidAt("resourceArn", "Invalid ARN")
    found = tx.get(Repository, given)
    if found is None or found.home != call.home:
        raise RepositoryNotFound(name, call.account)
    return found


def registry(call: Call, tx: Transaction) -> Registry:
    return tx.get(Registry, call.home) or Registry(arn=call.home)
