"""Tags on what IAM keeps."""

from collections.abc import Callable
from typing import Any

from podium.iam import names, pages, tags
from podium.iam.records import InstanceProfile, Policy, Role, User
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

Request = dict[str, Any]
Tagged = User | Role | Policy | InstanceProfile
Find = Callable[[Call, Transaction, str], Tagged]


def _operations(noun: str, member: str, find: Find) -> None:
    """TagRole, UntagRole, ListRoleTags, and the same for the other nouns."""

    def tag(call: Call, tx: Transaction, request: Request) -> Request:
        held = find(call, tx, request[member])
        tx.put(replace(held, tags=tags.merged(held.tags, tags.parsed(request["Tags"]))))
        return {}

    def untag(call: Call, tx: Transaction, request: Request) -> Request:
        held = find(call, tx, request[member])
        tx.put(replace(held, tags=tags.without(held.tags, request["TagKeys"])))
        return {}

    def listed(call: Call, tx: Transaction, request: Request) -> Request:
        held = find(call, tx, request[member])
        return pages.page("Tags", tags.shown(held.tags), request, lambda t: t["Key"], lambda t: t)

    tag.__name__, untag.__name__, listed.__name__ = f"tag_{noun}", f"untag_{noun}", f"list_{noun}_tags"
    iam.operation(tag)
    iam.operation(untag)
    iam.operation(reads=True)(listed)


_operations("user", "UserName", names.user)
_operations("role", "RoleName", names.role)
_operations("policy", "PolicyArn", names.policy)
_operations("instance_profile", "InstanceProfileName", names.instance_profile)
