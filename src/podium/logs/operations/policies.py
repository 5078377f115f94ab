"""Resource policies: which services may write logs here."""

from typing import Any

from podium.kernel.call import Call
from podium.logs import rules, views
from podium.logs.errors import Invalid, LimitExceeded, ResourcePolicyNotFound
from podium.logs.operations.paging import page
from podium.logs.records import ResourcePolicy
from podium.logs.service import logs
from podium.store.session import Transaction


@logs.operation
def put_resource_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One of the name is replaced."""
    name, document = _name(request), rules.document(request.get("policyDocument"))
    arn = f"{call.home}/{name}"
    if tx.get(ResourcePolicy, arn) is None and len(tx.list(ResourcePolicy, home=call.home)) >= rules.MOST_POLICIES:
        raise LimitExceeded
    made = tx.put(ResourcePolicy(arn=arn, home=call.home, name=name, document=document, updated_at=call.now))
    return {"resourcePolicy": views.policy(made)}


@logs.operation(reads=True)
def describe_resource_policies(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Those of an account: of single log groups there are none."""
    of_account = request.get("policyScope", "ACCOUNT") == "ACCOUNT" and not request.get("resourceArn")
    rows = tx.list(ResourcePolicy, home=call.home) if of_account else []
    shown, more = page(rows, lambda policy: policy.name, request)
    return {"resourcePolicies": [views.policy(policy) for policy in shown], **more}


@logs.operation
def delete_resource_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    name = _name(request)
    held = tx.get(ResourcePolicy, f"{call.home}/{name}")
    if held is None:
        raise ResourcePolicyNotFound(name)
    tx.delete(held)
    return {}


def _name(request: dict[str, Any]) -> str:
    if request.get("resourceArn"):
        raise Invalid("Podium keeps the resource policies of an account, and none of a single log group.")
    if not request.get("policyName"):
        raise Invalid("policyName must be specified.")
    return str(request["policyName"])
