"""What each IAM operation asks to be allowed: the action of its own name, on the entity that it names.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
Management".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from podium.iam import linked, names
from podium.iam.denials import CredentialsVoid
from podium.iam.records import Group, InstanceProfile, Policy, Role, User
from podium.iam.service import iam
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.principal import PrincipalKind
from podium.store.session import Transaction

Request = Mapping[str, Any]
Context = dict[str, str | tuple[str, ...]]
_NAMED: dict[str, tuple[type[Any], str]] = {
    "RoleName": (Role, "role"),
    "UserName": (User, "user"),
    "GroupName": (Group, "group"),
    "InstanceProfileName": (InstanceProfile, "instance profile"),
}
_CREATING: dict[str, tuple[type[Any], str]] = {
    "CreateRole": (Role, "RoleName"),
    "CreateUser": (User, "UserName"),
    "CreateGroup": (Group, "GroupName"),
    "CreatePolicy": (Policy, "PolicyName"),
    "CreateInstanceProfile": (InstanceProfile, "InstanceProfileName"),
}
_LISTING: dict[str, type[Any]] = {
    "ListRoles": Role,
    "ListUsers": User,
    "ListGroups": Group,
    "ListInstanceProfiles": InstanceProfile,
}
# Operations that name two entities are about this one; the other comes along.
_FIRST = {
    "AddUserToGroup": "GroupName",
    "RemoveUserFromGroup": "GroupName",
    "AddRoleToInstanceProfile": "InstanceProfileName",
    "RemoveRoleFromInstanceProfile": "InstanceProfileName",
}
# Operations that give a new name or path: the new ARN must be allowed too.
_RENAMING: dict[str, tuple[type[Any], str, str]] = {
    "UpdateUser": (User, "UserName", "NewUserName"),
    "UpdateGroup": (Group, "GroupName", "NewGroupName"),
}
_ABOUT_POLICIES = ("Attach", "Detach")
_SELF = frozenset({"GetUser", "CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey"})


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    refuse_plain_sessions(call, "iam")
    resource, shown = _resource(call, tx, operation, request)
    context = {**_of_resource(tx, resource), **_of_request(operation, request)}
    asked = [Ask(action=f"iam:{operation}", resource=resource, shown=shown, context=context)]
    if operation == "CreateServiceLinkedRole":
        return [linked.ask(call, request["AWSServiceName"], _linked_name(request))]
    if request.get("Tags") and operation in _CREATING:
        noun = operation.removeprefix("Create")
        asked.append(Ask(action=f"iam:Tag{noun}", resource=resource, context=context))
    if operation in _RENAMING:
        asked += _renamed(call, tx, operation, request, resource)
    if operation == "AddRoleToInstanceProfile":
        asked.append(pass_role(_arn(call, tx, Role, request["RoleName"]), "ec2.amazonaws.com"))
    return asked


def _renamed(call: Call, tx: Transaction, operation: str, request: Request, before: str) -> list[Ask]:
    """None for what keeps its ARN, and for what is not there."""
    kind, old, new = _RENAMING[operation]
    found = names.named(call, tx, kind, request[old])
    if found is None:
        return []
    after = names.arn(call, kind, request.get("NewPath", found.path), request.get(new, found.name))
    return [Ask(action=f"iam:{operation}", resource=after)] if after != before else []


def pass_role(role_arn: str, service: str) -> Ask:
    """Whether the caller may hand a role to a service."""
    return Ask(action="iam:PassRole", resource=role_arn, context={"iam:PassedToService": service})


def refuse_plain_sessions(call: Call, service: str) -> None:
    """A session of GetSessionToken may not call IAM without a second factor, whatever its user may.

    Source: STS API Reference, GetSessionToken.
    """
    if call.principal.expires_at is not None and call.principal.kind in (PrincipalKind.USER, PrincipalKind.ROOT):
        raise CredentialsVoid(service)


def _resource(call: Call, tx: Transaction, operation: str, request: Request) -> tuple[str, str]:
    """The ARN, and what AWS's denial calls it when that is something else."""
    if operation in _CREATING:
        kind, member = _CREATING[operation]
        return names.arn(call, kind, request.get("Path") or "/", request[member]), ""
    if operation in _LISTING:
        return names.arn(call, _LISTING[operation], request.get("PathPrefix") or "/", ""), ""
    if operation == "ListPolicies":
        return "*", f"policy path {request.get('PathPrefix') or '/'}"
    if "PolicySourceArn" in request:
        return request["PolicySourceArn"], ""
    return _existing(call, tx, operation, request)


def _existing(call: Call, tx: Transaction, operation: str, request: Request) -> tuple[str, str]:
    first = _FIRST.get(operation)
    for member in (first,) if first else _NAMED:
        if member in request:
            kind, noun = _NAMED[member]
            return _arn(call, tx, kind, request[member]), f"{noun} {request[member]}"
    if operation in _SELF and call.principal.issuer_arn:
        return call.principal.issuer_arn, f"user {call.principal.issuer_arn.rpartition('/')[2]}"
    if "PolicyArn" in request:
        return request["PolicyArn"], f"policy {request['PolicyArn']}"
    return "*", ""


def _arn(call: Call, tx: Transaction, kind: type[Any], name: str) -> str:
    """An entity that there is not would have had the path `/`."""
    found = names.named(call, tx, kind, name)
    return found.arn if found is not None else names.arn(call, kind, "/", name)


def _linked_name(request: Request) -> str:
    known = linked.SERVICES.get(request["AWSServiceName"])
    suffix = request.get("CustomSuffix")
    name = known.name if known else "AWSServiceRoleFor*"
    return f"{name}_{suffix}" if suffix else name


def _of_resource(tx: Transaction, arn: str) -> Context:
    kinds: tuple[type[Any], ...] = (Role, User, Policy, InstanceProfile)
    found = next((record for kind in kinds if (record := tx.get(kind, arn)) is not None), None)
    if found is None:
        return {}
    context: Context = {}
    for key, value in found.tags.items():
        context[f"aws:ResourceTag/{key}"] = context[f"iam:ResourceTag/{key}"] = value
    if getattr(found, "boundary", None):
        context["iam:PermissionsBoundary"] = found.boundary
    return context


def _of_request(operation: str, request: Request) -> Context:
    context: Context = {}
    for member, key in _KEYS.items():
        if member in request and (member != "PolicyArn" or operation.startswith(_ABOUT_POLICIES)):
            context[key] = request[member]
    tags = request.get("Tags")
    if tags:
        context["aws:TagKeys"] = tuple(tag["Key"] for tag in tags)
        context.update({f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags})
    if request.get("TagKeys"):
        context["aws:TagKeys"] = tuple(request["TagKeys"])
    return context


_KEYS = {"PermissionsBoundary": "iam:PermissionsBoundary", "PolicyArn": "iam:PolicyARN"}
iam.asks = asks
