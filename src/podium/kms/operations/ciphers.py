"""What keys are for: encrypting, decrypting, and data keys for whoever encrypts elsewhere."""

import secrets
from typing import Any

from podium.kernel.call import Call
from podium.kms import names, rules, using
from podium.kms.errors import IncorrectKey, Invalid
from podium.kms.operations.keys import own
from podium.kms.records import Key
from podium.kms.rules import SYMMETRIC
from podium.kms.service import kms
from podium.store.session import Transaction

Request = dict[str, Any]


@kms.operation(reads=True)
def encrypt(call: Call, tx: Transaction, request: Request) -> dict[str, Any]:
    key = _ready(call, tx, request, "Encrypt")
    blob = using.encrypted(call, key, request["Plaintext"], request.get("EncryptionContext") or {})
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": SYMMETRIC}


@kms.operation(reads=True)
def decrypt(call: Call, tx: Transaction, request: Request) -> dict[str, Any]:
    """The cipher text says which key it needs; a caller who names one is refused when it is another."""
    rules.plain(request)
    key, plain = _decrypted(call, tx, request, "KeyId", "EncryptionContext", "Decrypt")
    rules.wet(request)
    return {"KeyId": key.arn, "Plaintext": plain, "EncryptionAlgorithm": SYMMETRIC}


@kms.operation(reads=True)
def re_encrypt(call: Call, tx: Transaction, request: Request) -> dict[str, Any]:
    rules.plain(request)
    before, plain = _decrypted(call, tx, request, "SourceKeyId", "SourceEncryptionContext", "ReEncryptFrom")
    after = own(call, tx, request["DestinationKeyId"], "ReEncryptTo")
    blob = using.encrypted(call, after, plain, request.get("DestinationEncryptionContext") or {})
    rules.wet(request)
    return {
        "CiphertextBlob": blob,
        "SourceKeyId": before.arn,
        "KeyId": after.arn,
        "SourceEncryptionAlgorithm": SYMMETRIC,
        "DestinationEncryptionAlgorithm": SYMMETRIC,
    }


@kms.operation(reads=True)
def generate_data_key(call: Call, tx: Transaction, request: Request) -> dict[str, Any]:
    return _data_key(call, tx, request, "GenerateDataKey")


@kms.operation(reads=True)
def generate_data_key_without_plaintext(call: Call, tx: Transaction, request: Request) -> dict[str, Any]:
    made = _data_key(call, tx, request, "GenerateDataKeyWithoutPlaintext")
    return {"KeyId": made["KeyId"], "CiphertextBlob": made["CiphertextBlob"]}


@kms.operation(reads=True)
def generate_random(call: Call, tx: Transaction, request: Request) -> dict[str, Any]:
    rules.plain(request)
    if request.get("NumberOfBytes") is None:
        raise Invalid("Please specify the number of bytes.")
    return {"Plaintext": secrets.token_bytes(request["NumberOfBytes"])}


def _data_key(call: Call, tx: Transaction, request: Request, operation: str) -> dict[str, Any]:
    size, key = rules.data_key_bytes(request), _ready(call, tx, request, operation)
    plain = secrets.token_bytes(size)
    blob = using.encrypted(call, key, plain, request.get("EncryptionContext") or {})
    return {"KeyId": key.arn, "Plaintext": plain, "CiphertextBlob": blob}


def _ready(call: Call, tx: Transaction, request: Request, operation: str) -> Key:
    rules.plain(request)
    key = using.usable(own(call, tx, request["KeyId"], operation))
    rules.wet(request)
    return key


def _decrypted(
    call: Call, tx: Transaction, request: Request, named: str, context: str, operation: str
) -> tuple[Key, bytes]:
    blob = request.get("CiphertextBlob")
    if blob is None:
        raise Invalid("Please specify the ciphertext blob.")
    key = own(call, tx, using.key_of(call, tx, blob).arn, operation)
    if request.get(named) and names.key(call, tx, request[named]).arn != key.arn:
        raise IncorrectKey
    return key, using.decrypted(call, tx, blob, request.get(context) or {})
