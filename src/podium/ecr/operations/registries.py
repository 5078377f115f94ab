"""What is settled for a whole registry, which is an account's in a region."""

from typing import Any

from podium.ecr import names, rules
from podium.ecr.errors import RegistryPolicyNotFound
from podium.ecr.service import ecr
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

NOTHING: dict[str, Any] = {"rules": []}
SCANNING: dict[str, Any] = {"scanType": "BASIC", "rules": []}


@ecr.operation(reads=True)
def describe_registry(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.registry(call, tx)
    return {"registryId": call.account, "replicationConfiguration": held.replication or NOTHING}


@ecr.operation
def put_replication_configuration(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    given = request["replicationConfiguration"]
    tx.put(replace(names.registry(call, tx), replication=given))
    return {"replicationConfiguration": given}


@ecr.operation(reads=True)
def get_registry_scanning_configuration(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"registryId": call.account, "scanningConfiguration": names.registry(call, tx).scanning or SCANNING}


@ecr.operation
def put_registry_scanning_configuration(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    given = {"scanType": request.get("scanType") or "BASIC", "rules": request.get("rules") or []}
    tx.put(replace(names.registry(call, tx), scanning=given))
    return {"registryScanningConfiguration": given}


@ecr.operation
def put_registry_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    text = rules.policy(request["policyText"], "registry")
    tx.put(replace(names.registry(call, tx), policy=text))
    return {"registryId": call.account, "policyText": text}


@ecr.operation(reads=True)
def get_registry_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"registryId": call.account, "policyText": _policy(call, tx)}


@ecr.operation
def delete_registry_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    text = _policy(call, tx)
    tx.put(replace(names.registry(call, tx), policy=None))
    return {"registryId": call.account, "policyText": text}


def _policy(call: Call, tx: Transaction) -> str:
    held = names.registry(call, tx).policy
    if held is None:
        raise RegistryPolicyNotFound(call.account)
    return held
