"""The canonical request: the one form of a request that its client and we both compute.

Source: AWS General Reference, "Create a signed AWS API request", step 1.
"""

import hashlib
from collections.abc import Sequence
from urllib.parse import quote, unquote_to_bytes

from podium.wire import refusals
from podium.wire.message import Request
from podium.wire.refusals import refusal

_UNSIGNED = "UNSIGNED-PAYLOAD"
_STREAMING = "STREAMING-"


def canonical_request(request: Request, service: str, signed_headers: Sequence[str], *, presigned: bool) -> str:
    """Raises the refusal of a payload whose hash is not the one that the request gives."""
    headers = [f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed_headers]
    return "\n".join(
        (
            request.method,
            _canonical_path(request.path, service),
            _canonical_query(request.query),
            "".join(headers),
            ";".join(signed_headers),
            _payload_hash(request, service, presigned),
        )
    )


def _canonical_path(path: str, service: str) -> str:
    """S3 encodes a path once and takes it as it is; the others resolve it and encode it again."""
    if service == "s3":
        return "/".join(quote(unquote_to_bytes(part), safe="~") for part in path.split("/")) or "/"
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    last = "/" if kept and path.endswith("/") else ""
    return quote("/" + "/".join(kept) + last, safe="/~")


def _canonical_query(query: str) -> str:
    """Decoded and encoded anew: clients differ in how they write a space."""
    pairs = [(quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query_pairs(query)]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs) if name != "X-Amz-Signature")


def query_pairs(query: str) -> list[tuple[bytes, bytes]]:
    """Names and values, decoded as a form is: a plus is a space."""
    pairs = (part.partition("=") for part in query.replace("+", " ").split("&") if part)
    return [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pairs]


def _payload_hash(request: Request, service: str, presigned: bool) -> str:
    """Only S3 takes a body that is not signed: it says so, or it is presigned."""
    said = request.headers.get("x-amz-content-sha256")
    if service == "s3" and (said or presigned) and (said or _UNSIGNED).startswith((_UNSIGNED, _STREAMING)):
        return said or _UNSIGNED
    actual = hashlib.sha256(request.body).hexdigest()
    if said is not None and said != actual:
        raise refusal(refusals.WRONG_PAYLOAD, request)
    return actual
