"""Instance profiles: how a machine is given a role."""

from typing import Any

from podium.iam import names, pages, tags, views
from podium.iam.errors import DeleteConflict, not_found, quota
from podium.iam.records import InstanceProfile, called
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@iam.operation
def create_instance_profile(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    path, given = names.path(request.get("Path")), request["InstanceProfileName"]
    name = names.free(call, tx, InstanceProfile, given, f"Instance Profile {given} already exists.")
    profile = InstanceProfile(
        arn=names.arn(call, InstanceProfile, path, name),
        home=names.home(call),
        called=called(names.home(call), name),
        name=name,
        path=path,
        id=names.new_id(call.ids, InstanceProfile),
        created_at=call.now.replace(microsecond=0),
        tags=tags.parsed(request.get("Tags")),
    )
    return {"InstanceProfile": views.instance_profile(tx, tx.put(profile))}


@iam.operation(reads=True)
def get_instance_profile(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    profile = names.instance_profile(call, tx, request["InstanceProfileName"])
    return {"InstanceProfile": views.instance_profile(tx, profile)}


@iam.operation(reads=True)
def list_instance_profiles(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _list(tx, pages.under(tx.list(InstanceProfile, home=names.home(call)), request), request)


@iam.operation(reads=True)
def list_instance_profiles_for_role(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    role = names.role(call, tx, request["RoleName"])
    rows = [p for p in tx.list(InstanceProfile, home=role.home) if p.role_arn == role.arn]
    return _list(tx, rows, request)


@iam.operation
def delete_instance_profile(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    profile = names.instance_profile(call, tx, request["InstanceProfileName"])
    if profile.role_arn is not None:
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    tx.delete(profile)
    return {}


@iam.operation
def add_role_to_instance_profile(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    profile = names.instance_profile(call, tx, request["InstanceProfileName"])
    role = names.role(call, tx, request["RoleName"])
    if profile.role_arn is not None:
        raise quota("InstanceSessionsPerInstanceProfile", 1)
    tx.put(replace(profile, role_arn=role.arn))
    return {}


@iam.operation
def remove_role_from_instance_profile(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    profile = names.instance_profile(call, tx, request["InstanceProfileName"])
    role = names.role(call, tx, request["RoleName"])
    if profile.role_arn != role.arn:
        raise not_found("role", role.name)
    tx.put(replace(profile, role_arn=None))
    return {}


def _list(tx: Transaction, rows: list[InstanceProfile], request: dict[str, Any]) -> dict[str, Any]:
    return pages.page(
        "InstanceProfiles",
        rows,
        request,
        lambda p: p.name.lower(),
        lambda p: views.instance_profile(tx, p, tagged=False),
    )
