"""What the model demands, told as AWS tells it."""

import pytest

from podium.kernel.errors import ClientError
from podium.wire.message import Routed
from podium.wire.model import SERVICES, operation_model
from podium.wire.validate import check, missing_members


def at(service, operation):
    return Routed(service, operation_model(service, operation), SERVICES[service].protocols[0])


def refused(routed, params, *invalid):
    with pytest.raises(ClientError) as raised:
        check(routed, params, *invalid)
    return raised.value


def test_a_request_that_keeps_the_rules_passes():
    assert check(at("ecs", "CreateService"), {"serviceName": "web"}) is None
    assert check(at("ecs", "ListClusters"), {"maxResults": 10}) is None


def test_a_missing_member_is_named():
    error = refused(at("ecs", "DeleteService"), {"cluster": "c"})
    sentence = "1 validation error detected: Value null at 'service' failed to satisfy constraint: "
    assert str(error) == sentence + "Member must not be null"
    assert error.code == "ValidationException"


def test_several_complaints_are_counted_and_told_together():
    error = refused(at("logs", "PutRetentionPolicy"), {"logGroupName": ""})
    assert str(error).startswith("2 validation errors detected: Value null at 'retentionInDays' failed")
    assert str(error).endswith(
        "; Value '' at 'logGroupName' failed to satisfy constraint: Member must have length greater than or equal to 1"
    )


def test_the_path_of_a_missing_member_leads_through_lists_and_maps():
    shape = operation_model("ecs", "RegisterTaskDefinition").input_shape
    params = {
        "family": "web",
        "containerDefinitions": [{"secrets": [{"name": "a", "valueFrom": "b"}, {"name": "c"}]}],
    }
    assert missing_members(shape, params) == ["containerDefinitions.1.member.secrets.2.member.valueFrom"]
    shape = operation_model("cloudwatch", "PutMetricData").input_shape
    assert missing_members(shape, {"MetricData": [{}]}) == ["namespace", "metricData.1.member.metricName"]


@pytest.mark.parametrize(
    ("service", "operation", "params", "ending"),
    [
        ("logs", "CreateLogGroup", {"logGroupName": "a" * 513}, "Member must have length less than or equal to 512"),
        ("logs", "CreateLogGroup", {"logGroupName": "a b"}, r"regular expression pattern: [\.\-_/#A-Za-z0-9]+"),
        ("logs", "DescribeLogGroups", {"limit": 51}, "Member must have value less than or equal to 50"),
        ("logs", "DescribeLogGroups", {"limit": 0}, "Member must have value greater than or equal to 1"),
    ],
)
def test_lengths_ranges_and_patterns_are_kept(service, operation, params, ending):
    assert str(refused(at(service, operation), params)).endswith(ending)


def test_a_secret_is_not_repeated():
    params = {"Name": "x", "SecretString": "hunter2" * 10_000}
    error = refused(at("secretsmanager", "CreateSecret"), params)
    assert "Value at 'secretString' failed to satisfy constraint" in str(error)
    assert "hunter2" not in str(error)


def test_the_service_chooses_the_error():
    class ClientException(ClientError):
        code = "ClientException"

    error = refused(
        at("ecs", "DeleteService"), {}, lambda operation, message: ClientException(f"{operation}: {message}")
    )
    assert isinstance(error, ClientException)
    assert str(error).startswith("DeleteService: 1 validation error detected: ")
