"""Rules, their targets and event buses."""

import json
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, user, user_arn

HOME = f"arn:aws:events:{REGION}:{ACCOUNT}"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ecsEventsRole"
PATTERN = json.dumps({"source": ["aws.ecs"]})
TASKS = {"TaskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web", "TaskCount": 2}
TARGET: dict[str, Any] = {"Id": "run", "Arn": CLUSTER, "RoleArn": ROLE, "EcsParameters": TASKS}


@pytest.fixture
def events(plane: Plane) -> Any:
    return plane.client("events")


@pytest.fixture
def rule(events: Any) -> str:
    return str(events.put_rule(Name="stopped", EventPattern=PATTERN, Tags=[{"Key": "team", "Value": "a"}])["RuleArn"])


def rules(events: Any, **asked: Any) -> list[str]:
    return [rule["Name"] for rule in events.list_rules(**asked)["Rules"]]


def targets(events: Any, name: str = "stopped") -> list[dict[str, Any]]:
    return list(events.list_targets_by_rule(Rule=name)["Targets"])


def test_a_rule_is_shown_as_it_was_put(events: Any, rule: str) -> None:
    shown = events.describe_rule(Name="stopped")
    del shown["ResponseMetadata"]
    assert rule == f"{HOME}:rule/stopped"
    assert shown == {
        "Name": "stopped",
        "Arn": rule,
        "EventPattern": PATTERN,
        "State": "ENABLED",
        "EventBusName": "default",
        "CreatedBy": ACCOUNT,
    }


def test_a_rule_put_again_is_replaced_but_for_its_targets_and_tags(events: Any, rule: str) -> None:
    events.put_targets(Rule="stopped", Targets=[TARGET])
    events.put_rule(Name="stopped", ScheduleExpression="rate(5 minutes)", State="DISABLED", Description="often")
    shown = events.describe_rule(Name="stopped")
    assert (shown["ScheduleExpression"], shown["State"], shown["Description"]) == (
        "rate(5 minutes)",
        "DISABLED",
        "often",
    )
    assert "EventPattern" not in shown
    assert targets(events) == [TARGET]
    assert events.list_tags_for_resource(ResourceARN=rule)["Tags"] == [{"Key": "team", "Value": "a"}]
    events.enable_rule(Name="stopped")
    assert events.describe_rule(Name="stopped")["State"] == "ENABLED"
    events.disable_rule(Name="stopped")
    assert events.describe_rule(Name="stopped")["State"] == "DISABLED"


@pytest.mark.parametrize(
    "schedule", ["rate(1 minutes)", "rate(0 days)", "cron(* * * * * *)", "at(2026-01-01T00:00:00)"]
)
def test_a_schedule_that_cannot_be_is_refused(events: Any, schedule: str) -> None:
    with refused("ValidationException", "Parameter ScheduleExpression is not valid."):
        events.put_rule(Name="a", ScheduleExpression=schedule)


def test_a_rule_that_cannot_be_is_refused(events: Any) -> None:
    with refused("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."):
        events.put_rule(Name="a")
    with refused("InvalidEventPatternException", "Event pattern is not valid. Reason: Pattern is not valid JSON"):
        events.put_rule(Name="a", EventPattern="{")
    with refused("ResourceNotFoundException", "Event bus ghost does not exist."):
        events.put_rule(Name="a", EventPattern=PATTERN, EventBusName="ghost")
    events.create_event_bus(Name="orders")
    with refused("ValidationException", "ScheduleExpression is supported only on the default event bus."):
        events.put_rule(Name="a", ScheduleExpression="rate(1 day)", EventBusName="orders")
    for bad in ({"Name": "a b"}, {"Name": "a", "State": "ASLEEP"}):
        with refused("ValidationException"):
            events.put_rule(EventPattern=PATTERN, **bad)


def test_rules_are_listed_by_bus_and_prefix_in_pages(events: Any, rule: str) -> None:
    events.create_event_bus(Name="orders")
    for name in ("a1", "a2", "b"):
        events.put_rule(Name=name, EventPattern=PATTERN)
    arn = events.put_rule(Name="own", EventPattern=PATTERN, EventBusName=f"{HOME}:event-bus/orders")["RuleArn"]
    assert arn == f"{HOME}:rule/orders/own"
    assert rules(events) == ["a1", "a2", "b", "stopped"]
    assert rules(events, NamePrefix="a", EventBusName="default") == ["a1", "a2"]
    assert rules(events, EventBusName="orders") == ["own"]
    pages = list(events.get_paginator("list_rules").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Rules"]) for page in pages] == [3, 1]
    with refused("ValidationException"):
        rules(events, NextToken="%")


def test_targets_are_shown_as_they_were_put_and_replaced_by_their_ids(events: Any, rule: str) -> None:
    other = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "InputPath": "$.detail"}
    told = events.put_targets(Rule="stopped", Targets=[TARGET, other])
    assert (told["FailedEntryCount"], told["FailedEntries"]) == (0, [])
    changed = {**TARGET, "Input": '{"containerOverrides": []}'}
    events.put_targets(Rule="stopped", Targets=[changed])
    assert {t["Id"]: t for t in targets(events)} == {"run": changed, "queue": other}
    assert events.list_rule_names_by_target(TargetArn=CLUSTER)["RuleNames"] == ["stopped"]
    with refused("ValidationException", "Rule can't be deleted since it has targets."):
        events.delete_rule(Name="stopped")
    events.remove_targets(Rule="stopped", Ids=["run", "queue", "none"])
    assert targets(events) == []
    events.delete_rule(Name="stopped")
    events.delete_rule(Name="stopped")
    for gone in (events.describe_rule, events.enable_rule):
        with refused("ResourceNotFoundException", "Rule stopped does not exist on EventBus default."):
            gone(Name="stopped")


@pytest.mark.parametrize(
    "members",
    [
        {"Arn": "web"},
        {"Input": "{"},
        {"Input": "{}", "InputPath": "$"},
        {"EcsParameters": None},
        {"RoleArn": None},
    ],
)
def test_a_target_that_cannot_be_is_refused(events: Any, rule: str, members: dict[str, Any]) -> None:
    given = {name: value for name, value in {**TARGET, **members}.items() if value is not None}
    with refused("ValidationException"):
        events.put_targets(Rule="stopped", Targets=[given])


def test_a_rule_has_five_targets_at_most(events: Any, rule: str) -> None:
    with refused("LimitExceededException"):
        events.put_targets(Rule="stopped", Targets=[{**TARGET, "Id": f"t{n}"} for n in range(6)])
    with refused("ValidationException"):
        events.put_targets(Rule="stopped", Targets=[TARGET, TARGET])


def test_a_pattern_is_tried_on_an_event(events: Any) -> None:
    event = {
        "id": "1",
        "account": ACCOUNT,
        "source": "aws.ecs",
        "time": "2026-03-01T12:00:00Z",
        "region": REGION,
        "resources": [CLUSTER],
        "detail-type": "ECS Task State Change",
        "detail": {"lastStatus": "STOPPED"},
    }
    for status, result in (("STOPPED", True), ("RUNNING", False)):
        pattern = json.dumps({"source": ["aws.ecs"], "detail": {"lastStatus": [status]}})
        assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is result
    for bad in ("{", "[]", "{}"):
        with refused("ValidationException"):
            events.test_event_pattern(EventPattern=PATTERN, Event=bad)
    with refused("InvalidEventPatternException"):
        events.test_event_pattern(EventPattern='{"source": "aws.ecs"}', Event=json.dumps(event))


def test_events_are_not_taken_yet(events: Any) -> None:
    with refused("NotImplemented") as error:
        events.put_events(Entries=[{"Source": "mine", "DetailType": "a", "Detail": "{}"}])
    assert "no rule is followed" in error["Error"]["Message"]


def test_there_is_a_default_bus_and_there_may_be_more(plane: Plane, events: Any) -> None:
    assert events.describe_event_bus()["Arn"] == f"{HOME}:event-bus/default"
    made = events.create_event_bus(Name="orders", Description="of customers")
    assert (made["EventBusArn"], made["Description"]) == (f"{HOME}:event-bus/orders", "of customers")
    shown = events.describe_event_bus(Name="orders")
    assert (shown["Description"], shown["CreationTime"]) == ("of customers", plane.clock.now())
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default", "orders"]
    for name in ("orders", "default"):
        with refused("ResourceAlreadyExistsException", f"Event bus {name} already exists."):
            events.create_event_bus(Name=name)
    with refused("ValidationException"):
        events.create_event_bus(Name="a/b")
    with refused("ResourceNotFoundException"):
        events.create_event_bus(Name="aws.partner/a/b", EventSourceName="aws.partner/a/b")


def test_a_bus_with_rules_and_the_default_one_stay(events: Any) -> None:
    events.create_event_bus(Name="orders")
    events.put_rule(Name="a", EventPattern=PATTERN, EventBusName="orders")
    for name in ("orders", "default"):
        with refused("ValidationException"):
            events.delete_event_bus(Name=name)
    events.delete_rule(Name="a", EventBusName="orders")
    events.delete_event_bus(Name="orders")
    events.delete_event_bus(Name="orders")
    with refused("ResourceNotFoundException", "Event bus orders does not exist."):
        events.describe_event_bus(Name="orders")


def test_who_may_send_to_a_bus_is_kept(events: Any) -> None:
    events.put_permission(StatementId="a", Principal="111122223333", Action="events:PutEvents")
    events.put_permission(StatementId="b", Principal="*", Action="events:PutEvents")
    statements = json.loads(events.describe_event_bus()["Policy"])["Statement"]
    assert [s["Principal"] for s in statements] == [{"AWS": "arn:aws:iam::111122223333:root"}, "*"]
    events.remove_permission(StatementId="a")
    with refused("ResourceNotFoundException"):
        events.remove_permission(StatementId="a")
    events.remove_permission(RemoveAllPermissions=True)
    assert "Policy" not in events.describe_event_bus()
    for bad in ({"Policy": "{"}, {"StatementId": "a"}):
        with refused("ValidationException"):
            events.put_permission(**bad)


def test_rules_and_buses_have_tags(events: Any, rule: str) -> None:
    bus = events.create_event_bus(Name="orders", Tags=[{"Key": "team", "Value": "a"}])["EventBusArn"]
    for arn in (rule, bus):
        events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": ""}])
        events.untag_resource(ResourceARN=arn, TagKeys=["team", "none"])
        assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": ""}]
    for bad in ([{"Key": "aws:x", "Value": ""}], [{"Key": "a", "Value": ""}] * 2):
        with refused("ValidationException"):
            events.tag_resource(ResourceARN=rule, Tags=bad)
    with refused("ValidationException"):
        events.tag_resource(ResourceARN=rule, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)])
    with refused("ResourceNotFoundException"):
        events.list_tags_for_resource(ResourceARN=f"{HOME}:rule/ghost")


def test_handing_a_role_to_a_target_is_allowed_apart(plane: Plane, rule: str) -> None:
    ann = plane.client("events", key=user(plane, "ann", allow("events:PutTargets", rule)))
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: iam:PassRole on resource: {ROLE} "
        "because no identity-based policy allows the iam:PassRole action",
    ):
        ann.put_targets(Rule="stopped", Targets=[TARGET])
    ann.put_targets(Rule="stopped", Targets=[{"Id": "q", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"}])
