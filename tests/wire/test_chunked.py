"""Bodies that S3 clients sign chunk by chunk."""

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from podium.wire import chunked
from podium.wire.errors import SerializationException, SignatureError
from podium.wire.message import Request
from podium.wire.signing import verify

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = datetime(2013, 5, 24, tzinfo=UTC)
SIGNATURES = (
    b"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    b"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    b"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)
SIZES = (65536, 1024, 0)


def example(body: bytes) -> Request:
    """Source: Amazon S3 API Reference, "Signature Calculations: Transferring Payload in Multiple Chunks"."""
    names = (
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
        "x-amz-decoded-content-length;x-amz-storage-class"
    )
    credential = f"Credential={KEY}/20130524/us-east-1/s3/aws4_request"
    signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    headers = {
        "host": "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        "content-length": "66824",
        "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}",
    }
    return Request("PUT", "/examplebucket/chunkObject.txt", "", headers, body)


def framed(*letters: bytes, signatures: tuple[bytes, ...] = SIGNATURES) -> bytes:
    return b"".join(
        b"%x;chunk-signature=%s\r\n%s\r\n" % (size, signature, letter * size)
        for letter, size, signature in zip(letters, SIZES, signatures, strict=True)
    )


def test_the_example_of_aws_is_proved_and_read():
    request = example(framed(b"a", b"a", b"a"))
    assert verify(request, {KEY: SECRET}.get, NOW).access_key_id == KEY
    assert chunked.body_of(request) == b"a" * 66560


@pytest.mark.parametrize(
    "body",
    [
        framed(b"a", b"b", b"a"),
        framed(b"a", b"a", b"a", signatures=(SIGNATURES[0], SIGNATURES[0], SIGNATURES[2])),
        framed(b"a", b"a", b"a").replace(b"chunk-signature=b6", b"chunk-signature=00"),
        framed(b"a", b"a", b"a").replace(b";chunk-signature=" + SIGNATURES[1], b""),
    ],
)
def test_a_chunk_that_its_signature_does_not_cover_is_refused(body):
    with pytest.raises(SignatureError) as raised:
        verify(example(body), {KEY: SECRET}.get, NOW)
    assert raised.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("cut", [1, 40, 90, 65600, 66000, 66800])
def test_a_body_that_is_cut_short_is_refused(cut):
    with pytest.raises((SerializationException, SignatureError)):
        verify(example(framed(b"a", b"a", b"a")[:cut]), {KEY: SECRET}.get, NOW)


def trailing(said: bytes, signature: str) -> Request:
    """One chunk of three bytes and a trailer, as the Java and Go SDKs send a checksum."""
    bare = example(b"")
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    headers = {**bare.headers, "x-amz-content-sha256": kind, "x-amz-trailer": "x-amz-checksum-crc32"}
    names = "host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer"
    canonical = "\n".join(
        ("PUT", bare.path, "", *(f"{name}:{headers[name]}" for name in names.split(";")), "", names, kind)
    )
    key = f"AWS4{SECRET}".encode()
    for part in ("20130524", "us-east-1", "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")

    def signed(kind: str, *parts: str) -> str:
        text = "\n".join((kind, "20130524T000000Z", "20130524/us-east-1/s3/aws4_request", *parts))
        return hmac.digest(key, text.encode(), "sha256").hex()

    nothing = hashlib.sha256(b"").hexdigest()
    seed = signed("AWS4-HMAC-SHA256", hashlib.sha256(canonical.encode()).hexdigest())
    first = signed("AWS4-HMAC-SHA256-PAYLOAD", seed, nothing, hashlib.sha256(b"abc").hexdigest())
    last = signed("AWS4-HMAC-SHA256-PAYLOAD", first, nothing, nothing)
    told = signature or signed(
        "AWS4-HMAC-SHA256-TRAILER", last, hashlib.sha256(b"x-amz-checksum-crc32:NSRBwg==\n").hexdigest()
    )
    body = f"3;chunk-signature={first}\r\nabc\r\n0;chunk-signature={last}\r\n".encode()
    body += said + f"\r\nx-amz-trailer-signature:{told}\r\n\r\n".encode()
    credential = f"Credential={KEY}/20130524/us-east-1/s3/aws4_request"
    headers["authorization"] = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={seed}"
    return Request("PUT", bare.path, "", headers, body)


def test_a_signed_trailer_is_proved():
    request = trailing(b"x-amz-checksum-crc32:NSRBwg==", "")
    assert verify(request, {KEY: SECRET}.get, NOW).access_key_id == KEY
    assert chunked.body_of(request) == b"abc"


@pytest.mark.parametrize(
    ("said", "signature"), [(b"x-amz-checksum-crc32:AAAAAA==", ""), (b"x-amz-checksum-crc32:NSRBwg==", "00")]
)
def test_a_trailer_that_its_signature_does_not_cover_is_refused(said, signature):
    with pytest.raises(SignatureError):
        verify(trailing(said, signature), {KEY: SECRET}.get, NOW)
