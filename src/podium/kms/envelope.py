"""Cipher texts: which key made them, and what is in them for whoever has that key.

A cipher text is a byte of format, the key's id in 16 bytes, a nonce of 12 and AES-256-GCM's output. The key's ARN and
the encryption context are associated data, so that what was encrypted for one thing opens as no other.
"""

import json
import os
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from podium.kms.errors import InvalidCiphertext

if TYPE_CHECKING:  # the library is imported by the first who encrypts
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
_ID_END = 1 + 16
_HEAD_END = _ID_END + 12
Context = Mapping[str, str]


def sealed(material: bytes, key_arn: str, plain: bytes, context: Context) -> bytes:
    head = FORMAT + uuid.UUID(key_arn.rpartition("/")[2]).bytes
    nonce = os.urandom(_HEAD_END - _ID_END)
    body = _cipher(material).encrypt(nonce, plain, _associated(key_arn, context))
    return head + nonce + body


def key_id(blob: bytes) -> str:
    """The id of the key that made it. Raises InvalidCiphertext for what no key made."""
    if len(blob) <= _HEAD_END or blob[:1] != FORMAT:
        raise InvalidCiphertext
    return str(uuid.UUID(bytes=blob[1:_ID_END]))


def opened(material: bytes, key_arn: str, blob: bytes, context: Context) -> bytes:
    """Raises InvalidCiphertext: nothing that is not what was sealed ever comes out."""
    from cryptography.exceptions import InvalidTag

    nonce, body = blob[_ID_END:_HEAD_END], blob[_HEAD_END:]
    try:
        plain = _cipher(material).decrypt(nonce, body, _associated(key_arn, context))
    except InvalidTag as error:
        raise InvalidCiphertext from error
    return plain


def _associated(key_arn: str, context: Context) -> bytes:
    return json.dumps([key_arn, sorted(context.items())]).encode()


def _cipher(material: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(material)
