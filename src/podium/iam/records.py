"""What IAM remembers. It is global: a record belongs to an account, and to no region.

`home` is `<partition>::<account>`. `called` finds a record by its name, which AWS does not tell apart by case.
`inline` holds the texts of policies by name; `attached` and `boundary` are ARNs of managed ones.
"""

from datetime import datetime

from podium.store.records import part, record


def called(home: str, name: str) -> str:
    return f"{home}/{name.lower()}"


@record(table="iam_users", indexes=("home", "called"))
class User:
    """`groups` are ARNs, in the order of joining."""

    arn: str
    home: str
    called: str
    name: str
    path: str
    id: str
    created_at: datetime
    groups: tuple[str, ...] = ()
    inline: dict[str, str] = {}
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: dict[str, str] = {}


@record(table="iam_access_keys", indexes=("home", "access_key_id", "user_arn"))
class AccessKey:
    """`secret` is sealed; the caller was shown it once. `status` is Active or Inactive."""

    arn: str
    home: str
    access_key_id: str
    user_arn: str
    secret: str
    status: str = "Active"
    created_at: datetime


@record(table="iam_groups", indexes=("home", "called"))
class Group:
    arn: str
    home: str
    called: str
    name: str
    path: str
    id: str
    created_at: datetime
    inline: dict[str, str] = {}
    attached: tuple[str, ...] = ()


@record(table="iam_roles", indexes=("home", "called"))
class Role:
    """`trust` is the trust policy. `trusted_ids` are the ids of the account's own users and roles that it names:
    another of the same name is not trusted. `linked_service` owns a service-linked role.
    """

    arn: str
    home: str
    called: str
    name: str
    path: str
    id: str
    created_at: datetime
    trust: str
    trusted_ids: dict[str, str] = {}
    description: str | None = None
    max_session_seconds: int = 3600
    linked_service: str | None = None
    inline: dict[str, str] = {}
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: dict[str, str] = {}
    last_used_at: datetime | None = None
    last_used_region: str | None = None


@part
class PolicyVersion:
    id: str
    document: str
    created_at: datetime


@record(table="iam_policies", indexes=("home", "called"))
class Policy:
    """A customer's managed policy. `versions` are the ones kept, oldest first; their numbers are never used again."""

    arn: str
    home: str
    called: str
    name: str
    path: str
    id: str
    created_at: datetime
    updated_at: datetime
    versions: tuple[PolicyVersion, ...]
    default: str
    last_number: int = 1
    description: str | None = None
    tags: dict[str, str] = {}

    @property
    def document(self) -> str:
        """The text of the version in force."""
        return next(v.document for v in self.versions if v.id == self.default)


@record(table="iam_instance_profiles", indexes=("home", "called"))
class InstanceProfile:
    """`role_arn` is its one role."""

    arn: str
    home: str
    called: str
    name: str
    path: str
    id: str
    created_at: datetime
    role_arn: str | None = None
    tags: dict[str, str] = {}


@record(table="iam_accounts")
class Account:
    """`arn` is the account's root."""

    arn: str
    alias: str | None = None


@record(table="iam_deletions", indexes=("home",))
class Deletion:
    """An asked-for deletion of a service-linked role. `reason` says why it FAILED."""

    arn: str
    home: str
    task_id: str
    status: str
    reason: str = ""
    asked_at: datetime


ALL = (AccessKey, Account, Deletion, Group, InstanceProfile, Policy, Role, User)
Holder = User | Group | Role
