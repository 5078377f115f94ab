"""What Key Management Service answers, and what each operation asks for. Importing this package registers both."""

from podium.kms import access
from podium.kms.operations import aliases, ciphers, keys, policies, rotation, tags

__all__ = ["access", "aliases", "ciphers", "keys", "policies", "rotation", "tags"]
