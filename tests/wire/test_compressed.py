"""Bodies in gzip, as SDKs send large ones of PutMetricData."""

import gzip

import pytest

from podium.wire import compressed, http
from podium.wire.errors import SerializationException
from podium.wire.message import Request

TARGET = {"x-amz-target": "GraniteServiceVersion20100801.PutMetricData"}
BODY = b'{"Namespace": "Demo"}' * 1000


def sent(body: bytes, encoding: str = "gzip") -> Request:
    return Request("POST", "/", "", {"content-encoding": encoding, **TARGET}, body)


def test_what_was_compressed_is_read_as_it_was() -> None:
    assert http.opened(sent(gzip.compress(BODY))).body == BODY


def test_what_was_not_is_left_alone() -> None:
    assert http.opened(sent(BODY, "identity")).body == BODY


def test_what_rest_services_are_sent_may_be_in_gzip_for_good() -> None:
    scope = "Credential=A/20260301/us-east-1/s3/aws4_request"
    headers = {
        "content-encoding": "gzip",
        "authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
    }
    request = Request("PUT", "/bucket/key", "", headers, gzip.compress(BODY))
    assert http.opened(request) is request


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (BODY, "is not in gzip"),
        (gzip.compress(BODY)[:-9], "is cut short"),
        (b"", "is cut short"),
        (gzip.compress(bytes(compressed.MOST_BYTES + 1)), "is larger than"),
    ],
)
def test_what_cannot_be_opened_is_refused(body: bytes, sentence: str) -> None:
    with pytest.raises(SerializationException, match=sentence):
        http.opened(sent(body))
