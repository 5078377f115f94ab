"""Objects: writing, reading, copying and deleting them."""

from typing import Any

from podium.journals.kept import Journals, Later
from podium.journals.objects import Object, Objects
from podium.kernel.call import Call
from podium.s3 import names, rules, views
from podium.s3.errors import InvalidRequest, MalformedXML, NoSuchKey
from podium.s3.operations.keeping import on_objects
from podium.s3.service import s3
from podium.store.session import Transaction

MOST_DELETED = 1000


@on_objects
def put_object(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    key, data = rules.key(request["Key"]), request.get("Body") or b""
    rules.may_write(request, objects.find(bucket, key))
    sums = rules.checksums(request, data)
    made = objects.put(bucket, key, data, call.now.timestamp(), rules.kept(request) | sums)
    return {"ETag": views.etag(made), "ServerSideEncryption": "AES256", **sums}


@on_objects
def get_object(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    found = _found(objects, bucket, request["Key"])
    rules.preconditions(request, found)
    wanted = rules.span(request.get("Range"), found.size)
    start, end = wanted or (0, found.size)
    shown = views.headers(found, request)
    if wanted is not None:
        shown["ContentRange"] = f"bytes {start}-{end - 1}/{found.size}"
    return {**shown, "Body": objects.read(found, start, end)}


@on_objects
def head_object(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    found = _found(objects, bucket, request["Key"])
    rules.preconditions(request, found)
    wanted = rules.span(request.get("Range"), found.size)
    start, end = wanted or (0, found.size)
    part = {"ContentRange": f"bytes {start}-{end - 1}/{found.size}"} if wanted else {}
    return {**views.headers(found, request), "ContentLength": end - start, **part}


@on_objects
def delete_object(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    """What is not there is deleted, too."""
    objects.delete(bucket, request["Key"])
    return {}


@on_objects
def delete_objects(call: Call, objects: Objects, bucket: str, request: dict[str, Any]) -> dict[str, Any]:
    asked = request["Delete"].get("Objects") or []
    if not 0 < len(asked) <= MOST_DELETED:
        raise MalformedXML
    for one in asked:
        objects.delete(bucket, one["Key"])
    return {} if request["Delete"].get("Quiet") else {"Deleted": [{"Key": one["Key"]} for one in asked]}


@s3.operation(reads=True)
def copy_object(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    source, key = names.source(request["CopySource"])
    from_bucket = names.key(names.bucket(call, tx, source))
    to_bucket = names.key(names.bucket(call, tx, request["Bucket"]))
    if (source, key) == (request["Bucket"], request["Key"]) and request.get("MetadataDirective") != "REPLACE":
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )

    def copied(journals: Journals) -> dict[str, Any]:
        found = _found(journals.objects, from_bucket, key)
        conditions = {name.removeprefix("CopySource"): value for name, value in request.items() if "SourceIf" in name}
        rules.preconditions(conditions, found)
        sums = {name: found.headers[name] for name in rules.CHECKSUMS if name in found.headers}
        anew = request.get("MetadataDirective") == "REPLACE"
        headers = rules.kept(request) | sums if anew else found.headers
        made = journals.objects.copy(found, to_bucket, rules.key(request["Key"]), call.now.timestamp(), headers)
        shown = {"ETag": views.etag(made), "LastModified": views.when(made.modified)}
        return {"CopyObjectResult": shown, "ServerSideEncryption": "AES256"}

    return Later(copied)


def _found(objects: Objects, bucket: str, key: str) -> Object:
    """Raises NoSuchKey."""
    found = objects.find(bucket, key)
    if found is None:
        raise NoSuchKey(key)
    return found
