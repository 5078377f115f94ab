"""Requests that no client of S3's would send: none makes the server fail."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import handcore
from amounts import examples
from inprocess import Plane
from podium.wire.message import Request

KEY, UPLOAD = "k", "partNumber=1&uploadId="
SCOPE = "20260301/us-east-1/s3/aws4_request"
AUTHORIZATION = f"AWS4-HMAC-SHA256 Credential=AKIAROOTROOTROOTROOT/{SCOPE}, SignedHeaders=host;x-amz-date, Signature=00"
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"])
PATHS = st.sampled_from(
    [
        "/",
        "/data",
        "/data/",
        "/data/k",
        "/none/k",
        "//",
        "/data//",
        "/data/%zz",
        "/data/%ff",
        "/DATA/k",
    ]
)
QUERIES = st.lists(
    st.sampled_from(
        [
            "policy",
            "tagging",
            "versioning",
            "encryption",
            "publicAccessBlock",
            "uploads",
            "versions",
            "location",
            "delete",
            "list-type=2",
            "acl",
            "list-type=2&max-keys=-1",
            "max-keys=x",
            "list-type=2&continuation-token=?",
            "delimiter=/",
            "prefix=%ff",
            "encoding-type=url",
            "uploadId=none",
            "partNumber=0",
            "partNumber=x",
            "marker=k",
            "x-id=PutObject",
            "part-number-marker=x",
            "max-parts=-1",
        ]
    ),
    max_size=3,
).map("&".join)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "range",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "content-md5",
            "x-amz-copy-source",
            "x-amz-checksum-sha256",
            "x-amz-checksum-crc32",
            "x-amz-metadata-directive",
            "x-amz-meta-a",
            "x-amz-acl",
            "content-length",
            "expires",
            "x-amz-decoded-content-length",
            "x-amz-content-sha256",
        ]
    ),
    st.sampled_from(
        [
            "",
            "x",
            "*",
            "bytes=0-",
            "bytes=-0",
            "bytes=9-1",
            "/data/k",
            "%ff/%ff",
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "1B2M2Y8AsgTpgAmY7PhCfg==",
            "REPLACE",
            "\u00ff",
        ]
    ),
    max_size=3,
)
BODIES = st.sampled_from(
    [
        b"",
        b"x",
        b"<",
        b"<a/>",
        b"<Delete/>",
        b"<Delete><Object/></Delete>",
        b"5\r\nhello\r\n0\r\n\r\n",
        b"<CompleteMultipartUpload><Part/></CompleteMultipartUpload>",
        b"{}",
        b'{"Statement": []}',
        b"<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
        b"\xff\xfe",
        b"-1\r\n",
    ]
)


def send(plane: Plane, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Any:
    signed = {"host": "127.0.0.1", "x-amz-date": "20260301T120000Z", "authorization": AUTHORIZATION, **headers}
    request = Request(method, path, query, signed, body)
    return handcore.finished(plane.front.answer(request, "http://127.0.0.1", "127.0.0.1"))


def test_no_request_makes_the_server_fail():
    plane = Plane()
    assert send(plane, "PUT", "/data", "", {}, b"").status == 200

    @settings(max_examples=examples(400), deadline=None)
    @given(METHODS, PATHS, QUERIES, HEADERS, BODIES)
    def each(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
        answer = send(plane, method, path, query, headers, body)
        assert answer.status < 500 or b"NotImplemented" in answer.body or method == "HEAD", answer.body
        for name, value in answer.headers.items():
            assert "\n" not in name + value
            assert "\r" not in name + value

    each()
    assert plane.core.bugs == 0
