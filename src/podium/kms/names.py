"""Keys by id, ARN and alias. What another account or region has is not there."""

import re

from podium.kernel.call import Call
from podium.kms.errors import AliasNotFound, InvalidAliasName, InvalidArn, InvalidKeyId, KeyNotFound
from podium.kms.records import Alias, Key
from podium.store.session import Transaction

MANAGED = "alias/aws/"
SERVICES = ("secretsmanager", "ssm")
"""Whose keys AWS manages: each has an alias in every region, and a key from its first use on."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def arn(home: str, resource: str) -> str:
    """`home` is partition, region and account; `resource` as in `key/1234` or `alias/web`."""
    partition, region, account = home.split(":")
    return f"arn:{partition}:kms:{region}:{account}:{resource}"


def is_managed_alias(name: str) -> bool:
    """Whether it is the alias, by name or ARN, of a key that AWS manages."""
    return name.rpartition(":")[2].startswith(MANAGED)


def key(call: Call, tx: Transaction, given: str) -> Key:
    """The key that an id, an alias, or an ARN of either names. Raises NotFound, InvalidArn."""
    resource = _resource(call, given)
    if resource.startswith("alias/"):
        return _of_alias(call, tx, resource)
    found = tx.get(Key, arn(call.home, resource))
    if found is None and not _ID.fullmatch(resource.removeprefix("key/")):
        raise InvalidKeyId(given)
    if found is None:
        raise KeyNotFound(arn(call.home, resource))
    return found


def _resource(call: Call, given: str) -> str:
    """`key/…` or `alias/…`."""
    if not given.startswith("arn:"):
        return given if given.startswith("alias/") else f"key/{given}"
    parts = given.split(":", 5)
    if len(parts) < 6 or parts[2] != "kms" or not parts[5].startswith(("key/", "alias/")):
        raise InvalidArn(given)
    if given != arn(call.home, parts[5]):
        raise KeyNotFound(given)
    return parts[5]


def _of_alias(call: Call, tx: Transaction, name: str) -> Key:
    found = tx.get(Key, alias(call, tx, name).key_arn)
    assert found is not None, "an alias goes with its key"
    return found


def alias(call: Call, tx: Transaction, name: str) -> Alias:
    """Raises AliasNotFound."""
    found = tx.get(Alias, arn(call.home, name))
    if found is None:
        raise AliasNotFound(arn(call.home, name))
    return found


def own_alias(name: str) -> str:
    """The same name, if it is one that users may give. Raises InvalidAliasName."""
    if not name.startswith("alias/") or name == "alias/":
        raise InvalidAliasName('Alias must start with the prefix "alias/", followed by a name.')
    if is_managed_alias(name):
        raise InvalidAliasName('Alias must not start with "alias/aws/": AWS keeps that for the keys that it manages.')
    return name
