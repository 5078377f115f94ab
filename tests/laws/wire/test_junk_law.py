"""Whatever a client sends is read or refused: never does it show a bug of ours."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws.wire.speech import ACCESS_KEY, SECRET_KEY, SPOKEN, operations, signed, thorough, values, very_few, written
from podium.kernel.errors import ClientError
from podium.wire.http import Request, parse, refuse, route
from podium.wire.signing import verify
from podium.wire.validate import check

PIECES = st.sampled_from(
    (
        b"",
        b"\x00",
        b"\xff",
        b"{",
        b"]",
        b'"',
        b"null",
        b"1e999",
        b"-1",
        b"\\ud800",
        b"<a>",
        b"&x=",
        b".1.",
        b"%",
        b"\x9b",
        b"\xc1",
    )
)
text = st.text(max_size=12)
headers = st.dictionaries(
    st.sampled_from(
        (
            "authorization",
            "x-amz-target",
            "x-amz-date",
            "date",
            "content-type",
            "smithy-protocol",
            "host",
            "x-amz-content-sha256",
        )
    ),
    text
    | st.sampled_from(
        (
            "AWS4-HMAC-SHA256 Credential=a/20260131/r/s3/aws4_request, SignedHeaders=host, Signature=é",
            "AWS4-HMAC-SHA256 Credential=a/20260131/r/ec2/aws4_request, SignedHeaders=host;host, Signature=0",
            "application/x-www-form-urlencoded",
            "rpc-v2-cbor",
            "20260131T120000Z",
            "AmazonSQS.SendMessage",
        )
    ),
)
queries = text | st.sampled_from(
    (
        "Action=DescribeTags&Version=2011-01-01",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/20260131/r/s3/aws4_request&X-Amz-Date=20260131T120000Z"
        "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=%ff",
    )
)
junk = st.builds(
    Request,
    st.sampled_from(("GET", "POST", "PUT", "HEAD", "")),
    st.sampled_from(("", "/", "//", "/%", "/service/x/operation/y", "/b/k/..")) | text,
    queries,
    headers,
    st.binary(max_size=40),
)


def refusals(request):
    """The answers to all that is refused of `request` before its operation runs."""
    routed, found = None, []
    try:
        verify(request, {"a": "b", ACCESS_KEY: SECRET_KEY}.get, datetime(2026, 1, 31, 12, tzinfo=UTC))
    except ClientError as error:
        found.append(refuse(None, error, request, "an-id"))
    try:
        routed = route(request)
        check(routed, parse(routed, request))
    except ClientError as error:
        found.append(refuse(routed, error, request, "an-id"))
    return found


@thorough
@given(junk)
def test_junk_is_refused(request):
    assert all(400 <= response.status < 500 for response in refusals(request))


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_a_request_with_a_hole_in_its_body_is_read_or_refused(service, protocol):
    for operation in operations(service):
        if operation.input_shape is not None:
            _law(service, protocol, operation)


def _law(service, protocol, operation):
    @very_few
    @given(values(operation.input_shape), st.floats(0, 1), st.integers(0, 4), PIECES)
    def law(params, where, length, piece):
        whole = signed(written(operation, protocol, params), service)
        at = int(len(whole.body) * where)
        body = whole.body[:at] + piece + whole.body[at + length :]
        torn = Request(whole.method, whole.path, whole.query, whole.headers, body)
        assert all(400 <= response.status < 500 for response in refusals(torn))

    law()
