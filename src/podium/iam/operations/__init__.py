"""What IAM answers, and what each operation asks for. Importing this package registers both."""

from podium.iam import access as _access  # noqa: F401
from podium.iam.operations import (
    absent,
    access_keys,
    accounts,
    attachments,
    groups,
    inline_policies,
    instance_profiles,
    linked_roles,
    policies,
    roles,
    simulation,
    tags,
    users,
)

__all__ = [
    "absent",
    "access_keys",
    "accounts",
    "attachments",
    "groups",
    "inline_policies",
    "instance_profiles",
    "linked_roles",
    "policies",
    "roles",
    "simulation",
    "tags",
    "users",
]
