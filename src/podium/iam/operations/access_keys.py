"""Access keys of users. A secret is told once, at its creation, and sealed from then on."""

import base64
from typing import Any

from podium.iam import names, pages, views
from podium.iam.errors import Invalid, quota
from podium.iam.operations.users import meant
from podium.iam.records import AccessKey
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST = 2
STATUSES = ("Active", "Inactive")


@iam.operation
def create_access_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    user = meant(call, tx, request)
    if len(tx.list(AccessKey, user_arn=user.arn)) >= MOST:
        raise quota("AccessKeysPerUser", MOST)
    key_id = names.new_access_key_id(call.ids)
    arn, secret = f"arn:{call.partition}:iam::{call.account}:access-key/{key_id}", _secret(call)
    key = AccessKey(
        arn=arn,
        home=names.home(call),
        access_key_id=key_id,
        user_arn=user.arn,
        secret=call.sealer.seal(secret, arn),
        created_at=call.now.replace(microsecond=0),
    )
    return {"AccessKey": {**views.access_key(tx.put(key), user.name), "SecretAccessKey": secret}}


def _secret(call: Call) -> str:
    """40 characters, as AWS's are: 30 bytes of chance, which nobody but this installation could foresee."""
    chance = b"".join(bytes.fromhex(call.ids.hex32()) for _ in range(2))
    return base64.b64encode(call.sealer.mac("access key", chance)[:30]).decode()


@iam.operation(reads=True)
def list_access_keys(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    user = meant(call, tx, request)
    keys = tx.list(AccessKey, user_arn=user.arn)
    return pages.page(
        "AccessKeyMetadata", keys, request, lambda k: k.access_key_id, lambda k: views.access_key(k, user.name)
    )


@iam.operation
def update_access_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    key = names.access_key(call, tx, meant(call, tx, request), request["AccessKeyId"])
    if request["Status"] not in STATUSES:
        raise Invalid(
            f"1 validation error detected: Value '{request['Status']}' at 'status' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Active, Inactive]"
        )
    tx.put(replace(key, status=request["Status"]))
    return {}


@iam.operation
def delete_access_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.delete(names.access_key(call, tx, meant(call, tx, request), request["AccessKeyId"]))
    return {}
