"""What is settled for a bucket: tags, encryption, public access. Versions are not kept."""

from typing import Any

from podium.kernel.call import Call
from podium.kernel.tags import Tagging, listed
from podium.s3 import names, views
from podium.s3.errors import InvalidRequest, NoSuchPublicAccessBlock, NoSuchTagSet, NotYet
from podium.s3.service import s3
from podium.store.records import replace
from podium.store.session import Transaction

TAGS = Tagging(
    duplicate=lambda key: InvalidRequest("Cannot provide multiple Tags with the same key"),
    reserved=lambda key: InvalidRequest("System tags cannot be added/updated by requester"),
    too_many=lambda most: InvalidRequest(f"Bucket tag count cannot be greater than {most}"),
)
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@s3.operation
def put_bucket_tagging(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    given = TAGS.given(request["Tagging"].get("TagSet"))
    tx.put(replace(names.bucket(call, tx, request["Bucket"]), tags=given))
    return {}


@s3.operation(reads=True)
def get_bucket_tagging(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tags = names.bucket(call, tx, request["Bucket"]).tags
    if not tags:
        raise NoSuchTagSet
    return {"TagSet": listed(tags)}


@s3.operation
def delete_bucket_tagging(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(names.bucket(call, tx, request["Bucket"]), tags={}))
    return {}


@s3.operation
def put_bucket_encryption(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    given = request["ServerSideEncryptionConfiguration"]
    tx.put(replace(names.bucket(call, tx, request["Bucket"]), encryption=given))
    return {}


@s3.operation(reads=True)
def get_bucket_encryption(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.bucket(call, tx, request["Bucket"]).encryption
    return {"ServerSideEncryptionConfiguration": held or views.ENCRYPTION}


@s3.operation
def delete_bucket_encryption(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(names.bucket(call, tx, request["Bucket"]), encryption={}))
    return {}


@s3.operation
def put_public_access_block(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    given = request["PublicAccessBlockConfiguration"]
    whole = {name: bool(given.get(name)) for name in _BLOCKS}
    tx.put(replace(names.bucket(call, tx, request["Bucket"]), public_access=whole))
    return {}


@s3.operation(reads=True)
def get_public_access_block(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.bucket(call, tx, request["Bucket"]).public_access
    if not held:
        raise NoSuchPublicAccessBlock
    return {"PublicAccessBlockConfiguration": held}


@s3.operation
def delete_public_access_block(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(names.bucket(call, tx, request["Bucket"]), public_access={}))
    return {}


@s3.operation(reads=True)
def get_bucket_versioning(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.bucket(call, tx, request["Bucket"])
    return {}


@s3.operation
def put_bucket_versioning(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.bucket(call, tx, request["Bucket"])
    if request["VersioningConfiguration"].get("Status") == "Enabled":
        raise NotYet("Podium's S3 keeps one version of an object, the latest.")
    return {}
