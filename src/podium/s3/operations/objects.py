"""Objects: writing, reading, copying and deleting them."""

from typing import Any
from urllib.parse import unquote

from podium.journals.kept import Journals
from podium.journals.objects import Object
from podium.kernel.call import Call
from podium.s3 import rules, views
from podium.s3.errors import InvalidRequest, MalformedXML, NoSuchKey
from podium.s3.service import s3

MOST_DELETED = 1000


@s3.operation(journal=True)
def put_object(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    store, data = journals.objects, request.get("Body") or b""
    bucket, key = request["Bucket"], rules.key(request["Key"])
    rules.may_write(request, store.find(bucket, key))
    sums = rules.checksums(request, data)
    made = store.put(bucket, key, data, call.now.timestamp(), rules.kept(request) | sums)
    return {"ETag": views.etag(made), "ServerSideEncryption": "AES256", **sums}


@s3.operation(journal=True)
def get_object(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    store, found = journals.objects, _found(journals, request)
    rules.preconditions(request, found)
    wanted = rules.span(request.get("Range"), found.size)
    start, end = wanted or (0, found.size)
    shown = views.headers(found, request)
    if wanted is not None:
        shown["ContentRange"] = f"bytes {start}-{end - 1}/{found.size}"
    return {**shown, "Body": store.read(found, start, end)}


@s3.operation(journal=True)
def head_object(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    found = _found(journals, request)
    rules.preconditions(request, found)
    wanted = rules.span(request.get("Range"), found.size)
    start, end = wanted or (0, found.size)
    part = {"ContentRange": f"bytes {start}-{end - 1}/{found.size}"} if wanted else {}
    return {**views.headers(found, request), "ContentLength": end - start, **part}


@s3.operation(journal=True)
def delete_object(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    """What is not there is deleted, too."""
    journals.objects.delete(request["Bucket"], request["Key"])
    return {}


@s3.operation(journal=True)
def delete_objects(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    asked = request["Delete"].get("Objects") or []
    if not 0 < len(asked) <= MOST_DELETED:
        raise MalformedXML
    for one in asked:
        journals.objects.delete(request["Bucket"], one["Key"])
    return {} if request["Delete"].get("Quiet") else {"Deleted": [{"Key": one["Key"]} for one in asked]}


@s3.operation(journal=True)
def copy_object(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    store = journals.objects
    name, _, key = unquote(request["CopySource"].partition("?")[0]).lstrip("/").partition("/")
    source = _found(journals, {"Bucket": name, "Key": key})
    rules.preconditions({k.removeprefix("CopySource"): v for k, v in request.items() if "SourceIf" in k}, source)
    anew = request.get("MetadataDirective") == "REPLACE"
    if (name, key) == (request["Bucket"], request["Key"]) and not anew:
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
    sums = {name: source.headers[name] for name in rules.CHECKSUMS if name in source.headers}
    headers = rules.kept(request) | sums if anew else source.headers
    made = store.copy(source, request["Bucket"], rules.key(request["Key"]), call.now.timestamp(), headers)
    shown = {"ETag": views.etag(made), "LastModified": views.when(made.modified)}
    return {"CopyObjectResult": shown, "ServerSideEncryption": "AES256"}


def _found(journals: Journals, request: dict[str, Any]) -> Object:
    """Raises NoSuchKey."""
    found = journals.objects.find(request["Bucket"], request["Key"])
    if found is None:
        raise NoSuchKey(request["Key"])
    return found
