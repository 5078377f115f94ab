"""What is asked of bodies and conditions of objects. No I/O."""

import hashlib
import re
import zlib
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from podium.journals.objects import Object
from podium.s3.errors import (
    BadDigest,
    InvalidArgument,
    InvalidRange,
    KeyTooLong,
    NotModified,
    NotYet,
    PreconditionFailed,
)

LONGEST_KEY = 1024
KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "WebsiteRedirectLocation",
)
"""Members that are kept with an object, and shown with it."""

CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "ChecksumCRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "ChecksumSHA1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "ChecksumSHA256": lambda data: hashlib.sha256(data).digest(),
}
_NOT_YET = {
    "SSECustomerKey": "keys of the customer's",
    "ObjectLockMode": "object locks",
    "WriteOffsetBytes": "appending to objects",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def key(given: str) -> str:
    """Raises KeyTooLong."""
    if len(given.encode()) > LONGEST_KEY:
        raise KeyTooLong
    return given


def kept(request: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of the request beside the body. Raises NotYet."""
    for member, words in _NOT_YET.items():
        if request.get(member):
            raise NotYet(f"Podium's S3 does not know {words}.")
    held = {name: request[name] for name in KEPT if request.get(name)}
    expires = held.get("Expires")
    return held | ({"Expires": expires.isoformat()} if isinstance(expires, datetime) else {})


def checksums(request: Mapping[str, Any], data: bytes) -> dict[str, str]:
    """Those that the request gives and that are right. Raises BadDigest."""
    if (given := request.get("ContentMD5")) and _decoded(given) != hashlib.md5(data, usedforsecurity=False).digest():
        raise BadDigest("Content-MD5")
    found = {}
    for member, digest in CHECKSUMS.items():
        if given := request.get(member):
            if _decoded(given) != digest(data):
                raise BadDigest(member.removeprefix("Checksum"))
            found[member] = b64encode(digest(data)).decode()
    return found


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError):
        return b""


def preconditions(request: Mapping[str, Any], found: Object) -> None:
    """Of a read. Raises PreconditionFailed, NotModified."""
    modified = datetime.fromtimestamp(int(found.modified), UTC)
    if request.get("IfMatch"):
        if not _matches(request["IfMatch"], found):
            raise PreconditionFailed
    elif request.get("IfUnmodifiedSince") and modified > request["IfUnmodifiedSince"]:
        raise PreconditionFailed
    if request.get("IfNoneMatch"):
        if _matches(request["IfNoneMatch"], found):
            raise NotModified
    elif request.get("IfModifiedSince") and modified <= request["IfModifiedSince"]:
        raise NotModified


def may_write(request: Mapping[str, Any], found: Object | None) -> None:
    """Raises PreconditionFailed."""
    if request.get("IfNoneMatch") == "*" and found is not None:
        raise PreconditionFailed
    if request.get("IfMatch") and (found is None or not _matches(request["IfMatch"], found)):
        raise PreconditionFailed


def _matches(given: str, found: Object) -> bool:
    return any(one.strip().removeprefix("W/").strip('"') in ("*", found.etag) for one in given.split(","))


def span(asked: str | None, size: int) -> tuple[int, int] | None:
    """Where the range begins and ends (not included); None for the whole. Raises InvalidRange.

    A range that cannot be read is passed over, as RFC 9110 wants it.
    """
    found = _RANGE.fullmatch(asked or "")
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
    if found[1] and found[2] and int(found[2]) < int(found[1]):
        return None
    if start >= end:
        raise InvalidRange
    return start, end


def limit(given: int | None) -> int:
    """Of a page. Raises InvalidArgument."""
    if given is not None and given < 0:
        raise InvalidArgument("Argument maxKeys must be an integer between 0 and 2147483647")
    return min(1000, 1000 if given is None else given)
