"""Scalable targets, what is to scale them, and what is true of that here."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, user, user_arn

WEB = {"ServiceNamespace": "ecs", "ResourceId": "service/default/web", "ScalableDimension": "ecs:service:DesiredCount"}
WHERE = "service namespace: ecs, resource ID: service/default/web, scalable dimension: ecs:service:DesiredCount"
CPU = {
    "TargetValue": 75.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
}
STEPS = {
    "AdjustmentType": "PercentChangeInCapacity",
    "MinAdjustmentMagnitude": 1,
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 10},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 30},
    ],
}
Put = Callable[..., dict[str, Any]]


@pytest.fixture
def scaling(plane: Plane) -> Any:
    plane.ready()
    plane.serve("web", desired=2)
    return plane.client("application-autoscaling")


@pytest.fixture
def target(scaling: Any) -> str:
    return str(scaling.register_scalable_target(**WEB, MinCapacity=1, MaxCapacity=10)["ScalableTargetARN"])


@pytest.fixture
def track(scaling: Any, target: str) -> Put:
    def put(name: str = "cpu", **members: Any) -> dict[str, Any]:
        configuration = {**CPU, **members}
        given = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": configuration}
        return dict(scaling.put_scaling_policy(**WEB, PolicyName=name, **given))

    return put


def alarms(plane: Plane) -> dict[str, dict[str, Any]]:
    """By the side on which they watch."""
    found = plane.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {"High" if "AlarmHigh" in alarm["AlarmName"] else "Low": alarm for alarm in found}


def test_a_target_is_shown_as_it_was_registered(plane: Plane, scaling: Any) -> None:
    arn = scaling.register_scalable_target(
        **WEB,
        MinCapacity=0,
        MaxCapacity=4,
        RoleARN=f"arn:aws:iam::{ACCOUNT}:role/mine",
        SuspendedState={"DynamicScalingInSuspended": True},
        Tags={"team": "a"},
    )["ScalableTargetARN"]
    assert arn.startswith(f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/")
    [shown] = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[WEB["ResourceId"]])[
        "ScalableTargets"
    ]
    linked = "ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"
    assert shown == {
        **WEB,
        "ScalableTargetARN": arn,
        "MinCapacity": 0,
        "MaxCapacity": 4,
        "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{linked}",
        "CreationTime": plane.clock.now(),
        "SuspendedState": {
            "DynamicScalingInSuspended": True,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
    }
    assert plane.client("iam").get_role(RoleName="AWSServiceRoleForApplicationAutoScaling_ECSService")
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "a"}


def test_what_is_not_spoken_of_again_stays(scaling: Any, target: str) -> None:
    assert scaling.register_scalable_target(**WEB, MaxCapacity=5)["ScalableTargetARN"] == target
    [shown] = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (shown["MinCapacity"], shown["MaxCapacity"]) == (1, 5)


def test_a_target_must_be_a_service_that_there_is_with_bounds_in_order(scaling: Any) -> None:
    with refused("ValidationException", "ECS service doesn't exist: service/default/ghost"):
        scaling.register_scalable_target(**{**WEB, "ResourceId": "service/default/ghost"}, MinCapacity=1, MaxCapacity=2)
    with refused("ValidationException", "Maximum capacity cannot be less than minimum capacity"):
        scaling.register_scalable_target(**WEB, MinCapacity=3, MaxCapacity=2)
    for bad in ({"MinCapacity": 1}, {"MinCapacity": -1, "MaxCapacity": 2}):
        with refused("ValidationException"):
            scaling.register_scalable_target(**WEB, **bad)
    dynamo = {"ServiceNamespace": "dynamodb", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
    for other in (dynamo, {"ResourceId": "cluster/default"}):
        with refused("ValidationException", "Unsupported service namespace, resource type or scalable dimension"):
            scaling.register_scalable_target(**{**WEB, **other}, MinCapacity=1, MaxCapacity=2)
    with refused("ValidationException") as error:
        scaling.describe_scalable_targets(ServiceNamespace="ECS")
    assert "Member must satisfy enum value set: [ecs, " in error["Error"]["Message"]


@pytest.mark.parametrize(("low", "high", "moved", "which"), [(4, 9, 4, "minimum"), (0, 1, 1, "maximum")])
def test_a_desired_count_outside_its_bounds_is_moved_into_them(
    plane: Plane, scaling: Any, low: int, high: int, moved: int, which: str
) -> None:
    scaling.register_scalable_target(**WEB, MinCapacity=low, MaxCapacity=high)
    plane.settle()
    [service] = plane.ecs.describe_services(services=["web"])["services"]
    assert (service["desiredCount"], service["runningCount"], len(service["deployments"])) == (moved, moved, 1)
    [told] = scaling.describe_scaling_activities(**WEB)["ScalingActivities"]
    assert told["Description"] == f"Setting desired count to {moved}."
    assert (told["Cause"], told["StatusCode"]) == (f"{which} capacity was set to {moved}", "Successful")


def test_a_service_within_its_bounds_is_left_alone(scaling: Any, target: str) -> None:
    assert scaling.describe_scaling_activities(**WEB)["ScalingActivities"] == []


def test_the_newest_activity_is_told_first_and_a_hundred_are_kept(plane: Plane, scaling: Any, target: str) -> None:
    for n in range(104):
        plane.clock.time = datetime(2026, 3, 2, 0, n // 60, n % 60, tzinfo=UTC)
        scaling.register_scalable_target(**WEB, MinCapacity=5 + n % 2, MaxCapacity=5 + n % 2)
    pages = scaling.get_paginator("describe_scaling_activities").paginate(ServiceNamespace="ecs")
    told = [activity for page in pages for activity in page["ScalingActivities"]]
    assert len(told) == 100
    assert told[0]["StartTime"] == plane.clock.now()
    assert [t["StartTime"] for t in told] == sorted((t["StartTime"] for t in told), reverse=True)


def test_target_tracking_makes_alarms_of_which_nothing_is_known(plane: Plane, track: Put) -> None:
    answer = track()
    prefix = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:"
    assert answer["PolicyARN"].startswith(prefix)
    assert answer["PolicyARN"].endswith(":resource/ecs/service/default/web:policyName/cpu")
    made = alarms(plane)
    assert {a["AlarmARN"] for a in answer["Alarms"]} == {a["AlarmArn"] for a in made.values()}
    high, low = made["High"], made["Low"]
    assert (high["Threshold"], high["ComparisonOperator"]) == (75.0, "GreaterThanThreshold")
    assert (low["Threshold"], low["EvaluationPeriods"]) == (67.5, 15)
    assert high["AlarmName"].startswith("TargetTracking-service/default/web-AlarmHigh-")
    assert (high["AlarmActions"], high["StateValue"]) == ([answer["PolicyARN"]], "INSUFFICIENT_DATA")
    assert high["Dimensions"] == [
        {"Name": "ClusterName", "Value": "default"},
        {"Name": "ServiceName", "Value": "web"},
    ]


def test_a_policy_put_again_keeps_its_arn_and_the_names_of_its_alarms(plane: Plane, track: Put) -> None:
    first, before = track(), alarms(plane)
    second = track(TargetValue=50.0, DisableScaleIn=True)
    assert second["PolicyARN"] == first["PolicyARN"]
    [(side, high)] = alarms(plane).items()
    assert (side, high["AlarmName"], high["Threshold"]) == ("High", before["High"]["AlarmName"], 50.0)


def test_requests_for_each_target_are_counted_at_the_load_balancer(plane: Plane, track: Put) -> None:
    label = "app/web/0123456789abcdef/targetgroup/blue/fedcba9876543210"
    requests = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
    track(PredefinedMetricSpecification=requests, ScaleInCooldown=30)
    high = alarms(plane)["High"]
    assert (high["Namespace"], high["MetricName"], high["Statistic"]) == (
        "AWS/ApplicationELB",
        "RequestCountPerTarget",
        "Sum",
    )
    assert [d["Value"] for d in high["Dimensions"]] == [
        "app/web/0123456789abcdef",
        "targetgroup/blue/fedcba9876543210",
    ]


def test_a_metric_of_the_users_own_is_watched_as_it_was_given(plane: Plane, track: Put) -> None:
    own = {"MetricName": "Backlog", "Namespace": "Mine", "Statistic": "Average"}
    track(PredefinedMetricSpecification={"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"})
    assert alarms(plane)["Low"]["MetricName"] == "MemoryUtilization"
    client = plane.client("application-autoscaling")
    given = {"TargetValue": 10.0, "CustomizedMetricSpecification": own}
    client.put_scaling_policy(
        **WEB,
        PolicyName="own",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=given,
    )
    found = plane.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert [a["Threshold"] for a in found if a["MetricName"] == "Backlog"] == [10.0, 9.0]


def test_policies_are_shown_as_they_were_put(scaling: Any, track: Put) -> None:
    track(ScaleInCooldown=60)
    scaling.put_scaling_policy(**WEB, PolicyName="steps", StepScalingPolicyConfiguration=STEPS)
    shown = {p["PolicyName"]: p for p in scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]}
    assert shown["cpu"]["TargetTrackingScalingPolicyConfiguration"] == {**CPU, "ScaleInCooldown": 60}
    assert (shown["steps"]["PolicyType"], shown["steps"]["Alarms"]) == ("StepScaling", [])
    assert shown["steps"]["StepScalingPolicyConfiguration"] == STEPS
    [one] = scaling.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["steps"])["ScalingPolicies"]
    assert one["PolicyName"] == "steps"


def test_nothing_is_forecast(scaling: Any, target: str) -> None:
    pair = {"PredefinedMetricPairSpecification": {"PredefinedMetricType": "ECSServiceCPUUtilization"}}
    scaling.put_scaling_policy(
        **WEB,
        PolicyName="soon",
        PolicyType="PredictiveScaling",
        PredictiveScalingPolicyConfiguration={"MetricSpecifications": [{"TargetValue": 40.0, **pair}]},
    )
    moments = {"StartTime": datetime(2026, 3, 1), "EndTime": datetime(2026, 3, 2)}
    told = scaling.get_predictive_scaling_forecast(**WEB, PolicyName="soon", **moments)
    assert (told["LoadForecast"], told["CapacityForecast"]["Values"]) == ([], [])


@pytest.mark.parametrize(
    "configuration",
    [
        {"StepScalingPolicyConfiguration": {**STEPS, "AdjustmentType": "ChangeInCapacity"}},
        {"StepScalingPolicyConfiguration": {**STEPS, "StepAdjustments": []}},
        {"StepScalingPolicyConfiguration": {**STEPS, "StepAdjustments": [{"ScalingAdjustment": 1}]}},
        {"StepScalingPolicyConfiguration": {**STEPS, "StepAdjustments": STEPS["StepAdjustments"][:1] * 2}},
        {"StepScalingPolicyConfiguration": STEPS, "TargetTrackingScalingPolicyConfiguration": CPU},
        {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}},
        {
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 1.0,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget"},
            },
        },
        {"PolicyType": "TargetTrackingScaling"},
        {},
    ],
)
def test_a_policy_that_cannot_be_is_refused(scaling: Any, target: str, configuration: dict[str, Any]) -> None:
    with refused("ValidationException"):
        scaling.put_scaling_policy(**WEB, PolicyName="bad", **configuration)


def test_one_metric_is_tracked_once(scaling: Any, track: Put) -> None:
    track()
    told = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    with refused("ValidationException", told):
        track("again", TargetValue=50.0)
    with refused("ValidationException"):
        scaling.put_scaling_policy(
            **WEB, PolicyName="cpu", PolicyType="StepScaling", StepScalingPolicyConfiguration=STEPS
        )


def test_a_scheduled_action_is_shown_as_it_was_put_and_put_again(scaling: Any, target: str) -> None:
    given = {"Schedule": "cron(0 8 ? * MON-FRI *)", "Timezone": "Europe/Berlin"}
    until = datetime(2027, 1, 1, tzinfo=UTC)
    scaling.put_scheduled_action(
        **WEB, ScheduledActionName="day", **given, EndTime=until, ScalableTargetAction={"MinCapacity": 3}
    )
    [shown] = scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    assert (shown["Schedule"], shown["Timezone"]) == (given["Schedule"], given["Timezone"])
    assert (shown["ScalableTargetAction"], shown["EndTime"]) == ({"MinCapacity": 3}, until)
    assert shown["ScheduledActionARN"].endswith(":resource/ecs/service/default/web:scheduledActionName/day")
    scaling.put_scheduled_action(**WEB, ScheduledActionName="day", Schedule="cron(10 8 ? * MON-FRI)")
    scaling.put_scheduled_action(**WEB, ScheduledActionName="day", Schedule="rate(1 day)")
    [shown] = scaling.describe_scheduled_actions(**WEB)["ScheduledActions"]
    assert (shown["Schedule"], shown["ScalableTargetAction"]) == ("rate(1 day)", {"MinCapacity": 3})
    assert "EndTime" not in shown
    scaling.delete_scheduled_action(**WEB, ScheduledActionName="day")
    with refused("ObjectNotFoundException", f"No scheduled action found for {WHERE}"):
        scaling.delete_scheduled_action(**WEB, ScheduledActionName="day")


@pytest.mark.parametrize(
    "members",
    [
        {"Schedule": "cron(0 8 * * * *)", "ScalableTargetAction": {"MinCapacity": 1}},
        {"Schedule": "at(2026-02-30T00:00:00)", "ScalableTargetAction": {"MinCapacity": 1}},
        {"Schedule": "rate(1 day)", "Timezone": "Mars/Base", "ScalableTargetAction": {"MinCapacity": 1}},
        {"Schedule": "rate(1 day)", "ScalableTargetAction": {}},
        {"Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 2}},
        {"Schedule": "rate(1 day)"},
    ],
)
def test_a_scheduled_action_that_cannot_be_is_refused(scaling: Any, target: str, members: dict[str, Any]) -> None:
    with refused("ValidationException"):
        scaling.put_scheduled_action(**WEB, ScheduledActionName="bad", **members)


def test_a_target_that_goes_takes_all_that_is_its_own_along(plane: Plane, scaling: Any, track: Put) -> None:
    track()
    scaling.put_scheduled_action(
        **WEB, ScheduledActionName="day", Schedule="rate(1 day)", ScalableTargetAction={"MaxCapacity": 3}
    )
    scaling.deregister_scalable_target(**WEB)
    assert alarms(plane) == {}
    assert scaling.describe_scaling_policies(**WEB)["ScalingPolicies"] == []
    assert scaling.describe_scheduled_actions(**WEB)["ScheduledActions"] == []
    for missing in (scaling.deregister_scalable_target, lambda **w: scaling.put_scaling_policy(**w, PolicyName="p")):
        with refused("ObjectNotFoundException", f"No scalable target found for {WHERE}"):
            missing(**WEB)
    with refused("ObjectNotFoundException", f"No scaling policy found for {WHERE}"):
        scaling.delete_scaling_policy(**WEB, PolicyName="cpu")


def test_a_policy_that_is_deleted_takes_its_alarms_along(plane: Plane, scaling: Any, track: Put) -> None:
    track()
    plane.client("cloudwatch").delete_alarms(AlarmNames=[alarms(plane)["Low"]["AlarmName"]])
    scaling.delete_scaling_policy(**WEB, PolicyName="cpu")
    assert alarms(plane) == {}


def test_targets_have_tags(scaling: Any, target: str) -> None:
    scaling.tag_resource(ResourceARN=target, Tags={"a": "1", "b": ""})
    scaling.untag_resource(ResourceARN=target, TagKeys=["a", "none"])
    assert scaling.list_tags_for_resource(ResourceARN=target)["Tags"] == {"b": ""}
    with refused("TooManyTagsException"):
        scaling.tag_resource(ResourceARN=target, Tags={f"k{n}": "" for n in range(51)})
    with refused("ValidationException"):
        scaling.tag_resource(ResourceARN=target, Tags={"aws:x": ""})
    with refused("ResourceNotFoundException"):
        scaling.list_tags_for_resource(ResourceARN=target[:-1] + "x")


def test_a_user_may_do_what_a_policy_allows(plane: Plane, target: str) -> None:
    tagged = {"Condition": {"StringEquals": {"application-autoscaling:service-namespace": "ecs"}}}
    ann = plane.client(
        "application-autoscaling",
        key=user(plane, "ann", allow("application-autoscaling:PutScalingPolicy", target, **tagged)),
    )
    ann.put_scaling_policy(**WEB, PolicyName="steps", StepScalingPolicyConfiguration=STEPS)
    action = "application-autoscaling:DeregisterScalableTarget"
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: {action} on resource: {target} "
        f"because no identity-based policy allows the {action} action",
    ):
        ann.deregister_scalable_target(**WEB)
