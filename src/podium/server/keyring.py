"""The key that secrets are sealed with. It lives beside the database, never in it.

A sealed text is `<key's number>:<base64 of nonce and ciphertext>`, AES-256-GCM, with the record's ARN
as associated data, so that a text cannot be moved to another record.
"""

import base64
import hmac
import json
import os
import secrets
from pathlib import Path

from podium.kernel.sealing import Unsealable
from podium.server import private
from podium.server.config import ConfigError

FILE = "keyring.json"
_NONCE_BYTES = 12
_RESTORE = f"Restore {FILE} of the data dir from a backup, and restart the server."


class Keyring:
    """Seals with the newest key and opens with any. `keys` maps a key's number to its 32 bytes."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys
        self._newest = max(keys, key=int)
        self._macs: dict[str, bytes] = {}

    def seal(self, text: str, about: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        body = nonce + _cipher(self._keys[self._newest]).encrypt(nonce, text.encode(), about.encode())
        return f"{self._newest}:{base64.b64encode(body).decode()}"

    def unseal(self, sealed: str, about: str) -> str:
        from cryptography.exceptions import InvalidTag

        number, _, coded = sealed.partition(":")
        if number not in self._keys:
            raise Unsealable(f"{about} was sealed with key {number}, which {FILE} does not have. {_RESTORE}")
        body = base64.b64decode(coded)
        try:
            opened: bytes = _cipher(self._keys[number]).decrypt(
                body[:_NONCE_BYTES], body[_NONCE_BYTES:], about.encode()
            )
        except InvalidTag as error:
            raise Unsealable(f"{about} cannot be opened with key {number} of {FILE}. {_RESTORE}") from error
        return opened.decode()

    def mac(self, purpose: str, data: bytes) -> bytes:
        if purpose not in self._macs:
            self._macs[purpose] = hmac.digest(self._keys[self._newest], f"podium {purpose}".encode(), "sha256")
        return hmac.digest(self._macs[purpose], data, "sha256")


def opened(data_dir: Path) -> Keyring:
    """The keyring of a data dir, made the first time. Raises ConfigError."""
    path = data_dir / FILE
    try:
        kept = json.loads(path.read_text())
        return Keyring({number: base64.b64decode(key) for number, key in kept["keys"].items()})
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        private.write(path, {"keys": {"1": base64.b64encode(key).decode()}})
        return Keyring({"1": key})
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}. Restore it from a backup: without it no secret in the database opens."
        ) from error


def _cipher(key: bytes):  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
