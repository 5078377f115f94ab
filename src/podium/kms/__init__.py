"""Keys that encrypt and are never shown. What other services use of them is named here."""

from podium.kms.behalf import asks
from podium.kms.errors import Refusal
from podium.kms.names import key
from podium.kms.records import Key
from podium.kms.using import decrypted, encrypted, key_of, lost_keys, managed_key

__all__ = [
    "Key",
    "Refusal",
    "asks",
    "decrypted",
    "encrypted",
    "key",
    "key_of",
    "lost_keys",
    "managed_key",
]
