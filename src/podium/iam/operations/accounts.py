"""The account as a whole: its alias, its counts, and everything it has at once."""

from collections.abc import Callable
from typing import Any

from podium.iam import names, pages, views
from podium.iam.documents import MOST_ATTACHED, MOST_INLINE, MOST_MANAGED, MOST_TRUST
from podium.iam.errors import EntityAlreadyExists, NoSuchEntity
from podium.iam.operations.access_keys import MOST as MOST_ACCESS_KEYS
from podium.iam.operations.attachments import usage
from podium.iam.operations.groups import MOST_OF_A_USER
from podium.iam.operations.policies import MOST_VERSIONS
from podium.iam.records import Account, Group, InstanceProfile, Policy, Role, User
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

Request = dict[str, Any]
_LIMITS = {
    "AccessKeysPerUserQuota": MOST_ACCESS_KEYS,
    "AssumeRolePolicySizeQuota": MOST_TRUST,
    "AttachedPoliciesPerGroupQuota": MOST_ATTACHED,
    "AttachedPoliciesPerRoleQuota": MOST_ATTACHED,
    "AttachedPoliciesPerUserQuota": MOST_ATTACHED,
    "GroupPolicySizeQuota": MOST_INLINE[Group],
    "GroupsPerUserQuota": MOST_OF_A_USER,
    "PolicySizeQuota": MOST_MANAGED,
    "RolePolicySizeQuota": MOST_INLINE[Role],
    "UserPolicySizeQuota": MOST_INLINE[User],
    "VersionsPerPolicyQuota": MOST_VERSIONS,
}


@iam.operation
def create_account_alias(call: Call, tx: Transaction, request: Request) -> Request:
    """An account has one alias at most: a new one takes the old one's place."""
    alias, account = request["AccountAlias"], _account(call, tx)
    if account.alias == alias:
        raise EntityAlreadyExists(f"The account alias {alias} already exists.")
    tx.put(replace(account, alias=alias))
    return {}


@iam.operation
def delete_account_alias(call: Call, tx: Transaction, request: Request) -> Request:
    alias, account = request["AccountAlias"], _account(call, tx)
    if account.alias != alias:
        raise NoSuchEntity(f"The account alias {alias} does not exist.")
    tx.put(replace(account, alias=None))
    return {}


@iam.operation(reads=True)
def list_account_aliases(call: Call, tx: Transaction, request: Request) -> Request:
    alias = _account(call, tx).alias
    return {"AccountAliases": [alias] if alias else [], "IsTruncated": False}


@iam.operation(reads=True)
def get_account_summary(call: Call, tx: Transaction, request: Request) -> Request:
    home = names.home(call)
    policies = tx.list(Policy, home=home)
    counts = {
        "Users": len(tx.list(User, home=home)),
        "Groups": len(tx.list(Group, home=home)),
        "Roles": len(tx.list(Role, home=home)),
        "InstanceProfiles": len(tx.list(InstanceProfile, home=home)),
        "Policies": len(policies),
        "PolicyVersionsInUse": sum(len(policy.versions) for policy in policies),
        "AccountMFAEnabled": 0,
        "AccountAccessKeysPresent": 1,
    }
    return {"SummaryMap": {**counts, **_LIMITS}}


@iam.operation(reads=True)
def get_account_authorization_details(call: Call, tx: Transaction, request: Request) -> Request:
    home = names.home(call)
    wanted = request.get("Filter") or list(_DETAILS)
    rows = [
        (kind, record) for kind, (of, _, _) in _DETAILS.items() if kind in wanted for record in tx.list(of, home=home)
    ]
    paged = pages.page("rows", rows, request, lambda row: f"{row[0]} {row[1].name.lower()}", lambda row: row)
    shown = paged.pop("rows")
    return {
        **paged,
        **{member: [view(tx, r) for k, r in shown if k == kind] for kind, (_, member, view) in _DETAILS.items()},
    }


def _account(call: Call, tx: Transaction) -> Account:
    arn = f"arn:{call.partition}:iam::{call.account}:root"
    return tx.get(Account, arn) or Account(arn=arn)


def _user(tx: Transaction, user: User) -> Request:
    groups = [group.name for arn in user.groups if (group := tx.get(Group, arn)) is not None]
    held = {"UserPolicyList": views.inline(user.inline), "AttachedManagedPolicies": views.attached(user.attached)}
    return {**views.user(user), "GroupList": groups, **held}


def _group(tx: Transaction, group: Group) -> Request:
    held = {"GroupPolicyList": views.inline(group.inline), "AttachedManagedPolicies": views.attached(group.attached)}
    return {**views.group(group), **held}


def _role(tx: Transaction, role: Role) -> Request:
    profiles = [p for p in tx.list(InstanceProfile, home=role.home) if p.role_arn == role.arn]
    view = {k: v for k, v in views.role(role).items() if k not in ("Description", "MaxSessionDuration")}
    return {
        **view,
        "InstanceProfileList": [views.instance_profile(tx, p) for p in profiles],
        "RolePolicyList": views.inline(role.inline),
        "AttachedManagedPolicies": views.attached(role.attached),
    }


def _policy(tx: Transaction, policy: Policy) -> Request:
    used, bounding = usage(tx, policy.home)
    versions = [views.version(policy, version) for version in policy.versions]
    view = views.policy(policy, used[policy.arn], bounding[policy.arn], whole=False)
    described = {"Description": policy.description} if policy.description is not None else {}
    return {**view, **described, "PolicyVersionList": versions}


_DETAILS: dict[str, tuple[type[Any], str, Callable[[Transaction, Any], Request]]] = {
    "User": (User, "UserDetailList", _user),
    "Group": (Group, "GroupDetailList", _group),
    "Role": (Role, "RoleDetailList", _role),
    "LocalManagedPolicy": (Policy, "Policies", _policy),
}
