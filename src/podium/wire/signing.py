"""Signature Version 4: proving who is calling.

Source: AWS General Reference, "Signing AWS API requests"; and what botocore and the Go SDKs send.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from podium.wire import chunked, refusals
from podium.wire.canonical import canonical_request
from podium.wire.claims import ALGORITHM, TIME_FORMAT, Claim, claim_of
from podium.wire.message import Request, Routed
from podium.wire.model import SERVICES
from podium.wire.refusals import refusal

_NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Proven:
    """Who signed a request, for which region and service, and when.

    `session_token` is what came with temporary credentials; whether it belongs to the key is for the
    caller to judge.
    """

    access_key_id: str
    region: str
    service: str
    signed_at: datetime
    session_token: str | None = None


def verify(request: Request, secret_of: Callable[[str], str | None], now: datetime) -> Proven:
    """Who called, for one who knows every key: `secret_of` gives an access key's secret, None for one there is not."""
    claim = claim_of(request)
    return proved(request, claim, secret_of(claim.access_key_id), now)


def proved(request: Request, claim: Claim, secret: str | None, now: datetime) -> Proven:
    """Who called, or a SignatureError in the words and with the status of the protocol in use.

    `secret` is that of the claimed key, None when there is no such key. A WebSocket's upgrade is verified
    like any other GET. Of a chunked S3 upload whose chunks are signed, every signature is proved.
    """
    _check_coverage(request, claim)
    _check_time(request, claim, now)
    if secret is None:
        raise refusal(refusals.UNKNOWN_KEY, request)
    presigned = claim.expires_seconds is not None
    canonical = canonical_request(request, claim.service, claim.signed_headers, presigned=presigned)
    expected = _signature(secret, claim, canonical)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise refusal(refusals.WRONG_SIGNATURE, request)
    if claim.service == "s3" and chunked.is_signed(request):
        _check_chunks(request, claim, secret)
    return Proven(
        access_key_id=claim.access_key_id,
        region=claim.region,
        service=claim.service,
        signed_at=claim.signed_at,
        session_token=claim.session_token,
    )


def check_scope(proven: Proven, routed: Routed, request: Request) -> None:
    """A signature for one service does not open another."""
    wanted = SERVICES[routed.service].signing_name
    if proven.service != wanted:
        raise refusal(refusals.WRONG_SIGNATURE, request, f"Credential should be scoped to correct service: '{wanted}'.")


def _check_coverage(request: Request, claim: Claim) -> None:
    """The headers that decide what a request means must be among the signed ones."""
    if "host" not in claim.signed_headers:
        sentence = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        raise refusal(refusals.WRONG_SIGNATURE, request, sentence)
    deciding = [name for name in request.headers if name == "x-amz-target" or _is_s3_header(name, claim)]
    if any(name not in claim.signed_headers for name in deciding):
        raise refusal(refusals.UNSIGNED_HEADERS, request)


def _is_s3_header(name: str, claim: Claim) -> bool:
    return claim.service == "s3" and name.startswith("x-amz-") and name != "x-amz-content-sha256"


def _check_time(request: Request, claim: Claim, now: datetime) -> None:
    skew = timedelta(minutes=15 if claim.service == "s3" else 5)
    minutes = int(skew.total_seconds()) // 60
    signed_at, stamp = claim.signed_at, now.strftime(TIME_FORMAT)
    if signed_at > now + skew:
        limit = (now + skew).strftime(TIME_FORMAT)
        sentence = (
            f"Signature not yet current: {claim.timestamp} is still later than {limit} ({stamp} + {minutes} min.)"
        )
        raise refusal(refusals.STALE, request, sentence)
    if claim.expires_seconds is not None:
        skew = timedelta(seconds=claim.expires_seconds)
        minutes = claim.expires_seconds // 60
    if signed_at < now - skew:
        reason = refusals.STALE if claim.expires_seconds is None else refusals.EXPIRED
        limit = (now - skew).strftime(TIME_FORMAT)
        sentence = f"Signature expired: {claim.timestamp} is now earlier than {limit} ({stamp} - {minutes} min.)"
        raise refusal(reason, request, sentence)


def _check_chunks(request: Request, claim: Claim, secret: str) -> None:
    """Each chunk's signature covers the one before it, and the trailer's that of the last."""
    body = chunked.framed(request.body)
    key = _signing_key(secret, claim.date, claim.region, claim.service)
    last = claim.signature
    signed: list[tuple[str, tuple[str, ...], str]] = [
        ("AWS4-HMAC-SHA256-PAYLOAD", (_NOTHING, hashlib.sha256(data).hexdigest()), told) for told, data in body.chunks
    ]
    if body.trailer_signature or request.headers["x-amz-content-sha256"].endswith("-TRAILER"):
        signed.append(("AWS4-HMAC-SHA256-TRAILER", (hashlib.sha256(body.trailer).hexdigest(),), body.trailer_signature))
    for kind, hashes, told in signed:
        text = "\n".join((kind, claim.timestamp, claim.scope, last, *hashes))
        last = hmac.digest(key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(last.encode(), told.encode()):
            raise refusal(refusals.WRONG_SIGNATURE, request)


def _signature(secret: str, claim: Claim, canonical_request: str) -> str:
    digest = hashlib.sha256(canonical_request.encode("utf-8", "surrogateescape")).hexdigest()
    key = _signing_key(secret, claim.date, claim.region, claim.service)
    text = "\n".join((ALGORITHM, claim.timestamp, claim.scope, digest))
    return hmac.digest(key, text.encode(), "sha256").hex()


@lru_cache(maxsize=1024)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The same for a whole day of one caller's requests to one service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
