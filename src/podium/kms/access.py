"""What each operation of Key Management Service asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Key Management Service".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kms import behalf, names, using
from podium.kms.errors import Refusal
from podium.kms.records import Alias, Key
from podium.kms.service import kms
from podium.store.session import Transaction

Request = Mapping[str, Any]
WITHOUT_KEY = ("CreateKey", "ListKeys", "ListAliases", "GenerateRandom")


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    if operation in WITHOUT_KEY:
        yield Ask(action=f"kms:{operation}", context=_of_tags(request))
    elif operation == "ReEncrypt":
        before, after = request.get("SourceEncryptionContext"), request.get("DestinationEncryptionContext")
        yield _of_key(call, tx, "ReEncryptFrom", _made(call, tx, request), {}, before)
        yield _of_key(call, tx, "ReEncryptTo", request["DestinationKeyId"], {}, after)
    elif request.get("AliasName"):
        yield from _of_alias(call, tx, operation, request)
    else:
        given = request.get("KeyId") or _made(call, tx, request)
        yield _of_key(call, tx, operation, given, _of_tags(request), request.get("EncryptionContext"))
    if operation == "CreateKey" and request.get("Tags"):
        yield Ask(action="kms:TagResource", context=_of_tags(request))


def _of_alias(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    """The alias, the key that it is to name, and the one that it names."""
    arn = names.arn(call.home, request["AliasName"])
    yield Ask(action=f"kms:{operation}", resource=arn)
    held = tx.get(Alias, arn)
    for given in (request.get("TargetKeyId"), held.key_arn if held is not None else None):
        if given is not None:
            yield _of_key(call, tx, operation, given, {})


def _of_key(
    call: Call,
    tx: Transaction,
    action: str,
    given: str,
    said: tags.Context,
    encryption: Mapping[str, str] | None = None,
) -> Ask:
    """Its policy decides. A key that there is not would have had this id."""
    context: tags.Context = {**said, "kms:CallerAccount": call.account, **behalf.of_encryption(encryption or {})}
    if "alias/" in given:
        context["kms:RequestAlias"] = given.rpartition(":")[2]
    held = _found(call, tx, given)
    if held is None:
        arn = given if given.startswith("arn:") else names.arn(call.home, f"key/{given}")
        return Ask(action=f"kms:{action}", resource=arn, context=context)
    if aliases := tuple(alias.name for alias in tx.list(Alias, key_arn=held.arn)):
        context["kms:ResourceAliases"] = aliases
    context |= tags.of_resource(held.tags)
    return Ask(action=f"kms:{action}", resource=held.arn, context=context, policy=held.policy, decides=True)


def _found(call: Call, tx: Transaction, given: str) -> Key | None:
    try:
        return names.key(call, tx, given)
    except Refusal:
        return None


def _made(call: Call, tx: Transaction, request: Request) -> str:
    """The key that made the request's cipher text; of what none made, any."""
    try:
        return using.key_of(call, tx, request["CiphertextBlob"]).arn
    except Refusal:
        return names.arn(call.home, "key/*")


def _of_tags(request: Request) -> tags.Context:
    given = {tag["TagKey"]: tag["TagValue"] for tag in request.get("Tags") or ()}
    return tags.of_request(given, request.get("TagKeys") or ())


kms.asks = asks
