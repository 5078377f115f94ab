"""Target groups, their targets, and what is known of these."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from elbv2.balancing import ELB, HOME, VPC, Balancing, forward
from inprocess import Plane, refused
from podium import elbv2
from podium.elbv2 import health
from podium.elbv2.records import LoadBalancer, Target, TargetGroup
from podium.store.records import replace
from podium_protocol.proxy import TargetHealth

INSIDE, OUTSIDE = "172.31.0.10", "10.99.0.10"


def shown(elb: Balancing, **members: Any) -> dict[str, Any]:
    group = elb.group(**members)
    found: dict[str, Any] = elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]
    return found


def test_an_applications_defaults_are_awss(elb: Balancing) -> None:
    found = shown(elb, TargetType=None)
    assert found["TargetGroupArn"].startswith(f"{ELB}:targetgroup/blue/")
    del found["TargetGroupArn"]
    assert found == {
        "TargetGroupName": "blue",
        "Protocol": "HTTP",
        "ProtocolVersion": "HTTP1",
        "Port": 80,
        "VpcId": VPC,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
        "HealthCheckPath": "/",
        "Matcher": {"HttpCode": "200"},
        "LoadBalancerArns": [],
        "TargetType": "instance",
        "IpAddressType": "ipv4",
    }


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            {"ProtocolVersion": "GRPC"},
            {"HealthCheckPath": "/AWS.ALB/healthcheck", "Matcher": {"GrpcCode": "12"}},
        ),
        (
            {"Protocol": "TCP"},
            {"HealthCheckProtocol": "TCP", "HealthCheckTimeoutSeconds": 10, "HealthCheckIntervalSeconds": 30},
        ),
        (
            {"Protocol": "TCP", "HealthCheckProtocol": "HTTP"},
            {"HealthCheckPath": "/", "HealthCheckTimeoutSeconds": 6, "Matcher": {"HttpCode": "200-399"}},
        ),
    ],
)
def test_defaults_follow_the_protocol(elb: Balancing, members: dict[str, Any], expected: dict[str, Any]) -> None:
    assert expected.items() <= shown(elb, **members).items()


def test_creating_it_again_returns_it_when_its_settings_are_the_same(elb: Balancing) -> None:
    assert elb.group(HealthCheckPath="/h") == elb.group(HealthCheckPath="/h")
    with refused("DuplicateTargetGroupName"):
        elb.group()


@pytest.mark.parametrize(
    ("code", "members"),
    [
        ("ValidationError", {"Name": "blue-"}),
        ("ValidationError", {"Protocol": None}),
        ("ValidationError", {"Protocol": "http"}),
        ("ValidationError", {"Port": None}),
        ("ValidationError", {"Port": 65536}),
        ("ValidationError", {"VpcId": None}),
        ("ValidationError", {"VpcId": "vpc-0123456789abcdef0"}),
        ("ValidationError", {"HealthCheckIntervalSeconds": 4}),
        ("ValidationError", {"HealthCheckTimeoutSeconds": 30}),
        ("ValidationError", {"HealthyThresholdCount": 11}),
        ("ValidationError", {"HealthCheckPath": "health"}),
        ("ValidationError", {"HealthCheckPort": "0"}),
        ("ValidationError", {"HealthCheckProtocol": "TCP"}),
        ("ValidationError", {"Matcher": {"HttpCode": "200-500"}}),
        ("ValidationError", {"Matcher": {"HttpCode": "ok"}}),
        ("ValidationError", {"ProtocolVersion": "HTTP3"}),
        ("InvalidConfigurationRequest", {"Matcher": {"GrpcCode": "1"}}),
        ("InvalidConfigurationRequest", {"HealthCheckEnabled": False}),
        ("InvalidConfigurationRequest", {"Protocol": "TCP", "HealthCheckPath": "/"}),
        ("InvalidConfigurationRequest", {"TargetType": "lambda"}),
        ("InvalidConfigurationRequest", {"TargetType": "alb"}),
        ("InvalidConfigurationRequest", {"Protocol": "GENEVE", "Port": 6081}),
    ],
)
def test_what_cannot_be_is_refused(elb: Balancing, code: str, members: dict[str, Any]) -> None:
    with refused(code):
        elb.group(**members)


def test_a_timeout_is_shorter_than_the_interval(elb: Balancing) -> None:
    with refused("ValidationError", "Health check interval must be greater than the timeout."):
        elb.group(HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=10)


def test_checks_are_changed_and_what_is_left_out_stays(elb: Balancing) -> None:
    group = elb.group(HealthCheckPath="/h")
    changed = elb.modify_target_group(TargetGroupArn=group, HealthyThresholdCount=3, Matcher={"HttpCode": "200,301"})
    [found] = changed["TargetGroups"]
    assert (found["HealthCheckPath"], found["HealthyThresholdCount"], found["Matcher"]["HttpCode"]) == (
        "/h",
        3,
        "200,301",
    )
    with refused("ValidationError"):
        elb.modify_target_group(TargetGroupArn=group, HealthCheckTimeoutSeconds=60)


def test_a_check_may_change_its_protocol(elb: Balancing) -> None:
    group = elb.group(Protocol="TCP", HealthyThresholdCount=3)
    [found] = elb.modify_target_group(TargetGroupArn=group, HealthCheckProtocol="HTTP")["TargetGroups"]
    assert (found["HealthCheckPath"], found["HealthyThresholdCount"]) == ("/", 3)
    [found] = elb.modify_target_group(TargetGroupArn=group, HealthCheckPath="/h")["TargetGroups"]
    [found] = elb.modify_target_group(TargetGroupArn=group, HealthCheckProtocol="HTTPS")["TargetGroups"]
    assert found["HealthCheckPath"] == "/h"
    [found] = elb.modify_target_group(TargetGroupArn=group, HealthCheckProtocol="TCP")["TargetGroups"]
    assert "HealthCheckPath" not in found


def test_those_that_there_are_not(elb: Balancing) -> None:
    with refused("TargetGroupNotFound", "One or more target groups not found"):
        elb.describe_target_groups(Names=["none"])
    gone = f"{ELB}:targetgroup/gone/0123456789abcdef"
    with refused("TargetGroupNotFound", f"Target group '{gone}' not found"):
        elb.register_targets(TargetGroupArn=gone, Targets=[{"Id": INSIDE}])
    elb.delete_target_group(TargetGroupArn=gone)


def test_a_target_of_no_load_balancer_is_unused(elb: Balancing) -> None:
    group = elb.group()
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}, {"Id": INSIDE, "Port": 8080}])
    first, second = elb.health(group)
    assert first == {
        "Target": {"Id": INSIDE, "Port": 80},
        "HealthCheckPort": "80",
        "TargetHealth": {
            "State": "unused",
            "Reason": "Target.NotInUse",
            "Description": "Target group is not configured to receive traffic from the load balancer",
        },
        "AnomalyDetection": {"Result": "normal", "MitigationInEffect": "no"},
    }
    assert (second["Target"]["Port"], second["HealthCheckPort"]) == (8080, "8080")


def test_a_target_that_is_used_waits_for_its_first_check(elb: Balancing) -> None:
    group = elb.in_use(HealthCheckPort="9000")
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    [found] = elb.health(group)
    assert found["HealthCheckPort"] == "9000"
    assert found["TargetHealth"]["State"] == "initial"
    assert found["TargetHealth"]["Reason"] == "Elb.RegistrationInProgress"


def report(plane: Plane, state: str, group: str, **members: Any) -> None:
    held = plane.read(lambda tx: elbv2.target(tx, group, INSIDE, 80))
    assert held is not None
    told: TargetHealth = {
        "target_group": group,
        "id": INSIDE,
        "port": 80,
        "since": held.registered_at.timestamp(),
        "state": state,
        "reason": None,
        "description": None,
        "asked": None,
        "answered": None,
        "changed": plane.clock.time.timestamp(),
        **members,
    }  # type: ignore[typeddict-item]
    plane.write(lambda tx: elbv2.reported(tx, [told], plane.clock.time))


def test_what_a_proxy_finds_is_shown(elb: Balancing) -> None:
    group = elb.in_use()
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    reason = {"reason": "Target.ResponseCodeMismatch", "description": "Health checks failed with these codes: [503]"}
    report(elb.plane, "unhealthy", group, **reason)
    assert elb.health(group)[0]["TargetHealth"]["Reason"] == "Target.ResponseCodeMismatch"
    report(elb.plane, "healthy", group)
    assert elb.health(group)[0]["TargetHealth"] == {"State": "healthy"}
    report(elb.plane, "unhealthy", group, since=1.0, **reason)  # of an earlier registration
    assert elb.health(group)[0]["TargetHealth"] == {"State": "healthy"}
    [held] = elb.plane.records(Target)
    assert held.healthy_at == held.changed_at == elb.plane.clock.time


def test_waiters_wait_for_what_a_proxy_finds(elb: Balancing) -> None:
    group = elb.in_use()
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    once = {"Delay": 0, "MaxAttempts": 1}
    with pytest.raises(WaiterError):
        elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=once)
    report(elb.plane, "healthy", group)
    elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=once)


def test_a_report_without_news_writes_nothing(elb: Balancing) -> None:
    group = elb.in_use()
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    report(elb.plane, "healthy", group)
    before = elb.plane.records(Target)
    report(elb.plane, "healthy", group)
    assert elb.plane.records(Target)[0] is before[0]


def test_a_deregistered_target_drains_as_long_as_it_may_and_is_gone(elb: Balancing) -> None:
    group = elb.in_use()
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    report(elb.plane, "healthy", group)
    assert elb.health(group)[0]["TargetHealth"] == {
        "State": "draining",
        "Reason": "Target.DeregistrationInProgress",
        "Description": "Target deregistration is in progress",
    }
    elb.plane.carry()
    elb.plane.advance(299)
    assert len(elb.health(group)) == 1
    elb.plane.advance(2)
    assert elb.health(group) == []
    assert elb.health(group, Targets=[{"Id": INSIDE}])[0]["TargetHealth"] == {
        "State": "unused",
        "Reason": "Target.NotRegistered",
        "Description": "Target is not registered to the target group",
    }


def test_one_that_drains_may_be_registered_anew(elb: Balancing) -> None:
    group = elb.in_use()
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    report(elb.plane, "healthy", group)
    elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    elb.plane.clock.time += timedelta(seconds=10)
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    [held] = elb.plane.records(Target)
    assert (held.state, held.deregistered_at, held.registered_at) == ("initial", None, elb.plane.clock.time)
    elb.plane.advance(600)
    assert len(elb.health(group)) == 1


def test_what_another_service_sees_of_it(elb: Balancing) -> None:
    group_arn, plane = elb.in_use(), elb.plane
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "20"}
    elb.modify_target_group_attributes(TargetGroupArn=group_arn, Attributes=[delay])
    group = plane.read(lambda tx: elbv2.find_target_group(tx, HOME, "blue"))
    assert group is not None
    assert group == plane.read(lambda tx: elbv2.find_target_group(tx, HOME, group_arn))
    assert (elbv2.in_use(group), elbv2.delay_seconds(group)) == (True, 20)
    now = plane.clock.time
    made = plane.write(lambda tx: elbv2.register_target(tx, group, INSIDE, 80, "", now))
    assert plane.write(lambda tx: elbv2.register_target(tx, group, INSIDE, 80, "", now + timedelta(1))) == made
    gone = plane.write(lambda tx: elbv2.deregister_target(tx, group, INSIDE, 80, now))
    assert gone is not None
    assert gone.leaves_at == now + timedelta(seconds=20)
    plane.write(lambda tx: elbv2.drained(tx, [(group_arn, INSIDE, 80, now.timestamp())], now))
    [held] = plane.read(lambda tx: elbv2.targets_of(tx, group_arn))
    assert held.drained_at == now
    assert plane.write(lambda tx: elbv2.deregister_target(tx, group, INSIDE, 81, now)) is None
    assert plane.read(lambda tx: elbv2.find_load_balancer(tx, HOME, "web")) is not None
    assert plane.read(lambda tx: elbv2.find_load_balancer(tx, "aws:eu-west-1:123456789012", "web")) is None


def test_health_is_forgotten_when_nothing_uses_the_group_any_more(elb: Balancing) -> None:
    group = elb.group()
    listener = elb.listener(elb.arn(), [forward(group)])
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    report(elb.plane, "healthy", group)
    elb.delete_listener(ListenerArn=listener)
    [held] = elb.plane.records(Target)
    assert (held.state, held.healthy_at) == ("initial", None)
    elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE}])
    assert elb.health(group) == []


def test_addresses_from_elsewhere_say_which_zone(elb: Balancing) -> None:
    group = elb.in_use()
    outside = "You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since "
    with refused("ValidationError", f"{outside}the IP address '{OUTSIDE}' is outside the VPC"):
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": OUTSIDE}])
    inside = f"The IP address '{INSIDE}' is within the VPC, and cannot have its Availability Zone overridden to 'all'"
    with refused("ValidationError", f"{inside} from 'us-east-1a'"):
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": INSIDE, "AvailabilityZone": "all"}])
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": OUTSIDE, "AvailabilityZone": "all"}])
    assert elb.health(group)[0]["Target"] == {"Id": OUTSIDE, "Port": 80, "AvailabilityZone": "all"}


def test_a_zone_that_is_not_enabled_gets_no_traffic(elb: Balancing) -> None:
    group = elb.in_use()
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "172.31.32.10"}])
    told = "Target is in an Availability Zone that is not enabled for the load balancer"
    assert elb.health(group)[0]["TargetHealth"]["Description"] == told


def test_a_target_that_nobody_checks_is_unavailable(elb: Balancing) -> None:
    """No API leaves such a group behind today; a record could."""
    group_arn = elb.in_use()
    elb.register_targets(TargetGroupArn=group_arn, Targets=[{"Id": INSIDE}])
    group, [held] = elb.plane.record(TargetGroup, group_arn), elb.plane.records(Target)
    [balancer] = elb.plane.records(LoadBalancer)
    told = health.of_target(held, replace(group, check_enabled=False), balancer, "us-east-1a")
    assert (told["State"], told["Reason"]) == ("unavailable", "Target.HealthCheckDisabled")


def test_a_thousand_targets_are_enough(elb: Balancing) -> None:
    group = elb.group(TargetType="instance")
    targets = [{"Id": "i-1234567890abcdef0", "Port": port} for port in range(1, 1001)]
    elb.register_targets(TargetGroupArn=group, Targets=targets)
    with refused("TooManyTargets"):
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "i-1234567890abcdef0", "Port": 1001}])
    assert len(elb.health(group)) == 1000


@pytest.mark.parametrize(
    ("code", "target", "kind"),
    [
        ("InvalidTarget", {"Id": "8.8.8.8", "AvailabilityZone": "all"}, "ip"),
        ("ValidationError", {"Id": "web.example.com"}, "ip"),
        ("ValidationError", {"Id": "i-1234567890abcdef0"}, "ip"),
        ("ValidationError", {"Id": INSIDE}, "instance"),
        ("ValidationError", {"Id": "i-1234567890abcdef0", "AvailabilityZone": "us-east-1a"}, "instance"),
        ("ValidationError", {"Id": INSIDE, "Port": 0}, "ip"),
    ],
)
def test_what_is_no_target_is_refused(elb: Balancing, code: str, target: dict[str, Any], kind: str) -> None:
    group = elb.group(TargetType=kind)
    with refused(code):
        elb.register_targets(TargetGroupArn=group, Targets=[target])
    with refused("ValidationError"):
        elb.register_targets(TargetGroupArn=group, Targets=[])


def test_an_instance_may_have_several_ports(elb: Balancing) -> None:
    group = elb.group(TargetType="instance")
    targets = [{"Id": "i-1234567890abcdef0", "Port": port} for port in (32768, 32769)]
    elb.register_targets(TargetGroupArn=group, Targets=targets)
    assert [found["Target"] for found in elb.health(group)] == targets


def test_the_group_may_be_in_one_load_balancer_alone(elb: Balancing) -> None:
    group = elb.in_use()
    other = elb.arn("other")
    sentence = f"The following target groups cannot be associated with more than one load balancer: {group}"
    with refused("TargetGroupAssociationLimit", sentence):
        elb.listener(other, [forward(group)])
    listener = elb.listener(other)
    with refused("TargetGroupAssociationLimit"):
        elb.rule(listener, Actions=[forward(group)])
    web = elb.describe_load_balancers(Names=["web"])["LoadBalancers"][0]["LoadBalancerArn"]
    found = elb.describe_target_groups(LoadBalancerArn=web)["TargetGroups"]
    assert [held["TargetGroupArn"] for held in found] == [group]
