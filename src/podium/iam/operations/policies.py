"""Customer managed policies and their versions; AWS's own, which can only be looked at."""

from collections.abc import Sequence
from typing import Any

from podium.iam import documents, judging, managed, names, pages, tags, views
from podium.iam.errors import DeleteConflict, Invalid, LimitExceeded, NoSuchEntity
from podium.iam.operations.attachments import usage
from podium.iam.records import Policy, PolicyVersion, called
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_VERSIONS = 5


@iam.operation
def create_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    path, given = names.path(request.get("Path")), request["PolicyName"]
    taken = f"A policy called {given} already exists. Duplicate names are not allowed."
    name = names.free(call, tx, Policy, given, taken)
    now = call.now.replace(microsecond=0)
    text = documents.managed(request["PolicyDocument"])
    policy = Policy(
        arn=names.arn(call, Policy, path, name),
        home=names.home(call),
        called=called(names.home(call), name),
        name=name,
        path=path,
        id=names.new_id(call.ids, Policy),
        created_at=now,
        updated_at=now,
        versions=(PolicyVersion(id="v1", document=text, created_at=now),),
        default="v1",
        description=request.get("Description") or None,
        tags=tags.parsed(request.get("Tags")),
    )
    return {"Policy": views.policy(tx.put(policy), 0, 0)}


@iam.operation(reads=True)
def get_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    policy = _any(call, tx, request["PolicyArn"])
    used, bounding = usage(tx, names.home(call))
    return {"Policy": views.policy(policy, used[policy.arn], bounding[policy.arn])}


@iam.operation(reads=True)
def list_policies(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    used, bounding = usage(tx, names.home(call))
    counted = bounding if request.get("PolicyUsageFilter") == "PermissionsBoundary" else used
    narrowed = request.get("OnlyAttached") or "PolicyUsageFilter" in request
    rows = pages.under(_in_scope(call, tx, request.get("Scope", "All")), request)
    return pages.page(
        "Policies",
        [policy for policy in rows if counted[policy.arn] or not narrowed],
        request,
        lambda p: f"{p.name.lower()} {p.arn}",
        lambda p: views.policy(p, used[p.arn], bounding[p.arn], whole=False),
    )


def _in_scope(call: Call, tx: Transaction, scope: str) -> Sequence[Policy]:
    if scope not in ("All", "AWS", "Local"):
        raise Invalid(
            f"1 validation error detected: Value '{scope}' at 'scope' failed to satisfy constraint: "
            "Member must satisfy enum value set: [All, AWS, Local]"
        )
    own = tx.list(Policy, home=names.home(call)) if scope != "AWS" else []
    return (*own, *managed.every(call.partition)) if scope != "Local" else own


@iam.operation
def delete_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    policy = names.policy(call, tx, request["PolicyArn"])
    used, bounding = usage(tx, policy.home)
    if used[policy.arn] or bounding[policy.arn]:
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy."
        )
    tx.delete(policy)
    return {}


@iam.operation
def create_policy_version(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    policy = names.policy(call, tx, request["PolicyArn"])
    text = documents.managed(request["PolicyDocument"])
    if len(policy.versions) >= MOST_VERSIONS:
        raise LimitExceeded(
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
            "existing version."
        )
    now, number = call.now.replace(microsecond=0), policy.last_number + 1
    version = PolicyVersion(id=f"v{number}", document=text, created_at=now)
    default = version.id if request.get("SetAsDefault") else policy.default
    policy = replace(policy, versions=(*policy.versions, version), last_number=number, default=default, updated_at=now)
    return {"PolicyVersion": views.version(tx.put(policy), version, whole=False)}


@iam.operation(reads=True)
def get_policy_version(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    policy = _any(call, tx, request["PolicyArn"])
    return {"PolicyVersion": views.version(policy, _version(policy, request["VersionId"]))}


@iam.operation(reads=True)
def list_policy_versions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Newest first."""
    policy = _any(call, tx, request["PolicyArn"])
    return pages.page(
        "Versions",
        policy.versions,
        request,
        lambda v: f"{10**9 - int(v.id[1:]):010d}",
        lambda v: views.version(policy, v, whole=False),
    )


@iam.operation
def set_default_policy_version(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    policy = names.policy(call, tx, request["PolicyArn"])
    version = _version(policy, request["VersionId"])
    tx.put(replace(policy, default=version.id, updated_at=call.now.replace(microsecond=0)))
    return {}


@iam.operation
def delete_policy_version(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    policy = names.policy(call, tx, request["PolicyArn"])
    gone = _version(policy, request["VersionId"])
    if gone.id == policy.default:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    tx.put(replace(policy, versions=tuple(v for v in policy.versions if v.id != gone.id)))
    return {}


def _any(call: Call, tx: Transaction, arn: str) -> Policy:
    """A policy of the account's or of AWS's."""
    found = judging.find_policy(tx, names.policy_arn_of(arn))
    if found is None or found.home not in (names.home(call), managed.HOME):
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return found


def _version(policy: Policy, version_id: str) -> PolicyVersion:
    for version in policy.versions:
        if version.id == version_id:
            return version
    raise NoSuchEntity(f"Policy {policy.arn} version {version_id} does not exist or is not attachable.")
