"""Unmodified boto3 clients over a socket: what they write is what their signatures cover."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError as Refused

from podium.kernel.errors import ClientError
from podium.wire.http import Request, parse, refuse, route, serialize
from podium.wire.signing import check_scope, verify

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ASKED: dict[str, dict] = {}
RESULTS: dict[str, dict] = {}


class Handler(BaseHTTPRequestHandler):
    """Answers an operation with what RESULTS holds for it, and keeps in ASKED what was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request, routed = Request(self.command, path, query, headers, body), None
        try:
            routed = route(request)
            check_scope(verify(request, {KEY: SECRET}.get, datetime.now(UTC)), routed, request)
            ASKED[routed.operation.name] = parse(routed, request)
            response = serialize(routed, RESULTS.get(routed.operation.name, {}), "an-id")
        except ClientError as error:
            response = refuse(routed, error, request, "an-id")
        self.send_response(response.status)
        for name, value in {**response.headers, "content-length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, format, *args):
        pass


@pytest.fixture(scope="module")
def url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def client(service: str, url: str, secret: str = SECRET, **config) -> Iterator:
    made = boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}, **config),
    )
    yield made
    made.close()


@pytest.fixture
def _every_name_is_this_machine(monkeypatch):
    """Not every resolver knows that `my-bucket.localhost` is here."""
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: ask("127.0.0.1", *rest, **more))


STRANGE_KEY = "a folder/ü+~!*'(),;:@&=$ %2F/../é?#[]"


@pytest.mark.usefixtures("_every_name_is_this_machine")
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_an_object_with_a_strange_key_is_put_and_got(url, style):
    RESULTS["GetObject"] = {"Body": b"\x00\xff", "Metadata": {"color": "red"}}
    with client("s3", url, s3={"addressing_style": style}) as s3:
        s3.put_object(Bucket="my-bucket", Key=STRANGE_KEY, Body=b"hello", Metadata={"color": "red"})
        got = s3.get_object(Bucket="my-bucket", Key=STRANGE_KEY)
        assert got["Body"].read() == b"\x00\xff"
    asked = ASKED["PutObject"]
    assert (asked["Bucket"], asked["Key"], asked["Body"]) == ("my-bucket", STRANGE_KEY, b"hello")
    assert asked["Metadata"] == got["Metadata"] == {"color": "red"}


def test_an_arn_in_a_path_is_encoded_twice_in_the_signature_only(url):
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:a"
    with client("lambda", url) as functions:
        functions.get_function(FunctionName=arn, Qualifier="1 + 1")
    assert ASKED["GetFunction"] == {"FunctionName": arn, "Qualifier": "1 + 1"}


@pytest.mark.parametrize(
    ("service", "operation", "asked"),
    [
        ("ecs", "DescribeServices", {"services": ["a", "b"], "include": ["TAGS"]}),
        ("sts", "GetCallerIdentity", {}),
        ("elbv2", "DescribeTags", {"ResourceArns": ["a&b=c", "ü"]}),
        ("ec2", "DescribeInstances", {"Filters": [{"Name": "tag:a", "Values": ["x", "y"]}]}),
        ("cloudwatch", "ListMetrics", {"Namespace": "AWS/ECS"}),
        ("servicediscovery", "ListNamespaces", {"MaxResults": 3}),
        ("scheduler", "GetSchedule", {"Name": "nightly", "GroupName": "a/b c"}),
        ("route53", "GetHostedZone", {"Id": "Z1"}),
    ],
)
def test_every_kind_of_client_is_understood(url, service, operation, asked):
    with client(service, url) as aws:
        getattr(aws, "_make_api_call")(operation, asked)  # noqa: B009 - the one door that takes the API's name
    assert ASKED[operation] == asked


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ecs", "ListClusters", "InvalidSignatureException"),
        ("sts", "GetCallerIdentity", "SignatureDoesNotMatch"),
        ("ec2", "DescribeVpcs", "AuthFailure"),
        ("s3", "ListBuckets", "SignatureDoesNotMatch"),
        ("scheduler", "ListSchedules", "InvalidSignatureException"),
        ("servicediscovery", "ListNamespaces", "InvalidSignatureException"),
    ],
)
def test_every_kind_of_client_understands_why_it_was_refused(url, service, operation, code):
    with client(service, url, secret="another") as aws, pytest.raises(Refused) as raised:
        getattr(aws, "_make_api_call")(operation, {})  # noqa: B009 - the one door that takes the API's name
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 401, 403)
