"""Passwords of chance.

Source: Secrets Manager API Reference, GetRandomPassword.
"""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from podium.secretsmanager.errors import InvalidParameter

USUAL_LENGTH = 32
_KINDS = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}


def password(given: Mapping[str, Any]) -> str:
    """With at least one character of each kind, unless that is not required. Raises InvalidParameter."""
    length = given.get("PasswordLength") or USUAL_LENGTH
    kinds = _kinds(given)
    if not kinds:
        raise InvalidParameter("No characters are left that a password could be made of.")
    required = kinds if given.get("RequireEachIncludedType", True) else []
    if len(required) > length:
        raise InvalidParameter("The password length is too short for one character of each included type.")
    chance = secrets.SystemRandom()
    made = [chance.choice(kind) for kind in required]
    made += [chance.choice("".join(kinds)) for _ in range(length - len(made))]
    chance.shuffle(made)
    return "".join(made)


def _kinds(given: Mapping[str, Any]) -> list[str]:
    """What each kind of character still has, without those that have none left."""
    kinds = [characters for member, characters in _KINDS.items() if not given.get(member)]
    if given.get("IncludeSpace"):
        kinds.append(" ")
    excluded = set(given.get("ExcludeCharacters") or "")
    left = ["".join(each for each in characters if each not in excluded) for characters in kinds]
    return [characters for characters in left if characters]
