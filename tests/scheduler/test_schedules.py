"""Schedules and their groups, over REST-JSON."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, user, user_arn

HOME = f"arn:aws:scheduler:{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runs"
TASKS = {"TaskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web", "TaskCount": 1}
TARGET: dict[str, Any] = {
    "Arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default",
    "RoleArn": ROLE,
    "EcsParameters": TASKS,
    "Input": '{"containerOverrides": []}',
}
HOURLY: dict[str, Any] = {
    "ScheduleExpression": "rate(1 hour)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": TARGET,
}
RETRIES = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


@pytest.fixture
def scheduler(plane: Plane) -> Any:
    trust = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
    mine = {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**trust, **mine}]})
    plane.client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=document)
    return plane.client("scheduler")


def names(scheduler: Any, **asked: Any) -> list[str]:
    return [schedule["Name"] for schedule in scheduler.list_schedules(**asked)["Schedules"]]


def test_a_schedule_is_shown_as_it_was_made(plane: Plane, scheduler: Any) -> None:
    arn = scheduler.create_schedule(Name="hourly", **HOURLY)["ScheduleArn"]
    assert arn == f"{HOME}:schedule/default/hourly"
    shown = scheduler.get_schedule(Name="hourly")
    del shown["ResponseMetadata"]
    assert shown == {
        **HOURLY,
        "Arn": arn,
        "GroupName": "default",
        "Name": "hourly",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "ActionAfterCompletion": "NONE",
        "CreationDate": plane.clock.now(),
        "LastModificationDate": plane.clock.now(),
        "Target": {**TARGET, "RetryPolicy": RETRIES},
    }


def test_a_schedule_that_is_updated_is_replaced_whole(plane: Plane, scheduler: Any) -> None:
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    scheduler.create_schedule(Name="a", Description="often", EndDate=ends, State="DISABLED", **HOURLY)
    shown = scheduler.get_schedule(Name="a")
    assert (shown["Description"], shown["EndDate"], shown["State"]) == ("often", ends, "DISABLED")
    made = shown["CreationDate"]
    plane.clock.time += timedelta(hours=1)
    berlin = {"ScheduleExpression": "cron(0 8 ? * MON-FRI *)", "ScheduleExpressionTimezone": "Europe/Berlin"}
    window = {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}}
    scheduler.update_schedule(Name="a", **{**HOURLY, **berlin, **window})
    shown = scheduler.get_schedule(Name="a")
    assert {member: shown[member] for member in (*berlin, *window)} == {**berlin, **window}
    assert (shown["State"], shown["CreationDate"]) == ("ENABLED", made)
    assert shown["LastModificationDate"] == made + timedelta(hours=1)
    assert {"Description", "EndDate"}.isdisjoint(shown)


def test_who_asks_again_with_the_same_token_is_answered_again(scheduler: Any) -> None:
    first = scheduler.create_schedule(Name="a", ClientToken="once", **HOURLY)["ScheduleArn"]
    assert scheduler.create_schedule(Name="a", ClientToken="once", **HOURLY)["ScheduleArn"] == first
    with refused("ConflictException", "Schedule a already exists."):
        scheduler.create_schedule(Name="a", **HOURLY)
    scheduler.create_schedule_group(Name="g", ClientToken="once")
    scheduler.create_schedule_group(Name="g", ClientToken="once")
    for name in ("g", "default"):
        with refused("ConflictException", f"Schedule group {name} already exists."):
            scheduler.create_schedule_group(Name=name)


@pytest.mark.parametrize(
    "members",
    [
        {"ScheduleExpression": "cron(0 8 * * * *)"},
        {"ScheduleExpression": "hourly"},
        {"ScheduleExpressionTimezone": "Mars/Base"},
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
        {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
        {"FlexibleTimeWindow": {"Mode": "SOMETIMES"}},
        {"StartDate": datetime(2027, 1, 2), "EndDate": datetime(2027, 1, 1)},
        {"Target": {**TARGET, "Arn": "web"}},
        {"Target": {"Arn": TARGET["Arn"], "RoleArn": ROLE}},
        {"Name": "a b"},
    ],
)
def test_a_schedule_that_cannot_be_is_refused(scheduler: Any, members: dict[str, Any]) -> None:
    with refused("ValidationException"):
        scheduler.create_schedule(**{"Name": "a", **HOURLY, **members})


def test_a_role_must_let_the_scheduler_in(plane: Plane, scheduler: Any) -> None:
    told = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    tasks = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    plane.client("iam").create_role(
        RoleName="task", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [tasks]})
    )
    for role in (f"{ROLE}-ghost", ROLE.replace("runs", "task"), ROLE.replace(ACCOUNT, "999999999999")):
        with refused("ValidationException", told):
            scheduler.create_schedule(Name="a", **{**HOURLY, "Target": {**TARGET, "RoleArn": role}})


def test_at_a_moment_in_a_group_and_then_gone(scheduler: Any) -> None:
    scheduler.create_schedule_group(Name="g")
    once = {"ScheduleExpression": "at(2027-01-01T00:00:00)", "ActionAfterCompletion": "DELETE"}
    arn = scheduler.create_schedule(Name="a", GroupName="g", **{**HOURLY, **once})["ScheduleArn"]
    assert arn == f"{HOME}:schedule/g/a"
    assert scheduler.get_schedule(Name="a", GroupName="g")["ActionAfterCompletion"] == "DELETE"
    with refused("ResourceNotFoundException", "Schedule a does not exist."):
        scheduler.get_schedule(Name="a")
    with refused("ResourceNotFoundException", "Schedule group ghost does not exist."):
        scheduler.create_schedule(Name="a", GroupName="ghost", **HOURLY)


def test_schedules_are_listed_by_group_prefix_and_state_in_pages(scheduler: Any) -> None:
    scheduler.create_schedule_group(Name="g")
    for name in ("a1", "a2", "b"):
        scheduler.create_schedule(Name=name, State="DISABLED" if name == "b" else "ENABLED", **HOURLY)
    scheduler.create_schedule(Name="c", GroupName="g", **HOURLY)
    assert names(scheduler) == ["a1", "a2", "b", "c"]
    assert names(scheduler, GroupName="g") == ["c"]
    assert names(scheduler, NamePrefix="a", State="ENABLED") == ["a1", "a2"]
    assert names(scheduler, State="DISABLED") == ["b"]
    [summary] = scheduler.list_schedules(GroupName="g")["Schedules"]
    assert summary["Target"] == {"Arn": TARGET["Arn"]}
    pages = list(scheduler.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Schedules"]) for page in pages] == [3, 1]
    with refused("ValidationException"):
        names(scheduler, NextToken="%")


def test_a_schedule_is_deleted_once_and_a_group_with_what_is_in_it(scheduler: Any) -> None:
    scheduler.create_schedule(Name="a", **HOURLY)
    scheduler.delete_schedule(Name="a")
    with refused("ResourceNotFoundException", "Schedule a does not exist."):
        scheduler.delete_schedule(Name="a")
    scheduler.create_schedule_group(Name="g")
    scheduler.create_schedule(Name="a", GroupName="g", **HOURLY)
    scheduler.delete_schedule_group(Name="g")
    with refused("ResourceNotFoundException", "Schedule group g does not exist."):
        scheduler.get_schedule_group(Name="g")
    assert names(scheduler) == []
    with refused("ValidationException"):
        scheduler.delete_schedule_group(Name="default")


def test_there_is_a_default_group_and_groups_have_tags(plane: Plane, scheduler: Any) -> None:
    arn = scheduler.create_schedule_group(Name="g", Tags=[{"Key": "team", "Value": "a"}])["ScheduleGroupArn"]
    assert arn == f"{HOME}:schedule-group/g"
    shown = scheduler.get_schedule_group(Name="g")
    assert (shown["State"], shown["CreationDate"]) == ("ACTIVE", plane.clock.now())
    assert [group["Name"] for group in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default", "g"]
    assert [g["Name"] for g in scheduler.list_schedule_groups(NamePrefix="d")["ScheduleGroups"]] == ["default"]
    for one in (arn, f"{HOME}:schedule-group/default"):
        scheduler.tag_resource(ResourceArn=one, Tags=[{"Key": "b", "Value": "1"}])
        scheduler.untag_resource(ResourceArn=one, TagKeys=["team", "none"])
        assert scheduler.list_tags_for_resource(ResourceArn=one)["Tags"] == [{"Key": "b", "Value": "1"}]
    for bad in ([{"Key": "aws:x", "Value": "1"}], [{"Key": "a", "Value": "1"}] * 2):
        with refused("ValidationException"):
            scheduler.tag_resource(ResourceArn=arn, Tags=bad)
    with refused("ValidationException"):
        scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": f"k{n}", "Value": "1"} for n in range(51)])
    with refused("ResourceNotFoundException"):
        scheduler.list_tags_for_resource(ResourceArn=f"{HOME}:schedule-group/ghost")


def test_handing_a_role_to_a_schedule_is_allowed_apart(plane: Plane, scheduler: Any) -> None:
    arn = f"{HOME}:schedule/default/a"
    ann = plane.client("scheduler", key=user(plane, "ann", allow("scheduler:*", arn)))
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: iam:PassRole on resource: {ROLE} "
        "because no identity-based policy allows the iam:PassRole action",
    ):
        ann.create_schedule(Name="a", **HOURLY)
    scheduler.create_schedule(Name="a", **HOURLY)
    assert ann.get_schedule(Name="a")["Arn"] == arn
