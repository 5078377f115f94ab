"""What botocore signs is proved; what was changed after it was signed is refused."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import assume, given
from hypothesis import strategies as st

from laws.wire.speech import ACCESS_KEY, ENDPOINT, SECRET_KEY, received, thorough
from podium.kernel.errors import ClientError
from podium.wire.message import Request
from podium.wire.signing import verify

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
SIGNERS = {"s3": (S3SigV4Auth, S3SigV4QueryAuth), "ecs": (SigV4Auth, SigV4QueryAuth)}

words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
paths = st.lists(words.filter(lambda word: word not in (".", "..")), max_size=3).map(
    lambda parts: "/" + "/".join(quote(part, safe="~") for part in parts)
)
queries = st.lists(st.tuples(words.filter(bool), words), max_size=3).map(
    lambda pairs: urlencode(pairs, quote_via=quote)
)
headers = st.dictionaries(
    st.sampled_from(("Content-Type", "X-Amz-Target", "X-Amz-Meta-Color", "Accept-Language")),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
    | st.just("two  words   apart"),
)
tokens = st.none() | st.just("FwoGZXIvYXdzEXAMPLE==")
sent = st.builds(
    lambda method, path, query, headers, body: AWSRequest(
        method, f"{ENDPOINT}{path}" + (f"?{query}" if query else ""), headers, body
    ),
    st.sampled_from(("GET", "POST", "PUT", "DELETE")),
    paths,
    queries,
    headers,
    st.binary(max_size=32),
)
requests = st.tuples(st.sampled_from(sorted(SIGNERS)), st.booleans(), sent, tokens)


@pytest.fixture(autouse=True)
def _botocore_lives_at_noon(monkeypatch):
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: NOW.replace(tzinfo=None))


def signed(service, presigned, request, token):
    if presigned:
        # botocore moves a presigned body's parameters about; a link has none.
        request.data = b""
    signer = SIGNERS[service][presigned](Credentials(ACCESS_KEY, SECRET_KEY, token), service, "eu-west-1")
    signer.add_auth(request)
    return received(request)


def proven(request, secret=SECRET_KEY, now=NOW):
    return verify(request, {ACCESS_KEY: secret}.get, now)


def refused(request, **known):
    try:
        proven(request, **known)
    except ClientError:
        return True
    return False


@thorough
@given(requests)
def test_whatever_botocore_signs_is_proved(request):
    service, _, _, token = request
    proof = proven(signed(*request))
    assert (proof.access_key_id, proof.service, proof.region) == (ACCESS_KEY, service, "eu-west-1")
    assert (proof.signed_at, proof.session_token) == (NOW, token)


@thorough
@given(requests, st.integers(0, len(SECRET_KEY) - 1))
def test_another_secret_proves_nothing(request, position):
    other = SECRET_KEY[:position] + "*" + SECRET_KEY[position + 1 :]
    assert refused(signed(*request), secret=other)


@thorough
@given(requests, st.data())
def test_a_changed_byte_anywhere_is_refused(request, data):
    request = signed(*request)
    part = data.draw(st.sampled_from(("method", "path", "query", "headers", "body")))
    changed = CHANGES[part](request, data.draw)
    assume(changed is not None)
    assert refused(changed)


def _replaced(text, draw, alphabet):
    """`text` with one letter exchanged for another."""
    at = draw(st.integers(0, len(text) - 1))
    letter = draw(st.sampled_from(alphabet).filter(lambda letter: letter != text[at]))
    return text[:at] + letter + text[at + 1 :]


def _method(request, draw):
    return Request("PATCH", request.path, request.query, request.headers, request.body)


def _path(request, draw):
    # Hexadecimal digits are the same in either case, so none are among the letters.
    path = _replaced(request.path, draw, "ghXYZ-_~")
    return Request(request.method, path, request.query, request.headers, request.body)


def _query(request, draw):
    if not request.query:
        return Request(request.method, request.path, "new=1", request.headers, request.body)
    query = _replaced(request.query, draw, "ghXYZ-_~")
    return Request(request.method, request.path, query, request.headers, request.body)


def _headers(request, draw):
    signed_names = sorted(request.headers.keys() - UNSIGNED)
    name = draw(st.sampled_from(signed_names))
    if not request.headers[name].strip():
        return None
    changed = _replaced(request.headers[name], draw, "ghXYZ-_~")
    if changed.split() == request.headers[name].split():
        return None
    return Request(request.method, request.path, request.query, {**request.headers, name: changed}, request.body)


def _body(request, draw):
    """A presigned link to S3 leaves the body open."""
    if "X-Amz-Signature" in request.query and "%2Fs3%2F" in request.query:
        return None
    body = request.body[:-1] + bytes([request.body[-1] ^ 1]) if request.body else b"something"
    return Request(request.method, request.path, request.query, request.headers, body)


CHANGES = {"method": _method, "path": _path, "query": _query, "headers": _headers, "body": _body}
# botocore adds these after signing, or leaves them to the wire.
UNSIGNED = {"content-length", "transfer-encoding", "user-agent", "expect"}


@thorough
@given(requests, st.integers(-20 * 60, 20 * 60))
def test_a_signature_holds_for_its_time_and_no_longer(request, seconds):
    service, presigned, _, _ = request
    request = signed(*request)
    limit = 15 * 60 if service == "s3" else 5 * 60
    early = -limit <= seconds <= 0
    late = 0 <= seconds <= (3600 if presigned else limit)
    assert refused(request, now=NOW + timedelta(seconds=seconds)) == (not (early or late))


@thorough
@given(requests)
def test_a_header_that_decides_cannot_be_added_later(request):
    request = signed(*request)
    added = {**request.headers, "x-amz-target": "AmazonEC2ContainerServiceV20141113.DeleteCluster"}
    assume("x-amz-target" not in request.headers)
    assert refused(Request(request.method, request.path, request.query, added, request.body))
