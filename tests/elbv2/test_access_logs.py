"""Where access logs may go, and under which name."""

import json
from typing import Any

import pytest

from elbv2.balancing import Balancing
from inprocess import ACCOUNT, Plane, refused
from podium import elbv2
from podium.elbv2.records import LoadBalancer
from podium.journals.errors import NotWritten
from podium.journals.objects import Objects

DENIED = "Access Denied for bucket: logs. Please check S3bucket permission"
OF_REGION = {"AWS": "arn:aws:iam::127311923021:root"}
OF_SERVICE = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
NOON = 1_700_000_000  # 2023-11-14T22:13:20Z


@pytest.fixture
def s3(plane: Plane) -> Any:
    made = plane.client("s3")
    made.create_bucket(Bucket="logs")
    return made


def lets_in(s3: Any, principal: Any, resource: str = f"AWSLogs/{ACCOUNT}/*", **more: Any) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::logs/{resource}",
        **more,
    }
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def turn_on(elb: Balancing, arn: str, prefix: str | None = None) -> None:
    wanted = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs"}
    wanted |= {"access_logs.s3.prefix": prefix} if prefix else {}
    pairs = [{"Key": key, "Value": value} for key, value in wanted.items()]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=pairs)


def keys(s3: Any) -> list[str]:
    return [held["Key"] for held in s3.list_objects_v2(Bucket="logs").get("Contents", [])]


@pytest.mark.parametrize("principal", [OF_REGION, OF_SERVICE, "*"])
def test_whom_aws_tells_to_let_in_is_let_in(elb: Balancing, s3: Any, principal: Any) -> None:
    lets_in(s3, principal)
    arn = elb.arn()
    turn_on(elb, arn)
    assert elb.attributes("load_balancer", arn)["access_logs.s3.enabled"] == "true"
    assert keys(s3) == [f"AWSLogs/{ACCOUNT}/ELBAccessLogTestFile"]


def test_what_cannot_be_shown_changes_nothing(elb: Balancing, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lets_in(s3, OF_SERVICE)
    arn = elb.arn()

    def full(*_: Any) -> None:
        raise NotWritten("The disk is full.")

    monkeypatch.setattr(Objects, "put", full)
    with refused("ServerException"):
        turn_on(elb, arn)
    assert elb.attributes("load_balancer", arn)["access_logs.s3.enabled"] == "false"


def test_a_prefix_comes_first(elb: Balancing, s3: Any) -> None:
    lets_in(s3, OF_SERVICE, f"shop/AWSLogs/{ACCOUNT}/*")
    turn_on(elb, elb.arn(), "shop")
    assert keys(s3) == [f"shop/AWSLogs/{ACCOUNT}/ELBAccessLogTestFile"]


@pytest.mark.parametrize(
    "policy",
    [
        None,
        ({"Service": "ecs-tasks.amazonaws.com"}, f"AWSLogs/{ACCOUNT}/*"),
        ({"AWS": "arn:aws:iam::033677994240:root"}, f"AWSLogs/{ACCOUNT}/*"),  # another region's
        (OF_SERVICE, "AWSLogs/999999999999/*"),
    ],
)
def test_a_bucket_that_does_not_let_it_in_is_refused(elb: Balancing, s3: Any, policy: Any) -> None:
    if policy is not None:
        lets_in(s3, *policy)
    arn = elb.arn()
    with refused("InvalidConfigurationRequest", DENIED):
        turn_on(elb, arn)
    assert elb.attributes("load_balancer", arn)["access_logs.s3.enabled"] == "false"
    assert keys(s3) == []


def test_a_denial_and_a_condition_count(elb: Balancing, s3: Any) -> None:
    arn = elb.arn()
    lets_in(s3, OF_SERVICE, Condition={"ArnLike": {"aws:SourceArn": arn}})
    turn_on(elb, arn)
    lets_in(s3, OF_SERVICE, Condition={"ArnLike": {"aws:SourceArn": elb.arn("other")}})
    with refused("InvalidConfigurationRequest", DENIED):
        turn_on(elb, arn)


def test_a_bucket_that_is_not_there_is_refused_and_what_is_off_asks_nobody(elb: Balancing) -> None:
    arn = elb.arn()
    with refused("InvalidConfigurationRequest", DENIED):
        turn_on(elb, arn)
    pairs = [{"Key": "access_logs.s3.bucket", "Value": "logs"}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=pairs)


def test_a_log_is_named_as_on_aws(plane: Plane, elb: Balancing, s3: Any) -> None:
    lets_in(s3, OF_SERVICE)
    arn = elb.arn("web")
    turn_on(elb, arn)
    balancer = plane.record(LoadBalancer, arn)
    where = plane.read(lambda tx: elb_place(tx, balancer))
    name = arn.partition("loadbalancer/")[2].replace("/", ".")
    address = balancer.zones[0].address
    assert where.key == (
        f"AWSLogs/{ACCOUNT}/elasticloadbalancing/us-east-1/2023/11/14/"
        f"{ACCOUNT}_elasticloadbalancing_us-east-1_{name}_20231114T2213Z_{address}_mark.log.gz"
    )
    s3.delete_bucket_policy(Bucket="logs")
    with pytest.raises(elbv2.LogBucketDenied):
        plane.read(lambda tx: elb_place(tx, balancer))


def elb_place(tx: Any, balancer: LoadBalancer) -> elbv2.access_logs.Place:
    return elbv2.access_logs.place(tx, balancer, NOON, "mark")
