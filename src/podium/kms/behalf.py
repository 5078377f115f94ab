"""What services ask on behalf of those who call them, when they encrypt and decrypt with a customer's key.

Source: AWS KMS Developer Guide, "kms:ViaService"; the keys that AWS manages ask nobody.
"""

from collections.abc import Iterator, Mapping

from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kms.records import Key


def asks(call: Call, key: Key, service: str, context: Mapping[str, str], *actions: str) -> Iterator[Ask]:
    """For each action, such as `Decrypt`, of what `service` does with the key in this encryption context."""
    if key.manager == "AWS":
        return
    told: tags.Context = {
        **of_encryption(context),
        "kms:CallerAccount": call.account,
        "kms:ViaService": f"{service}.{call.region}.amazonaws.com",
        **tags.of_resource(key.tags),
    }
    for action in actions:
        yield Ask(action=f"kms:{action}", resource=key.arn, context=told, policy=key.policy, decides=True)


def of_encryption(context: Mapping[str, str]) -> tags.Context:
    """The condition keys of an encryption context."""
    told: tags.Context = {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    return {**told, "kms:EncryptionContextKeys": tuple(context)} if context else told
