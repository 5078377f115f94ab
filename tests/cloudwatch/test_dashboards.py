"""Dashboards, which are kept and shown."""

import json
from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused

ARN = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/"
BODY = json.dumps({"widgets": [{"type": "metric", "properties": {"metrics": [["AWS/ECS", "CPUUtilization"]]}}]})


@pytest.fixture
def cloudwatch(plane: Plane) -> Any:
    return plane.client("cloudwatch")


def test_a_dashboard_is_shown_as_it_was_put(plane: Plane, cloudwatch: Any) -> None:
    told = cloudwatch.put_dashboard(DashboardName="web", DashboardBody=BODY, Tags=[{"Key": "team", "Value": "a"}])
    assert told["DashboardValidationMessages"] == []
    shown = plane.client("cloudwatch", region="eu-west-1").get_dashboard(DashboardName="web")
    assert (shown["DashboardArn"], shown["DashboardBody"], shown["DashboardName"]) == (ARN + "web", BODY, "web")
    assert cloudwatch.list_tags_for_resource(ResourceARN=ARN + "web")["Tags"] == [{"Key": "team", "Value": "a"}]
    cloudwatch.put_dashboard(DashboardName="web", DashboardBody="{}")
    cloudwatch.tag_resource(ResourceARN=ARN + "web", Tags=[{"Key": "b", "Value": "1"}])
    assert cloudwatch.get_dashboard(DashboardName="web")["DashboardBody"] == "{}"
    assert len(cloudwatch.list_tags_for_resource(ResourceARN=ARN + "web")["Tags"]) == 2


def test_dashboards_are_listed_and_deleted_all_or_none(plane: Plane, cloudwatch: Any) -> None:
    for name in ("web", "api"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=BODY)
    [api, web] = cloudwatch.list_dashboards()["DashboardEntries"]
    assert (api["DashboardName"], web["Size"], web["LastModified"]) == ("api", len(BODY), plane.clock.now())
    assert len(cloudwatch.list_dashboards(DashboardNamePrefix="w")["DashboardEntries"]) == 1
    with refused("ResourceNotFound", "Dashboard ghost does not exist"):
        cloudwatch.delete_dashboards(DashboardNames=["web", "ghost"])
    cloudwatch.delete_dashboards(DashboardNames=["web", "api"])
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []
    with refused("ResourceNotFound", "Dashboard web does not exist"):
        cloudwatch.get_dashboard(DashboardName="web")


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"widgets": {}}', '{"widgets": [{"x": 0}]}', json.dumps({"widgets": [{"type": "text"}] * 501})]
)
def test_a_body_that_cannot_be_says_where(cloudwatch: Any, body: str) -> None:
    with pytest.raises(cloudwatch.exceptions.DashboardInvalidInputError) as refusal:
        cloudwatch.put_dashboard(DashboardName="web", DashboardBody=body)
    assert refusal.value.response["dashboardValidationMessages"][0]["Message"]


def test_a_name_that_cannot_be_is_refused(cloudwatch: Any) -> None:
    with refused("InvalidParameterValue"):
        cloudwatch.put_dashboard(DashboardName="a b", DashboardBody=BODY)
