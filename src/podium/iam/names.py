"""Names, paths, ids and ARNs of IAM's entities, and the records that they mean.

Source: IAM User Guide, "IAM identifiers" and "IAM and AWS STS quotas".
"""

import re
from typing import TypeVar

from podium.iam.errors import EntityAlreadyExists, Invalid, InvalidInput, NoSuchEntity, not_found
from podium.iam.records import AccessKey, Group, InstanceProfile, Policy, Role, User, called
from podium.kernel.call import Call
from podium.kernel.ids import Ids
from podium.store.session import Transaction

N = TypeVar("N", Group, InstanceProfile, Policy, Role, User)
LINKED_PATH = "/aws-service-role/"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ID_LETTERS, _KEY_LETTERS = 17, 16
_PATH = re.compile(r"/(?:[!-~]+/)?")
_POLICY_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?:aws|[0-9]{12}):policy/[\w+=,.@/-]+")

# The prefix of an entity's id, and what its ARN calls it.
PREFIXES: dict[type, str] = {User: "AIDA", Role: "AROA", Group: "AGPA", Policy: "ANPA", InstanceProfile: "AIPA"}
NOUNS: dict[type, str] = {
    User: "user",
    Role: "role",
    Group: "group",
    Policy: "policy",
    InstanceProfile: "instance-profile",
}


def home(call: Call) -> str:
    return f"{call.partition}::{call.account}"


def arn(call: Call, kind: type, path: str, name: str) -> str:
    return f"arn:{call.partition}:iam::{call.account}:{NOUNS[kind]}{path}{name}"


def new_id(ids: Ids, kind: type) -> str:
    return PREFIXES[kind] + _letters(ids, _ID_LETTERS)


def new_access_key_id(ids: Ids, prefix: str = "AKIA") -> str:
    return prefix + _letters(ids, _KEY_LETTERS)


def _letters(ids: Ids, count: int) -> str:
    return "".join(_BASE32[ids.below(32)] for _ in range(count))


def path(given: str | None) -> str:
    checked = given or "/"
    if not _PATH.fullmatch(checked):
        raise Invalid(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
            "characters and/or / characters."
        )
    return checked


def named(call: Call, tx: Transaction, kind: type[N], name: str) -> N | None:
    """The account's entity of that name. Two names that differ in case alone cannot both exist."""
    found = tx.list(kind, called=called(home(call), name))
    return next((record for record in found if record.name == name), None)


def free(call: Call, tx: Transaction, kind: type[N], name: str, taken: str) -> str:
    """`name`, unless something is called so. `taken` is AWS's sentence for that."""
    if tx.list(kind, called=called(home(call), name)):
        raise EntityAlreadyExists(taken)
    return name


def user(call: Call, tx: Transaction, name: str) -> User:
    return _found(named(call, tx, User, name), "user", name)


def group(call: Call, tx: Transaction, name: str) -> Group:
    return _found(named(call, tx, Group, name), "group", name)


def role(call: Call, tx: Transaction, name: str) -> Role:
    return _found(named(call, tx, Role, name), "role", name)


def instance_profile(call: Call, tx: Transaction, name: str) -> InstanceProfile:
    found = named(call, tx, InstanceProfile, name)
    if found is None:
        raise NoSuchEntity(f"Instance Profile {name} cannot be found.")
    return found


def policy(call: Call, tx: Transaction, policy_arn: str) -> Policy:
    """A policy of the account's own."""
    found = tx.get(Policy, policy_arn_of(policy_arn))
    if found is None or found.home != home(call):
        raise NoSuchEntity(f"Policy {policy_arn} was not found.")
    return found


def policy_arn_of(given: str) -> str:
    if not _POLICY_ARN.fullmatch(given):
        raise InvalidInput(f"ARN {given} is not valid.")
    return given


def access_key(call: Call, tx: Transaction, owner: User, key_id: str) -> AccessKey:
    for key in tx.list(AccessKey, access_key_id=key_id):
        if key.user_arn == owner.arn:
            return key
    raise NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")


def _found(record: N | None, noun: str, name: str) -> N:
    if record is None:
        raise not_found(noun, name)
    return record
