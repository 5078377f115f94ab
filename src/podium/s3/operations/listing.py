"""Lists of a bucket's objects, in pages."""

from typing import Any

from podium.journals.objects import Listed, Objects
from podium.kernel import pages
from podium.kernel.call import Call
from podium.s3 import rules, views
from podium.s3.errors import InvalidArgument
from podium.s3.operations.keeping import on_objects

Request = dict[str, Any]
NOTHING = Listed(objects=(), prefixes=(), last=None)


@on_objects
def list_objects_v2(call: Call, objects: Objects, bucket: str, request: Request) -> dict[str, Any]:
    token = request.get("ContinuationToken")
    try:
        after = pages.read(token) if token else request.get("StartAfter") or ""
    except pages.NotAToken as error:
        raise InvalidArgument("The continuation token provided is incorrect") from error
    found, shown = _listed(call, objects, bucket, request, after, owners=bool(request.get("FetchOwner")))
    more = {"NextContinuationToken": pages.token_of(found.last)} if found.last is not None else {}
    asked = {name: request[name] for name in ("ContinuationToken", "StartAfter") if request.get(name)}
    return {**shown, **asked, **more, "KeyCount": len(found.objects) + len(found.prefixes)}


@on_objects
def list_objects(call: Call, objects: Objects, bucket: str, request: Request) -> dict[str, Any]:
    found, shown = _listed(call, objects, bucket, request, request.get("Marker") or "", owners=True)
    write = views.encoded(request)
    more = {"NextMarker": write(found.last)} if found.last is not None and request.get("Delimiter") else {}
    return {**shown, "Marker": write(request.get("Marker") or ""), **more}


@on_objects
def list_object_versions(call: Call, objects: Objects, bucket: str, request: Request) -> dict[str, Any]:
    """One version each."""
    found, shown = _listed(call, objects, bucket, request, request.get("KeyMarker") or "", owners=True)
    versions = [{**one, "VersionId": "null", "IsLatest": True} for one in shown.pop("Contents")]
    write = views.encoded(request)
    more = {"NextKeyMarker": write(found.last), "NextVersionIdMarker": "null"} if found.last is not None else {}
    return {**shown, "Versions": versions, "KeyMarker": write(request.get("KeyMarker") or ""), **more}


def _listed(
    call: Call, objects: Objects, bucket: str, request: Request, after: str, *, owners: bool
) -> tuple[Listed, dict[str, Any]]:
    """The page, and the members that every kind of list shows of it."""
    prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
    most, write = rules.limit(request.get("MaxKeys")), views.encoded(request)
    found = objects.page(bucket, prefix, delimiter, after, most) if most else NOTHING
    account = call.account if owners else None
    shown: dict[str, Any] = {
        "Name": request["Bucket"],
        "Prefix": write(prefix),
        "MaxKeys": most,
        "IsTruncated": found.last is not None,
        "Contents": [views.listed(one, account, write) for one in found.objects],
        "CommonPrefixes": [{"Prefix": write(one)} for one in found.prefixes],
    }
    if delimiter:
        shown["Delimiter"] = write(delimiter)
    if request.get("EncodingType"):
        shown["EncodingType"] = request["EncodingType"]
    return found, shown
