"""Alarms as a boto3 client sees them, over each of the protocols that CloudWatch speaks."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from handcore import finished
from inprocess import ACCOUNT, REGION, Plane, refused
from podium.cloudwatch.records import MetricAlarm
from podium.wire.message import Request

ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:"
ONE: dict[str, Any] = {
    "Namespace": "AWS/ECS",
    "MetricName": "CPUUtilization",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
QUERY = [
    {"Id": "e1", "Expression": "m1 / 2", "ReturnData": True},
    {
        "Id": "m1",
        "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"},
        "ReturnData": False,
    },
]
SEVERAL: dict[str, Any] = {
    "Metrics": QUERY,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "LessThanThreshold",
}


@pytest.fixture
def cloudwatch(plane: Plane) -> Any:
    return plane.client("cloudwatch")


def described(cloudwatch: Any, **asked: Any) -> list[dict[str, Any]]:
    return list(cloudwatch.describe_alarms(**asked)["MetricAlarms"])


def names(cloudwatch: Any, **asked: Any) -> list[str]:
    return [alarm["AlarmName"] for alarm in described(cloudwatch, **asked)]


def test_alarms_are_found_by_the_metric_that_they_look_at(cloudwatch: Any) -> None:
    web = [{"Name": "ClusterName", "Value": "default"}, {"Name": "ServiceName", "Value": "web"}]
    cloudwatch.put_metric_alarm(AlarmName="whole", **ONE)
    cloudwatch.put_metric_alarm(AlarmName="web", Dimensions=web, **ONE)
    cloudwatch.put_metric_alarm(AlarmName="several", **SEVERAL)

    def found(**asked: Any) -> list[str]:
        metric = {"MetricName": "CPUUtilization", "Namespace": "AWS/ECS"}
        return [a["AlarmName"] for a in cloudwatch.describe_alarms_for_metric(**metric, **asked)["MetricAlarms"]]

    assert found() == ["whole"]
    assert found(Dimensions=web[::-1], Statistic="Average", Period=60) == ["web"]
    assert found(Dimensions=web, Period=300) == found(Dimensions=web[:1]) == []
    with refused("ValidationError"):
        found(Statistic="Median")


def test_an_alarm_is_shown_as_it_was_put_and_has_not_been_looked_at(plane: Plane, cloudwatch: Any) -> None:
    given = {**ONE, "AlarmDescription": "busy", "Dimensions": [{"Name": "ServiceName", "Value": "web"}]}
    cloudwatch.put_metric_alarm(AlarmName="cpu", AlarmActions=["arn:aws:sns:us-east-1:1:t"], **given)
    [alarm] = described(cloudwatch)
    moments = {name: alarm.pop(name) for name in list(alarm) if name.endswith("Timestamp")}
    assert alarm == {
        **given,
        "AlarmName": "cpu",
        "AlarmArn": ARN + "cpu",
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": ["arn:aws:sns:us-east-1:1:t"],
        "InsufficientDataActions": [],
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
    }
    assert set(moments.values()) == {plane.clock.now()}


def test_what_is_put_again_is_replaced_whole_and_keeps_its_state_and_its_tags(plane: Plane, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="cpu", AlarmDescription="old", Tags=[{"Key": "a", "Value": "1"}], **ONE)
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="ALARM", StateReason="a test")
    plane.advance(60)
    cloudwatch.put_metric_alarm(AlarmName="cpu", Tags=[{"Key": "b", "Value": "2"}], **{**ONE, "Threshold": 5.0})
    [alarm] = described(cloudwatch)
    assert "AlarmDescription" not in alarm
    assert (alarm["Threshold"], alarm["StateValue"], alarm["StateReason"]) == (5.0, "ALARM", "a test")
    assert alarm["AlarmConfigurationUpdatedTimestamp"] > alarm["StateUpdatedTimestamp"]
    assert cloudwatch.list_tags_for_resource(ResourceARN=ARN + "cpu")["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_state_is_set_with_its_reason_and_the_moment_of_the_change(plane: Plane, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="cpu", **ONE)
    plane.advance(60)
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="OK", StateReason="calm", StateReasonData='{"a": 1}')
    first = described(cloudwatch)[0]
    plane.advance(60)
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="OK", StateReason="calm again")
    second = described(cloudwatch)[0]
    assert (first["StateValue"], first["StateReason"], first["StateReasonData"]) == ("OK", "calm", '{"a": 1}')
    assert "StateReasonData" not in second
    assert second["StateTransitionedTimestamp"] == first["StateUpdatedTimestamp"]
    assert second["StateUpdatedTimestamp"] > first["StateUpdatedTimestamp"]
    with refused("ResourceNotFound", "Alarm none does not exist."):
        cloudwatch.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="x")
    with refused("InvalidFormat"):
        cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="OK", StateReason="x", StateReasonData="{")
    for call, word in ((cloudwatch.set_alarm_state, "FINE"), (cloudwatch.describe_alarms, "FINE")):
        named = {} if call == cloudwatch.describe_alarms else {"AlarmName": "cpu", "StateReason": "x"}
        with refused(
            "ValidationError",
            "1 validation error detected: Value 'FINE' at 'stateValue' failed to satisfy constraint: Member must "
            "satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]",
        ):
            call(StateValue=word, **named)


def test_alarms_are_found_by_name_prefix_state_and_action_in_pages(cloudwatch: Any) -> None:
    for number in range(5):
        cloudwatch.put_metric_alarm(AlarmName=f"a{number}", **ONE)
    cloudwatch.put_metric_alarm(AlarmName="b", OKActions=["arn:aws:sns:us-east-1:1:t"], **SEVERAL)
    cloudwatch.set_alarm_state(AlarmName="a3", StateValue="ALARM", StateReason="x")
    assert names(cloudwatch, AlarmNames=["a1", "none", "b"]) == ["a1", "b"]
    assert names(cloudwatch, AlarmNamePrefix="a", StateValue="ALARM") == ["a3"]
    assert names(cloudwatch, ActionPrefix="arn:aws:sns") == ["b"]
    assert names(cloudwatch, AlarmTypes=["CompositeAlarm"]) == names(cloudwatch, ParentsOfAlarmName="a1") == []
    pages = cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 4})
    assert [len(page["MetricAlarms"]) for page in pages] == [4, 2]
    with refused("InvalidNextToken"):
        cloudwatch.describe_alarms(NextToken="é!")
    with refused("InvalidParameterCombination"):
        cloudwatch.describe_alarms(AlarmNames=["a"], AlarmNamePrefix="a")


def test_all_of_the_named_are_deleted_or_none(cloudwatch: Any) -> None:
    for name in ("a", "b"):
        cloudwatch.put_metric_alarm(AlarmName=name, **ONE)
    with refused("ResourceNotFound"):
        cloudwatch.delete_alarms(AlarmNames=["a", "none"])
    cloudwatch.delete_alarms(AlarmNames=["a", "a"])
    assert names(cloudwatch) == ["b"]


def test_actions_are_switched_off_and_on(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="a", **ONE)
    cloudwatch.disable_alarm_actions(AlarmNames=["a", "none"])
    assert described(cloudwatch)[0]["ActionsEnabled"] is False
    cloudwatch.enable_alarm_actions(AlarmNames=["a"])
    assert described(cloudwatch)[0]["ActionsEnabled"] is True


def test_tags_are_put_and_taken_away(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="a", **ONE)
    cloudwatch.tag_resource(ResourceARN=ARN + "a", Tags=[{"Key": "x", "Value": "1"}, {"Key": "y", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=ARN + "a", TagKeys=["x", "z"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=ARN + "a")["Tags"] == [{"Key": "y", "Value": "2"}]
    with refused("ResourceNotFoundException"):
        cloudwatch.list_tags_for_resource(ResourceARN=ARN + "none")
    with refused("InvalidParameterValue"):
        cloudwatch.tag_resource(ResourceARN=ARN + "a", Tags=[{"Key": "aws:x", "Value": "1"}])
    with refused("InvalidParameterValue"):
        cloudwatch.tag_resource(ResourceARN=ARN + "a", Tags=[{"Key": f"k{n}", "Value": "1"} for n in range(51)])


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("MissingParameter", {"Namespace": None}),
        ("MissingParameter", {"Statistic": None}),
        ("MissingParameter", {"Period": None}),
        ("MissingParameter", {"EvaluationPeriods": None}),
        ("MissingParameter", {"Threshold": None}),
        ("MissingParameter", {"ComparisonOperator": None}),
        ("InvalidParameterCombination", {"ExtendedStatistic": "p99"}),
        ("InvalidParameterCombination", {"Metrics": QUERY}),
        ("InvalidParameterCombination", {"ComparisonOperator": "GreaterThanUpperThreshold"}),
        ("InvalidParameterCombination", {"ThresholdMetricId": "b"}),
        ("ValidationError", {"Period": 45}),
        ("ValidationError", {"EvaluationPeriods": 1441}),
        ("ValidationError", {"DatapointsToAlarm": 3}),
        ("ValidationError", {"TreatMissingData": "perhaps"}),
        ("ValidationError", {"EvaluateLowSampleCountPercentile": "perhaps"}),
        ("ValidationError", {"Statistic": "Median"}),
        ("InvalidParameterValue", {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}),
    ],
)
def test_what_is_no_alarm_is_refused(cloudwatch: Any, code: str, changed: dict[str, Any]) -> None:
    given = {name: value for name, value in {**ONE, **changed}.items() if value is not None}
    with refused(code):
        cloudwatch.put_metric_alarm(AlarmName="a", **given)
    assert names(cloudwatch) == []


def test_days_are_bounded_in_awss_words(cloudwatch: Any) -> None:
    sentence = "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)."
    with refused("ValidationError", sentence):
        cloudwatch.put_metric_alarm(AlarmName="a", **{**ONE, "EvaluationPeriods": 1441})
    cloudwatch.put_metric_alarm(AlarmName="a", **{**ONE, "Period": 3600, "EvaluationPeriods": 168})


@pytest.mark.parametrize(
    "metrics",
    [[QUERY[0], QUERY[0]], [QUERY[1]], [QUERY[0], {**QUERY[1], "ReturnData": True}]],
)
def test_several_metrics_need_ids_of_their_own_and_one_result(cloudwatch: Any, metrics: list[dict[str, Any]]) -> None:
    with refused("ValidationError"):
        cloudwatch.put_metric_alarm(AlarmName="a", **{**SEVERAL, "Metrics": metrics})


def test_how_long_an_alarm_looks_back(plane: Plane, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="one", **ONE)
    cloudwatch.put_metric_alarm(AlarmName="several", **{**SEVERAL, "EvaluationPeriods": 3})
    assert {a.name: a.span_seconds for a in plane.records(MetricAlarm)} == {"one": 120, "several": 180}


def test_another_account_or_region_has_alarms_of_its_own(plane: Plane, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="a", **ONE)
    elsewhere = plane.client("cloudwatch", region="eu-west-1")
    assert names(elsewhere) == []
    with pytest.raises(ClientError, match="does not exist"):
        elsewhere.list_tags_for_resource(ResourceARN=ARN + "a")


def test_a_policy_names_alarms_by_their_arns(plane: Plane, cloudwatch: Any) -> None:
    iam = plane.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = plane.client("cloudwatch", key=(key["AccessKeyId"], key["SecretAccessKey"]))
    statement = f'{{"Effect": "Allow", "Action": "cloudwatch:*Alarm*", "Resource": "{ARN}web-*"}}'
    document = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    iam.put_user_policy(UserName="ann", PolicyName="alarms", PolicyDocument=document)
    ann.put_metric_alarm(AlarmName="web-cpu", **ONE)
    with refused("AccessDeniedException") as answer:
        ann.put_metric_alarm(AlarmName="cpu", **ONE)
    assert f"cloudwatch:PutMetricAlarm on resource: {ARN}cpu" in answer["Error"]["Message"]
    with refused("AccessDeniedException"):
        ann.put_metric_alarm(AlarmName="web-cpu", Tags=[{"Key": "a", "Value": "1"}], **ONE)
    with refused("AccessDeniedException"):
        ann.describe_alarms()


def test_older_clients_speak_query_and_json(plane: Plane, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="cpu", **ONE)
    form = {"content-type": "application/x-www-form-urlencoded"}
    told = ask(plane, form, b"Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=cpu")
    assert b"<AlarmName>cpu</AlarmName>" in told
    put = b"Action=SetAlarmState&Version=2010-08-01&AlarmName=cpu&StateValue=OK&StateReason=calm"
    assert b"SetAlarmStateResponse" in ask(plane, form, put)
    target = "GraniteServiceVersion20100801.DescribeAlarms"
    json = {"content-type": "application/x-amz-json-1.0", "x-amz-target": target}
    assert b'"StateReason":"calm"' in ask(plane, json, b'{"AlarmNames":["cpu"]}')


def ask(plane: Plane, headers: dict[str, str], body: bytes) -> bytes:
    scope = "20260301/us-east-1/monitoring/aws4_request"
    signed = {
        "host": "x",
        "x-amz-date": "20260301T120000Z",
        "authorization": f"AWS4-HMAC-SHA256 Credential=AKIAROOTROOTROOTROOT/{scope}, SignedHeaders=host, Signature=00",
        **headers,
    }
    answer = finished(plane.front.answer(Request("POST", "/", "", signed, body), "http://x", "127.0.0.1"))
    assert answer.status == 200, answer.body
    return bytes(answer.body)
