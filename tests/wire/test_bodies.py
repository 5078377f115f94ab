"""What the laws do not reach: bodies that no well-behaved client writes, and the letter of our answers."""

from datetime import UTC, datetime

import cbor2
import pytest

from podium.kernel.errors import ClientError
from podium.wire.http import Request, Routed, parse, refuse, serialize
from podium.wire.model import SERVICES, operation_model

NOTHING = Request("POST", "/", "", {}, b"")


def at(service, operation, protocol=None):
    return Routed(service, operation_model(service, operation), protocol or SERVICES[service].protocols[0])


def sent(body, method="POST", path="/", query="", **headers):
    return Request(method, path, query, headers, body)


def refused(routed, request):
    with pytest.raises(ClientError) as raised:
        parse(routed, request)
    assert raised.value.code == "SerializationException"
    return str(raised.value)


CREATE_SERVICE = at("ecs", "CreateService")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"serviceName": 7}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"serviceName": true}', "TRUE_VALUE can not be converted to a String"),
        (b'{"desiredCount": "2"}', "STRING_VALUE can not be converted to an Integer"),
        (b'{"desiredCount": 2.5}', "NUMBER_VALUE can not be converted to an Integer"),
        (b'{"desiredCount": false}', "FALSE_VALUE can not be converted to an Integer"),
        (b'{"enableECSManagedTags": "true"}', "STRING_VALUE can not be converted to a Boolean"),
        (b'{"tags": {}}', "Start of structure or map found where not expected."),
        (b'{"deploymentConfiguration": []}', "Start of list found where not expected"),
        (b'{"serviceName": ["a"]}', "Start of list found where not expected"),
        (b'{"tags": [{"key": {}}]}', "Start of structure or map found where not expected."),
        (b'{"tags": "a"}', "STRING_VALUE can not be converted to a List"),
        (b"[]", "Start of list found where not expected"),
        (b'{"desiredCount": 2147483648}', "Numeric value (2147483648) out of range of int (-2147483648 - 2147483647)"),
        (b'{"serviceName": ', "The request body is not valid JSON."),
        (b"\xff\xfe", "The request body is not valid JSON."),
        (b"[" * 100_000, "The request body is not valid JSON."),
    ],
)
def test_json_of_the_wrong_shape_is_refused_as_aws_refuses_it(body, sentence):
    assert refused(CREATE_SERVICE, sent(body)) == sentence


def test_unknown_and_null_members_are_ignored():
    body = b'{"serviceName": "web", "color": "red", "role": null, "tags": [{"key": "a", "x": 1}, null]}'
    assert parse(CREATE_SERVICE, sent(body)) == {"serviceName": "web", "tags": [{"key": "a"}]}


def test_a_whole_number_may_be_written_with_a_point():
    assert parse(CREATE_SERVICE, sent(b'{"desiredCount": 2.0}')) == {"desiredCount": 2}


def test_no_body_is_an_empty_request():
    assert parse(at("ecs", "ListClusters"), NOTHING) == {}
    assert parse(at("cloudwatch", "ListMetrics", "smithy-rpc-v2-cbor"), NOTHING) == {}


@pytest.mark.parametrize("written", [b"1724600000.123", b'"2024-08-25T15:33:20.123Z"', b'"1724600000.123"'])
def test_a_timestamp_keeps_its_milliseconds_however_it_is_written(written):
    body = b'{"cluster": "c", "task": "t", "status": "s", "pullStartedAt": ' + written + b"}"
    read = parse(at("ecs", "SubmitTaskStateChange"), sent(body))
    assert read["pullStartedAt"] == datetime(2024, 8, 25, 15, 33, 20, 123000, tzinfo=UTC)


@pytest.mark.parametrize("written", [b'"yesterday"', b"1e300", b'"1e300"', b"true"])
def test_a_time_that_never_was_is_refused(written):
    assert refused(at("ecs", "SubmitTaskStateChange"), sent(b'{"pullStartedAt": ' + written + b"}"))


def test_json_times_are_seconds_with_up_to_three_decimals():
    def told(microsecond):
        created = datetime(2024, 8, 25, 15, 33, 20, microsecond, tzinfo=UTC)
        return serialize(at("ecs", "DescribeServices"), {"services": [{"createdAt": created}]}, "an-id").body

    assert told(123456) == b'{"services":[{"createdAt":1724600000.123}]}'
    assert told(0) == b'{"services":[{"createdAt":1724600000}]}'


def test_absent_values_are_omitted_and_empty_lists_are_not():
    result = {"tasks": [], "failures": [{"arn": "a", "reason": "MISSING", "detail": None}]}
    response = serialize(at("ecs", "DescribeTasks"), result, "an-id")
    assert response.body == b'{"tasks":[],"failures":[{"arn":"a","reason":"MISSING"}]}'
    assert response.headers == {"content-type": "application/x-amz-json-1.1", "x-amzn-RequestId": "an-id"}


@pytest.mark.parametrize(
    ("service", "operation", "protocol"),
    [
        ("ecs", "ListClusters", "json"),
        ("cloudwatch", "ListMetrics", "smithy-rpc-v2-cbor"),
        ("elbv2", "DescribeLoadBalancers", "query"),
        ("ec2", "DescribeVpcs", "ec2"),
        ("lambda", "GetPolicy", "rest-json"),
        ("route53", "GetHostedZone", "rest-xml"),
    ],
)
def test_a_result_that_the_model_does_not_know_is_our_bug(service, operation, protocol):
    with pytest.raises(AssertionError, match="color"):
        serialize(at(service, operation, protocol), {"color": "red"}, "an-id")


def test_numbers_that_are_none_are_written_in_words_and_read_back():
    put = at("cloudwatch", "PutMetricData", "json")
    read = parse(put, sent(b'{"MetricData": [{"Values": ["Infinity", "-Infinity", 1, "NaN"]}]}'))
    values = read["MetricData"][0]["Values"]
    assert values[:3] == [float("inf"), float("-inf"), 1.0]
    assert values[3] != values[3]
    told = serialize(at("cloudwatch", "GetMetricData", "json"), {"MetricDataResults": [{"Values": values}]}, "an-id")
    assert b'["Infinity","-Infinity",1.0,"NaN"]' in told.body


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"\xa1",
        cbor2.dumps([]),
        cbor2.dumps({"Namespace": 7}),
        cbor2.dumps({"MetricData": {}}),
        cbor2.dumps({"MetricData": [{"Value": True}]}),
        cbor2.dumps({"MetricData": [{"Timestamp": "now"}]}),
        cbor2.dumps({"MetricData": [{"StorageResolution": 2**31}]}),
        b"\x81" * 100_000,
    ],
)
def test_cbor_of_the_wrong_shape_is_refused(body):
    assert refused(at("cloudwatch", "PutMetricData", "smithy-rpc-v2-cbor"), sent(body))


@pytest.mark.parametrize(
    "form",
    [
        b"\xff",
        b"PageSize=many",
        b"PageSize=" + b"9" * 5000,
        b"PageSize.member.1=3",
    ],
)
def test_a_form_of_the_wrong_shape_is_refused(form):
    assert refused(at("elbv2", "DescribeLoadBalancers"), sent(form))


def test_a_form_lists_in_the_order_of_its_numbers():
    form = b"Names.member.10=j&Names.member.2=b&Names.member.1=a&Names.member.x=?&Color.member.1=red"
    assert parse(at("elbv2", "DescribeLoadBalancers"), sent(form)) == {"Names": ["a", "b", "j"]}


def test_an_empty_list_in_a_form_is_an_empty_list():
    assert parse(at("elbv2", "DescribeLoadBalancers"), sent(b"Names=")) == {"Names": []}


def test_part_of_a_form_may_stand_in_the_query_string():
    request = sent(b"PageSize=3", query="Names.member.1=a%20b&Names.member.2=c+d")
    assert parse(at("elbv2", "DescribeLoadBalancers"), request) == {"PageSize": 3, "Names": ["a b", "c d"]}


def test_xml_cannot_carry_control_characters_and_keeps_the_rest():
    shown = {"LoadBalancers": [{"LoadBalancerName": "a\x00b\r<&>\ud7ff"}]}
    told = serialize(at("elbv2", "DescribeLoadBalancers"), shown, "an-id").body.decode()
    assert "<LoadBalancerName>a?b&#13;&lt;&amp;&gt;\ud7ff</LoadBalancerName>" in told


TAGGED = '<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>{}</TagSet></Tagging>'
EXPLODING = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Tagging><TagSet>&b;</TagSet></Tagging>'


@pytest.mark.parametrize("body", [b"<open>", b"\xff", b"not xml", EXPLODING, EXPLODING.decode().encode("utf-16")])
def test_xml_that_is_broken_or_declares_entities_is_refused(body):
    request = sent(body, "PUT", "/b", "tagging", host="127.0.0.1")
    assert refused(at("s3", "PutBucketTagging"), request)


def test_xml_is_read_with_and_without_its_namespace():
    tag = "<Tag><Key>a</Key><Value>b</Value></Tag>"
    for body in (TAGGED.format(tag), f"<Tagging><TagSet>{tag}</TagSet></Tagging>"):
        request = sent(body.encode(), "PUT", "/b", "tagging", host="127.0.0.1")
        read = parse(at("s3", "PutBucketTagging"), request)
        assert read == {"Bucket": "b", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}


def test_the_location_of_a_bucket_is_the_whole_answer():
    told = serialize(at("s3", "GetBucketLocation"), {"LocationConstraint": "eu-west-1"}, "an-id").body
    assert told.endswith(b"\n<LocationConstraint>eu-west-1</LocationConstraint>")
    assert serialize(at("s3", "GetBucketLocation"), {}, "an-id").body.endswith(b"<LocationConstraint/>")


def test_a_chunked_upload_is_read_without_its_framing():
    framed = (
        b"5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"
    )
    headers = {"host": "127.0.0.1", "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}
    request = Request("PUT", "/b/k", "", headers, framed)
    assert parse(at("s3", "PutObject"), request) == {"Bucket": "b", "Key": "k", "Body": b"hello world"}


@pytest.mark.parametrize("framed", [b"", b"5\r\nhel", b"5\r\nhello", b"x\r\nhello\r\n0\r\n", b"-5\r\nhello\r\n"])
def test_a_chunked_upload_that_is_cut_short_is_refused(framed):
    headers = {"host": "127.0.0.1", "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
    assert refused(at("s3", "PutObject"), Request("PUT", "/b/k", "", headers, framed))


def test_a_list_in_a_header_may_quote_its_commas():
    headers = {"host": "127.0.0.1", "x-amz-object-attributes": 'ETag, "a,b" ,"say \\"c\\""'}
    read = parse(at("s3", "GetObjectAttributes"), Request("GET", "/b/k", "attributes", headers, b""))
    assert read["ObjectAttributes"] == ["ETag", "a,b", 'say "c"']


class Conflict(ClientError):
    code = "ConflictException"


def test_an_ecs_error_is_written_as_ecs_writes_it():
    response = refuse(at("ecs", "RunTask"), Conflict("Taken.", resourceIds=["a"]), NOTHING, "an-id")
    assert response.body == b'{"__type":"ConflictException","message":"Taken.","resourceIds":["a"]}'
    assert response.headers["x-amzn-RequestId"] == "an-id"
    assert response.status == 400


def test_a_service_that_spoke_query_once_tells_its_older_code_too():
    class Gone(ClientError):
        code = "DashboardNotFoundError"

    response = refuse(at("cloudwatch", "GetDashboard", "json"), Gone("It is gone."), NOTHING, "an-id")
    assert response.headers["x-amzn-query-error"] == "ResourceNotFound;Sender"
    assert b'"__type":"DashboardNotFoundError"' in response.body
    assert response.status == 404


def test_the_answer_to_a_head_has_no_body():
    class Missing(ClientError):
        code, status = "NoSuchKey", 404

    head = Request("HEAD", "/b/k", "", {}, b"")
    response = refuse(at("s3", "HeadObject"), Missing("There is none."), head, "an-id")
    assert (response.status, response.body) == (404, b"")


def test_an_error_raised_by_its_older_code_is_told_by_its_shape():
    class Odd(ClientError):
        code = "InvalidFormat"

    response = refuse(at("cloudwatch", "PutMetricData", "smithy-rpc-v2-cbor"), Odd("It is odd."), NOTHING, "an-id")
    assert cbor2.loads(response.body)["__type"] == "InvalidFormatFault"
