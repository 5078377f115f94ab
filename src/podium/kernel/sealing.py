"""Secrets at rest, and proofs that need no record, as something handed in."""

from typing import Protocol


class Sealer(Protocol):
    def seal(self, text: str, about: str) -> str:
        """`text` made unreadable for whoever has the database alone. `about` is the record it belongs to."""

    def unseal(self, sealed: str, about: str) -> str:
        """What was sealed. Raises Unsealable for another record's text, another key's, or a damaged one."""

    def mac(self, purpose: str, data: bytes) -> bytes:
        """32 bytes that only this installation can make of `data`; different for every `purpose`."""


class Unsealable(Exception):
    """A sealed text that this installation's key does not open."""
