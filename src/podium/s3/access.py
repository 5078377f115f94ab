"""What each S3 operation asks to be allowed, and that there is the bucket it names.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.s3 import names
from podium.s3.records import Bucket
from podium.s3.service import s3
from podium.store.session import Transaction

Request = Mapping[str, Any]
_ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListBuckets": "ListAllMyBuckets",
    "HeadObject": "GetObject",
    "DeleteObjects": "DeleteObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "AbortMultipartUpload": "AbortMultipartUpload",
    "ListParts": "ListMultipartUploadParts",
    "CopyObject": "PutObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketTagging": "PutBucketTagging",
}
_ALWAYS_ROOT_S = ("PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy")  # or a policy could lock everyone out


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    """Raises NoSuchBucket."""
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    action = f"s3:{_ACTIONS.get(operation, operation)}"
    if "Bucket" not in request:
        yield Ask(action=action)
        return
    if operation == "CreateBucket":
        yield Ask(action=action, resource=names.arn(request["Bucket"]))
        return
    bucket = names.bucket(call, tx, request["Bucket"])
    mine = call.principal.is_root and operation in _ALWAYS_ROOT_S
    for key in _keys(operation, request):
        resource = f"{bucket.arn}/{key}" if key else bucket.arn
        yield Ask(action=action, resource=resource, context=_context(request), policy="" if mine else bucket.policy)
    if operation == "CopyObject":
        yield from _source(call, tx, request["CopySource"])


def _source(call: Call, tx: Transaction, given: str) -> Iterator[Ask]:
    name, key = names.source(given)
    bucket: Bucket = names.bucket(call, tx, name)
    yield Ask(action="s3:GetObject", resource=f"{bucket.arn}/{key}", policy=bucket.policy)


def _keys(operation: str, request: Request) -> Sequence[str]:
    if operation == "DeleteObjects":
        return [one.get("Key", "") for one in (request.get("Delete") or {}).get("Objects") or ()] or [""]
    return [request.get("Key", "")]


def _context(request: Request) -> dict[str, str]:
    asked = {"s3:prefix": request.get("Prefix"), "s3:delimiter": request.get("Delimiter")}
    return {name: value for name, value in asked.items() if value is not None}


s3.asks = asks
