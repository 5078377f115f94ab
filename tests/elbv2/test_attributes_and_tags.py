"""Attributes, tags, and who may do what."""

from typing import Any

import pytest

from elbv2.balancing import ELB, FIXED, VPC, Balancing, forward
from inprocess import refused
from people import allow, permit, user
from podium.elbv2 import attributes
from podium.elbv2.records import TargetGroup
from podium.elbv2.service import elbv2 as service
from podium.wire.model import SERVICES


def test_an_applications_attributes_have_awss_defaults(elb: Balancing) -> None:
    found = elb.attributes("load_balancer", elb.arn())
    assert (found["idle_timeout.timeout_seconds"], found["client_keep_alive.seconds"]) == ("60", "3600")
    assert (found["routing.http2.enabled"], found["load_balancing.cross_zone.enabled"]) == ("true", "true")
    assert found["routing.http.xff_header_processing.mode"] == "append"
    assert found["access_logs.s3.bucket"] == ""
    assert "dns_record.client_routing_policy" not in found


def test_a_networks_attributes_are_others(elb: Balancing) -> None:
    found = elb.attributes("load_balancer", elb.network())
    assert found["load_balancing.cross_zone.enabled"] == "false"
    assert "idle_timeout.timeout_seconds" not in found


def test_a_target_groups_attributes_follow_its_protocol(elb: Balancing) -> None:
    http = elb.attributes("target_group", elb.group())
    assert (http["deregistration_delay.timeout_seconds"], http["stickiness.type"]) == ("300", "lb_cookie")
    tcp = elb.attributes("target_group", elb.group("tcp", Protocol="TCP"))
    udp = elb.attributes("target_group", elb.group("udp", Protocol="UDP"))
    assert (tcp["preserve_client_ip.enabled"], udp["preserve_client_ip.enabled"]) == ("false", "true")
    assert "slow_start.duration_seconds" not in tcp


def test_every_attribute_takes_its_own_default(elb: Balancing) -> None:
    """Terraform reads them all and writes some back."""
    balancer, group = elb.arn(), elb.group()
    listener = elb.listener(balancer)
    for kind, arn in (("load_balancer", balancer), ("target_group", group), ("listener", listener)):
        before = elb.attributes(kind, arn)
        member = "".join(word.capitalize() for word in kind.split("_")) + "Arn"
        pairs = [{"Key": key, "Value": value} for key, value in before.items()]
        for start in range(0, len(pairs), 20):  # no more at once, says the model
            getattr(elb, f"modify_{kind}_attributes")(**{member: arn, "Attributes": pairs[start : start + 20]})
        assert elb.attributes(kind, arn) == before


def test_what_is_set_stays_and_the_rest_is_as_before(elb: Balancing) -> None:
    group = elb.group()
    set_ = {"Key": "slow_start.duration_seconds", "Value": "30"}
    answer = elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[set_])
    assert set_ in answer["Attributes"]
    found = elb.attributes("target_group", group)
    assert (found["slow_start.duration_seconds"], found["stickiness.enabled"]) == ("30", "false")


@pytest.mark.parametrize(
    ("code", "key", "value"),
    [
        ("ValidationError", "speed", "1"),
        ("ValidationError", "deregistration_delay.timeout_seconds", "3601"),
        ("ValidationError", "deregistration_delay.timeout_seconds", "soon"),
        ("ValidationError", "slow_start.duration_seconds", "29"),
        ("ValidationError", "stickiness.enabled", "yes"),
        ("ValidationError", "load_balancing.algorithm.type", "random"),
        ("ValidationError", "stickiness.app_cookie.cookie_name", "AWSALB"),
        ("InvalidConfigurationRequest", "proxy_protocol_v2.enabled", "true"),
        ("InvalidConfigurationRequest", "load_balancing.algorithm.anomaly_mitigation", "on"),
    ],
)
def test_values_out_of_range_and_unknown_keys_are_refused(elb: Balancing, code: str, key: str, value: str) -> None:
    group = elb.group()
    before = elb.attributes("target_group", group)
    with refused(code):
        elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[{"Key": key, "Value": value}])
    assert elb.attributes("target_group", group) == before


def test_an_unknown_key_is_refused_in_awss_words(elb: Balancing) -> None:
    with refused("ValidationError", "Target group attribute key 'speed' is not recognized"):
        elb.modify_target_group_attributes(TargetGroupArn=elb.group(), Attributes=[{"Key": "speed", "Value": "1"}])
    with refused("ValidationError", "Load balancer attribute key 'speed' is not recognized"):
        elb.modify_load_balancer_attributes(LoadBalancerArn=elb.arn(), Attributes=[{"Key": "speed", "Value": "1"}])


def test_how_long_targets_drain_may_be_shorter_where_nobody_said(elb: Balancing) -> None:
    group = elb.plane.record(TargetGroup, elb.group())
    assert attributes.deregistration_delay(group) == 300
    assert attributes.deregistration_delay(group, default=5) == 5


def test_listener_attributes_follow_the_protocol(elb: Balancing) -> None:
    http = elb.attributes("listener", elb.listener(elb.arn()))
    assert http["routing.http.response.server.enabled"] == "true"
    group = elb.group(Protocol="TCP")
    tcp = elb.listener(elb.network(), [forward(group)], Protocol="TCP")
    assert elb.attributes("listener", tcp) == {"tcp.idle_timeout.seconds": "350"}


def test_everything_can_be_tagged(elb: Balancing) -> None:
    balancer, group = elb.arn(), elb.group(Tags=[{"Key": "team", "Value": "web"}])
    listener = elb.listener(balancer)
    rule = elb.rule(listener)
    default = elb.describe_rules(ListenerArn=listener)["Rules"][-1]["RuleArn"]
    arns = [balancer, group, listener, rule, default]
    elb.add_tags(ResourceArns=arns, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    elb.remove_tags(ResourceArns=arns, TagKeys=["b", "c"])
    found = {each["ResourceArn"]: each["Tags"] for each in elb.describe_tags(ResourceArns=arns)["TagDescriptions"]}
    assert list(found) == arns
    assert found[group] == [{"Key": "team", "Value": "web"}, {"Key": "a", "Value": "1"}]
    assert all({"Key": "a", "Value": "1"} in tags for tags in found.values())


@pytest.mark.parametrize(
    ("code", "tags"),
    [
        ("DuplicateTagKeys", [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]),
        ("ValidationError", [{"Key": "aws:a", "Value": "1"}]),
        ("TooManyTags", [{"Key": f"k{n}", "Value": "1"} for n in range(51)]),
    ],
)
def test_tags_have_rules(elb: Balancing, code: str, tags: list[dict[str, str]]) -> None:
    with refused(code):
        elb.add_tags(ResourceArns=[elb.group()], Tags=tags)
    with refused("ValidationError"):
        elb.describe_tags(ResourceArns=["web"])
    with refused("LoadBalancerNotFound"):
        elb.describe_tags(ResourceArns=[f"{ELB}:loadbalancer/app/gone/0123456789abcdef"])


def test_every_operation_that_is_planned_is_answered() -> None:
    assert set(SERVICES["elbv2"].operations) == set(service.operations)


@pytest.fixture
def ann(elb: Balancing) -> Any:
    return elb.plane.client("elbv2", key=user(elb.plane, "ann"))


def test_a_policy_names_what_is_made_and_changed(elb: Balancing, ann: Any) -> None:
    permit(elb.plane, "ann", allow("elasticloadbalancing:CreateTargetGroup", f"{ELB}:targetgroup/web-*"))
    given = {"Protocol": "HTTP", "Port": 80, "VpcId": VPC}
    ann.create_target_group(Name="web-a", **given)
    with refused("AccessDenied") as answer:
        ann.create_target_group(Name="api", **given)
    assert f"elasticloadbalancing:CreateTargetGroup on resource: {ELB}:targetgroup/api/*" in answer["Error"]["Message"]
    with refused("AccessDenied") as answer:
        ann.create_target_group(Name="web-b", Tags=[{"Key": "a", "Value": "1"}], **given)
    assert "elasticloadbalancing:AddTags" in answer["Error"]["Message"]


def test_a_policy_may_look_at_tags(elb: Balancing, ann: Any) -> None:
    mine, other = elb.group("mine", Tags=[{"Key": "team", "Value": "a"}]), elb.group("other")
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    permit(elb.plane, "ann", allow("elasticloadbalancing:RegisterTargets", Condition=condition))
    ann.register_targets(TargetGroupArn=mine, Targets=[{"Id": "172.31.0.9"}])
    with refused("AccessDenied"):
        ann.register_targets(TargetGroupArn=other, Targets=[{"Id": "172.31.0.9"}])


def test_a_listener_is_asked_for_at_its_load_balancer(elb: Balancing, ann: Any) -> None:
    web, api = elb.arn("web"), elb.arn("api")
    permit(elb.plane, "ann", allow("elasticloadbalancing:CreateListener", web))
    ann.create_listener(LoadBalancerArn=web, Protocol="HTTP", Port=80, DefaultActions=FIXED)
    with refused("AccessDenied"):
        ann.create_listener(LoadBalancerArn=api, Protocol="HTTP", Port=80, DefaultActions=FIXED)
    with refused("AccessDenied"):
        ann.describe_load_balancers()
