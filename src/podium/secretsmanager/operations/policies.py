"""Resource policies of secrets: whom they name they let in, and whom they deny nobody lets in."""

from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import names, rules, views
from podium.secretsmanager.errors import PUBLIC, PublicPolicy
from podium.secretsmanager.service import secretsmanager
from podium.store.records import replace
from podium.store.session import Transaction


@secretsmanager.operation
def put_resource_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held, text = names.living(call, tx, request["SecretId"]), request["ResourcePolicy"]
    document = rules.policy(text)
    if request.get("BlockPublicPolicy") and rules.is_public(document):
        raise PublicPolicy
    tx.put(replace(held, policy=text))
    return views.named(held)


@secretsmanager.operation(reads=True)
def get_resource_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of a secret without one, the secret alone."""
    held = names.living(call, tx, request["SecretId"])
    return views.named(held, ResourcePolicy=held.policy)


@secretsmanager.operation
def delete_resource_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.living(call, tx, request["SecretId"])
    tx.put(replace(held, policy=None))
    return views.named(held)


@secretsmanager.operation(reads=True)
def validate_resource_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    if request.get("SecretId"):
        names.living(call, tx, request["SecretId"])
    public = rules.is_public(rules.policy(request["ResourcePolicy"]))
    faults = [{"CheckName": "BlockPublicPolicy", "ErrorMessage": PUBLIC}] if public else []
    return {"PolicyValidationPassed": not faults, "ValidationErrors": faults}
