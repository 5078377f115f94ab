"""What each operation of Secrets Manager asks to be allowed: on the secret, and on the customer's key behind it.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Secrets Manager"; User Guide,
"Secret encryption and decryption in AWS Secrets Manager".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium import kms
from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.secretsmanager import names, rules, staging, values
from podium.secretsmanager.records import Secret
from podium.secretsmanager.service import secretsmanager
from podium.store.session import Transaction

Request = Mapping[str, Any]
WITHOUT_SECRET = ("ListSecrets", "GetRandomPassword", "BatchGetSecretValue")
WRITING = ("CreateSecret", "PutSecretValue", "UpdateSecret")
ENCRYPTED = ("SecretString", "SecretBinary", "KmsKeyId")
_KEYS = {
    "SecretId": "secretsmanager:SecretId",
    "VersionId": "secretsmanager:VersionId",
    "VersionStage": "secretsmanager:VersionStage",
    "Description": "secretsmanager:Description",
    "KmsKeyId": "secretsmanager:KmsKeyId",
    "RecoveryWindowInDays": "secretsmanager:RecoveryWindowInDays",
    "ForceDeleteWithoutRecovery": "secretsmanager:ForceDeleteWithoutRecovery",
    "BlockPublicPolicy": "secretsmanager:BlockPublicPolicy",
    "RotationLambdaARN": "secretsmanager:RotationLambdaARN",
    "RotateImmediately": "secretsmanager:RotateImmediately",
}


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def reading(call: Call, tx: Transaction, given: str) -> Sequence[Ask]:
    """What GetSecretValue would ask, for the secrets that BatchGetSecretValue reads one by one."""
    return asks(call, tx, "GetSecretValue", {"SecretId": given})


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    given = {tag.get("Key", ""): tag.get("Value", "") for tag in request.get("Tags") or ()}
    said = tags.of_request(given, request.get("TagKeys") or ())
    named = request.get("SecretId") or request.get("Name")
    if operation in WITHOUT_SECRET or named is None:
        yield Ask(action=f"secretsmanager:{operation}", context=said)
        return
    held = names.find(call, tx, named)
    arn, shown = (held.arn, "") if held is not None else (_unknown(call, named), named)
    context = {**said, **_of_request(request), **_of_secret(held)}
    policy = (held.policy if held is not None else None) or ""
    yield Ask(action=f"secretsmanager:{operation}", resource=arn, context=context, shown=shown, policy=policy)
    if operation == "CreateSecret" and given:
        yield Ask(action="secretsmanager:TagResource", resource=arn, context=context, shown=shown)
    yield from _of_key(call, tx, operation, request, held)
    if operation == "RotateSecret" and (function := _function(request, held)):
        yield Ask(action="lambda:InvokeFunction", resource=rules.unversioned(function))


def _function(request: Request, held: Secret | None) -> str | None:
    return request.get("RotationLambdaARN") or (held.rotation_function if held is not None else None)


def _unknown(call: Call, given: str) -> str:
    return given if given.startswith("arn:") else names.partial_arn(call, given)


def _of_request(request: Request) -> tags.Context:
    context: tags.Context = {}
    for member, key in _KEYS.items():
        if (held := request.get(member)) is not None:
            context[key] = str(held).lower() if isinstance(held, bool) else str(held)
    if request.get("Name"):
        context["secretsmanager:Name"] = request["Name"]
    return context


def _of_secret(held: Secret | None) -> tags.Context:
    if held is None:
        return {}
    own = {f"secretsmanager:ResourceTag/{key}": value for key, value in held.tags.items()}
    rotated_by = held.rotation_function if held.rotation_enabled else None
    return {
        **tags.of_resource(held.tags),
        **own,
        **({"secretsmanager:resource/AllowRotationLambdaArn": rotated_by} if rotated_by else {}),
    }


def _of_key(call: Call, tx: Transaction, operation: str, request: Request, held: Secret | None) -> Iterator[Ask]:
    """Of a customer's key; the one that AWS manages asks nobody."""
    named = values.key_id(_key(tx, operation, request, held))
    if named is None:
        return
    try:
        key = kms.key(call, tx, named)
    except kms.Refusal:
        return
    arn = held.arn if held is not None else names.partial_arn(call, request["Name"])
    actions = ("GenerateDataKey", "Decrypt") if operation in WRITING else ("Decrypt",)
    yield from kms.asks(call, key, names.SERVICE, {"SecretARN": arn}, *actions)


def _key(tx: Transaction, operation: str, request: Request, held: Secret | None) -> str | None:
    """The key that the call encrypts with, or that the version is under which it reads."""
    if operation in WRITING and any(request.get(member) is not None for member in ENCRYPTED):
        return request.get("KmsKeyId") or (held.kms_key_id if held is not None else None)
    if operation != "GetSecretValue" or held is None:
        return None
    version_id = request.get("VersionId") or held.stages.get(request.get("VersionStage") or staging.CURRENT)
    version = names.version(tx, held, version_id) if version_id else None
    return version.kms_key_id if version is not None else None


secretsmanager.asks = asks
