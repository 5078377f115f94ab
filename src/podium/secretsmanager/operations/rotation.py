"""Rotation: a secret's value is changed by a command of the operator's, now and on a schedule.

Where AWS runs a Lambda function, Podium runs the command that has the function's name.
"""

from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import names, rotating, rules, schedules, staging, views
from podium.secretsmanager.errors import NoFunction, NoHook, TokenOfAVersion
from podium.secretsmanager.records import SecretRotation
from podium.secretsmanager.service import secretsmanager
from podium.store.records import replace
from podium.store.session import Transaction


@secretsmanager.operation
def rotate_secret(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is left out stays as it was. The rotation has begun with the answer; the command runs after it."""
    rules.of_no_partner(request)
    held = names.living(call, tx, request["SecretId"])
    function = request.get("RotationLambdaARN") or held.rotation_function
    if function is None:
        raise NoFunction
    name = rules.function_of(function, call.home)
    if call.hooks.get(name, "missing"):
        raise NoHook(name, call.hooks.get(name, ""))
    given = request.get("RotationRules")
    chosen = schedules.checked(given, call.now) if given is not None else held.rotation_rules
    token = request.get("ClientRequestToken") or call.ids.uuid()
    if _was_asked_before(tx, held.arn, token, held.stages.get(staging.CURRENT)):
        return views.named(held, VersionId=token)
    if names.version(tx, held, token) is not None:
        raise TokenOfAVersion(token, held.arn)
    held = replace(held, rotation_function=function, rotation_rules=chosen, rotation_enabled=True)
    if request.get("RotateImmediately", True):
        return views.named(rotating.begin(tx, held, token, call.now), VersionId=token)
    return views.named(tx.put(rotating.scheduled(replace(held, changed_at=call.now), call.now)))


@secretsmanager.operation
def cancel_rotate_secret(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Turns rotation off, and gives up the one that is under way: its command, if it runs, is ended."""
    held = names.living(call, tx, request["SecretId"])
    under_way = rotating.end(tx, held)
    held = replace(held, rotation_enabled=False, rotates_at=None, changed_at=call.now)
    return views.named(tx.put(held), **({"VersionId": under_way.token} if under_way is not None else {}))


def _was_asked_before(tx: Transaction, arn: str, token: str, current: str | None) -> bool:
    under_way = tx.get(SecretRotation, arn)
    return token == (under_way.token if under_way is not None else current)
