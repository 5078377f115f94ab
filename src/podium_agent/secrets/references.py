"""What a secret's `valueFrom` refers to. Pure.

Source: Amazon ECS Developer Guide, "Pass Secrets Manager secrets through Amazon ECS environment variables".
"""

import json
from dataclasses import dataclass
from typing import Any

_WHOLE, _WITH_PARTS = 7, 10
"""Fields of an ARN, and of one with json-key:version-stage:version-id, whose colons are all there when one is."""


class NoValue(Exception):
    """The sentence says what is wrong with the reference, or with what it led to."""


@dataclass(frozen=True, kw_only=True)
class SecretReference:
    """Empty parts ask for nothing: the whole secret, its current version."""

    secret_id: str
    json_key: str = ""
    version_stage: str = ""
    version_id: str = ""

    @property
    def request(self) -> dict[str, Any]:
        """Of GetSecretValue."""
        asked = {"SecretId": self.secret_id, "VersionStage": self.version_stage, "VersionId": self.version_id}
        return {member: value for member, value in asked.items() if value}

    def value(self, answer: dict[str, Any]) -> str:
        """What the container gets of GetSecretValue's answer. Raises NoValue."""
        text = answer.get("SecretString")
        if text is None:
            raise NoValue("secret value is a binary, which no environment variable can hold")
        if not self.json_key:
            return str(text)
        try:
            held = json.loads(text)
        except ValueError:
            held = None
        if not isinstance(held, dict) or self.json_key not in held:
            raise NoValue(f"retrieved secret from Secrets Manager did not contain json key {self.json_key}")
        found = held[self.json_key]
        return found if isinstance(found, str) else json.dumps(found, separators=(",", ":"))


def secret(value_from: str) -> SecretReference:
    """Raises NoValue."""
    fields = value_from.split(":")
    if len(fields) == _WHOLE:
        return SecretReference(secret_id=value_from)
    if len(fields) != _WITH_PARTS or not fields[6]:
        raise NoValue(f"unexpected ARN format with parameters when trying to retrieve ASM secret: {value_from}")
    key, stage, version = fields[_WHOLE:]
    return SecretReference(secret_id=":".join(fields[:_WHOLE]), json_key=key, version_stage=stage, version_id=version)
