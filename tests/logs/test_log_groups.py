"""Log groups and their streams, whatever is in them."""

import json
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, user, user_arn

ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
MISSING = "The specified log group does not exist."
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents"}]})


@pytest.fixture
def logs(plane: Plane) -> Any:
    return plane.client("logs")


@pytest.fixture
def web(logs: Any) -> str:
    logs.create_log_group(logGroupName="/ecs/web", tags={"team": "a"})
    return "/ecs/web"


def groups(logs: Any, **asked: Any) -> list[str]:
    return [group["logGroupName"] for group in logs.describe_log_groups(**asked)["logGroups"]]


def streams(logs: Any, **asked: Any) -> list[str]:
    return [stream["logStreamName"] for stream in logs.describe_log_streams(**asked)["logStreams"]]


def test_a_group_is_shown_as_it_was_made(plane: Plane, logs: Any, web: str) -> None:
    [shown] = logs.describe_log_groups()["logGroups"]
    assert shown == {
        "logGroupName": web,
        "creationTime": int(plane.clock.now().timestamp() * 1000),
        "metricFilterCount": 0,
        "arn": f"{ARN}{web}:*",
        "logGroupArn": ARN + web,
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "deletionProtectionEnabled": False,
    }
    with refused("ResourceAlreadyExistsException", "The specified log group already exists"):
        logs.create_log_group(logGroupName=web)


def test_groups_are_found_by_the_beginning_or_a_part_of_their_names(logs: Any, web: str) -> None:
    for name in ("/ecs/api", "/aws/Web", "other"):
        logs.create_log_group(logGroupName=name)
    assert groups(logs) == ["/aws/Web", "/ecs/api", "/ecs/web", "other"]
    assert groups(logs, logGroupNamePrefix="/ecs/") == ["/ecs/api", "/ecs/web"]
    assert groups(logs, logGroupNamePattern="web") == ["/aws/Web", "/ecs/web"]
    assert groups(logs, logGroupIdentifiers=["other", f"{ARN}/ecs/web"]) == ["/ecs/web", "other"]
    assert groups(logs, logGroupClass="DELIVERY") == []
    with refused("InvalidParameterException"):
        groups(logs, logGroupNamePrefix="a", logGroupNamePattern="b")
    pages = list(logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["logGroups"]) for page in pages] == [3, 1]
    with refused("InvalidParameterException", "The specified nextToken is invalid."):
        groups(logs, nextToken="%")


def test_what_is_settled_for_a_group_may_change(logs: Any, web: str) -> None:
    logs.put_retention_policy(logGroupName=web, retentionInDays=14)
    logs.associate_kms_key(logGroupName=web, kmsKeyId="arn:aws:kms:us-east-1:123456789012:key/1")
    [shown] = logs.describe_log_groups()["logGroups"]
    assert (shown["retentionInDays"], shown["kmsKeyId"][-5:]) == (14, "key/1")
    logs.delete_retention_policy(logGroupName=web)
    logs.disassociate_kms_key(resourceIdentifier=ARN + web)
    [shown] = logs.describe_log_groups()["logGroups"]
    assert {"retentionInDays", "kmsKeyId"}.isdisjoint(shown)
    with refused("InvalidParameterException"):
        logs.put_retention_policy(logGroupName=web, retentionInDays=2)
    with refused("InvalidParameterException"):
        logs.disassociate_kms_key()
    with refused("ResourceNotFoundException", MISSING):
        logs.put_retention_policy(logGroupName="ghost", retentionInDays=14)


def test_a_protected_group_is_not_deleted(logs: Any, web: str) -> None:
    logs.put_log_group_deletion_protection(logGroupIdentifier=web, deletionProtectionEnabled=True)
    with refused("ValidationException"):
        logs.delete_log_group(logGroupName=web)
    logs.put_log_group_deletion_protection(logGroupIdentifier=web, deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName=web)
    with refused("ResourceNotFoundException", MISSING):
        logs.delete_log_group(logGroupName=web)


def test_names_that_cannot_be_are_refused(logs: Any) -> None:
    for given in ({"logGroupName": "a b"}, {"logGroupName": "a", "logGroupClass": "COLD"}):
        with refused("InvalidParameterException"):
            logs.create_log_group(**given)
    logs.create_log_group(logGroupName="a", logGroupClass="DELIVERY")
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 2


def test_streams_come_and_go_with_their_group(logs: Any, web: str) -> None:
    for name in ("app/1", "app/2", "side/1"):
        logs.create_log_stream(logGroupName=web, logStreamName=name)
    with refused("ResourceAlreadyExistsException", "The specified log stream already exists"):
        logs.create_log_stream(logGroupName=web, logStreamName="app/1")
    assert streams(logs, logGroupName=web, logStreamNamePrefix="app/") == ["app/1", "app/2"]
    assert streams(logs, logGroupIdentifier=ARN + web, orderBy="LastEventTime", descending=True)[0] == "side/1"
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=web, descending=True, PaginationConfig={"PageSize": 2}
    )
    assert [s["logStreamName"] for page in pages for s in page["logStreams"]] == ["side/1", "app/2", "app/1"]
    [first, *_] = logs.describe_log_streams(logGroupName=web)["logStreams"]
    assert (first["arn"], first["storedBytes"]) == (f"{ARN}{web}:log-stream:app/1", 0)
    logs.delete_log_stream(logGroupName=web, logStreamName="app/1")
    with refused("ResourceNotFoundException", "The specified log stream does not exist."):
        logs.delete_log_stream(logGroupName=web, logStreamName="app/1")
    logs.delete_log_group(logGroupName=web)
    logs.create_log_group(logGroupName=web)
    assert streams(logs, logGroupName=web) == []


def test_streams_that_cannot_be_are_refused(logs: Any, web: str) -> None:
    with refused("ResourceNotFoundException", MISSING):
        logs.create_log_stream(logGroupName="ghost", logStreamName="a")
    with refused("InvalidParameterException"):
        logs.create_log_stream(logGroupName=web, logStreamName="a:b")
    with refused("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."):
        streams(logs, logGroupName=web, logStreamNamePrefix="a", orderBy="LastEventTime")
    with refused("InvalidParameterException"):
        streams(logs)


@pytest.mark.parametrize("old", [True, False])
def test_groups_have_tags_in_both_apis(logs: Any, web: str, old: bool) -> None:
    if old:
        logs.tag_log_group(logGroupName=web, tags={"b": "", "c": "1"})
        logs.untag_log_group(logGroupName=web, tags=["team", "none"])
    else:
        logs.tag_resource(resourceArn=ARN + web, tags={"b": "", "c": "1"})
        logs.untag_resource(resourceArn=ARN + web, tagKeys=["team", "none"])
    assert logs.list_tags_for_resource(resourceArn=ARN + web)["tags"] == {"b": "", "c": "1"}
    assert logs.list_tags_log_group(logGroupName=web)["tags"] == {"b": "", "c": "1"}


def test_tags_that_cannot_be_are_refused(logs: Any, web: str) -> None:
    with refused("InvalidParameterException"):
        logs.tag_resource(resourceArn=ARN + web, tags={"aws:x": ""})
    with refused("TooManyTagsException"):
        logs.tag_resource(resourceArn=ARN + web, tags={f"k{n}": "" for n in range(50)})
    with refused("ResourceNotFoundException", "The specified resource does not exist."):
        logs.list_tags_for_resource(resourceArn=ARN + "ghost")


def test_resource_policies_are_kept(logs: Any) -> None:
    logs.put_resource_policy(policyName="p", policyDocument=POLICY)
    [shown] = logs.describe_resource_policies()["resourcePolicies"]
    assert (shown["policyName"], shown["policyDocument"]) == ("p", POLICY)
    logs.delete_resource_policy(policyName="p")
    with refused("ResourceNotFoundException", "Policy with name [p] does not exist"):
        logs.delete_resource_policy(policyName="p")
    for bad in ({"policyName": "p", "policyDocument": "{"}, {"policyDocument": POLICY}, {"policyName": "p"}):
        with refused("InvalidParameterException"):
            logs.put_resource_policy(**bad)
    for n in range(10):
        logs.put_resource_policy(policyName=f"p{n}", policyDocument=POLICY)
    with refused("LimitExceededException", "Resource limit exceeded."):
        logs.put_resource_policy(policyName="p", policyDocument=POLICY)


def test_a_user_may_do_what_a_policy_allows(plane: Plane, web: str) -> None:
    ann = plane.client("logs", key=user(plane, "ann", allow("logs:CreateLogStream", f"{ARN}/ecs/*:*")))
    ann.create_log_stream(logGroupName=web, logStreamName="a")
    action, resource = "logs:DescribeLogGroups", f"{ARN}:log-stream:"
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action",
    ):
        ann.describe_log_groups()
