"""What each operation of Parameter Store asks to be allowed: on the parameters, and on the customers' keys behind them.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems Manager"; User Guide,
"How AWS Systems Manager Parameter Store uses AWS KMS".
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from podium import kms
from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.ssm import hierarchy, names, rules, values
from podium.ssm.errors import Refusal
from podium.ssm.records import Parameter, ParameterVersion
from podium.ssm.service import ssm
from podium.store.session import Transaction

Request = Mapping[str, Any]


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return (*_of_parameters(call, tx, operation, request), *_of_keys(call, tx, operation, request))


def _of_parameters(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    given = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}
    said = tags.of_request(given, request.get("TagKeys") or ())
    said |= {f"ssm:{name}": str(bool(request[name])).lower() for name in ("Overwrite", "Recursive") if name in request}
    for arn in _resources(call, operation, request):
        held = tx.get(Parameter, arn)
        own = held.tags if held is not None and held.home == call.home else {}
        context = {**said, **tags.of_resource(own), **{f"ssm:resourceTag/{key}": own[key] for key in own}}
        yield Ask(action=f"ssm:{operation}", resource=arn, context=context)
        if operation == "PutParameter" and given:
            yield Ask(action="ssm:AddTagsToResource", resource=arn, context=said)


def _resources(call: Call, operation: str, request: Request) -> Iterable[str]:
    if operation == "GetParametersByPath":
        return (names.arn(call, request["Path"]),)
    if "SessionId" in request:
        return (call.arn("ssm", f"session/{request['SessionId']}"),)
    named = request.get("Names") or [request.get("Name") or request.get("ResourceId")]
    return dict.fromkeys(names.asked(call, name)[0] for name in named if name) or ("*",)


def _of_keys(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    if operation == "PutParameter":
        yield from _putting(call, tx, request)
    for version in _read(call, tx, operation, request) if request.get("WithDecryption") else ():
        if version.type == rules.SECURE:
            yield from _decrypting(call, tx, version)


def _putting(call: Call, tx: Transaction, request: Request) -> Iterator[Ask]:
    """The default key asks nobody, and may not have been made yet."""
    held = names.find(call, tx, request["Name"])
    before = names.newest(tx, held) if held is not None else None
    given = request.get("KeyId") or (before.key_id if before is not None else None) or values.DEFAULT_KEY
    if given == values.DEFAULT_KEY or (request.get("Type") or (before and before.type)) != rules.SECURE:
        return
    try:
        key = kms.key(call, tx, given)
    except kms.Refusal:
        return
    yield from kms.asks(call, key, names.SERVICE, values.context(names.arn(call, request["Name"])), "Encrypt")


def _read(call: Call, tx: Transaction, operation: str, request: Request) -> Iterable[ParameterVersion]:
    """The versions whose values the call is about to read."""
    if operation == "GetParametersByPath":
        return _under(call, tx, request)
    if operation == "GetParameterHistory":
        found = names.find(call, tx, request["Name"])
        return names.versions(tx, found) if found is not None else ()
    return _found(call, tx, request.get("Names") or [request["Name"]])


def _under(call: Call, tx: Transaction, request: Request) -> Iterable[ParameterVersion]:
    try:
        return [version for _, version in hierarchy.under(call, tx, request)]
    except Refusal:
        return ()


def _found(call: Call, tx: Transaction, given: Iterable[str]) -> Iterator[ParameterVersion]:
    for each in given:
        try:
            yield names.version(call, tx, each)[1]
        except Refusal:
            continue


def _decrypting(call: Call, tx: Transaction, version: ParameterVersion) -> Iterator[Ask]:
    try:
        key = kms.key_of(call, tx, base64.b64decode(version.value))
    except kms.Refusal:
        return
    yield from kms.asks(call, key, names.SERVICE, values.context(version.parameter_arn), "Decrypt")


ssm.asks = asks
