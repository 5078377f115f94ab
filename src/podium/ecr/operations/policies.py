"""Policies of repositories: who may use them, and which images are to expire."""

from typing import Any

from podium.ecr import names, rules, views
from podium.ecr.errors import LifecyclePolicyNotFound, RepositoryPolicyNotFound
from podium.ecr.records import Repository
from podium.ecr.service import ecr
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@ecr.operation
def put_lifecycle_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held, text = names.repository(call, tx, request), rules.lifecycle(request["lifecyclePolicyText"])
    tx.put(replace(held, lifecycle_policy=text))
    return views.of_repository(held, lifecyclePolicyText=text)


@ecr.operation(reads=True)
def get_lifecycle_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """It was never evaluated: there is no image that it could be about."""
    held = names.repository(call, tx, request)
    return views.of_repository(held, lifecyclePolicyText=_lifecycle(call, held))


@ecr.operation
def delete_lifecycle_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.repository(call, tx, request)
    text = _lifecycle(call, held)
    tx.put(replace(held, lifecycle_policy=None))
    return views.of_repository(held, lifecyclePolicyText=text)


def _lifecycle(call: Call, held: Repository) -> str:
    if held.lifecycle_policy is None:
        raise LifecyclePolicyNotFound(held.name, call.account)
    return held.lifecycle_policy


@ecr.operation
def set_repository_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held, text = names.repository(call, tx, request), rules.policy(request["policyText"], "repository")
    tx.put(replace(held, policy=text))
    return views.of_repository(held, policyText=text)


@ecr.operation(reads=True)
def get_repository_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.repository(call, tx, request)
    return views.of_repository(held, policyText=_policy(call, held))


@ecr.operation
def delete_repository_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.repository(call, tx, request)
    text = _policy(call, held)
    tx.put(replace(held, policy=None))
    return views.of_repository(held, policyText=text)


def _policy(call: Call, held: Repository) -> str:
    if held.policy is None:
        raise RepositoryPolicyNotFound(held.name, call.account)
    return held.policy
