"""Multipart uploads."""

from collections.abc import Sequence
from typing import Any

from podium.journals.objects import Objects, Part, Upload
from podium.kernel.call import Call
from podium.s3 import rules, views
from podium.s3.errors import (
    EntityTooLarge,
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartOrder,
    MalformedXML,
    NoSuchUpload,
)
from podium.s3.operations.keeping import on_objects

SMALLEST_PART = 5 * 1024 * 1024  # but for the last
MOST_PARTS = 10_000
LARGEST_OBJECT = 256 * 1024 * 1024  # an object is read as a whole, in memory


@on_objects
def create_multipart_upload(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    upload = Upload(
        id=call.ids.uuid().replace("-", ""),
        bucket=bucket,
        key=rules.key(request["Key"]),
        started=call.now.timestamp(),
        headers=rules.kept(request),
    )
    objects.begin(upload)
    return {
        "Bucket": request["Bucket"],
        "Key": upload.key,
        "UploadId": upload.id,
        "ServerSideEncryption": "AES256",
    }


@on_objects
def upload_part(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    number, data = request["PartNumber"], request.get("Body") or b""
    if not 1 <= number <= MOST_PARTS:
        raise InvalidArgument(f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive")
    sums = rules.checksums(request, data)
    part = objects.put_part(_upload(objects, bucket, request), number, data, call.now.timestamp())
    return {"ETag": f'"{part.etag}"', "ServerSideEncryption": "AES256", **sums}


@on_objects
def complete_multipart_upload(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    upload = _upload(objects, bucket, request)
    asked = (request.get("MultipartUpload") or {}).get("Parts") or []
    if not asked:
        raise MalformedXML
    rules.may_write(request, objects.find(upload.bucket, upload.key))
    parts = _chosen(asked, {part.number: part for part in objects.parts(upload)})
    made = objects.complete(upload, parts, call.now.timestamp())
    return {
        "Location": f"{call.endpoint}/{request['Bucket']}/{upload.key}",
        "Bucket": request["Bucket"],
        "Key": upload.key,
        "ETag": views.etag(made),
        "ServerSideEncryption": "AES256",
    }


@on_objects
def abort_multipart_upload(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    objects.abort(_upload(objects, bucket, request))
    return {}


@on_objects
def list_parts(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    upload, after = _upload(objects, bucket, request), int(request.get("PartNumberMarker") or 0)
    most = rules.limit(request.get("MaxParts"))
    left = [part for part in objects.parts(upload) if part.number > after]
    shown = left[:most]
    return {
        "Bucket": request["Bucket"],
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": after,
        "NextPartNumberMarker": shown[-1].number if shown else 0,
        "MaxParts": most,
        "IsTruncated": len(left) > len(shown),
        "Parts": [_shown(part) for part in shown],
        "Owner": views.owner(call.account),
        "Initiator": views.owner(call.account),
        "StorageClass": "STANDARD",
    }


@on_objects
def list_multipart_uploads(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    """All of them at once."""
    prefix = request.get("Prefix") or ""
    found = [one for one in objects.uploads(bucket) if one.key.startswith(prefix)]
    shown = [
        {"UploadId": one.id, "Key": one.key, "Initiated": views.when(one.started), "StorageClass": "STANDARD"}
        for one in found
    ]
    return {"Bucket": request["Bucket"], "Prefix": prefix, "Uploads": shown, "IsTruncated": False, "MaxUploads": 1000}


def _upload(objects: Objects, bucket: str, request: dict[str, Any]) -> Upload:
    """Raises NoSuchUpload."""
    found = objects.upload(bucket, request["Key"], request["UploadId"])
    if found is None:
        raise NoSuchUpload
    return found


def _chosen(asked: Sequence[dict[str, Any]], held: dict[int, Part]) -> list[Part]:
    """Raises InvalidPart, InvalidPartOrder, EntityTooSmall, EntityTooLarge."""
    numbers = [one.get("PartNumber", 0) for one in asked]
    if numbers != sorted(set(numbers)):
        raise InvalidPartOrder
    for one in asked:
        part = held.get(one.get("PartNumber", 0))
        if part is None or (one.get("ETag") or "").strip('"') != part.etag:
            raise InvalidPart
    chosen = [held[number] for number in numbers]
    if any(part.size < SMALLEST_PART for part in chosen[:-1]):
        raise EntityTooSmall
    if sum(part.size for part in chosen) > LARGEST_OBJECT:
        raise EntityTooLarge
    return chosen


def _shown(part: Part) -> dict[str, Any]:
    return {
        "PartNumber": part.number,
        "LastModified": views.when(part.modified),
        "ETag": f'"{part.etag}"',
        "Size": part.size,
    }
