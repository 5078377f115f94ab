"""Buckets and objects as answers show them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from podium.journals.objects import Object
from podium.s3 import rules

ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}
"""What every bucket has of which nothing else was said."""


def owner(account: str) -> dict[str, str]:
    """A canonical user id has 64 hexadecimal digits."""
    return {"ID": account.rjust(64, "0")}


def etag(found: Object) -> str:
    return f'"{found.etag}"'


def when(modified: float) -> datetime:
    return datetime.fromtimestamp(modified, UTC)


def encoded(request: Mapping[str, Any]) -> Callable[[str], str]:
    """How keys are written in a list: as they are, or so that XML can hold any of them."""
    if request.get("EncodingType") == "url":
        return lambda text: quote(text, safe="/-_.~")
    return lambda text: text


def listed(found: Object, account: str | None, write: Callable[[str], str]) -> dict[str, Any]:
    """`account` is told as the owner, where one is asked for."""
    shown: dict[str, Any] = {
        "Key": write(found.key),
        "LastModified": when(found.modified),
        "ETag": etag(found),
        "Size": found.size,
        "StorageClass": "STANDARD",
    }
    return shown | ({"Owner": owner(account)} if account else {})


def headers(found: Object, request: Mapping[str, Any]) -> dict[str, Any]:
    """What GetObject and HeadObject tell beside the body."""
    shown = {name: found.headers[name] for name in rules.KEPT if name in found.headers}
    if "Expires" in shown:
        shown["Expires"] = datetime.fromisoformat(shown["Expires"])
    shown.setdefault("ContentType", "binary/octet-stream")
    if request.get("ChecksumMode") == "ENABLED" and not request.get("Range"):
        shown |= {name: found.headers[name] for name in rules.CHECKSUMS if name in found.headers}
    for member in ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"):
        if request.get(f"Response{member}"):
            shown[member] = request[f"Response{member}"]
    return {
        **shown,
        "AcceptRanges": "bytes",
        "LastModified": when(found.modified),
        "ETag": etag(found),
        "ServerSideEncryption": "AES256",
    }
