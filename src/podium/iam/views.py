"""IAM's records as its API shows them. Policy documents are percent-encoded."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from podium.iam import tags
from podium.iam.records import AccessKey, Group, InstanceProfile, Policy, PolicyVersion, Role, User
from podium.store.session import Transaction


def document(text: str) -> str:
    return quote(text, safe="")


def user(record: User, *, whole: bool = True) -> dict[str, Any]:
    """Lists do not show everything: boundary and tags are GetUser's."""
    view = {**_entity(record), "UserName": record.name, "UserId": record.id}
    return {**view, **_boundary(record.boundary), **_tags(record.tags)} if whole else view


def group(record: Group) -> dict[str, Any]:
    return {**_entity(record), "GroupName": record.name, "GroupId": record.id}


def role(record: Role, *, whole: bool = True) -> dict[str, Any]:
    """Lists do not show everything: boundary, tags and last use are GetRole's."""
    view = {
        **_entity(record),
        "RoleName": record.name,
        "RoleId": record.id,
        "AssumeRolePolicyDocument": document(record.trust),
        "MaxSessionDuration": record.max_session_seconds,
        **({"Description": record.description} if record.description is not None else {}),
    }
    if not whole:
        return view
    return {**view, **_boundary(record.boundary), **_tags(record.tags), "RoleLastUsed": _last_used(record)}


def _last_used(record: Role) -> dict[str, Any]:
    if record.last_used_at is None:
        return {}
    return {"LastUsedDate": record.last_used_at, "Region": record.last_used_region}


def policy(record: Policy, used: int, bounding: int, *, whole: bool = True) -> dict[str, Any]:
    """`used` and `bounding` count the entities that it is attached to, and those that it bounds."""
    view = {
        **_entity(record),
        "PolicyName": record.name,
        "PolicyId": record.id,
        "DefaultVersionId": record.default,
        "AttachmentCount": used,
        "PermissionsBoundaryUsageCount": bounding,
        "IsAttachable": True,
        "UpdateDate": record.updated_at,
    }
    if not whole:
        return view
    described = {"Description": record.description} if record.description is not None else {}
    return {**view, **described, "Tags": tags.shown(record.tags)}


def version(record: Policy, held: PolicyVersion, *, whole: bool = True) -> dict[str, Any]:
    view = {"VersionId": held.id, "IsDefaultVersion": held.id == record.default, "CreateDate": held.created_at}
    return {**view, "Document": document(held.document)} if whole else view


def instance_profile(tx: Transaction, record: InstanceProfile, *, tagged: bool = True) -> dict[str, Any]:
    held = tx.get(Role, record.role_arn) if record.role_arn else None
    return {
        **_entity(record),
        "InstanceProfileName": record.name,
        "InstanceProfileId": record.id,
        "Roles": [role(held, whole=False)] if held else [],
        **(_tags(record.tags) if tagged else {}),
    }


def access_key(record: AccessKey, user_name: str) -> dict[str, Any]:
    return {
        "UserName": user_name,
        "AccessKeyId": record.access_key_id,
        "Status": record.status,
        "CreateDate": record.created_at,
    }


def inline(policies: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"PolicyName": name, "PolicyDocument": document(text)} for name, text in sorted(policies.items())]


def attached(arns: Iterable[str]) -> list[dict[str, str]]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def _entity(record: Any) -> dict[str, Any]:
    return {"Path": record.path, "Arn": record.arn, "CreateDate": record.created_at}


def _boundary(arn: str | None) -> dict[str, Any]:
    if arn is None:
        return {}
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def _tags(held: Mapping[str, str]) -> dict[str, Any]:
    return {"Tags": tags.shown(held)} if held else {}
