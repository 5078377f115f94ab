"""The last configuration and what was found of targets, on disk, so that a start without the control plane serves.

Certificates' keys are among it, so it is sealed, with a key in a file beside it that only its owner can read.
"""

import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"podium-proxy-1"
_NONCE_BYTES = 12
_KEY_BITS = 256


class Store:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._cipher = AESGCM(self._key())

    def read(self, name: str) -> Any:
        """What was written last. None when there is nothing, or nothing that can be read."""
        try:
            sealed = (self._folder / name).read_bytes()
            nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return json.loads(self._cipher.decrypt(nonce, content, _FORMAT + name.encode()))
        except (FileNotFoundError, InvalidTag, ValueError):
            return None

    def write(self, name: str, content: str) -> None:
        """`content` in JSON."""
        nonce = os.urandom(_NONCE_BYTES)
        self._replace(name, nonce + self._cipher.encrypt(nonce, content.encode(), _FORMAT + name.encode()))

    def _key(self) -> bytes:
        path = self._folder / "key"
        if not path.exists():
            self._replace("key", AESGCM.generate_key(_KEY_BITS))
        return path.read_bytes()

    def _replace(self, name: str, content: bytes) -> None:
        """All of the new, or all of the old."""
        beside = self._folder / f"{name}.new"
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self._folder / name)
