"""How a caller is refused, in the words of each family of services; and what only the letter of SigV4 tells."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from laws.wire.speech import received
from podium.wire.errors import SignatureError
from podium.wire.http import Request, Routed, route
from podium.wire.model import operation_model
from podium.wire.signing import check_scope, verify

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KNOWN = {KEY: SECRET}.get
TARGET = {"x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"
INSTANCES = b"Action=DescribeInstances&Version=2016-11-15"
MISMATCH = "The request signature we calculated does not match the signature you provided."


def signed(service="ecs", url="http://127.0.0.1:4566/", method="POST", headers=TARGET, body=b"{}", secret=SECRET):
    request = AWSRequest(method, url, headers, body)
    SigV4Auth(Credentials(KEY, secret), service, "us-east-1").add_auth(request)
    return received(request)


def refused(request, known=KNOWN, now=None):
    with pytest.raises(SignatureError) as raised:
        verify(request, known, now or datetime.now(UTC))
    return raised.value.code, raised.value.status, str(raised.value)


def changed(request, **headers):
    return Request(request.method, request.path, request.query, {**request.headers, **headers}, request.body)


def test_the_example_of_aws_is_proved():
    """Source: AWS General Reference, "Signing AWS requests", the IAM ListUsers example."""
    credential = f"Credential={KEY}/20150830/us-east-1/iam/aws4_request"
    signature = "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=content-type;host;x-amz-date, {signature}",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": "iam.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
    }
    request = Request("GET", "/", "Action=ListUsers&Version=2010-05-08", headers, b"")
    proof = verify(request, KNOWN, datetime(2015, 8, 30, 12, 36, tzinfo=UTC))
    assert (proof.access_key_id, proof.region, proof.service) == (KEY, "us-east-1", "iam")


def by_service(name):
    """A request of each protocol family, signed just now."""
    sign = {
        "ecs": lambda: signed(),
        "sts": lambda: signed("sts", headers=FORM, body=IDENTITY),
        "ec2": lambda: signed("ec2", headers=FORM, body=INSTANCES),
        "lambda": lambda: signed("lambda", "http://127.0.0.1/2015-03-31/functions", "GET", {}, b""),
    }
    return sign[name]()


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("ecs", "InvalidSignatureException", 400),
        ("sts", "SignatureDoesNotMatch", 403),
        ("ec2", "AuthFailure", 401),
        ("lambda", "InvalidSignatureException", 403),
    ],
)
def test_a_wrong_signature_is_told_as_the_service_tells_it(service, code, status):
    assert refused(by_service(service), {KEY: "another"}.get)[:2] == (code, status)


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("ecs", "UnrecognizedClientException", 400),
        ("sts", "InvalidClientTokenId", 403),
        ("ec2", "AuthFailure", 401),
        ("lambda", "UnrecognizedClientException", 403),
    ],
)
def test_an_unknown_key_is_told_as_the_service_tells_it(service, code, status):
    assert refused(by_service(service), {}.get)[:2] == (code, status)


@pytest.mark.parametrize(
    ("headers", "body", "code", "status"),
    [
        (TARGET, b"{}", "MissingAuthenticationTokenException", 400),
        ({}, b"", "MissingAuthenticationTokenException", 400),
        (FORM, IDENTITY, "MissingAuthenticationToken", 403),
    ],
)
def test_a_call_without_a_signature_is_told_so(headers, body, code, status):
    assert refused(Request("POST", "/", "", {"host": "h", **headers}, body))[:2] == (code, status)


def test_ecs_tells_its_reasons_in_full():
    assert refused(by_service("ecs"), {}.get)[2] == "The security token included in the request is invalid."
    assert refused(by_service("ecs"), {KEY: "another"}.get)[2] == (
        f"{MISMATCH} Check your AWS Secret Access Key and signing method. "
        "Consult the service documentation for details."
    )


def test_an_old_signature_says_how_old_it_is():
    at = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    credential = f"AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/ecs/aws4_request"
    headers = {
        **TARGET,
        "host": "h",
        "x-amz-date": "20150830T123600Z",
        "authorization": f"{credential}, SignedHeaders=host;x-amz-target, Signature=00",
    }
    request = Request("POST", "/", "", headers, b"{}")
    late, early = refused(request, now=at + timedelta(minutes=6)), refused(request, now=at - timedelta(minutes=6))
    assert late[0] == early[0] == "InvalidSignatureException"
    times = "20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)"
    assert late[2] == f"Signature expired: {times}"
    times = "20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 min.)"
    assert early[2] == f"Signature not yet current: {times}"


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer token",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c",
        f"AWS4-HMAC-SHA256 Credential={KEY}/20260131/us-east-1/ecs, SignedHeaders=host, Signature=00",
        f"AWS4-HMAC-SHA256 Credential={KEY}/20260131/us-east-1/ecs/aws4_request, SignedHeaders=host",
        f"AWS4-ECDSA-P256-SHA256 Credential={KEY}/20260131/ecs/aws4_request, SignedHeaders=host, Signature=00",
    ],
)
def test_half_a_signature_is_incomplete(authorization):
    headers = {**TARGET, "host": "h", "x-amz-date": "20260131T120000Z", "authorization": authorization}
    code, status, _ = refused(Request("POST", "/", "", headers, b""))
    assert (code, status) == ("IncompleteSignatureException", 400)


@pytest.mark.parametrize("date", ["", "yesterday", "20269999T999999Z", "Mon, 99 Jan 0001 00:00:00 -9900"])
def test_a_signature_needs_a_date(date):
    code, _, sentence = refused(changed(signed(), **{"x-amz-date": "", "date": date}))
    assert code in ("IncompleteSignatureException", "InvalidSignatureException")
    assert sentence != MISMATCH


def test_the_day_of_the_scope_must_be_the_day_of_the_signature():
    code, _, sentence = refused(changed(signed(), **{"x-amz-date": "20150830T123600Z"}))
    assert code == "InvalidSignatureException"
    assert sentence.startswith("Date in Credential scope does not match YYYYMMDD")


def test_the_date_header_will_do():
    request = AWSRequest("POST", "http://127.0.0.1/", {"Date": "replaced", **TARGET}, b"{}")
    SigV4Auth(Credentials(KEY, SECRET), "ecs", "us-east-1").add_auth(request)
    request = received(request)
    assert "x-amz-date" not in request.headers
    assert verify(request, KNOWN, datetime.now(UTC)).access_key_id == KEY


def test_the_host_must_be_signed():
    request = signed()
    unsigned = request.headers["authorization"].replace("host;", "")
    assert "'Host'" in refused(changed(request, authorization=unsigned))[2]


def test_the_agent_may_write_spaces_as_pluses():
    """The ECS agent opens its WebSocket so: its query is form-encoded, its canonical query is not."""
    version = "dockerVersion=DockerVersion%3A%2020.10%2Bdfsg"
    request = signed("ecs", f"http://127.0.0.1:4566/ws?clusterArn=default&{version}", "GET", {}, b"")
    plus = version.replace("%20", "+") + "&clusterArn=default"
    written = Request("GET", request.path, plus, request.headers, b"")
    assert verify(written, KNOWN, datetime.now(UTC)).service == "ecs"


def test_a_signature_for_one_service_does_not_open_another():
    request = signed("sts")
    proof = verify(request, KNOWN, datetime.now(UTC))
    with pytest.raises(SignatureError) as raised:
        check_scope(proof, route(request), request)
    assert str(raised.value) == "Credential should be scoped to correct service: 'ecs'."
    check_scope(proof, Routed("sts", operation_model("sts", "GetCallerIdentity"), "query"), request)


@pytest.mark.parametrize("said", ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", sha256(b"{}").hexdigest()])
def test_only_s3_leaves_the_body_open(said):
    for service in ("s3", "ecs"):
        headers = {"X-Amz-Content-SHA256": said}
        request = signed(service, "http://127.0.0.1/b/k", "PUT", headers, b"{}")
        if service == "s3" or said == sha256(b"{}").hexdigest():
            assert verify(request, KNOWN, datetime.now(UTC)).service == service
        else:
            assert refused(request)[0] == "InvalidSignatureException"


def test_s3_names_the_body_that_is_not_the_one_signed():
    request = signed("s3", "http://127.0.0.1/b/k", "PUT", {"X-Amz-Content-SHA256": sha256(b"a").hexdigest()}, b"b")
    assert refused(request)[:2] == ("XAmzContentSHA256Mismatch", 400)


def presigned(expires):
    request = AWSRequest("GET", "http://127.0.0.1/?Action=GetCallerIdentity&Version=2011-06-15")
    SigV4QueryAuth(Credentials(KEY, SECRET, "token"), "sts", "us-east-1", expires=expires).add_auth(request)
    return received(request)


def test_a_link_is_proved_for_a_week_at_most():
    assert verify(presigned(604_800), KNOWN, datetime.now(UTC)).session_token == "token"
    for expires in (604_801, 0, -1, "a day", "९"):
        assert refused(presigned(expires))[0] == "IncompleteSignature"


def test_a_link_with_a_part_missing_is_incomplete():
    whole = presigned(60)
    parts = whole.query.split("&")
    for number, part in enumerate(parts):
        if part.startswith("X-Amz-") and "Token" not in part and "Algorithm" not in part:
            query = "&".join(parts[:number] + parts[number + 1 :])
            assert refused(Request("GET", "/", query, whole.headers, b""))[0] == "IncompleteSignature"


def test_no_refusal_repeats_a_secret():
    for service in ("ecs", "sts", "ec2", "lambda"):
        request = by_service(service)
        sentences = refused(request, {KEY: SECRET + "x"}.get), refused(request, {}.get)
        assert SECRET not in repr(sentences), service


@pytest.mark.parametrize("region", ["us-east-1:123456789012:cluster", "US-EAST-1", "*"])
def test_a_region_that_cannot_be_one_is_refused(region):
    """It would go into ARNs as it is."""
    request = AWSRequest("POST", "http://127.0.0.1:4566/", TARGET, b"{}")
    SigV4Auth(Credentials(KEY, SECRET), "ecs", region).add_auth(request)
    assert refused(received(request)) == (
        "InvalidSignatureException", 400, "Credential should be scoped to a valid region."
    )  # fmt: skip
