"""Which operation a request asks for, by each of the ways there are to ask."""

import pytest

from podium.kernel.errors import ClientError
from podium.wire.http import Request, parse, refuse, route

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def scoped(service, **headers):
    credential = f"AWS4-HMAC-SHA256 Credential=AKID/20260131/us-east-1/{service}/aws4_request, SignedHeaders=host"
    return {"authorization": credential, **headers}


def asked(method="POST", path="/", query="", headers=None, body=b""):
    return Request(method, path, query, headers or {}, body)


def routed(*request, **parts):
    found = route(asked(*request, **parts))
    return (found.service, found.operation.name, found.protocol)


def refused(request):
    with pytest.raises(ClientError) as raised:
        route(request)
    return raised.value


def test_a_target_names_service_and_operation_whoever_it_was_signed_for():
    target = {"x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters"}
    assert routed(headers=target) == ("ecs", "ListClusters", "json")
    assert routed(headers=scoped("sts", **target)) == ("ecs", "ListClusters", "json")


def test_cloudwatch_is_asked_in_three_protocols():
    cbor = {"smithy-protocol": "rpc-v2-cbor"}
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    assert routed(path=path, headers=cbor) == ("cloudwatch", "PutMetricData", "smithy-rpc-v2-cbor")
    target = {"x-amz-target": "GraniteServiceVersion20100801.PutMetricData"}
    assert routed(headers=target) == ("cloudwatch", "PutMetricData", "json")
    form = b"Action=PutMetricData&Version=2010-08-01&Namespace=n"
    assert routed(headers=scoped("monitoring", **FORM), body=form) == ("cloudwatch", "PutMetricData", "query")


def test_the_protocol_header_is_believed_before_the_target():
    both = {"smithy-protocol": "rpc-v2-cbor", "x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters"}
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    assert routed(path=path, headers=both) == ("cloudwatch", "ListMetrics", "smithy-rpc-v2-cbor")


def test_an_action_may_stand_in_the_query_string():
    query = "Action=GetCallerIdentity&Version=2011-06-15"
    assert routed("GET", query=query, headers=scoped("sts")) == ("sts", "GetCallerIdentity", "query")


def test_an_unsigned_action_is_placed_by_its_version():
    form = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r"
    assert routed(headers=FORM, body=form) == ("sts", "AssumeRoleWithWebIdentity", "query")


def test_actions_of_the_same_name_go_to_the_service_that_was_signed_for():
    form = b"Action=DescribeTags&Version=x"
    assert routed(headers=scoped("ec2", **FORM), body=form) == ("ec2", "DescribeTags", "ec2")
    assert routed(headers=scoped("autoscaling", **FORM), body=form) == ("autoscaling", "DescribeTags", "query")


@pytest.mark.parametrize(
    ("method", "host", "path", "query", "operation"),
    [
        ("GET", "127.0.0.1:4566", "/", "", "ListBuckets"),
        ("GET", "127.0.0.1:4566", "/b", "", "ListObjects"),
        ("GET", "127.0.0.1:4566", "/b/", "list-type=2", "ListObjectsV2"),
        ("GET", "127.0.0.1:4566", "/b", "location", "GetBucketLocation"),
        ("GET", "127.0.0.1:4566", "/b/k/with/slashes", "x-id=GetObject", "GetObject"),
        ("GET", "127.0.0.1:4566", "/b/k", "uploadId=u", "ListParts"),
        ("PUT", "127.0.0.1:4566", "/b/k", "uploadId=u&partNumber=1", "UploadPart"),
        ("PUT", "127.0.0.1:4566", "/b", "", "CreateBucket"),
        ("PUT", "127.0.0.1:4566", "/b", "lifecycle", "PutBucketLifecycleConfiguration"),
        ("PUT", "127.0.0.1:4566", "/b", "policy=", "PutBucketPolicy"),
        ("GET", "b.localhost:4566", "/", "", "ListObjects"),
        ("GET", "b.s3.us-east-1.amazonaws.com", "/k", "", "GetObject"),
        ("GET", "s3.us-east-1.amazonaws.com", "/b/k", "", "GetObject"),
        ("PUT", "b.with.dots.s3.podium.internal", "/k", "", "PutObject"),
    ],
)
def test_s3_is_routed_by_method_path_query_and_host(method, host, path, query, operation):
    headers = scoped("s3", host=host)
    assert routed(method, path, query, headers) == ("s3", operation, "rest-xml")


def test_a_copy_is_told_from_an_upload_by_its_header():
    headers = scoped("s3", host="127.0.0.1", **{"x-amz-copy-source": "/a/k"})
    assert routed("PUT", "/b/k", "", headers)[1] == "CopyObject"
    assert routed("PUT", "/b/k", "uploadId=u&partNumber=1", headers)[1] == "UploadPartCopy"


def test_the_bucket_in_the_host_is_the_bucket_in_the_request():
    request = asked("GET", "/a%20key/x", "", scoped("s3", host="b.localhost:4566"))
    assert parse(route(request), request) == {"Bucket": "b", "Key": "a key/x"}


def test_what_json_does_not_know_is_an_unknown_operation():
    for target in ("AmazonEC2ContainerServiceV20141113.BrewCoffee", "Kitchen.BrewCoffee", "", "NoDot"):
        request = asked(headers=scoped("ecs", **{"x-amz-target": target}))
        error = refused(request)
        response = refuse(None, error, request, "an-id")
        assert (error.code, response.status) == ("UnknownOperationException", 400)
        assert b'"__type":"UnknownOperationException"' in response.body


def test_what_a_form_does_not_know_is_an_invalid_action():
    request = asked(headers=scoped("elasticloadbalancing", **FORM), body=b"Action=BrewCoffee&Version=2015-12-01")
    error = refused(request)
    assert (error.code, str(error)) == ("InvalidAction", "The action BrewCoffee is not valid for this web service.")
    assert b"<ErrorResponse" in refuse(None, error, request, "an-id").body


def test_a_path_that_is_nowhere_is_an_unknown_operation():
    for service in ("lambda", "ecs", "nowhere"):
        assert refused(asked("GET", "/no/such/path/at/all", "", scoped(service))).code == "UnknownOperationException"
    assert refused(asked("GET", "/favicon.ico")).code == "UnknownOperationException"


def test_an_operation_that_answers_with_an_event_stream_is_one_like_others():
    assert route(asked(headers={"x-amz-target": "Logs_20140328.StartLiveTail"})).operation.name == "StartLiveTail"
